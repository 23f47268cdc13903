// SPDX-License-Identifier: Apache-2.0
//! In which shapes products are computed, and which shape for which product.
//!
//! A shape is how much of a product a workgroup and an invocation take. Which is fastest depends on the product and on
//! the device, so a tuner measures ([`crate::tune`]); results cannot depend on it, as integer sums are exact in any order.

use crate::device::Limits;
use calor_tensor::Validated;
use std::{collections::BTreeMap, sync::Arc};

/// A tile of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
	/// Its name in kernels' names and tuning files.
	pub name: &'static str,
	/// Rows and columns of a workgroup.
	pub rows: u32,
	pub cols: u32,
	/// Rows and columns of an invocation: columns in quads of four neighbours.
	pub own_rows: u32,
	pub own_cols: u32,
	/// Quads in K that are staged at once: 8, 16 or 32.
	pub depth: u32,
	/// Whether one slab is staged while the last one is still read, which takes twice the memory and half the barriers.
	pub double: bool,
}

/// All tiles. Invocations across and down are multiples of 8, and a quarter of the columns too: so that neighbours read
/// different banks of workgroup memory (see `matmul_source`).
pub(crate) static SHAPES: &[Shape] = &[
	Shape { name: "32x32", rows: 32, cols: 32, own_rows: 4, own_cols: 4, depth: 16, double: false },
	Shape { name: "64x64", rows: 64, cols: 64, own_rows: 4, own_cols: 4, depth: 16, double: false },
	Shape { name: "64x64d", rows: 64, cols: 64, own_rows: 4, own_cols: 4, depth: 16, double: true },
	Shape {
		name: "64x128",
		rows: 64,
		cols: 128,
		own_rows: 4,
		own_cols: 8,
		depth: 16,
		double: false,
	},
	Shape {
		name: "128x64",
		rows: 128,
		cols: 64,
		own_rows: 8,
		own_cols: 4,
		depth: 16,
		double: false,
	},
	Shape {
		name: "128x128",
		rows: 128,
		cols: 128,
		own_rows: 8,
		own_cols: 8,
		depth: 16,
		double: false,
	},
	Shape {
		name: "128x128d",
		rows: 128,
		cols: 128,
		own_rows: 8,
		own_cols: 8,
		depth: 16,
		double: true,
	},
	Shape {
		name: "128x128s",
		rows: 128,
		cols: 128,
		own_rows: 8,
		own_cols: 8,
		depth: 8,
		double: true,
	},
	Shape {
		name: "128x256",
		rows: 128,
		cols: 256,
		own_rows: 8,
		own_cols: 16,
		depth: 8,
		double: true,
	},
	Shape {
		name: "256x128",
		rows: 256,
		cols: 128,
		own_rows: 16,
		own_cols: 8,
		depth: 8,
		double: true,
	},
];

impl Shape {
	/// Invocations of a workgroup.
	pub fn lanes(&self) -> u32 {
		self.across() * self.down()
	}

	/// Invocations in a row of the workgroup.
	pub fn across(&self) -> u32 {
		self.cols / self.own_cols
	}

	/// Invocations in a column of the workgroup.
	pub fn down(&self) -> u32 {
		self.rows / self.own_rows
	}

	/// Chunks of four quads in a staged row.
	pub fn chunks(&self) -> u32 {
		self.depth / 4
	}

	/// Bytes of workgroup memory.
	pub fn staged_bytes(&self) -> u32 {
		(self.rows + self.cols) * self.depth * 4 * if self.double { 2 } else { 1 }
	}

	/// Whether a device can run it.
	pub fn fits(&self, limits: &Limits) -> bool {
		self.staged_bytes() <= limits.workgroup_bytes && self.lanes() <= limits.workgroup_lanes
	}
}

/// Most rows of the kernel for few rows.
pub(crate) const FEW: u32 = 8;

/// How a product is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
	/// One column for sixteen invocations, which go through K side by side: for few rows, where memory is the limit.
	Few,
	/// Cooperative matrices, where the adapter has them: for rows of K of whole chunks.
	Cooperative,
	/// Tiles, and in how many parts K is split: for products with fewer tiles than the device has room for.
	Tiles {
		/// Position in [`SHAPES`].
		shape: usize,
		/// At least 1.
		splits: u32,
	},
}

