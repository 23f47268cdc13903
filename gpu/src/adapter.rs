// SPDX-License-Identifier: Apache-2.0
//! Which adapters this machine has, and which of them to use.
//!
//! Discrete GPUs come before integrated ones, those before virtual ones. CPU adapters compute the same bits very slowly
//! and are used only where it is said so.

use crate::error::Error;
use wgpu::{Adapter, DeviceType, Instance, InstanceDescriptor};

/// One adapter as the driver describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterInfo {
	/// Position in [`adapters`], stable while the machine's drivers do not change.
	pub index: usize,
	/// Name of the hardware.
	pub name: String,
	/// Driver and version.
	pub driver: String,
	/// Graphics interface it is reached through, such as `vulkan`.
	pub backend: String,
	/// What kind of hardware it is.
	pub kind: AdapterKind,
	/// PCI address such as `0000:01:00.0`; empty if the driver does not tell.
	pub pci: String,
}

/// Kinds of hardware, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdapterKind {
	/// A GPU with memory of its own.
	Discrete,
	/// A GPU that shares the CPU's memory.
	Integrated,
	/// A GPU seen through a hypervisor.
	Virtual,
	/// The driver does not tell.
	Unknown,
	/// No GPU at all: a driver that computes on the CPU.
	Cpu,
}

impl AdapterInfo {
	/// Whether this is a CPU in disguise.
	pub fn is_cpu(&self) -> bool {
		self.kind == AdapterKind::Cpu
	}

	fn of(index: usize, adapter: &Adapter) -> Self {
		let info = adapter.get_info();
		Self {
			index,
			name: info.name,
			driver: format!("{} {}", info.driver, info.driver_info).trim().to_string(),
			backend: info.backend.to_str().to_string(),
			kind: match info.device_type {
				DeviceType::DiscreteGpu => AdapterKind::Discrete,
				DeviceType::IntegratedGpu => AdapterKind::Integrated,
				DeviceType::VirtualGpu => AdapterKind::Virtual,
				DeviceType::Other => AdapterKind::Unknown,
				DeviceType::Cpu => AdapterKind::Cpu,
			},
			pci: info.device_pci_bus_id,
		}
	}
}

/// Which adapter to use. The default takes the best one that is not a CPU.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
	/// Only the adapter at this position of [`adapters`].
	pub index: Option<usize>,
	/// Only adapters whose name contains this, in whatever case.
	pub name: Option<String>,
	/// Whether a CPU adapter will do if there is nothing better.
	pub allow_cpu: bool,
}

impl Selection {
	fn admits(&self, info: &AdapterInfo) -> bool {
		let name = info.name.to_lowercase();
		self.index.is_none_or(|i| i == info.index)
			&& self.name.as_ref().is_none_or(|part| name.contains(&part.to_lowercase()))
	}

	/// The place in `found` of the adapter to use.
	fn choose(&self, found: &[AdapterInfo]) -> Result<usize, Error> {
		let best = found.iter().filter(|a| self.admits(a)).min_by_key(|a| (a.kind, a.index));
		match best {
			Some(a) if a.is_cpu() && !self.allow_cpu => {
				Err(Error::CpuAdapterNotAllowed { name: a.name.clone() })
			},
			Some(a) => Ok(a.index),
			None => Err(Error::NoAdapter { wanted: self.describe(), found: list(found) }),
		}
	}

	fn describe(&self) -> String {
		match (self.index, &self.name) {
			(None, None) => "at all".into(),
			(Some(i), None) => format!("number {i}"),
			(None, Some(name)) => format!("named '{name}'"),
			(Some(i), Some(name)) => format!("number {i} named '{name}'"),
		}
	}
}

fn list(found: &[AdapterInfo]) -> String {
	if found.is_empty() {
		return "none".into();
	}
	found.iter().map(|a| format!("{} '{}'", a.index, a.name)).collect::<Vec<_>>().join(", ")
}

fn enumerate() -> Vec<(AdapterInfo, Adapter)> {
	let instance = Instance::new(InstanceDescriptor::new_without_display_handle());
	let found = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
	found.into_iter().enumerate().map(|(i, a)| (AdapterInfo::of(i, &a), a)).collect()
}

/// All adapters of this machine, in the driver's order.
pub fn adapters() -> Vec<AdapterInfo> {
	enumerate().into_iter().map(|(info, _)| info).collect()
}

/// The adapter that `selection` asks for.
pub(crate) fn select(selection: &Selection) -> Result<(AdapterInfo, Adapter), Error> {
	let mut found = enumerate();
	let infos: Vec<_> = found.iter().map(|(info, _)| info.clone()).collect();
	Ok(found.swap_remove(selection.choose(&infos)?))
}

#[cfg(test)]
mod tests {
	use super::*;

	fn machine(kinds: &[AdapterKind]) -> Vec<AdapterInfo> {
		kinds
			.iter()
			.enumerate()
			.map(|(index, &kind)| AdapterInfo {
				index,
				name: format!("{kind:?} {index}"),
				driver: String::new(),
				backend: String::new(),
				kind,
				pci: String::new(),
			})
			.collect()
	}

	#[test]
	fn the_best_kind_wins_and_the_first_among_equals() {
		use AdapterKind::*;
		let found = machine(&[Cpu, Virtual, Integrated, Discrete, Discrete]);
		let choose = |n: usize| Selection::default().choose(&found[..n]).ok();
		assert_eq!([choose(5), choose(3), choose(2)], [Some(3), Some(2), Some(1)]);
	}

	#[test]
	fn a_cpu_must_be_allowed() {
		let found = machine(&[AdapterKind::Cpu]);
		let refused = Selection::default().choose(&found).unwrap_err();
		assert!(refused.to_string().contains("--allow-cpu-adapter"), "{refused}");
		let allowed = Selection { allow_cpu: true, ..Default::default() };
		assert_eq!(allowed.choose(&found).unwrap(), 0);
	}

	#[test]
	fn filters_narrow_and_say_what_exists() {
		let found = machine(&[AdapterKind::Discrete, AdapterKind::Integrated]);
		let named = |name: &str| Selection { name: Some(name.into()), ..Default::default() };
		assert_eq!(named("INTEGR").choose(&found).unwrap(), 1);
		let missing = named("radeon").choose(&found).unwrap_err().to_string();
		assert!(missing.contains("'radeon'") && missing.contains("0 'Discrete 0'"), "{missing}");
		let second = Selection { index: Some(1), ..Default::default() };
		assert_eq!(second.choose(&found).unwrap(), 1);
		let third = Selection { index: Some(2), ..Default::default() };
		assert!(matches!(third.choose(&found), Err(Error::NoAdapter { .. })));
		let none = Selection::default().choose(&[]).unwrap_err().to_string();
		assert!(none.contains("mesa-vulkan-drivers"), "{none}");
	}
}
