// SPDX-License-Identifier: Apache-2.0
//! Does this adapter, with this driver, compute what the reference defines?
//!
//! Drivers do miscompile integer shaders. A worker asks before it takes paid work, as a wrong result costs its stake.
//! Golden vectors, which code that is not ours computed, come first; then edges, kernels at odd shapes, random programs,
//! and every way in which this adapter may compute products. Programs run as they do for pay, fused and with roots of
//! outputs, and operation by operation. Nothing is measured: results cannot depend on it.

use crate::{
	engine::Engine,
	error::Error,
	kernels::{self, Way},
	plan::Plan,
};
use calor_tensor::{
	program::{Window, VERSION},
	reference, tensor_root,
	testing::{
		edge_cases,
		golden::{golden, Golden},
		random_case, single, Case, Choice,
	},
	trace_root, Data, Op, Program, Scale, Tensor, TensorType, Validated,
};
use std::{collections::BTreeSet, fmt::Display, ops::ControlFlow};

/// Random programs of the self-test besides the edge cases.
const RANDOM_CASES: u64 = 24;

/// Most bytes of a shard in cases of several shards.
const CUT_BYTES: u64 = 4_096;

/// Families of kernels that are put together for a plan, of which some must have run: how their names begin, and whether
/// they add to what other shards gave.
const FAMILIES: [(&str, bool); 8] = [
	("matmul ", false),
	("chain ", false),
	("conv ", false),
	("conv ", true),
	("depthwise ", false),
	("depthwise ", true),
	("grouped conv ", false),
	("grouped conv ", true),
];

/// What a passed self-test has looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conformance {
	/// Programs that were run and compared.
	pub cases: usize,
	/// Names of the kernels that ran: all that do not depend on the program, and those of products and chains that the
	/// cases called for.
	pub kernels: Vec<String>,
}

pub(crate) fn check(engine: &Engine) -> Result<Conformance, Error> {
	let mut suite = Suite::new(engine);
	let vectors = golden().map_err(Error::Internal)?;
	vectors.iter().try_for_each(|vector| suite.golden(vector))?;
	let mut cases = edge_cases();
	cases.extend(own_cases());
	cases.extend((0..RANDOM_CASES).map(random_case));
	cases.iter().try_for_each(|case| suite.compare(case, None))?;
	let products = product_cases();
	for way in engine.ways_in_use() {
		match suite.way(way, &products) {
			// The tuner passes over what this adapter has no room or no compiler for.
			Ok(())
			| Err(
				Error::TooLarge { .. }
				| Error::TooLong { .. }
				| Error::OutOfMemory
				| Error::Shader(_),
			) => (),
			Err(error) => return Err(error),
		}
	}
	cut_cases().iter().try_for_each(|case| suite.cut(case))?;
	suite.finish()
}

/// Whether cooperative matrices give the same products as the reference.
pub(crate) fn check_cooperative(engine: &Engine) -> Result<(), Error> {
	let mut choice = Choice::new(0xca13);
	let mut cases = product_cases();
	for (lead, m, n, k) in [(&[][..], 1, 1, 16), (&[], 300, 129, 4_096), (&[3], 40, 200, 48)] {
		let dims = |rows| [lead, &[rows, k]].concat();
		let inputs = [TensorType::i8(&dims(m)), TensorType::i8(&dims(n))];
		let inputs = inputs.iter().filter_map(|ty| choice.tensor(ty)).collect();
		cases.push(single("product", Op::MatMul { a: 0, b: 1 }, inputs));
	}
	Suite::new(engine).way(Way::Cooperative, &cases)
}

struct Suite<'a> {
	engine: &'a Engine,
	kernels: BTreeSet<String>,
	cases: usize,
}

impl<'a> Suite<'a> {
	fn new(engine: &'a Engine) -> Self {
		Self { engine, kernels: BTreeSet::new(), cases: 0 }
	}

	/// Compares outputs and trace root with those that stand in the file.
	fn golden(&mut self, vector: &Golden) -> Result<(), Error> {
		let case = &vector.case;
		let program = self.validated(case)?;
		let plan = self.engine.plan_as(&program, None)?;
		self.fused(case, &plan, &vector.outputs)?;
		let roots = self.engine.run_traced_roots(&plan, &case.operands)?;
		if trace_root(&roots) == vector.trace_root {
			return Ok(());
		}
		// Which of them it is only the reference can tell.
		self.traced(case, &program, &plan)?;
		Err(self.mismatch(case, "the roots".into(), kernels::HASHING.join(", ")))
	}