impl Way {
	/// Its name in tuning files.
	pub fn name(&self) -> String {
		match self {
			Self::Few => "few".into(),
			Self::Cooperative => "cooperative".into(),
			Self::Tiles { shape, splits } => {
				format!("{}/{splits}", SHAPES.get(*shape).map(|s| s.name).unwrap_or_default())
			},
		}
	}

	/// All ways that a device of these limits can go, K whole or in four parts.
	pub fn all(limits: &Limits) -> Vec<Self> {
		let shapes = SHAPES.iter().enumerate().filter(|(_, shape)| shape.fits(limits));
		let tiles =
			shapes.flat_map(|(shape, _)| [1, 4].map(|splits| Self::Tiles { shape, splits }));
		let cooperative = limits.cooperative.then_some(Self::Cooperative);
		[Self::Few].into_iter().chain(cooperative).chain(tiles).collect()
	}

	/// The ways that [`Class::guess`] may give.
	pub fn guesses(limits: &Limits) -> Vec<Self> {
		let large = if limits.is_cpu { "" } else { "128x128" };
		let guessed = |shape: &Shape| ["32x32", "64x64", large].contains(&shape.name);
		let guessed = |way: &Self| match way {
			Self::Few => true,
			Self::Cooperative => false,
			Self::Tiles { shape, splits } => {
				(*splits == 1 || !limits.is_cpu) && SHAPES.get(*shape).is_some_and(guessed)
			},
		};
		Self::all(limits).into_iter().filter(guessed).collect()
	}

	/// The way of that name, if there is one that a device of these limits can go.
	pub fn named(name: &str, limits: &Limits) -> Option<Self> {
		if name == "few" {
			return Some(Self::Few);
		}
		if name == "cooperative" {
			return limits.cooperative.then_some(Self::Cooperative);
		}
		let (shape, splits) = name.split_once('/')?;
		let shape = SHAPES.iter().position(|s| s.name == shape && s.fits(limits))?;
		let splits = splits.parse().ok().filter(|n| (1..=MAX_SPLITS).contains(n))?;
		Some(Self::Tiles { shape, splits })
	}
}

/// Most parts of K.
const MAX_SPLITS: u32 = 16;

/// What products are alike: those of one class are computed in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Class {
	/// Whether it is a convolution.
	pub conv: bool,
	/// Whether rows of K are whole chunks of 16 elements.
	pub wide: bool,
	/// Base-2 logarithms, rounded up, of matrices, rows, columns and quads of K.
	pub logs: [u8; 4],
}

impl Class {
	pub fn new(conv: bool, wide: bool, [matrices, rows, cols, quads]: [u32; 4]) -> Self {
		let log = |n: u32| n.max(1).next_power_of_two().trailing_zeros() as u8;
		let logs = [log(matrices), log(rows), log(cols), log(quads)];
		Self { conv, wide, logs }
	}

	/// The largest product of the class: matrices, rows, columns and quads of K.
	pub fn largest(&self) -> [u32; 4] {
		self.logs.map(|log| 1 << log.min(31))
	}

	/// Multiply-accumulates of the largest product of the class.
	pub fn mac(&self) -> u64 {
		self.largest().iter().fold(4, |mac, &n| mac.saturating_mul(u64::from(n)))
	}

	/// Its name in tuning files.
	pub fn name(&self) -> String {
		let [z, m, n, k] = self.logs;
		let kind = if self.conv { "conv" } else { "product" };
		let lines = if self.wide { "wide" } else { "narrow" };
		format!("{kind}-{lines}-{z}-{m}-{n}-{k}")
	}

	/// The class of that name.
	pub fn named(name: &str) -> Option<Self> {
		let mut parts = name.split('-');
		let conv = match parts.next()? {
			"conv" => true,
			"product" => false,
			_ => return None,
		};
		let wide = match parts.next()? {
			"wide" => true,
			"narrow" => false,
			_ => return None,
		};
		let mut logs = [0; 4];
		for log in &mut logs {
			*log = parts.next()?.parse().ok().filter(|&n: &u8| n < 32)?;
		}
		parts.next().is_none().then_some(Self { conv, wide, logs })
	}

