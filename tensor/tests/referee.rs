// SPDX-License-Identifier: Apache-2.0
//! The referee says what the reference says, from nothing but the tiles that it asks for, and never asks for more than
//! registration allows.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	reason = "tests may panic"
)]

use calor_tensor::{
	bounds::{self, worst},
	commit::{leaf, tile_bytes, tile_leaves, tile_len},
	referee::{recompute_tile, witness, InputTile, Opened, RefereeError},
	reference::{self, Held},
	testing::{edge_cases, random_case, single, Case},
	Data, Op, Rule, Scale, Tensor, TensorId, TensorType, Validated, Window,
};
use std::collections::{BTreeMap, BTreeSet};

fn held(program: &Validated, operands: &[Tensor]) -> Held {
	let defined = reference::trace(program, operands.to_vec()).unwrap();
	Held(operands.iter().cloned().chain(defined).collect())
}

/// Opens just these tiles.
fn open(program: &Validated, held: &Held, tiles: &[InputTile]) -> Opened {
	let mut opened = Opened::default();
	for &at in tiles {
		let tensor = &held.0[usize::from(at.tensor)];
		let tile = tensor.layout().tile(at.tile).unwrap();
		opened.insert(program, at, &tile_bytes(tensor, &tile)).unwrap();
	}
	opened
}

/// Bytes of these tiles and of the hashes that lead from them to their roots, each hash once.
fn proof_bytes(program: &Validated, tiles: &[InputTile]) -> u64 {
	let mut leaves = BTreeMap::<TensorId, BTreeSet<u32>>::new();
	for at in tiles {
		leaves.entry(at.tensor).or_default().insert(at.tile);
	}
	leaves.into_iter().fold(0, |sum, (id, mut level)| {
		let (ty, layout) = program.tensor(id).unwrap();
		let tiles = (level.len() * tile_len(ty.dtype)) as u64;
		let height = layout.tiles().next_power_of_two().trailing_zeros();
		let hashes = (0..height).map(|_| {
			let siblings = level.iter().filter(|&&i| !level.contains(&(i ^ 1))).count() as u64;
			level = level.iter().map(|i| i / 2).collect();
			siblings
		});
		sum + tiles + 32 * hashes.sum::<u64>()
	})
}

/// Judges every tile of every operation; returns how much of its bound the worst tile of each needs.
fn judge(case: &Case) -> Vec<(&'static str, u64, u64)> {
	let program = case.program.clone().validate().unwrap_or_else(|e| panic!("{}: {e}", case.name));
	let held = held(&program, &case.operands);
	let leaves = program.program().leaves();
	let mut needs = Vec::new();
	for (op, what) in program.program().ops.iter().enumerate() {
		let result = &held.0[leaves + op];
		let bound = worst(what, program.tensors(), &result.layout()).unwrap();
		let mut most = 0;
		for (index, expected) in (0..).zip(tile_leaves(result)) {
			let tiles = witness(&program, op as u16, index, &held).unwrap();
			let opened = open(&program, &held, &tiles);
			let bytes = recompute_tile(&program, op as u16, index, &opened).unwrap();
			assert_eq!(leaf(&bytes), expected, "tile {index} of op {op} of {:?}", case.program);
			most = most.max(tiles.len() as u64);
			let bytes = proof_bytes(&program, &tiles);
			assert!(bytes <= bound.bytes, "{bytes} bytes, not {bound:?}: {what:?}");
		}
		assert!(most <= bound.tiles, "{most} tiles, not {bound:?}: {what:?} of {:?}", case.program);
		needs.push((what.name(), most, bound.tiles));
	}
	needs
}

#[test]
fn edge_cases_are_judged_like_the_reference() {
	edge_cases().iter().for_each(|case| drop(judge(case)));
}

