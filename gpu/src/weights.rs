// SPDX-License-Identifier: Apache-2.0
//! Constants that stay on the device between sessions, by the root of the tensor they were made from.
//!
//! Jobs of one model share their weights: only the first pays for bringing and packing them.

use crate::device::lock;
use calor_tensor::Hash;
use std::{collections::BTreeMap, sync::Mutex};
use wgpu::Buffer;

/// What a buffer holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
	/// Root of the constant.
	pub root: Hash,
	/// How it is packed.
	pub packing: String,
}

/// Buffers that are kept, the least recently used leaving first.
#[derive(Debug)]
pub(crate) struct Weights {
	/// Most bytes that are kept for sessions to come.
	limit: u64,
	kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
	buffers: BTreeMap<Key, (Buffer, u64)>,
	/// Counts uses.
	clock: u64,
}

impl Weights {
	pub fn new(limit: u64) -> Self {
		Self { limit, kept: Mutex::default() }
	}

	/// The buffer of that content, if it is there.
	pub fn get(&self, key: &Key) -> Option<Buffer> {
		let mut kept = lock(&self.kept);
		kept.clock += 1;
		let now = kept.clock;
		let (buffer, used) = kept.buffers.get_mut(key)?;
		*used = now;
		Some(buffer.clone())
	}

	/// Keeps a buffer and lets go of others beyond the limit.
	pub fn put(&self, key: Key, buffer: Buffer) {
		let mut kept = lock(&self.kept);
		kept.clock += 1;
		let now = kept.clock;
		kept.buffers.insert(key, (buffer, now));
		let bytes = |kept: &Kept| kept.buffers.values().map(|(b, _)| b.size()).sum::<u64>();
		while bytes(&kept) > self.limit {
			let oldest = kept.buffers.iter().min_by_key(|(_, (_, used))| *used);
			let Some(key) = oldest.map(|(key, _)| key.clone()) else { break };
			kept.buffers.remove(&key);
		}
	}

	/// Lets go of everything; whether there was anything.
	pub fn clear(&self) -> bool {
		let mut kept = lock(&self.kept);
		let any = !kept.buffers.is_empty();
		kept.buffers.clear();
		any
	}
}
