// SPDX-License-Identifier: Apache-2.0
//! How long it takes to show that an engine computes what is defined.

use crate::device::Device;
use anyhow::{ensure, Error, Result};
use calor_tensor::{
	reference, tensor_root,
	testing::{edge_cases, golden::golden, validated, Case},
	trace_root, Hash, Tensor,
};
use std::{ops::ControlFlow, time::Instant};

/// The number of programs that were run and compared, and the seconds it took.
///
/// A GPU's engine tests itself, as it does when a worker starts, the reference's part included. The CPU's engine runs all
/// golden vectors and edge cases: fused, comparing the outputs, and operation by operation, comparing the root of every
/// tensor; what it is compared with is known before the time begins.
///
/// # Errors
/// The engine's, or that it computes anything else.
pub fn seconds(device: &Device) -> Result<(usize, f64)> {
	let engine = match device {
		Device::Gpu(engine) => {
			let start = Instant::now();
			return Ok((engine.self_test()?.cases, start.elapsed().as_secs_f64()));
		},
		Device::Cpu(engine) => engine,
	};
	let expected = expected()?;
	let start = Instant::now();
	expected.iter().try_for_each(|expected| expected.check(engine))?;
	Ok((expected.len(), start.elapsed().as_secs_f64()))
}

/// A program and what is known of its results.
struct Expected {
	case: Case,
	outputs: Vec<Tensor>,
	/// The root over the roots of all operations' tensors.
	trace: Hash,
}

fn expected() -> Result<Vec<Expected>> {
	let golden = golden().map_err(Error::msg)?.into_iter();
	let mut all: Vec<_> = golden
		.map(|v| Expected { case: v.case, outputs: v.outputs, trace: v.trace_root })
		.collect();
	for case in edge_cases() {
		let program = validated(&case)?;
		let outputs = reference::run(&program, case.operands.clone())?;
		let trace = trace_root(&reference::op_roots(&program, case.operands.clone())?);
		all.push(Expected { case, outputs, trace });
	}
	Ok(all)
}

impl Expected {
	fn check(&self, engine: &calor_cpu::Engine) -> Result<()> {
		let Self { case, outputs, trace } = self;
		let plan = engine.plan(&validated(case)?)?;
		ensure!(
			engine.run(&plan, &case.operands)? == *outputs,
			"'{}' gives other outputs",
			case.name
		);
		let mut roots = Vec::with_capacity(case.program.ops.len());
		engine.run_traced(&plan, &case.operands, |_, tensor| {
			roots.push(tensor_root(&tensor));
			ControlFlow::Continue(())
		})?;
		ensure!(trace_root(&roots) == *trace, "'{}' gives another trace", case.name);
		Ok(())
	}
}
