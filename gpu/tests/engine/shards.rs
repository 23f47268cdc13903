// SPDX-License-Identifier: Apache-2.0
//! Tensors in several shards: the same results when a shard holds only a few rows.

use crate::{assert_like_reference, engine, open};
use calor_gpu::{Caps, Engine};
use calor_tensor::{
	testing::{random_case, single, Choice},
	Op, Scale, TensorType,
};
use std::sync::OnceLock;

/// Shards of 20,000 bytes: 64 rows of 78 i32 elements.
fn sharded() -> &'static Engine {
	static ENGINE: OnceLock<Engine> = OnceLock::new();
	ENGINE.get_or_init(|| open(Caps { shard_bytes: Some(20_000), ..Default::default() }))
}

fn check(name: &str, op: Op, types: &[TensorType]) {
	let mut choice = Choice::new(11);
	let inputs: Vec<_> = types.iter().map(|ty| choice.tensor(ty).unwrap()).collect();
	let case = single(name, op, inputs);
	assert_like_reference(sharded(), &case);
	// The case is of use only if sharding changes the plan.
	let program = case.program.validate().unwrap();
	let (many, one) = (sharded().plan(&program).unwrap(), engine().plan(&program).unwrap());
	assert!(many.dispatches() > one.dispatches(), "{name}");
}

#[test]
fn products_are_cut_in_rows_and_columns() {
	let mm = Op::MatMul { a: 0, b: 1 };
	let i8 = TensorType::i8;
	check("tall", mm.clone(), &[i8(&[700, 70]), i8(&[33, 70])]);
	check("wide b", mm.clone(), &[i8(&[3, 300]), i8(&[1000, 300])]);
	check("both", mm.clone(), &[i8(&[300, 200]), i8(&[76, 200])]);
	check("batch", mm.clone(), &[i8(&[3, 150, 130]), i8(&[3, 66, 130])]);
	check("batch of small matrices", mm.clone(), &[i8(&[2, 30, 20, 17]), i8(&[2, 30, 9, 17])]);
	check("shared", mm, &[i8(&[5, 70, 100]), i8(&[65, 100])]);
}

#[test]
fn elementwise_operations_are_cut_where_any_operand_is() {
	let big = TensorType::i32(&[3, 200, 70]);
	let add = Op::AddI32 { a: 0, b: 1 };
	check("add", add.clone(), &[big.clone(), big.clone()]);
	check("add a row", add, &[big.clone(), TensorType::i32(&[70])]);
	let scales = (1..=70).map(|i| Scale { multiplier: 1 << 30, shift: i % 62 + 1 }).collect();
	check("requant", Op::Requant { x: 0, zero: 0, scales }, std::slice::from_ref(&big));
	check("relu", Op::Relu { x: 0 }, std::slice::from_ref(&big));
	check("row max", Op::RowMax { x: 0 }, std::slice::from_ref(&big));
	check("arg max", Op::ArgMax { x: 0 }, &[big]);
}

#[test]
fn movements_gather_from_all_shards() {
	for ty in [TensorType::i32(&[3, 75, 70]), TensorType::i8(&[2, 270, 75])] {
		let [d0, d1, d2] = ty.dims[..] else { unreachable!() };
		let ty = std::slice::from_ref(&ty);
		check("swap", Op::Transpose { x: 0, perm: vec![1, 0, 2] }, ty);
		check("transpose", Op::Transpose { x: 0, perm: vec![0, 2, 1] }, ty);
		check("reshape", Op::Reshape { x: 0, dims: vec![d0, d2, d1] }, ty);
		check("other rows", Op::Reshape { x: 0, dims: vec![d0 * d1 * 5, d2 / 5] }, ty);
		check("same rows", Op::Reshape { x: 0, dims: vec![d0 * d1, d2] }, ty);
	}
}

#[test]
fn random_programs_are_like_the_reference() {
	let mut ran = 0;
	for seed in 0..120 {
		let case = random_case(seed);
		let program = case.program.clone().validate().unwrap();
		// A row that is larger than a shard is refused, and tested elsewhere.
		if sharded().plan(&program).is_ok_and(|plan| plan.check_trace().is_ok()) {
			assert_like_reference(sharded(), &case);
			ran += 1;
		}
	}
	assert!(ran > 60, "{ran}");
}
