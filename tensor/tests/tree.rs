// SPDX-License-Identifier: Apache-2.0
//! Parts of trees lead to the roots of the whole trees, and to nothing else.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	reason = "tests may panic"
)]

use calor_tensor::{
	commit::{leaf, tile_bytes, tile_leaves, tree_root, typed_root, Path},
	tensor_root,
	testing::Choice,
	tree::{
		chunk_siblings, chunk_tiles, chunks, fold, height, root_by_chunk, siblings, Descent, CHUNK,
		WIDTH,
	},
	Hash, Layout, Tensor, TensorType,
};
use std::collections::BTreeSet;

fn leaves(count: u32) -> Vec<Hash> {
	(0..count).map(|i| leaf(&i.to_le_bytes())).collect()
}

/// A layout of so many tiles.
fn layout(tiles: u32) -> Layout {
	Layout::of(&TensorType::i8(&[tiles, 1, 1])).unwrap()
}

/// Some places, in ascending order.
fn places(choice: &mut Choice, count: u32) -> Vec<u32> {
	let wanted = choice.within(1, 12);
	let some = (0..wanted).map(|_| choice.within(0, u64::from(count) - 1) as u32);
	some.collect::<BTreeSet<u32>>().into_iter().collect()
}

#[test]
fn several_leaves_lead_to_the_root() {
	let mut choice = Choice::new(1);
	for round in 0..400u32 {
		let count = if round < 40 { round + 1 } else { choice.within(1, 300) as u32 };
		let (leaves, height) = (leaves(count), height(count));
		let places = places(&mut choice, count);
		let path = siblings(&leaves, &places).unwrap();
		let known: Vec<_> = places.iter().map(|&at| (at, leaves[at as usize])).collect();
		let root = tree_root(&leaves);
		assert_eq!(fold(&known, height, &path), Some(root), "{places:?} of {count}");

		// One sibling too few, too many, or another.
		assert_eq!(path.split_last().and_then(|(_, fewer)| fold(&known, height, fewer)), None);
		assert_eq!(fold(&known, height, &[path.as_slice(), &[[0; 32]]].concat()), None);
		for at in 0..path.len() {
			let mut other = path.clone();
			other[at][choice.within(0, 31) as usize] ^= 1;
			assert_ne!(fold(&known, height, &other), Some(root));
		}
		// Another leaf, or the same elsewhere.
		for at in 0..known.len() {
			let mut other = known.clone();
			other[at].1[0] ^= 1;
			assert_ne!(fold(&other, height, &path), Some(root));
			let mut moved = known.clone();
			moved[at].0 = choice.within(0, 310) as u32;
			if moved != known {
				assert_ne!(fold(&moved, height, &path), Some(root), "{known:?} {moved:?}");
			}
		}
		// Another order, or one leaf twice.
		if let [first, second, ..] = known[..] {
			let mut turned = known.clone();
			(turned[0], turned[1]) = (second, first);
			assert_eq!(fold(&turned, height, &path), None);
			turned[0] = turned[1];
			assert_eq!(fold(&turned, height, &path), None);
			assert_eq!(siblings(&leaves, &[places[1], places[0]]), None);
			assert_eq!(siblings(&leaves, &[places[0], places[0]]), None);
		}
		// Another height.
		for other in [height + 1, height.wrapping_sub(1), 33, 64, u32::MAX] {
			assert_eq!(fold(&known, other, &path).filter(|found| *found == root), None);
		}
	}
}

#[test]
fn what_does_not_exist_has_no_path() {
	assert_eq!(siblings(&leaves(3), &[3]), None);
	assert_eq!(siblings(&leaves(3), &[]), None);
	assert_eq!(siblings(&[], &[0]), None);
	assert_eq!(fold(&[], 2, &[]), None);
	assert_eq!(fold(&[(4, [0; 32])], 2, &[[0; 32]; 2]), None);
	assert_eq!(fold(&[(0, [7; 32])], 0, &[]), Some([7; 32]));
	assert_eq!(fold(&[(1, [7; 32])], 0, &[]), None);
	assert_eq!(fold(&[(u32::MAX, [7; 32])], 31, &[[0; 32]; 31]), None);
	assert!(fold(&[(u32::MAX, [7; 32])], 32, &[[0; 32]; 32]).is_some());
	assert_eq!((height(0), height(1), height(2), height(3), height(1 << 20)), (0, 0, 1, 2, 20));
	assert_eq!(height(u32::MAX), 32);
}

#[test]
fn one_leaf_has_the_path_of_old() {
	for count in 1..40 {
		let leaves = leaves(count);
		for at in 0..count {
			let path = Path::of(&leaves, at).unwrap();
			assert_eq!(siblings(&leaves, &[at]), Some(path.siblings));
		}
	}
}

