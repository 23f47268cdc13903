// SPDX-License-Identifier: Apache-2.0
//! The least time that a device could need: for its operations, or for the bytes that must move.

use crate::{device::Device, peak};

/// What a device can do at best.
#[derive(Clone, Debug)]
pub struct Limits {
	/// int8 operations a second.
	operations: f64,
	/// Bytes a second from memory.
	bandwidth: f64,
	/// Where these figures come from.
	pub source: String,
}

/// int8 operations a second by DP4A and by tensor cores, and bytes a second, of GPUs that somebody looked up: for
/// H200 from NVIDIA's data sheet, DP4A derived as 132 multiprocessors x 64 lanes x 8 operations x 1.98 GHz.
const KNOWN: &[(&str, f64, f64, f64)] = &[("H200", 134e12, 1_979e12, 4.8e12)];

impl Limits {
	/// The device's limits; none for a GPU that nobody looked up, and for CPU adapters.
	pub fn of(device: &Device) -> Option<Self> {
		match device {
			Device::Cpu(_) => {
				let (operations, instruction) = peak::int8()?;
				let bandwidth = peak::bandwidth();
				let source = format!(
					"measured: {:.0} GOPS by {instruction} from registers, {:.1} GB/s read from memory",
					operations / 1e9,
					bandwidth / 1e9
				);
				Some(Self { operations, bandwidth, source })
			},
			Device::Gpu(_) => {
				let name = device.gpu_name()?;
				let known = KNOWN.iter().find(|(part, ..)| name.contains(part));
				let &(_, dp4a, tensor, bandwidth) = known?;
				let source = format!(
					"{:.0} TOPS by DP4A ({:.0} by tensor cores), {:.1} TB/s",
					dp4a / 1e12,
					tensor / 1e12,
					bandwidth / 1e12
				);
				Some(Self { operations: dp4a, bandwidth, source })
			},
		}
	}

	/// Seconds that so many int8 operations and bytes take at least.
	pub fn seconds(&self, operations: f64, bytes: f64) -> f64 {
		(operations / self.operations).max(bytes / self.bandwidth)
	}
}
