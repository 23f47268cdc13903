// SPDX-License-Identifier: Apache-2.0
//! Which vector instructions this machine has, and functions compiled once for each of them.

use crate::Error;

/// A set of vector instructions, the least first. Results do not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
	/// What every machine of the target has.
	Portable,
	/// AVX2 on x86-64: products of 16-bit pairs.
	Avx2,
	/// AVX2 and AVX-VNNI on x86-64: products of 8-bit quadruples.
	AvxVnni,
	/// AVX-512 F, BW, DQ, VL and VNNI on x86-64: products of 8-bit quadruples.
	Avx512,
}

impl Level {
	/// Every level that this machine has, the least first.
	pub fn available() -> Vec<Self> {
		let all = [Self::Portable, Self::Avx2, Self::AvxVnni, Self::Avx512];
		all.into_iter().filter(|l| l.present()).collect()
	}

	#[cfg(target_arch = "x86_64")]
	fn present(self) -> bool {
		match self {
			Self::Portable => true,
			Self::Avx2 => is_x86_feature_detected!("avx2"),
			Self::AvxVnni => Self::Avx2.present() && is_x86_feature_detected!("avxvnni"),
			Self::Avx512 => {
				is_x86_feature_detected!("avx2")
					&& is_x86_feature_detected!("avx512f")
					&& is_x86_feature_detected!("avx512bw")
					&& is_x86_feature_detected!("avx512dq")
					&& is_x86_feature_detected!("avx512vl")
					&& is_x86_feature_detected!("avx512vnni")
			},
		}
	}

	#[cfg(not(target_arch = "x86_64"))]
	fn present(self) -> bool {
		self == Self::Portable
	}
}

/// Proof that this machine has the instructions of a level: only [`Cpu::detect`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cpu {
	level: Level,
	/// AVX-512 VBMI, tables in registers; only together with [`Level::Avx512`].
	vbmi: bool,
}

impl Cpu {
	/// The wanted level, or the greatest there is.
	pub(crate) fn detect(wanted: Option<Level>) -> Result<Self, Error> {
		let available = Level::available();
		let level = wanted.or(available.last().copied()).unwrap_or(Level::Portable);
		if !available.contains(&level) {
			return Err(Error::NoSuchLevel { wanted: level, available });
		}
		#[cfg(target_arch = "x86_64")]
		let vbmi = level == Level::Avx512 && is_x86_feature_detected!("avx512vbmi");
		#[cfg(not(target_arch = "x86_64"))]
		let vbmi = false;
		Ok(Self { level, vbmi })
	}

	pub(crate) fn level(self) -> Level {
		self.level
	}

	#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "x86 only"))]
	pub(crate) fn vbmi(self) -> bool {
		self.vbmi
	}
}

/// Compiles a function's body once for each level and picks one at run time by its first argument, a [`Cpu`].
macro_rules! leveled {
	($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? $body:block) => {
		$(#[$meta])*
		#[allow(clippy::too_many_arguments, reason = "the level is one more than was written")]
		$vis fn $name(cpu: $crate::level::Cpu, $($arg: $ty),*) $(-> $ret)? {
			#[inline(always)]
			fn body($($arg: $ty),*) $(-> $ret)? $body

			#[cfg(target_arch = "x86_64")]
			#[target_feature(enable = "avx2")]
			fn avx2($($arg: $ty),*) $(-> $ret)? {
				body($($arg),*)
			}

			#[cfg(target_arch = "x86_64")]
			#[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
			fn avx512($($arg: $ty),*) $(-> $ret)? {
				body($($arg),*)
			}

			match cpu.level() {
				// SAFETY: a `Cpu` of this level exists only on a machine with these instructions.
				#[cfg(target_arch = "x86_64")]
				$crate::level::Level::Avx512 => unsafe { avx512($($arg),*) },
				// SAFETY: as above.
				#[cfg(target_arch = "x86_64")]
				$crate::level::Level::Avx2 | $crate::level::Level::AvxVnni => unsafe { avx2($($arg),*) },
				_ => body($($arg),*),
			}
		}
	};
}
pub(crate) use leveled;
