// SPDX-License-Identifier: Apache-2.0
//! Does this adapter, with this driver, compute what the reference defines?
//!
//! Drivers do miscompile integer shaders. A worker asks before it takes paid work, as a wrong result costs its stake.

use crate::{
	engine::Engine,
	error::Error,
	kernels::{self, Way},
	plan::Plan,
};
use calor_tensor::{
	program::{Window, VERSION},
	reference,
	testing::{edge_cases, random_case, single, Case, Choice},
	Data, Op, Program, Scale, Tensor, TensorType,
};
use std::{collections::BTreeSet, ops::ControlFlow};

/// Random programs of the self-test besides the edge cases.
const RANDOM_CASES: u64 = 24;

/// What a passed self-test has looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conformance {
	/// Programs that were run and compared, operation by operation.
	pub cases: usize,
	/// Names of the kernels that ran: all that there are.
	pub kernels: Vec<String>,
}

pub(crate) fn check(engine: &Engine) -> Result<Conformance, Error> {
	let mut cases = edge_cases();
	cases.extend(own_cases());
	cases.extend((0..RANDOM_CASES).map(random_case));
	let mut kernels = BTreeSet::new();
	for (i, case) in cases.iter().enumerate() {
		kernels.extend(compare(engine, i, case)?);
	}
	// The tuner may choose any of these for products of which nothing is known yet.
	let products = products();
	for way in engine.ways_in_use() {
		kernels.extend(compare_way(engine, way, &products)?);
	}
	match kernels::ALL.iter().find(|kernel| !kernels.contains(kernel.name)) {
		Some(missed) => Err(Error::Internal(format!("the self-test misses {}", missed.name))),
		None => Ok(Conformance { cases: cases.len(), kernels: kernels.into_iter().collect() }),
	}
}

/// What the general cases may miss: each kernel with its rows at every place within a quad, and long enough for more
/// than one workgroup.
fn own_cases() -> Vec<Case> {
	let mut choice = Choice::new(0xca10);
	let mut cases = Vec::new();
	let mut add = |name: &str, op: Op, inputs: &[TensorType]| {
		let inputs: Vec<Tensor> = inputs.iter().filter_map(|ty| choice.tensor(ty)).collect();
		cases.push(single(name, op, inputs));
	};
	for cols in [1, 2, 3, 4, 5, 129] {
		let (i8s, i32s) = (TensorType::i8(&[9, cols]), TensorType::i32(&[9, cols]));
		for x in [&i8s, &i32s] {
			let ty = std::slice::from_ref(x);
			add("clamp", Op::Clamp { x: 0, low: 3, high: 99 }, ty);
			add("row max", Op::RowMax { x: 0 }, ty);
			add("arg max", Op::ArgMax { x: 0 }, ty);
			add("transpose", Op::Transpose { x: 0, perm: vec![1, 0] }, ty);
			add("reshape", Op::Reshape { x: 0, dims: vec![cols, 3, 3] }, ty);
		}
		let table = (0..=255u8).map(|x| x.wrapping_mul(37).wrapping_add(11) as i8).collect();
		add("lut", Op::Lut256 { x: 0, table }, &[i8s]);
		let row = TensorType::i32(&[cols]);
		add("add a row", Op::AddI32 { a: 0, b: 1 }, &[i32s, row]);
	}
	add("row max of a long row", Op::RowMax { x: 0 }, &[TensorType::i32(&[2, 2_001])]);
	add(
		"several tiles",
		Op::MatMul { a: 0, b: 1 },
		&[TensorType::i8(&[130, 67]), TensorType::i8(&[70, 67])],
	);
	cases.extend([ties(), padding()].into_iter().flatten());
	cases
}

/// Equal greatest elements, of which a later lane of the workgroup sees the first.
fn ties() -> Option<Case> {
	let row = (0..600).map(|i| i32::from(i == 160 || i == 256)).collect();
	let x = Tensor::from_data(TensorType::i32(&[600]), Data::I32(row)).ok()?;
	Some(single("arg max of equals far apart", Op::ArgMax { x: 0 }, vec![x]))
}

/// Operations that map zero elsewhere, between products over rows of 5 and 3: a product sums up whatever padding is not
/// zero.
fn padding() -> Option<Case> {
	let mut choice = Choice::new(0xca11);
	let x = choice.tensor(&TensorType::i8(&[3, 5]))?;
	let weights = choice.tensor(&TensorType::i8(&[2, 3]))?;
	let ops = vec![
		Op::Clamp { x: 0, low: 7, high: 9 },
		Op::Lut256 { x: 2, table: vec![-5; 256] },
		Op::MatMul { a: 2, b: 3 },
		Op::Requant { x: 4, zero: 77, scales: vec![Scale { multiplier: 1, shift: 40 }] },
		Op::MatMul { a: 5, b: 5 },
		Op::MatMul { a: 5, b: 1 },
		Op::Transpose { x: 2, perm: vec![1, 0] },
		Op::MatMul { a: 8, b: 8 },
	];
	let program = Program {
		version: VERSION,
		inputs: vec![x.ty().clone()],
		constants: vec![weights.ty().clone()],
		ops,
		outputs: vec![9],
	};
	Some(Case { name: "padding".into(), program, operands: vec![x, weights] })
}