#[test]
fn random_programs_are_judged_like_the_reference() {
	let long = std::env::var_os("CALOR_LONG").is_some();
	let mut sums = BTreeMap::<&str, (u64, u64)>::new();
	for seed in 0..if long { 2_000 } else { 300 } {
		for (name, most, bound) in judge(&random_case(seed)) {
			let sum = sums.entry(name).or_default();
			(sum.0, sum.1) = (sum.0 + most, sum.1 + bound);
		}
	}
	println!("tiles that the worst tile needs, and that the closed form allows: {sums:?}");
	// A bound that is far from the truth would refuse honest programs.
	assert!(sums.values().all(|(most, bound)| bound <= &(2 * most)), "{sums:?}");
}

fn zeros(ty: TensorType) -> Tensor {
	Tensor::zeros(ty).unwrap()
}

/// What the worst tile needs, and the closed form, for one operation on zeros.
fn one(op: Op, inputs: &[TensorType]) -> (u64, u64) {
	let operands = inputs.iter().cloned().map(zeros).collect();
	let (_, most, bound) = judge(&single("one", op, operands)).remove(0);
	(most, bound)
}

#[test]
fn closed_forms_are_exact_where_tiles_fit() {
	let (i8s, i32s) = (TensorType::i8, TensorType::i32);
	let exact = |op: Op, inputs: &[TensorType]| {
		let (most, bound) = one(op.clone(), inputs);
		assert_eq!(most, bound, "{op:?}");
	};
	exact(Op::MatMul { a: 0, b: 1 }, &[i8s(&[2, 70, 300]), i8s(&[65, 300])]);
	exact(Op::AddI32 { a: 0, b: 1 }, &[i32s(&[70, 70]), i32s(&[70])]);
	exact(Op::RowSum { x: 0 }, &[i32s(&[70, 300])]);
	exact(Op::Transpose { x: 0, perm: vec![1, 0, 2] }, &[i8s(&[80, 3, 5])]);
	exact(Op::Transpose { x: 0, perm: vec![0, 2, 1] }, &[i8s(&[8, 70, 75])]);
	exact(Op::Slice { x: 0, start: vec![1, 63], dims: vec![64, 64] }, &[i8s(&[130, 130])]);
	exact(Op::Pad { x: 0, before: vec![1, 63], after: vec![0, 0], value: 0 }, &[i8s(&[130, 130])]);
	exact(Op::Reshape { x: 0, dims: vec![64, 64] }, &[i8s(&[4_096])]);
	let window = Window { size: [3, 3], stride: [1, 1], pad: [1; 4], dilation: [1, 1] };
	let conv = Op::Conv2d { x: 0, weights: 1, window, groups: 1, zero: 0 };
	exact(conv, &[i8s(&[1, 5, 200, 130]), i8s(&[65, 9 * 130])]);
	exact(Op::MaxPool2d { x: 0, window }, &[i8s(&[1, 5, 200, 70])]);
}

#[test]
fn a_gather_opens_a_table_tile_for_each_row_at_most() {
	let table = zeros(TensorType::i8(&[64 * 100, 3]));
	let index = (0..70).map(|i| i * 64).collect();
	let index = Tensor::from_data(TensorType::i32(&[70]), Data::I32(index)).unwrap();
	let needs = judge(&single("gather", Op::Gather { table: 0, index: 1 }, vec![table, index]));
	assert_eq!(needs, [("Gather", 65, 65)]);
}