	/// Compares the result of each operation, and of the whole program, with the reference; with products computed in
	/// that way, if one is given.
	fn compare(&mut self, case: &Case, way: Option<Way>) -> Result<(), Error> {
		let program = self.validated(case)?;
		let plan = self.engine.plan_as(&program, way)?;
		if let [_] = case.program.ops[..] {
			let outputs = reference::run(&program, case.operands.clone());
			return self.fused(case, &plan, &outputs.map_err(|e| self.invalid(case, &e))?);
		}
		let tensors = self.traced(case, &program, &plan)?;
		let output =
			|&id: &u16| tensors.get(usize::from(id).checked_sub(case.program.leaves())?).cloned();
		let outputs: Option<Vec<Tensor>> = case.program.outputs.iter().map(output).collect();
		self.fused(case, &plan, &outputs.ok_or_else(|| self.invalid(case, &"no output"))?)
	}

	/// Compares a case with its tensors in several shards.
	fn cut(&mut self, case: &Case) -> Result<(), Error> {
		let program = self.validated(case)?;
		let plan = self.engine.plan_cut(&program, CUT_BYTES)?;
		if plan.dispatches() <= self.engine.plan_as(&program, None)?.dispatches() {
			return Err(self.invalid(case, &"it is not cut"));
		}
		let outputs = reference::run(&program, case.operands.clone());
		self.fused(case, &plan, &outputs.map_err(|e| self.invalid(case, &e))?)
	}

	/// Compares cases with products computed in that way.
	fn way(&mut self, way: Way, cases: &[Case]) -> Result<(), Error> {
		cases.iter().try_for_each(|case| self.compare(case, Some(way)))
	}

	/// Runs the program fused; compares its outputs and their roots.
	fn fused(&mut self, case: &Case, plan: &Plan, expected: &[Tensor]) -> Result<(), Error> {
		let inputs = case.program.inputs.len().min(case.operands.len());
		let (inputs, constants) = case.operands.split_at(inputs);
		let session = self.engine.load(plan, constants)?;
		let (outputs, roots) = session.run_with_roots(inputs)?;
		let name = |op: Option<&Op>| op.map(Op::name).unwrap_or("the program as a whole");
		if outputs != expected {
			let op = name(case.program.ops.first().filter(|_| case.program.ops.len() == 1));
			let kernels = plan.run_kernels().into_iter().collect::<Vec<_>>().join(", ");
			return Err(self.mismatch(case, op.into(), kernels));
		}
		if !roots.iter().copied().eq(expected.iter().map(tensor_root)) {
			return Err(self.mismatch(case, "the roots".into(), kernels::HASHING.join(", ")));
		}
		self.cases += 1;
		self.kernels.extend(plan.run_kernels());
		Ok(())
	}

	/// Runs operation by operation; compares each result with the reference, and gives them back.
	fn traced(
		&mut self,
		case: &Case,
		program: &Validated,
		plan: &Plan,
	) -> Result<Vec<Tensor>, Error> {
		let expected = reference::trace(program, case.operands.clone())
			.map_err(|error| self.invalid(case, &error))?;
		let mut wrong = None;
		self.engine.run_traced(plan, &case.operands, |op, tensor| {
			if expected.get(op) == Some(&tensor) {
				return ControlFlow::Continue(());
			}
			wrong = Some(op);
			ControlFlow::Break(())
		})?;
		if let Some(op) = wrong {
			let name = case.program.ops.get(op).map(Op::name).unwrap_or_default();
			let kernels = plan.kernels(op).join(", ");
			let kernels = if kernels.is_empty() { "none: copies only".into() } else { kernels };
			return Err(self.mismatch(case, format!("{op} ({name})"), kernels));
		}
		self.kernels.extend((0..expected.len()).flat_map(|op| plan.kernels(op)));
		Ok(expected)
	}

