// SPDX-License-Identifier: Apache-2.0
//! One meaning: the reference on this machine, the GPU engine, and the runtime's own Wasm as a node executes it give the
//! same root for the tensor of every operation.

use calor_gpu::{Engine, Selection};
use calor_tensor::{
	reference, tensor_root,
	testing::{edge_cases, random_case, validated, Case},
	Hash,
};
use codec::{Decode, Encode};
use proptest::prelude::*;
use sc_executor::WasmExecutor;
use sp_core::traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode};
use std::{ops::ControlFlow, sync::LazyLock};

static EXECUTOR: LazyLock<WasmExecutor<sp_io::SubstrateHostFunctions>> =
	LazyLock::new(|| WasmExecutor::builder().build());

thread_local! {
	static ENGINE: Engine =
		Engine::new(&Selection { allow_cpu: true, ..Default::default() })
			.expect("a Vulkan adapter: install mesa-vulkan-drivers and libvulkan1");
}

/// Asks the runtime's Wasm as `state_call` does.
fn in_wasm(case: &Case) -> Vec<Hash> {
	let code = calor_runtime::WASM_BINARY.expect("the runtime was built with its Wasm");
	let code = WrappedRuntimeCode(code.into());
	let runtime = RuntimeCode {
		code_fetcher: &code,
		heap_pages: None,
		hash: sp_io::hashing::blake2_256(&code.0).to_vec(),
	};
	let blobs: Vec<Vec<u8>> = case.operands.iter().map(|t| t.to_bytes()).collect();
	let question = (case.program.encode(), blobs).encode();
	let mut ext = sp_io::TestExternalities::default();
	let (answer, _) = EXECUTOR.call(
		&mut ext.ext(),
		&runtime,
		"ProgramsApi_evaluate",
		&question,
		CallContext::Offchain,
	);
	let answer = answer.expect("the runtime answers");
	Result::<Vec<Hash>, Vec<u8>>::decode(&mut &answer[..])
		.expect("an answer of the declared type")
		.unwrap_or_else(|refusal| panic!("{}", String::from_utf8_lossy(&refusal)))
}

fn on_gpu(case: &Case) -> Vec<Hash> {
	let program = validated(case).expect("valid");
	ENGINE.with(|engine| {
		let plan = engine.plan(&program).expect("fits the adapter");
		let mut roots = vec![None; program.program().ops.len()];
		engine
			.run_traced(&plan, &case.operands, |op, tensor| {
				roots[op] = Some(tensor_root(&tensor));
				ControlFlow::Continue(())
			})
			.expect("runs");
		roots.into_iter().map(|root| root.expect("every operation is traced")).collect()
	})
}

fn agree(case: &Case) {
	let program = validated(case).expect("valid");
	let law = reference::op_roots(&program, case.operands.clone()).expect("runs");
	assert_eq!(in_wasm(case), law, "the runtime's Wasm differs: {}", case.name);
	assert_eq!(on_gpu(case), law, "the GPU engine differs: {}", case.name);
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