#[test]
fn programs_whose_tiles_cannot_be_proved_are_refused() {
	let refused = |op: Op, inputs: &[TensorType], rule: Rule| {
		let program = calor_tensor::Program {
			version: 1,
			inputs: inputs.to_vec(),
			constants: vec![],
			ops: vec![op],
			outputs: vec![inputs.len() as u16],
		};
		assert_eq!(program.validate().unwrap_err().rule(), rule);
	};
	let i8s = TensorType::i8;
	// 577 tiles of a row; 576 and their paths are just too many as well.
	refused(Op::RowMax { x: 0 }, &[i8s(&[577 * 64])], Rule::WitnessTooLarge);
	// Every element of a tile comes from a tile of its own.
	refused(
		Op::Reshape { x: 0, dims: vec![64, 64] },
		&[i8s(&[4_096, 1, 1])],
		Rule::WitnessTooLarge,
	);
	let window = Window { size: [66, 66], stride: [1, 1], pad: [0; 4], dilation: [1, 1] };
	refused(Op::SumPool2d { x: 0, window }, &[i8s(&[1, 66, 130, 64])], Rule::TileTooCostly);
	// The longest product is the largest proof that is let in.
	let (op, inputs) = (Op::MatMul { a: 0, b: 1 }, [i8s(&[64, 16_384]), i8s(&[64, 16_384])]);
	let tensors: Vec<_> =
		inputs.iter().map(|ty| (ty.clone(), calor_tensor::Layout::of(ty).unwrap())).collect();
	let result = calor_tensor::Layout::of(&TensorType::i32(&[64, 64])).unwrap();
	let worst = worst(&op, &tensors, &result).unwrap();
	assert_eq!((worst.tiles, worst.mac), (512, 1 << 26));
	assert!(worst.bytes <= bounds::MAX_WITNESS && worst.mac <= bounds::MAX_TILE_MAC);
}

#[test]
fn the_referee_says_what_is_missing_or_wrong() {
	let scales = vec![Scale { multiplier: 1, shift: 1 }];
	let op = Op::Requant { x: 0, zero: 0, scales };
	let case = single("", op, vec![zeros(TensorType::i32(&[65, 3]))]);
	let program = case.program.validate().unwrap();
	let mut opened = Opened::default();
	let at = |tensor, tile| InputTile { tensor, tile };
	assert_eq!(recompute_tile(&program, 0, 1, &opened), Err(RefereeError::MissingInput));
	assert_eq!(recompute_tile(&program, 1, 0, &opened), Err(RefereeError::UnknownOp(1)));
	assert_eq!(recompute_tile(&program, 0, 2, &opened), Err(RefereeError::UnknownTile(at(1, 2))));
	let refused = |opened: &mut Opened, tile, bytes: usize| {
		opened.insert(&program, tile, &vec![0; bytes]).unwrap_err().to_string()
	};
	assert_eq!(refused(&mut opened, at(0, 2), 16_384), "tensor 0 has no tile 2");
	assert_eq!(refused(&mut opened, at(9, 0), 16_384), "tensor 9 has no tile 0");
	let short = refused(&mut opened, at(0, 1), 4_096);
	assert_eq!(short, "tile 1 of tensor 0 has 4096 bytes, its type needs 16384");
	// A tile elsewhere does not help.
	opened.insert(&program, at(0, 0), &vec![0; 16_384]).unwrap();
	assert_eq!(recompute_tile(&program, 0, 1, &opened), Err(RefereeError::MissingInput));
	opened.insert(&program, at(0, 1), &vec![0; 16_384]).unwrap();
	assert_eq!(recompute_tile(&program, 0, 1, &opened), Ok(vec![0; 4_096]));
}