	fn finish(self) -> Result<Conformance, Error> {
		for (family, adds) in FAMILIES {
			let of = |name: &String| {
				let adding = name.split(' ').any(|word| word == "adding");
				name.starts_with(family) && adding == adds
			};
			if !self.kernels.iter().any(of) {
				let missed = if adds { "that adds" } else { "that does not add" };
				return Err(Error::Internal(format!("the self-test misses '{family}' {missed}")));
			}
		}
		let fixed = kernels::ALL.iter().map(|kernel| kernel.name);
		match fixed.into_iter().find(|&name| !self.kernels.contains(name)) {
			Some(missed) => Err(Error::Internal(format!("the self-test misses {missed}"))),
			None => {
				Ok(Conformance { cases: self.cases, kernels: self.kernels.into_iter().collect() })
			},
		}
	}

	fn validated(&self, case: &Case) -> Result<Validated, Error> {
		case.program.clone().validate().map_err(|fault| self.invalid(case, &fault))
	}

	/// A case that is none: this crate or the reference is wrong.
	fn invalid(&self, case: &Case, error: &dyn Display) -> Error {
		Error::Internal(format!("self-test case {} {}: {error}", self.cases, case.name))
	}

	fn mismatch(&self, case: &Case, op: String, kernels: String) -> Error {
		Error::Mismatch {
			case: format!("{} {}", self.cases, case.name),
			op,
			kernels,
			adapter: self.engine.info().name.clone(),
			driver: self.engine.info().driver.clone(),
		}
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
			add("row sum", Op::RowSum { x: 0 }, ty);
			add("arg max", Op::ArgMax { x: 0 }, ty);
			add("transpose", Op::Transpose { x: 0, perm: vec![1, 0] }, ty);
			add("reshape", Op::Reshape { x: 0, dims: vec![cols, 3, 3] }, ty);
			let start = vec![1, cols / 3];
			add("slice", Op::Slice { x: 0, start, dims: vec![7, cols - cols / 3] }, ty);
		}
		let table = (0..=255u8).map(|x| x.wrapping_mul(37).wrapping_add(11) as i8).collect();
		add("lut", Op::Lut256 { x: 0, table }, &[i8s]);
		let row = TensorType::i32(&[cols]);
		add("add a row", Op::AddI32 { a: 0, b: 1 }, &[i32s, row]);
	}
	add("row max of a long row", Op::RowMax { x: 0 }, &[TensorType::i32(&[2, 2_001])]);
	// More tiles than one workgroup makes a tree of.
	add("many tiles", Op::Relu { x: 0 }, &[TensorType::i8(&[300, 2, 3])]);
	cases.extend([ties(), padding()].into_iter().flatten());
	cases
}

/// Operations whose operands and results take several shards of [`CUT_BYTES`]: what goes on from another shard's part,
/// and what is cut.
fn cut_cases() -> Vec<Case> {
	let mut choice = Choice::new(0xca14);
	let mut cases = Vec::new();
	let mut add = |name: &str, op: Op, inputs: &[TensorType]| {
		let inputs: Vec<Tensor> = inputs.iter().filter_map(|ty| choice.tensor(ty)).collect();
		cases.push(single(name, op, inputs));
	};
	let window = Window { size: [3; 2], stride: [1; 2], pad: [1; 4], dilation: [1; 2] };
	let image = TensorType::i8(&[1, 17, 16, 16]);
	for (groups, own) in [(1, 16), (4, 4), (8, 2), (16, 1)] {
		let weights = TensorType::i8(&[16, 9 * own]);
		let conv = Op::Conv2d { x: 0, weights: 1, window, groups, zero: 5 };
		add("convolution of shards", conv, &[image.clone(), weights]);
	}
	let tall = Op::MatMul { a: 0, b: 1 };
	add("product of shards", tall, &[TensorType::i8(&[200, 40]), TensorType::i8(&[15, 40])]);
	for x in [image, TensorType::i32(&[1, 17, 16, 16])] {
		let ty = std::slice::from_ref(&x);
		add("max pool of shards", Op::MaxPool2d { x: 0, window }, ty);
		add("sum pool of shards", Op::SumPool2d { x: 0, window }, ty);
		add("transpose of shards", Op::Transpose { x: 0, perm: vec![0, 2, 1, 3] }, ty);
		add("reshape of shards", Op::Reshape { x: 0, dims: vec![272 * 2, 8] }, ty);
		add("row max of shards", Op::RowMax { x: 0 }, ty);
		add("relu of shards", Op::Relu { x: 0 }, ty);
	}
	cases
}

