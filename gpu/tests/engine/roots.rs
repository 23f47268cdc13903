// SPDX-License-Identifier: Apache-2.0
//! Roots that the device computes.

use crate::{engine, open};
use calor_gpu::{Caps, Engine};
use calor_tensor::{
	reference, tensor_root,
	testing::{random_case, single, Case, Choice},
	Op, TensorType,
};

/// Roots of outputs and of all operations against those of the reference's tensors.
fn check(engine: &Engine, case: &Case) {
	let program = case.program.clone().validate().unwrap();
	let expected = reference::op_roots(&program, case.operands.clone()).unwrap();
	let plan = engine.plan(&program).unwrap();
	let (inputs, constants) = case.operands.split_at(case.program.inputs.len());
	let session = engine.load(&plan, constants).unwrap();
	// Twice: what the first run leaves behind must not matter.
	for _ in 0..2 {
		let (outputs, roots) = session.run_with_roots(inputs).unwrap();
		assert_eq!(outputs, session.run(inputs).unwrap());
		assert_eq!(roots.len(), outputs.len());
		for ((root, output), &id) in roots.iter().zip(&outputs).zip(&case.program.outputs) {
			assert_eq!(*root, tensor_root(output), "'{}' {:?}", case.name, output.ty());
			assert_eq!(*root, expected[usize::from(id) - case.program.leaves()]);
		}
	}
	let traced = engine.run_traced_roots(&plan, &case.operands).unwrap();
	assert_eq!(traced, expected, "'{}' {:?}", case.name, case.program);
}

fn relu(ty: &TensorType) -> Case {
	let x = Choice::new(ty.elements()).tensor(ty).unwrap();
	single("relu", Op::Relu { x: 0 }, vec![x])
}

#[test]
fn of_every_shape() {
	let small = open(Caps { shard_bytes: Some(20_000), ..Default::default() });
	for dims in [
		// One tile.
		&[1][..],
		&[63],
		&[64, 64],
		&[3, 5],
		&[64, 1],
		// Two, three, four and more, full and not.
		&[65],
		&[1, 150],
		&[65, 65],
		&[129, 10],
		&[200, 76],
		&[3, 5, 7],
		&[5, 65, 3],
		&[2, 3, 66, 70],
		&[7, 3, 2, 5],
		// More than one dispatch of nodes: 127, 128, 129 and 600 tiles.
		&[127, 2, 3],
		&[128, 1, 9],
		&[129, 3, 2],
		&[600, 1, 1],
	] {
		for ty in [TensorType::i8(dims), TensorType::i32(dims)] {
			check(engine(), &relu(&ty));
			check(&small, &relu(&ty));
		}
	}
	// 17,000 tiles: three dispatches of nodes, and several of leaves.
	check(engine(), &relu(&TensorType::i8(&[17_000, 2, 3])));
	check(engine(), &relu(&TensorType::i32(&[900, 700])));
}

#[test]
fn of_random_programs() {
	for seed in 1_000..1_060 {
		check(engine(), &random_case(seed));
	}
}
