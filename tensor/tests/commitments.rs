// SPDX-License-Identifier: Apache-2.0
//! Tiles, roots and inclusion paths, held against digests computed from the definition by hand.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	reason = "tests may panic"
)]

use calor_tensor::{
	commit::{leaf, tile_bytes, tile_leaves, tree_root, typed_root, Path},
	tensor_root, trace_root, Data, Hash, Layout, Tensor, TensorType,
};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn sha(parts: &[&[u8]]) -> Hash {
	let mut hasher = Sha256::new();
	parts.iter().for_each(|p| hasher.update(p));
	hasher.finalize().into()
}

fn ramp(dims: &[u32]) -> Tensor {
	let ty = TensorType::i32(dims);
	let n = ty.elements() as i32;
	Tensor::from_data(ty, Data::I32((0..n).collect())).unwrap()
}

#[test]
fn one_small_tile_is_padded_inside_the_hash() {
	let ty = TensorType::i8(&[2, 3]);
	let t = Tensor::from_bytes(ty, &[1, 2, 3, 4, 5, 0xff]).unwrap();
	let mut bytes = vec![0u8; 4096];
	bytes[..3].copy_from_slice(&[1, 2, 3]);
	bytes[64..67].copy_from_slice(&[4, 5, 0xff]);
	let tree = sha(&[&[0], &bytes]);
	let expected = sha(&[&[2, 0, 2], &2u32.to_le_bytes(), &3u32.to_le_bytes(), &tree]);
	assert_eq!(tensor_root(&t), expected);
}

#[test]
fn three_tiles_are_padded_to_four_leaves() {
	// 1 x 130 elements: tiles of 64, 64 and 2 columns.
	let t = ramp(&[130]);
	let tile = |from: i32, to: i32| {
		let mut bytes = vec![0u8; 16_384];
		for (i, x) in (from..to).enumerate() {
			bytes[i * 4..i * 4 + 4].copy_from_slice(&x.to_le_bytes());
		}
		sha(&[&[0], &bytes])
	};
	let (a, b, c) = (tile(0, 64), tile(64, 128), tile(128, 130));
	let tree = sha(&[&[1], &sha(&[&[1], &a, &b]), &sha(&[&[1], &c, &[0; 32]])]);
	let expected = sha(&[&[2, 1, 1], &130u32.to_le_bytes(), &tree]);
	assert_eq!(tensor_root(&t), expected);
}

#[test]
fn tiles_never_cross_a_matrix() {
	let layout = Layout::of(&TensorType::i8(&[2, 3, 65, 70])).unwrap();
	assert_eq!((layout.matrices, layout.tiles()), (6, 24));
	let last = layout.tile(23).unwrap();
	assert_eq!((last.matrix, last.row, last.col, last.rows, last.cols), (5, 64, 64, 1, 6));
	assert_eq!(layout.tile(24), None);
	let covered: u64 = layout.iter().map(|t| u64::from(t.rows) * u64::from(t.cols)).sum();
	assert_eq!(covered, 2 * 3 * 65 * 70);
}

#[test]
fn shape_and_type_are_part_of_the_root() {
	let bytes = [0u8; 16];
	let roots: Vec<Hash> = [
		TensorType::i8(&[16]),
		TensorType::i8(&[1, 16]),
		TensorType::i8(&[1, 1, 16]),
		TensorType::i8(&[4, 4]),
		TensorType::i32(&[4]),
	]
	.map(|ty| tensor_root(&Tensor::from_bytes(ty, &bytes).unwrap()))
	.to_vec();
	for (i, a) in roots.iter().enumerate() {
		assert!(roots[i + 1..].iter().all(|b| a != b));
	}
}

#[test]
fn trace_root_is_the_tree_over_tensor_roots() {
	let (a, b) = ([1u8; 32], [2u8; 32]);
	assert_eq!(trace_root(&[a, b]), sha(&[&[1], &sha(&[&[0], &a]), &sha(&[&[0], &b])]));
	assert_eq!(trace_root(&[a]), sha(&[&[0], &a]));
}

#[test]
fn blobs_of_the_wrong_length_are_refused() {
	let ty = TensorType::i32(&[2]);
	for n in [0, 7, 9, 12] {
		let error = Tensor::from_bytes(ty.clone(), &vec![0; n]).unwrap_err().to_string();
		assert_eq!(error, format!("the blob has {n} bytes, its type needs 8"));
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn a_path_proves_its_leaf_and_no_other(count in 1u32..40, at in any::<u32>(), other in any::<u32>()) {
		let leaves: Vec<Hash> = (0..count).map(|i| leaf(&i.to_le_bytes())).collect();
		let (at, other) = (at % count, other % count);
		let root = tree_root(&leaves);
		let path = Path::of(&leaves, at).unwrap();
		prop_assert!(path.proves(&leaves[at as usize], count, &root));
		prop_assert_eq!(path.proves(&leaves[other as usize], count, &root), at == other);
		let mut moved = path.clone();
		moved.index = other;
		prop_assert_eq!(moved.proves(&leaves[at as usize], count, &root), at == other);
		let mut longer = path.clone();
		longer.siblings.push([0; 32]);
		prop_assert!(!longer.proves(&leaves[at as usize], count, &root));
		prop_assert!(Path::of(&leaves, count).is_none());
	}

	#[test]
	fn changing_any_element_changes_the_root(rows in 1u32..70, cols in 1u32..140, at in any::<u32>()) {
		let t = ramp(&[rows, cols]);
		let mut changed = t.clone();
		if let Data::I32(v) = changed.data_mut() {
			let n = v.len();
			v[at as usize % n] ^= 1;
		}
		prop_assert_ne!(tensor_root(&t), tensor_root(&changed));
	}

	#[test]
	fn bytes_round_trip(rows in 1u32..5, cols in 1u32..70, seed in any::<u64>()) {
		let ty = TensorType::i8(&[rows, cols]);
		let t = calor_tensor::testing::Choice::new(seed).tensor(&ty).unwrap();
		prop_assert_eq!(Tensor::from_bytes(ty, &t.to_bytes()).unwrap(), t);
	}
}

#[test]
fn leaves_and_typed_root_give_the_tensor_root() {
	let t = ramp(&[3, 65, 2]);
	assert_eq!(typed_root(t.ty(), &tree_root(&tile_leaves(&t))), tensor_root(&t));
	assert_eq!(tile_bytes(&t, &t.layout().tile(0).unwrap()).len(), 16_384);
}