/// Products and a convolution whose rows and columns fill no tile, for [`Engine::plan_as`].
fn products() -> Vec<Case> {
	let mut choice = Choice::new(0xca12);
	let mut cases = Vec::new();
	for (m, n, k) in [(131, 135, 271), (129, 257, 160)] {
		let inputs = [TensorType::i8(&[m, k]), TensorType::i8(&[n, k])];
		let inputs = inputs.iter().filter_map(|ty| choice.tensor(ty)).collect();
		cases.push(single("product", Op::MatMul { a: 0, b: 1 }, inputs));
	}
	for channels in [20, 32] {
		let inputs = [TensorType::i8(&[1, 13, 11, channels]), TensorType::i8(&[135, 9 * channels])];
		let inputs = inputs.iter().filter_map(|ty| choice.tensor(ty)).collect();
		let window = Window { size: [3; 2], stride: [1; 2], pad: [1; 4], dilation: [1; 2] };
		let op = Op::Conv2d { x: 0, weights: 1, window, groups: 1, zero: -3 };
		cases.push(single("convolution", op, inputs));
	}
	cases
}

/// Compares the result of each operation of a trace, and the outputs of a fused run; returns the kernels that were run.
fn compare(engine: &Engine, i: usize, case: &Case) -> Result<BTreeSet<String>, Error> {
	let invalid = |e: &dyn std::fmt::Display| Error::Internal(format!("self-test case {i}: {e}"));
	let program = case.program.clone().validate().map_err(|e| invalid(&e))?;
	let expected = reference::trace(&program, case.operands.clone()).map_err(|e| invalid(&e))?;
	let plan = engine.plan(&program)?;
	let mut wrong = None;
	engine.run_traced(&plan, &case.operands, |op, tensor| {
		if expected.get(op) == Some(&tensor) {
			return ControlFlow::Continue(());
		}
		wrong = Some(op);
		ControlFlow::Break(())
	})?;
	if let Some(op) = wrong {
		let name = case.program.ops.get(op).map(Op::name).unwrap_or_default();
		let kernels = plan.kernels(op).join(", ");
		return Err(mismatch(
			engine,
			&format!("{i} {}", case.name),
			format!("{op} ({name})"),
			kernels,
		));
	}
	let mut kernels =
		compare_outputs(engine, &plan, &format!("{i} {}", case.name), case, &expected)?;
	kernels.extend((0..expected.len()).flat_map(|op| plan.kernels(op)));
	Ok(kernels)
}

/// Compares all products by one way; returns their kernels.
fn compare_way(engine: &Engine, way: Way, cases: &[Case]) -> Result<BTreeSet<String>, Error> {
	let mut kernels = BTreeSet::new();
	for case in cases {
		let invalid = |e: &dyn std::fmt::Display| Error::Internal(format!("self-test: {e}"));
		let program = case.program.clone().validate().map_err(|e| invalid(&e))?;
		let trace = reference::trace(&program, case.operands.clone()).map_err(|e| invalid(&e))?;
		let plan = engine.plan_as(&program, way)?;
		let name = format!("{} by {}", case.name, way.name());
		kernels.extend(compare_outputs(engine, &plan, &name, case, &trace)?);
	}
	Ok(kernels)
}

/// Whether cooperative matrices give the same products as the reference.
pub(crate) fn check_cooperative(engine: &Engine) -> Result<(), Error> {
	let mut choice = Choice::new(0xca13);
	let mut cases = products();
	for (lead, m, n, k) in [(&[][..], 1, 1, 16), (&[], 300, 129, 4_096), (&[3], 40, 200, 48)] {
		let dims = |rows| [lead, &[rows, k]].concat();
		let inputs = [TensorType::i8(&dims(m)), TensorType::i8(&dims(n))];
		let inputs = inputs.iter().filter_map(|ty| choice.tensor(ty)).collect();
		cases.push(single("product", Op::MatMul { a: 0, b: 1 }, inputs));
	}
	compare_way(engine, Way::Cooperative, &cases).map(|_| ())
}

/// Compares the outputs of a run; returns its kernels.
fn compare_outputs(
	engine: &Engine,
	plan: &Plan,
	name: &str,
	case: &Case,
	trace: &[Tensor],
) -> Result<BTreeSet<String>, Error> {
	let leaves = case.program.leaves();
	let outputs = engine.run(plan, &case.operands)?;
	let mut wanted =
		case.program.outputs.iter().map(|&id| trace.get(usize::from(id).wrapping_sub(leaves)));
	let kernels = plan.run_kernels();
	match outputs.iter().find(|output| wanted.next().flatten() != Some(output)) {
		None => Ok(kernels),
		Some(_) => {
			let kernels = kernels.into_iter().collect::<Vec<_>>().join(", ");
			Err(mismatch(engine, name, "the outputs of a fused run".into(), kernels))
		},
	}
}

fn mismatch(engine: &Engine, case: &str, op: String, kernels: String) -> Error {
	Error::Mismatch {
		case: case.into(),
		op,
		kernels: if kernels.is_empty() { "none: copies only".into() } else { kernels },
		adapter: engine.info().name.clone(),
		driver: engine.info().driver.clone(),
	}
}
