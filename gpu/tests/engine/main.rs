// SPDX-License-Identifier: Apache-2.0
//! The engine against the reference, on whatever adapter there is.
//!
//! A machine without a GPU runs these on lavapipe. `CALOR_LONG=1` runs many more random programs.

mod convolutions;
mod operations;
mod products;
mod programs;
mod refusals;
mod roots;
mod sessions;
mod shards;
mod tuning;

use calor_gpu::{Caps, Engine, Selection};
use calor_tensor::{reference, tensor_root, testing::Case};
use std::{ops::ControlFlow, sync::OnceLock};

/// The engine that all tests share; a test that must not run on a CPU would say so.
fn engine() -> &'static Engine {
	static ENGINE: OnceLock<Engine> = OnceLock::new();
	ENGINE.get_or_init(|| open(Caps::default()))
}

fn open(caps: Caps) -> Engine {
	let selection = Selection { allow_cpu: true, ..Default::default() };
	Engine::capped(&selection, caps).unwrap_or_else(|error| {
		panic!(
			"{error}\nthese tests need an adapter: apt-get install mesa-vulkan-drivers libvulkan1"
		)
	})
}

/// Runs a case on an engine and compares the root of every operation's tensor, and the outputs, with the reference.
fn assert_like_reference(engine: &Engine, case: &Case) {
	let what = |op: usize| format!("'{}' op {op} of {:?}", case.name, case.program);
	let program = case.program.clone().validate().unwrap();
	let expected = reference::trace(&program, case.operands.clone()).unwrap();
	let plan = engine.plan(&program).unwrap();
	let mut seen = 0;
	engine
		.run_traced(&plan, &case.operands, |op, tensor| {
			assert_eq!(op, seen);
			seen += 1;
			// Roots bind type and elements, but elements tell more about what went wrong.
			assert_eq!(tensor, expected[op], "{}", what(op));
			assert_eq!(tensor_root(&tensor), tensor_root(&expected[op]), "{}", what(op));
			ControlFlow::Continue(())
		})
		.unwrap();
	assert_eq!(seen, expected.len());
	let (inputs, constants) = case.operands.split_at(case.program.inputs.len());
	let session = engine.load(&plan, constants).unwrap();
	let (outputs, roots) = session.run_with_roots(inputs).unwrap();
	let wanted: Vec<_> = case
		.program
		.outputs
		.iter()
		.map(|&id| expected[usize::from(id) - case.program.leaves()].clone())
		.collect();
	assert_eq!(outputs, wanted, "outputs of '{}' {:?}", case.name, case.program);
	let wanted: Vec<_> = wanted.iter().map(tensor_root).collect();
	assert_eq!(roots, wanted, "roots of outputs of '{}' {:?}", case.name, case.program);
}
