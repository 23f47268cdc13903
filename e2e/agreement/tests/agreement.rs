// SPDX-License-Identifier: Apache-2.0
//! One meaning: the reference on this machine, the CPU engine, the GPU engine, and the runtime's own Wasm as a node
//! executes it give the same root for the tensor of every operation.

use calor_agreement::Runtime;
use calor_gpu::{Engine, Selection};
use calor_tensor::{
	reference, tensor_root,
	testing::{edge_cases, random_case, validated, Case},
	Hash, Tensor, Validated,
};
use proptest::prelude::*;
use std::{ops::ControlFlow, sync::LazyLock};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(Runtime::default);
static CPU: LazyLock<calor_cpu::Engine> = LazyLock::new(|| {
	calor_cpu::Engine::new(&calor_cpu::Options::default()).expect("a pool of threads")
});

thread_local! {
	static GPU: Engine =
		Engine::new(&Selection { allow_cpu: true, ..Default::default() })
			.expect("a Vulkan adapter: install mesa-vulkan-drivers and libvulkan1");
}

/// Notes the root of each operation's tensor.
fn noting(roots: &mut Vec<Hash>) -> impl FnMut(usize, Tensor) -> ControlFlow<()> + '_ {
	|op, tensor| {
		assert_eq!(op, roots.len());
		roots.push(tensor_root(&tensor));
		ControlFlow::Continue(())
	}
}

fn on_gpu(program: &Validated, case: &Case) -> Vec<Hash> {
	let mut roots = Vec::new();
	GPU.with(|engine| {
		let plan = engine.plan(program).expect("fits the adapter");
		engine.run_traced(&plan, &case.operands, noting(&mut roots)).expect("runs");
	});
	roots
}

fn on_cpu(program: &Validated, case: &Case) -> Vec<Hash> {
	let mut roots = Vec::new();
	let plan = CPU.plan(program).expect("fits this machine");
	CPU.run_traced(&plan, &case.operands, noting(&mut roots)).expect("runs");
	roots
}

fn agree(case: &Case) {
	let program = validated(case).expect("valid");
	let law = reference::op_roots(&program, case.operands.clone()).expect("runs");
	let in_wasm = RUNTIME.op_roots(&case.program, &case.operands);
	assert_eq!(in_wasm.as_ref(), Ok(&law), "the runtime's Wasm differs: {}", case.name);
	assert_eq!(on_cpu(&program, case), law, "the CPU engine differs: {}", case.name);
	assert_eq!(on_gpu(&program, case), law, "the GPU engine differs: {}", case.name);
}

#[test]
fn edge_cases_agree() {
	for case in edge_cases() {
		agree(&case);
	}
}

proptest! {
	#![proptest_config(ProptestConfig {
		cases: if std::env::var_os("CALOR_LONG").is_some() { 2_000 } else { 300 },
		failure_persistence: None,
		..Default::default()
	})]

	#[test]
	fn random_programs_agree(seed: u64) {
		agree(&random_case(seed));
	}
}
