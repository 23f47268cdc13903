// SPDX-License-Identifier: Apache-2.0
//! Which operations share a step.

use calor_graph::{Graph, Limits, Post};
use calor_tensor::{program::VERSION, Op, Program, Scale, TensorId, TensorType, Validated};

/// A program on `x: i8[4, 8]`, `w: i8[6, 8]`, `row: i32[6]` and `rest: i32[4, 6]`, tensors 0 to 3; operations define
/// tensors from 4 on.
fn program(ops: Vec<Op>, outputs: &[TensorId]) -> Validated {
	Program {
		version: VERSION,
		inputs: vec![TensorType::i8(&[4, 8])],
		constants: vec![TensorType::i8(&[6, 8]), TensorType::i32(&[6]), TensorType::i32(&[4, 6])],
		ops,
		outputs: outputs.to_vec(),
	}
	.validate()
	.expect("a valid program")
}

fn matmul() -> Op {
	Op::MatMul { a: 0, b: 1 }
}

fn requant(x: TensorId) -> Op {
	Op::Requant { x, zero: 0, scales: vec![Scale { multiplier: 1, shift: 1 }] }
}

fn shape(graph: &Graph) -> Vec<Vec<u16>> {
	let ops = |step: &calor_graph::Step| {
		std::iter::once(step.op).chain(step.post.iter().map(|post| post.op)).collect()
	};
	graph.steps.iter().map(ops).collect()
}

#[test]
fn a_product_takes_its_whole_epilogue() {
	let ops = vec![
		matmul(),
		Op::Bias { x: 4, bias: 2 },
		Op::AddI32 { a: 3, b: 5 },
		requant(6),
		Op::Relu { x: 7 },
	];
	let program = program(ops, &[8]);
	let graph = Graph::fused(&program);
	assert_eq!(shape(&graph), [[0, 1, 2, 3, 4]]);
	let others: Vec<_> = graph.steps[0].post.iter().map(|post| post.other).collect();
	assert_eq!(others, [Some(2), Some(3), None, None]);
	assert_eq!(graph.steps[0].result, 8);
	assert_eq!(shape(&Graph::plain(&program)), [[0], [1], [2], [3], [4]]);
}

#[test]
fn a_tensor_with_two_readers_is_stored() {
	let ops = vec![matmul(), Op::Relu { x: 4 }, Op::AddI32 { a: 5, b: 4 }];
	let program = program(ops, &[6]);
	let graph = Graph::fused(&program);
	assert_eq!(shape(&graph), vec![vec![0], vec![1, 2]]);
	assert_eq!(graph.steps[1].post, [Post { op: 2, other: Some(4) }]);
	assert_eq!((graph.last_use(4), graph.last_use(5), graph.last_use(6)), (Some(1), None, Some(2)));
	assert_eq!(graph.dying(1), [4]);
}

#[test]
fn an_output_is_stored() {
	let program = program(vec![matmul(), Op::Relu { x: 4 }], &[4, 5]);
	assert_eq!(shape(&Graph::fused(&program)), [[0], [1]]);
}

#[test]
fn a_tensor_added_to_itself_is_stored() {
	let program = program(vec![matmul(), Op::AddI32 { a: 4, b: 4 }], &[5]);
	assert_eq!(shape(&Graph::fused(&program)), [[0], [1]]);
}

#[test]
fn of_two_products_one_takes_the_sum() {
	let ops = vec![matmul(), matmul(), Op::AddI32 { a: 4, b: 5 }];
	let graph = Graph::fused(&program(ops, &[6]));
	assert_eq!(shape(&graph), vec![vec![1], vec![0, 2]]);
}

#[test]
fn a_product_comes_before_a_pointwise_chain() {
	let ops = vec![Op::Relu { x: 3 }, matmul(), Op::AddI32 { a: 4, b: 5 }];
	let graph = Graph::fused(&program(ops, &[6]));
	assert_eq!(shape(&graph), vec![vec![0], vec![1, 2]]);
	assert_eq!(graph.steps[1].post, [Post { op: 2, other: Some(4) }]);
}

#[test]
fn a_row_is_never_the_absorbed_side() {
	// Tensor 4 is a row that only the sum reads; the sum's dimensions are the other operand's.
	let ops = vec![Op::Relu { x: 2 }, Op::AddI32 { a: 3, b: 4 }];
	assert_eq!(shape(&Graph::fused(&program(ops, &[5]))), [[0], [1]]);
}

#[test]
fn what_no_output_needs_is_left_out() {
	let program = program(vec![matmul(), requant(4), Op::Relu { x: 4 }], &[6]);
	assert_eq!(shape(&Graph::fused(&program)), [[0, 2]]);
}

#[test]
fn reductions_and_movement_stand_alone() {
	let ops =
		vec![matmul(), Op::RowMax { x: 4 }, Op::Reshape { x: 5, dims: vec![4] }, Op::Relu { x: 6 }];
	assert_eq!(shape(&Graph::fused(&program(ops, &[7]))), [[0], [1], [2], [3]]);
}

#[test]
fn limits_cut_a_chain() {
	let ops = vec![matmul(), Op::Bias { x: 4, bias: 2 }, Op::AddI32 { a: 5, b: 3 }, requant(6)];
	let program = program(ops, &[7]);
	let cut = |posts, others| shape(&Graph::fused_within(&program, Limits { posts, others }));
	assert_eq!(cut(0, 0), [[0], [1], [2], [3]]);
	assert_eq!(cut(9, 1), [[0, 1], [2, 3]]);
	assert_eq!(cut(2, 9), vec![vec![0, 1, 2], vec![3]]);
}
