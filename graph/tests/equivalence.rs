// SPDX-License-Identifier: Apache-2.0
//! A graph, executed step by step, gives what the program gives.

use calor_graph::{Graph, Limits, Step};
use calor_tensor::{
	kernels::{compute_tile, Segment, Source},
	reference,
	testing::{edge_cases, random_case, validated, Case},
	Data, Tensor, TensorId, Validated, TILE,
};
use std::collections::BTreeMap;

/// The tensors that are stored at one moment.
#[derive(Default)]
struct Stored(BTreeMap<TensorId, Tensor>);

impl Source for Stored {
	fn segment(&self, id: TensorId, matrix: u32, row: u32, tile_col: u32) -> Option<Segment<'_>> {
		let tensor = self.0.get(&id)?;
		let (layout, col) = (tensor.layout(), tile_col * TILE);
		let from = layout.element(matrix, row, col) as usize;
		let to = from + layout.cols.checked_sub(col)?.min(TILE) as usize;
		Some(match tensor.data() {
			Data::I8(v) => Segment::I8(&v[from..to]),
			Data::I32(v) => Segment::I32(&v[from..to]),
		})
	}
}

fn compute(program: &Validated, op: u16, stored: &Stored) -> Tensor {
	let (ty, layout) =
		program.tensor(program.program().leaves() as TensorId + op).expect("the op exists");
	let mut result = Tensor::zeros(ty.clone()).expect("a valid type");
	for tile in layout.iter() {
		let data = compute_tile(program, op, &tile, stored).expect("every operand is stored");
		for r in 0..tile.rows {
			let to = layout.element(tile.matrix, tile.row + r, tile.col) as usize;
			let (from, cols) = ((r * tile.cols) as usize, tile.cols as usize);
			match (result.data_mut(), &data) {
				(Data::I8(to_), Data::I8(d)) => {
					to_[to..to + cols].copy_from_slice(&d[from..from + cols])
				},
				(Data::I32(to_), Data::I32(d)) => {
					to_[to..to + cols].copy_from_slice(&d[from..from + cols])
				},
				_ => panic!("an element type changed"),
			}
		}
	}
	result
}

/// Runs one step: what lies between its operations is dropped at its end, as an engine never stores it.
fn run_step(program: &Validated, step: &Step, stored: &mut Stored) {
	let leaves = program.program().leaves() as TensorId;
	let mut passing = Vec::new();
	for op in std::iter::once(step.op).chain(step.post.iter().map(|post| post.op)) {
		let tensor = compute(program, op, stored);
		stored.0.insert(leaves + op, tensor);
		passing.push(leaves + op);
	}
	assert_eq!(passing.pop(), Some(step.result), "a step ends in its result");
	for id in passing {
		stored.0.remove(&id);
	}
}

fn run(program: &Validated, graph: &Graph, operands: &[Tensor]) -> Vec<Tensor> {
	let mut stored = Stored((0..).zip(operands.iter().cloned()).collect());
	for (i, step) in graph.steps.iter().enumerate() {
		for id in graph.reads(program, i) {
			assert!(stored.0.contains_key(&id), "step {i} reads tensor {id} before it is stored");
		}
		run_step(program, step, &mut stored);
		for id in graph.dying(i) {
			assert_eq!(graph.last_use(*id), Some(i));
			stored.0.remove(id);
		}
	}
	program.program().outputs.iter().map(|id| stored.0[id].clone()).collect()
}

fn check(case: &Case) {
	let program = validated(case).expect("a valid case");
	let expected = reference::run(&program, case.operands.clone()).expect("the reference runs");
	let graphs = [
		Graph::plain(&program),
		Graph::fused(&program),
		Graph::fused_within(&program, Limits { posts: 2, others: 1 }),
	];
	for graph in &graphs {
		assert!(run(&program, graph, &case.operands) == expected, "{}: {graph:?}", case.name);
	}
	assert_eq!(graphs[0].steps.len(), program.program().ops.len());
	assert!(graphs[1].steps.len() <= graphs[2].steps.len());
	assert!(graphs[2].steps.iter().all(|step| step.post.len() <= 2));
}

#[test]
fn edges_are_the_same() {
	edge_cases().iter().for_each(check);
}

#[test]
fn random_programs_are_the_same() {
	for seed in 0..300 {
		check(&random_case(seed));
	}
}
