// SPDX-License-Identifier: Apache-2.0
//! Compiled kernels, by name.
//!
//! Those of which the source is fixed are few and stay. Those put together for a plan are as many as there are chains of
//! operations, so only the ones used last are kept; sessions hold on to theirs.

use crate::kernels::Shader;
use std::collections::BTreeMap;
use wgpu::ComputePipeline;

/// Most composed kernels that are kept.
const COMPOSED: usize = 256;

/// The compiled kernels of a device.
pub(crate) type Pipelines = Kept<ComputePipeline>;

/// Kernels, of which the composed ones leave when too many others were used since.
#[derive(Debug)]
pub(crate) struct Kept<T> {
	fixed: BTreeMap<String, T>,
	composed: BTreeMap<String, (T, u64)>,
	/// Counts uses.
	clock: u64,
}

impl<T> Default for Kept<T> {
	fn default() -> Self {
		Self { fixed: BTreeMap::new(), composed: BTreeMap::new(), clock: 0 }
	}
}

impl<T: Clone> Kept<T> {
	/// The kernel of that name, if it is there.
	pub fn get(&mut self, name: &str) -> Option<T> {
		if let Some(pipeline) = self.fixed.get(name) {
			return Some(pipeline.clone());
		}
		self.clock += 1;
		let (pipeline, used) = self.composed.get_mut(name)?;
		*used = self.clock;
		Some(pipeline.clone())
	}

	/// Keeps a kernel; lets go of the composed one that was used least recently if there are too many.
	pub fn put(&mut self, shader: &Shader, pipeline: T) {
		let name = shader.name().to_string();
		if !matches!(shader, Shader::Composed(_)) {
			self.fixed.insert(name, pipeline);
			return;
		}
		self.clock += 1;
		self.composed.insert(name, (pipeline, self.clock));
		while self.composed.len() > COMPOSED {
			let oldest = self.composed.iter().min_by_key(|(_, (_, used))| *used);
			let Some(name) = oldest.map(|(name, _)| name.clone()) else { break };
			self.composed.remove(&name);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::kernels::{Composed, ALL};
	use std::sync::Arc;

	#[test]
	fn composed_kernels_leave_when_others_are_used_and_fixed_ones_stay() {
		let composed = |i: usize| -> Shader {
			Arc::new(Composed { name: i.to_string(), source: String::new() }).into()
		};
		let mut kept = Kept::default();
		kept.put(&Shader::Fixed(ALL[0]), usize::MAX);
		(0..COMPOSED).for_each(|i| kept.put(&composed(i), i));
		assert_eq!(kept.get("0"), Some(0));
		kept.put(&composed(COMPOSED), COMPOSED);
		assert_eq!((kept.get("0"), kept.get("1"), kept.get("2")), (Some(0), None, Some(2)));
		assert_eq!(kept.get(ALL[0].name), Some(usize::MAX));
		assert_eq!(kept.composed.len(), COMPOSED);
	}
}