/// Several tiles of every shape; rows that are whole chunks of 16 elements, and others.
fn product_cases() -> Vec<Case> {
	let mut choice = Choice::new(0xca12);
	let mut noise = |dims: &[u32]| {
		let ty = TensorType::i8(dims);
		let data = (0..ty.elements()).map(|_| choice.bits() as i8).collect();
		Tensor::from_data(ty, Data::I8(data)).ok()
	};
	let window = Window { size: [3; 2], stride: [1; 2], pad: [1; 4], dilation: [1; 2] };
	let conv = Op::Conv2d { x: 0, weights: 1, window, groups: 1, zero: -7 };
	let product = Op::MatMul { a: 0, b: 1 };
	let mut cases = Vec::new();
	let mut add = |name: &str, op: &Op, operands: [Option<Tensor>; 2]| {
		cases.push(single(name, op.clone(), operands.into_iter().flatten().collect()));
	};
	add("product", &product, [noise(&[131, 171]), noise(&[135, 171])]);
	add("product of whole chunks", &product, [noise(&[129, 160]), noise(&[131, 160])]);
	add("products", &product, [noise(&[2, 5, 66]), noise(&[2, 3, 66])]);
	add("convolution", &conv, [noise(&[1, 5, 13, 5]), noise(&[9, 45])]);
	add("convolution of whole chunks", &conv, [noise(&[1, 11, 13, 16]), noise(&[70, 144])]);
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
	let mut table = vec![0; 256];
	table[0] = 9;
	let ops = vec![
		Op::Clamp { x: 0, low: 7, high: 9 },
		Op::Lut256 { x: 2, table: vec![-5; 256] },
		Op::MatMul { a: 2, b: 3 },
		Op::Requant { x: 4, zero: 77, scales: vec![Scale { multiplier: 1, shift: 40 }] },
		Op::MatMul { a: 5, b: 5 },
		Op::MatMul { a: 5, b: 1 },
		Op::Transpose { x: 2, perm: vec![1, 0] },
		Op::MatMul { a: 8, b: 8 },
		Op::Pad { x: 0, before: vec![0, 1], after: vec![2, 0], value: 5 },
		Op::MatMul { a: 10, b: 10 },
		Op::RmsNormI8 { x: 0, eps: 1, zero: 99, scales: vec![Scale { multiplier: 1, shift: 40 }] },
		Op::MatMul { a: 12, b: 12 },
		Op::SoftmaxI8 { x: 0, table },
		Op::MatMul { a: 14, b: 14 },
	];
	let program = Program {
		version: VERSION,
		inputs: vec![x.ty().clone()],
		constants: vec![weights.ty().clone()],
		ops,
		outputs: vec![9, 11, 13, 15],
	};
	Some(Case { name: "padding".into(), program, operands: vec![x, weights] })
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::Selection;

	#[test]
	fn a_mismatch_names_the_kernels_the_adapter_and_the_driver() {
		let engine = Engine::new(&Selection { allow_cpu: true, ..Default::default() }).unwrap();
		let mut suite = Suite::new(&engine);
		let vectors = golden().unwrap();
		let good = vectors.iter().find(|v| v.case.name.starts_with("SoftmaxI8")).unwrap();
		suite.golden(good).unwrap();
		let mut bad = good.clone();
		bad.outputs[0] = Choice::new(1).tensor(bad.outputs[0].ty()).unwrap();
		match suite.golden(&bad).unwrap_err() {
			Error::Mismatch { case, op, kernels, adapter, driver } => {
				assert!(case.contains(&bad.case.name), "{case}");
				assert_eq!((op.as_str(), kernels.as_str()), ("SoftmaxI8", "softmax"));
				assert_eq!((&adapter, &driver), (&engine.info().name, &engine.info().driver));
			},
			other => panic!("{other}"),
		}
		let mut bad = good.clone();
		bad.trace_root[31] ^= 1;
		let error = suite.golden(&bad).unwrap_err();
		assert!(matches!(error, Error::Mismatch { op, .. } if op == "the roots"));
	}
}
