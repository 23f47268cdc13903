// SPDX-License-Identifier: Apache-2.0
//! The runtime's own Wasm, asked as a node asks it: the judge that every engine is held against.

use calor_tensor::{referee::InputTile, Hash, Program, Tensor};
use codec::{Decode, Encode};
use sc_executor::WasmExecutor;
use sp_core::traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode};

/// The runtime of this build in a node's executor.
pub struct Runtime(WasmExecutor<sp_io::SubstrateHostFunctions>);

impl Default for Runtime {
	fn default() -> Self {
		Self(WasmExecutor::builder().build())
	}
}

impl Runtime {
	/// Calls a runtime API function as `state_call` does.
	///
	/// # Panics
	/// If the runtime traps or answers with another type.
	pub fn call<T: Decode>(&self, function: &str, arguments: &impl Encode) -> T {
		let code = calor_runtime::WASM_BINARY.expect("the runtime was built with its Wasm");
		let code = WrappedRuntimeCode(code.into());
		let runtime = RuntimeCode {
			code_fetcher: &code,
			heap_pages: None,
			hash: sp_io::hashing::blake2_256(&code.0).to_vec(),
		};
		let mut ext = sp_io::TestExternalities::default();
		let question = arguments.encode();
		let context = CallContext::Offchain;
		let (answer, _) = self.0.call(&mut ext.ext(), &runtime, function, &question, context);
		T::decode(&mut &answer.expect("the runtime answers")[..]).expect("of the declared type")
	}

	/// Roots of what each operation defines.
	///
	/// # Errors
	/// The runtime's words of refusal.
	pub fn op_roots(&self, program: &Program, operands: &[Tensor]) -> Result<Vec<Hash>, String> {
		let blobs: Vec<Vec<u8>> = operands.iter().map(Tensor::to_bytes).collect();
		self.call::<Result<_, _>>("ProgramsApi_evaluate", &(program.encode(), blobs)).map_err(words)
	}

	/// The leaf hash of one tile, recomputed from its opened input tiles.
	///
	/// # Errors
	/// The runtime's words of refusal.
	pub fn judge_tile(
		&self,
		program: &Program,
		op: u16,
		tile: u32,
		inputs: &[(InputTile, Vec<u8>)],
	) -> Result<Hash, String> {
		let question = (program.encode(), op, tile, inputs);
		self.call::<Result<_, _>>("ProgramsApi_judge_tile", &question).map_err(words)
	}
}

fn words(refusal: Vec<u8>) -> String {
	String::from_utf8_lossy(&refusal).into_owned()
}