#[test]
fn answers_lead_down_to_each_tile() {
	let long = std::env::var_os("CALOR_LONG").is_some();
	let mut counts = vec![1, 2, 3, 15, 16, 17, 1_000, 1_023, 1_024, 1_025, 2_047, 2_048, 2_049];
	counts.extend(if long { vec![3_000, 65_537, 1 << 20] } else { vec![3_000] });
	let mut choice = Choice::new(2);
	for count in counts {
		let (leaves, descent) = (leaves(count), Descent::of(&layout(count)));
		let root = tree_root(&leaves);
		let upper = descent.upper(&leaves);
		assert_eq!(descent.is_deep(), count > WIDTH);
		assert_eq!(upper.len(), descent.upper_len() as usize);
		assert!(descent.upper_len() <= WIDTH);
		assert_eq!(descent.upper_root(&upper), Some(root), "{count}");
		if !descent.is_deep() {
			assert_eq!(upper, leaves);
			assert_eq!(descent.lower_len(0), None);
			assert_eq!(descent.lower(0, &leaves), None);
		}
		// Together the second answers are all leaves.
		let mut all = Vec::new();
		for node in (0..descent.upper_len()).filter(|_| descent.is_deep()) {
			let lower = descent.lower(node, &leaves).unwrap();
			assert_eq!(lower.len(), descent.lower_len(node).unwrap() as usize);
			assert!(!lower.is_empty() && lower.len() <= WIDTH as usize);
			assert_eq!(descent.lower_root(node, lower), Some(upper[node as usize]));
			all.extend_from_slice(lower);
		}
		assert!(!descent.is_deep() || all == leaves);

		let tiles = [0, 1, count / 2, count - 1, choice.within(0, u64::from(count) - 1) as u32];
		for tile in tiles.into_iter().filter(|tile| *tile < count) {
			let (node, place) = descent.locate(tile);
			assert_eq!(descent.tile(node, place), Some(tile));
			let path = descent.node_path(node, &upper).unwrap();
			let hash = upper[node as usize];
			assert_eq!(descent.root_of_node(node, &hash, &path), Some(root));
			assert_ne!(descent.root_of_node(node ^ 1, &hash, &path), Some(root));
			assert_eq!(descent.root_of_node(node + 2_048, &hash, &path), None);
			let lower = descent.lower(node, &leaves).unwrap_or_default();
			let path = descent.tile_path(tile, &upper, lower).unwrap();
			assert_eq!(siblings(&leaves, &[tile]), Some(path));
		}
		assert_eq!(descent.tile(descent.upper_len(), 0), None);
		assert_eq!(descent.tile(0, 1 << 20), None);
		assert_eq!(descent.tile(u32::MAX, u32::MAX), None);
		assert_eq!(descent.lower_len(descent.upper_len()), None);
		assert_eq!(descent.lower_len(u32::MAX), None);
	}
}

#[test]
fn answers_of_another_length_or_content_are_refused() {
	for count in [1, 5, 1_024, 1_025, 2_500] {
		let (mut leaves, descent) = (leaves(count), Descent::of(&layout(count)));
		let mut upper = descent.upper(&leaves);
		let root = descent.upper_root(&upper).unwrap();
		assert_eq!(descent.upper_root(&upper[1..]), None);
		assert_eq!(descent.upper_root(&[upper.as_slice(), &[[0; 32]]].concat()), None);
		assert_eq!(descent.upper_root(&[]), None);
		assert_eq!(descent.node_path(0, &upper[1..]), None);
		assert_eq!(descent.node_path(descent.upper_len(), &upper), None);
		let last = upper.len() - 1;
		upper[last][31] ^= 1;
		assert_ne!(descent.upper_root(&upper), Some(root));
		if descent.is_deep() {
			let last = descent.upper_len() - 1;
			let lower = descent.lower(last, &leaves).unwrap();
			let hash = descent.lower_root(last, lower);
			assert_eq!(descent.lower_root(last, &lower[1..]), None);
			assert_eq!(descent.lower_root(last, &[lower, &[[0; 32]]].concat()), None);
			assert_eq!(descent.lower_root(last + 1, lower), None);
			assert_eq!(descent.tile_path(count - 1, &upper, &lower[1..]), None);
			*leaves.last_mut().unwrap() = [0; 32];
			assert_ne!(descent.lower_root(last, descent.lower(last, &leaves).unwrap()), hash);
		}
		assert_eq!(descent.tile_path(count, &upper, &[]), None);
	}
}

