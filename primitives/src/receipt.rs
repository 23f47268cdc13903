// SPDX-License-Identifier: Apache-2.0
//! Receipts of what has been forgotten: a Merkle mountain range of which the chain keeps the peaks only.
//!
//! When a job's record is dropped, its hash is appended as a leaf. However many leaves there are, the chain keeps at most
//! 64 hashes; whoever has the leaves (they are in events) can prove to anyone with the peaks that a record was there.
//!
//! A tree of `2^h` leaves is a *mountain*; `n` leaves make one mountain for each one bit of `n`, the highest first. The
//! parent of `l` and `r` is `blake2_256(0x01 || l || r)`, the leaf of a record `blake2_256(0x00 || record)`.

use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_core::H256;

/// Most mountains: one for each bit of the count.
pub const MAX_PEAKS: u32 = 64;

/// The peaks of all receipts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Receipts {
	/// Leaves so far.
	pub count: u64,
	/// Peaks, the highest mountain first.
	pub peaks: BoundedVec<H256, ConstU32<MAX_PEAKS>>,
}

/// The leaf of a record.
pub fn leaf(record: &[u8]) -> H256 {
	let mut bytes = Vec::with_capacity(record.len().saturating_add(1));
	bytes.push(0);
	bytes.extend_from_slice(record);
	H256(sp_io::hashing::blake2_256(&bytes))
}

fn parent(left: &H256, right: &H256) -> H256 {
	let mut bytes = [1u8; 65];
	let (_, rest) = bytes.split_at_mut(1);
	let (l, r) = rest.split_at_mut(32);
	l.copy_from_slice(left.as_bytes());
	r.copy_from_slice(right.as_bytes());
	H256(sp_io::hashing::blake2_256(&bytes))
}

impl Receipts {
	/// Appends a leaf and gives its index. `None` after 2^64 leaves, which no chain lives to see.
	pub fn append(&mut self, leaf: H256) -> Option<u64> {
		let index = self.count;
		let next = index.checked_add(1)?;
		let mut peak = leaf;
		// Each trailing one bit of the count is a mountain as high as what has grown so far.
		for _ in 0..index.trailing_ones() {
			peak = parent(&self.peaks.pop()?, &peak);
		}
		self.peaks.try_push(peak).ok()?;
		self.count = next;
		Some(index)
	}

	/// Whether `leaf` is the leaf of that index: `path` has the siblings on its way up to its peak, lowest first.
	pub fn proves(&self, leaf: H256, index: u64, path: &[H256]) -> bool {
		if index >= self.count {
			return false;
		}
		let mut before = 0u64;
		let mountains = (0..u64::BITS).rev().filter(|height| self.count & (1u64 << height) != 0);
		for (peak, height) in self.peaks.iter().zip(mountains) {
			let size = 1u64 << height;
			let within = index.saturating_sub(before);
			if within >= size {
				before = before.saturating_add(size);
				continue;
			}
			if path.len() != height as usize {
				return false;
			}
			let root = (0u32..).zip(path).fold(leaf, |node, (level, sibling)| {
				let is_right = within.checked_shr(level).unwrap_or(0) & 1 == 1;
				if is_right {
					parent(sibling, &node)
				} else {
					parent(&node, sibling)
				}
			});
			return root == *peak;
		}
		false
	}
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "tests may panic")]
mod tests {
	use super::*;

	fn root(leaves: &[H256]) -> H256 {
		match leaves {
			[one] => *one,
			_ => {
				let (l, r) = leaves.split_at(leaves.len() / 2);
				parent(&root(l), &root(r))
			},
		}
	}

	/// Siblings from the leaf up, in a mountain of these leaves.
	fn path(leaves: &[H256], index: usize) -> Vec<H256> {
		if leaves.len() == 1 {
			return Vec::new();
		}
		let (l, r) = leaves.split_at(leaves.len() / 2);
		let (mut below, sibling) = if index < l.len() {
			(path(l, index), root(r))
		} else {
			(path(r, index - l.len()), root(l))
		};
		below.push(sibling);
		below
	}

	#[test]
	fn every_leaf_of_every_size_is_proved_and_nothing_else() {
		let leaves: Vec<H256> = (0u8..70).map(|i| leaf(&[i])).collect();
		let mut receipts = Receipts::default();
		for n in 1..=leaves.len() {
			assert_eq!(receipts.append(leaves[n - 1]), Some(n as u64 - 1));
			assert_eq!(receipts.peaks.len() as u32, (n as u64).count_ones());
			let mut start = 0;
			for height in (0..8).rev().filter(|h| n >> h & 1 == 1) {
				let mountain = &leaves[start..start + (1 << height)];
				for i in 0..mountain.len() {
					let (index, proof) = ((start + i) as u64, path(mountain, i));
					assert!(receipts.proves(mountain[i], index, &proof), "{index} of {n}");
					assert!(!receipts.proves(leaf(b"other"), index, &proof));
					assert!(!receipts.proves(mountain[i], index ^ 1, &proof) || n == 1);
					let longer = [&proof[..], &[H256::zero()]].concat();
					assert!(!receipts.proves(mountain[i], index, &longer));
				}
				start += mountain.len();
			}
			assert!(!receipts.proves(leaves[0], n as u64, &[]));
		}
	}

	#[test]
	fn an_inner_node_is_no_leaf() {
		let mut receipts = Receipts::default();
		for i in 0u8..2 {
			receipts.append(leaf(&[i]));
		}
		assert!(!receipts.proves(receipts.peaks[0], 0, &[]));
	}
}
