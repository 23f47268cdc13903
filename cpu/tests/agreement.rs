// SPDX-License-Identifier: Apache-2.0
//! The engine gives what the reference gives, at every level and with every number of threads.

use calor_cpu::{Engine, Level, Options};
use calor_tensor::{
	reference, tensor_root,
	testing::{edge_cases, random_case, validated, Case},
	Data, Tensor,
};
use std::ops::ControlFlow;

fn engines() -> Vec<Engine> {
	let mut engines = Vec::new();
	for level in Level::available() {
		for threads in 1..=3 {
			let options = Options { threads: Some(threads), level: Some(level), memory: None };
			engines.push(Engine::new(&options).expect("the level is available"));
		}
	}
	engines
}

/// Changes every element.
fn spoil(tensor: &mut Tensor) {
	match tensor.data_mut() {
		Data::I8(v) => v.iter_mut().for_each(|x| *x = !*x),
		Data::I32(v) => v.iter_mut().for_each(|x| *x = !*x),
	}
}

/// Compares outputs, root by root, and with `traced` every operation's tensor.
fn check(engine: &Engine, case: &Case, traced: bool) {
	let program = validated(case).expect("a valid case");
	let what = || format!("{} {:?} on {engine:?}", case.name, case.program.ops);
	let trace = reference::trace(&program, case.operands.clone()).expect("the reference runs");
	let plan = engine.plan(&program).expect("a plan");
	let inputs = case.program.inputs.len();
	let mut session = engine.load(&plan, &case.operands[inputs..]).expect("constants");
	// Twice, for nothing may be left over from the first run, not even where its outputs were.
	let mut outputs = Vec::new();
	for _ in 0..2 {
		session.run_into(&case.operands[..inputs], &mut outputs).expect("outputs");
		assert_eq!(outputs.len(), case.program.outputs.len());
		for (output, &id) in outputs.iter().zip(&case.program.outputs) {
			let expected = &trace[usize::from(id) - case.operands.len()];
			assert!(tensor_root(output) == tensor_root(expected), "output {id}: {}", what());
			assert_eq!(output, expected);
		}
		outputs.iter_mut().for_each(spoil);
	}
	if !traced {
		return;
	}
	let mut next = 0;
	engine
		.run_traced(&plan, &case.operands, |op, tensor| {
			assert_eq!(op, next);
			assert!(tensor == trace[op], "op {op}: {}", what());
			next += 1;
			ControlFlow::Continue(())
		})
		.expect("a trace");
	assert_eq!(next, trace.len());
}

#[test]
fn edges_agree() {
	for engine in engines() {
		edge_cases().iter().for_each(|case| check(&engine, case, true));
	}
}

#[test]
fn random_programs_agree() {
	let count = if std::env::var_os("CALOR_LONG").is_some() { 2_000 } else { 300 };
	let engines = engines();
	for seed in 0..count {
		let mut case = random_case(seed);
		case.name = format!("seed {seed}");
		for engine in &engines {
			check(engine, &case, true);
		}
	}
}