/// The root of a tree in whose padding something stands.
#[test]
fn garbage_beyond_the_last_leaf_cannot_be_answered_for() {
	for count in [3, 5, 17, 1_023, 1_025, 1_027] {
		let (leaves, descent) = (leaves(count), Descent::of(&layout(count)));
		let mut padded = leaves.clone();
		padded.resize(count.next_power_of_two() as usize, [0; 32]);
		assert_eq!(tree_root(&padded), tree_root(&leaves));
		*padded.last_mut().unwrap() = [9; 32];
		let root = tree_root(&padded);
		// Neither what is there nor more of it.
		let upper = descent.upper(&leaves);
		assert_ne!(descent.upper_root(&upper), Some(root));
		let width = padded.len() / WIDTH as usize;
		let more = if descent.is_deep() {
			padded.chunks(width).map(tree_root).collect()
		} else {
			padded.clone()
		};
		assert_eq!(descent.upper_root(&more), None);
	}
}

#[test]
fn chunks_lead_to_the_root() {
	let mut choice = Choice::new(3);
	for dims in [
		&[1][..],
		&[130],
		&[65, 65],
		&[3, 64, 1],
		&[15, 1, 1],
		&[16, 1, 1],
		&[17, 2, 2],
		&[2, 130, 190],
		&[33, 1, 1],
		&[1, 64, 64 * 40],
	] {
		for ty in [TensorType::i8(dims), TensorType::i32(dims)] {
			// No two chunks alike.
			let bytes: Vec<u8> = (0..ty.bytes()).map(|_| choice.bits() as u8).collect();
			let tensor = Tensor::from_bytes(ty.clone(), &bytes).unwrap();
			let (layout, leaves) = (tensor.layout(), tile_leaves(&tensor));
			let root = tensor_root(&tensor);
			assert_eq!(chunks(&layout), layout.tiles().div_ceil(CHUNK));
			for chunk in 0..chunks(&layout) {
				let (first, count) = chunk_tiles(&layout, chunk).unwrap();
				let tile = |at| tile_bytes(&tensor, &layout.tile(at).unwrap());
				let mut bytes: Vec<u8> = (first..first + count).flat_map(tile).collect();
				let path = chunk_siblings(&leaves, chunk).unwrap();
				let found = |chunk, bytes: &[u8], path: &[Hash]| {
					root_by_chunk(&ty, &layout, chunk, bytes, path)
				};
				assert_eq!(found(chunk, &bytes, &path), Some(root), "{ty} {chunk}");
				assert_eq!(found(chunk, &bytes[1..], &path), None);
				assert_eq!(found(chunk, &bytes[bytes.len() / count as usize..], &path), None);
				assert_eq!(found(chunk, &[], &path), None);
				assert_eq!(found(chunk, &bytes, &[path.as_slice(), &[root]].concat()), None);
				assert_eq!(found(chunks(&layout), &bytes, &path), None);
				assert_eq!(found(u32::MAX, &bytes, &path), None);
				if chunk > 0 {
					assert_ne!(found(chunk - 1, &bytes, &path), Some(root));
				}
				if let Some((last, fewer)) = path.split_last() {
					assert_eq!(found(chunk, &bytes, fewer), None);
					let other = [fewer, &[last.map(|x| !x)]].concat();
					assert_ne!(found(chunk, &bytes, &other), Some(root));
				}
				// Not even what lies beyond the edge may be another.
				let at = choice.within(0, bytes.len() as u64 - 1) as usize;
				bytes[at] ^= 1;
				assert_ne!(found(chunk, &bytes, &path), Some(root));
			}
			assert_eq!(chunk_siblings(&leaves, chunks(&layout)), None);
			assert_eq!(chunk_tiles(&layout, chunks(&layout)), None);
			assert_eq!(chunk_tiles(&layout, u32::MAX), None);
		}
	}
	assert_eq!(chunk_siblings(&[], 0), None);
}

#[test]
fn a_chunk_of_another_shape_has_another_root() {
	let ty = TensorType::i8(&[64, 128]);
	let tensor = Choice::new(4).tensor(&ty).unwrap();
	let layout = tensor.layout();
	let bytes: Vec<u8> = layout.iter().flat_map(|tile| tile_bytes(&tensor, &tile)).collect();
	let root = root_by_chunk(&ty, &layout, 0, &bytes, &[]).unwrap();
	assert_eq!(root, typed_root(&ty, &tree_root(&tile_leaves(&tensor))));
	let other = TensorType::i8(&[128, 64]);
	let of_other = root_by_chunk(&other, &Layout::of(&other).unwrap(), 0, &bytes, &[]);
	assert_ne!(of_other, Some(root));
}