/// Layers of well-known networks, with the dimensions that make a proof large: none is refused.
#[test]
fn ordinary_layers_are_admitted() {
	let (i8s, i32s) = (TensorType::i8, TensorType::i32);
	let conv = |size: u16, stride: u16, groups: u32| {
		let pad = [size / 2; 4];
		let window = Window { size: [size; 2], stride: [stride; 2], pad, dilation: [1, 1] };
		Op::Conv2d { x: 0, weights: 1, window, groups, zero: 0 }
	};
	let product = || Op::MatMul { a: 0, b: 1 };
	let reshape = |dims: &[u32]| Op::Reshape { x: 0, dims: dims.to_vec() };
	let transpose = |perm: &[u8]| Op::Transpose { x: 0, perm: perm.to_vec() };
	let pool = Window { size: [7, 7], stride: [1, 1], pad: [0; 4], dilation: [1, 1] };
	let cases = [
		("ResNet-50, stem", conv(7, 2, 1), vec![i8s(&[1, 224, 224, 3]), i8s(&[64, 147])]),
		("ResNet-50, 3 x 3", conv(3, 1, 1), vec![i8s(&[1, 7, 7, 512]), i8s(&[512, 4_608])]),
		("ResNet-50, pool", Op::SumPool2d { x: 0, window: pool }, vec![i8s(&[1, 7, 7, 2_048])]),
		("MobileNetV2, depthwise", conv(3, 2, 144), vec![i8s(&[1, 56, 56, 144]), i8s(&[144, 9])]),
		(
			"U-Net, upsample",
			Op::UpsampleNearest { x: 0, factor: [2; 2] },
			vec![i8s(&[1, 64, 64, 320])],
		),
		("U-Net, concat", Op::Concat { a: 0, b: 1, axis: 3 }, vec![i8s(&[1, 64, 64, 320]); 2]),
		("U-Net, tokens", reshape(&[1, 4_096, 320]), vec![i32s(&[1, 64, 64, 320])]),
		("ViT, tokens", reshape(&[8, 196, 768]), vec![i32s(&[8, 14, 14, 768])]),
		("BERT, batch away", reshape(&[4_096, 768]), vec![i32s(&[8, 512, 768])]),
		("BERT, heads", reshape(&[8, 512, 12, 64]), vec![i8s(&[8, 512, 768])]),
		("BERT, heads first", transpose(&[0, 2, 1, 3]), vec![i8s(&[8, 512, 12, 64])]),
		("BERT, heads merged", reshape(&[8, 512, 768]), vec![i8s(&[8, 512, 12, 64])]),
		("BERT, scores", product(), vec![i8s(&[8, 12, 512, 64]), i8s(&[8, 12, 512, 64])]),
		("GPT-2, logits", product(), vec![i8s(&[1_024, 768]), i8s(&[50_257, 768])]),
		(
			"GPT-2, words",
			Op::Gather { table: 0, index: 1 },
			vec![i8s(&[50_257, 768]), i32s(&[1_024])],
		),
		("LLaMA, down", product(), vec![i8s(&[2_048, 11_008]), i8s(&[4_096, 11_008])]),
		("LLaMA, heads merged", reshape(&[1, 2_048, 4_096]), vec![i32s(&[1, 2_048, 32, 128])]),
		(
			"LLaMA, norm",
			Op::RmsNormI8 {
				x: 0,
				eps: 1,
				zero: 0,
				scales: vec![Scale { multiplier: 1, shift: 9 }],
			},
			vec![i8s(&[2_048, 4_096])],
		),
	];
	for (name, op, inputs) in cases {
		let outputs = vec![inputs.len() as TensorId];
		let program =
			calor_tensor::Program { version: 1, inputs, constants: vec![], ops: vec![op], outputs };
		if let Err(fault) = program.validate() {
			panic!("{name}: {fault}");
		}
	}
}

/// One flipped element of an opened input, or one beyond the edge, which must not count.
#[test]
fn what_lies_beyond_the_edge_does_not_count() {
	let case = single("", Op::RowSum { x: 0 }, vec![zeros(TensorType::i8(&[3, 5]))]);
	let program = case.program.validate().unwrap();
	let sum = |at: usize| {
		let mut bytes = vec![0; 4_096];
		bytes[at] = 1;
		let mut opened = Opened::default();
		opened.insert(&program, InputTile { tensor: 0, tile: 0 }, &bytes).unwrap();
		recompute_tile(&program, 0, 0, &opened).unwrap()[0]
	};
	assert_eq!((sum(4), sum(5), sum(3 * 64)), (1, 0, 0));
}