	/// All ways that are worth measuring on a device of these limits.
	pub fn ways(&self, limits: &Limits) -> Vec<Way> {
		let [matrices, rows, cols, quads] = self.largest();
		let mut ways = Vec::new();
		if !self.conv && rows <= FEW {
			ways.push(Way::Few);
		}
		if limits.cooperative && self.suits_cooperation() && rows > FEW && cols > FEW {
			ways.push(Way::Cooperative);
		}
		for (i, shape) in SHAPES.iter().enumerate().filter(|(_, shape)| shape.fits(limits)) {
			// A tile that is mostly empty is never the best.
			let empty = shape.rows >= 2 * rows.max(32) || shape.cols >= 2 * cols.max(32);
			if empty {
				continue;
			}
			let tiles = u64::from(matrices)
				* u64::from(rows.div_ceil(shape.rows))
				* u64::from(cols.div_ceil(shape.cols));
			let splits = [1, 2, 4, 8, MAX_SPLITS].into_iter().filter(|&splits| {
				let deep = quads / splits >= 2 * shape.depth;
				splits == 1 || (deep && tiles * u64::from(splits) <= 2 * ROOM)
			});
			ways.extend(splits.map(|splits| Way::Tiles { shape: i, splits }));
		}
		ways
	}

	/// Whether the kernel for cooperative matrices can compute it.
	fn suits_cooperation(&self) -> bool {
		self.wide && !self.conv
	}

	/// A fair way without measuring.
	pub fn guess(&self, limits: &Limits) -> Way {
		let ways = self.ways(limits);
		if ways.contains(&Way::Few) {
			return Way::Few;
		}
		let [matrices, rows, cols, _] = self.largest();
		let tiles = |shape: &Shape| {
			u64::from(matrices)
				* u64::from(rows.div_ceil(shape.rows))
				* u64::from(cols.div_ceil(shape.cols))
		};
		let plain = |name: &str| SHAPES.iter().position(|s| s.name == name && s.fits(limits));
		let large = plain("128x128").filter(|&i| !limits.is_cpu && tiles(&SHAPES[i]) >= ROOM);
		let middle = plain("64x64").filter(|&i| limits.is_cpu || tiles(&SHAPES[i]) >= ROOM / 2);
		let middle = middle.filter(|_| rows > 32 && cols > 32);
		let shape = large.or(middle).or(plain("32x32")).unwrap_or_default();
		let split = |way: &Way| matches!(way, Way::Tiles { shape: s, .. } if *s == shape);
		let most = ways.into_iter().rfind(split).filter(|_| !limits.is_cpu);
		most.unwrap_or(Way::Tiles { shape, splits: 1 })
	}
}

/// Workgroups that keep a large GPU busy.
const ROOM: u64 = 132;

/// The way of each class that a plan needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choices {
	pub measured: Arc<BTreeMap<Class, Way>>,
}

impl Choices {
	/// One way for all products of a program.
	pub fn all(program: &Validated, way: Way) -> Self {
		let ops = program.program().ops.iter();
		let classes = ops.filter_map(|op| super::product_class(op, program));
		Self { measured: Arc::new(classes.map(|class| (class, way)).collect()) }
	}

	pub fn of(&self, class: &Class, limits: &Limits) -> Way {
		let fits = |way: &Way| match way {
			Way::Few => !class.conv,
			Way::Cooperative => limits.cooperative && class.suits_cooperation(),
			Way::Tiles { .. } => true,
		};
		self.measured.get(class).copied().filter(fits).unwrap_or_else(|| class.guess(limits))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn shapes_keep_to_what_their_kernel_assumes() {
		for shape in SHAPES {
			let Shape { rows, cols, own_rows, own_cols, depth, .. } = *shape;
			assert!(rows % own_rows == 0 && cols % own_cols == 0 && own_cols % 4 == 0);
			assert!(shape.across() % 8 == 0 && shape.down() % 8 == 0 && cols / 4 % 8 == 0);
			assert!([8, 16, 32].contains(&depth) && shape.lanes() <= 256);
			let lines = shape.lanes() / shape.chunks();
			assert!(rows % lines == 0 && cols % lines == 0, "{shape:?}");
		}
	}

	#[test]
	fn names_lead_back() {
		let limits = Limits { workgroup_bytes: 1 << 20, workgroup_lanes: 256, ..Limits::default() };
		let class = Class::new(false, true, [1, 300, 300, 1024]);
		let ways = class.ways(&limits);
		assert!(ways.len() > 10);
		assert!(ways.iter().all(|way| Way::named(&way.name(), &limits) == Some(*way)));
		assert_eq!(Way::named("32x32/99", &limits), None);
		assert_eq!(Class::named(&class.name()), Some(class));
		assert_eq!(Class::named("product-wide-1-2-3"), None);
	}
}
