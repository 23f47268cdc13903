// SPDX-License-Identifier: Apache-2.0
//! Runs benchmarks in the runtime's Wasm over a database that counts.

use anyhow::{anyhow, bail};
use codec::{Decode, Encode};
use frame_benchmarking::{
	Analysis, BenchmarkBatch, BenchmarkList, BenchmarkParameter, BenchmarkResult, BenchmarkSelector,
};
use sc_chain_spec::GenesisConfigBuilderRuntimeCaller;
use sc_client_db::BenchmarkingState;
use sc_executor::WasmExecutor;
use sp_core::traits::{CallContext, RuntimeCode, WrappedRuntimeCode};
use sp_externalities::Extensions;
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::traits::BlakeTwo256;
use sp_state_machine::StateMachine;
use sp_storage::{well_known_keys::CODE, Storage};

type HostFunctions =
	(sp_io::SubstrateHostFunctions, frame_benchmarking::benchmarking::HostFunctions);

/// A line for each quantity: a base, and a slope for each parameter.
pub struct Call {
	pub name: String,
	pub parameters: Vec<String>,
	/// Picoseconds.
	pub time: Line,
	pub reads: Line,
	pub writes: Line,
}

pub struct Line {
	pub base: u128,
	pub slopes: Vec<u128>,
}

pub struct Runtime {
	code: Vec<u8>,
	genesis: Storage,
	executor: WasmExecutor<HostFunctions>,
}

impl Runtime {
	pub fn new(code: Vec<u8>) -> anyhow::Result<Self> {
		let builder = GenesisConfigBuilderRuntimeCaller::<HostFunctions>::new(&code);
		let dev = String::from("dev");
		let mut genesis = builder
			.get_storage_for_named_preset(Some(&dev))
			.map_err(|e| anyhow!("the runtime does not build its preset `dev`: {e}"))?;
		genesis.top.insert(CODE.to_vec(), code.clone());
		let executor = WasmExecutor::builder()
			.with_max_runtime_instances(1)
			.with_runtime_cache_size(1)
			.build();
		Ok(Self { code, genesis, executor })
	}

	/// Calls the runtime over a fresh genesis. `tracking` counts reads and writes, which takes time.
	fn call<R: Decode>(&self, method: &str, input: &[u8], tracking: bool) -> anyhow::Result<R> {
		let state =
			BenchmarkingState::<BlakeTwo256>::new(self.genesis.clone(), None, false, tracking)
				.map_err(|e| anyhow!(e))?;
		let code = WrappedRuntimeCode(self.code.as_slice().into());
		let runtime = RuntimeCode {
			code_fetcher: &code,
			heap_pages: None,
			hash: sp_io::hashing::blake2_256(&self.code).to_vec(),
		};
		let mut extensions = Extensions::default();
		extensions.register(KeystoreExt::new(MemoryKeystore::new()));
		let mut overlay = Default::default();
		let answer = StateMachine::new(
			&state,
			&mut overlay,
			&self.executor,
			method,
			input,
			&mut extensions,
			&runtime,
			CallContext::Offchain,
		)
		.execute()
		.map_err(|e| anyhow!("{method}: {e}"))?;
		Ok(R::decode(&mut &answer[..])?)
	}

	fn dispatch(
		&self,
		(pallet, instance): (&str, &[u8]),
		benchmark: &str,
		at: &[(BenchmarkParameter, u32)],
		how: (bool, u32, bool),
	) -> anyhow::Result<Vec<BenchmarkResult>> {
		let (verify, repeat, tracking) = how;
		let input =
			(pallet.as_bytes(), instance, benchmark.as_bytes(), at.to_vec(), verify, repeat)
				.encode();
		let batches: Result<Vec<BenchmarkBatch>, String> =
			self.call("Benchmark_dispatch_benchmark", &input, tracking)?;
		let batches = batches.map_err(|e| anyhow!("{pallet}::{benchmark} at {at:?}: {e}"))?;
		Ok(batches.into_iter().flat_map(|batch| batch.results).collect())
	}

	/// Measures every benchmark of a pallet.
	pub fn measure(&self, pallet: &str, steps: u32, repeat: u32) -> anyhow::Result<Vec<Call>> {
		let (lists, _info): (Vec<BenchmarkList>, Rest) =
			self.call("Benchmark_benchmark_metadata", &false.encode(), false)?;
		let Some(list) = lists.into_iter().find(|list| list.pallet == pallet.as_bytes()) else {
			bail!("the runtime has no benchmarks of {pallet}");
		};
		let which = (pallet, &list.instance[..]);
		let mut calls = Vec::new();
		for benchmark in list.benchmarks {
			let name = String::from_utf8(benchmark.name)?;
			let (mut times, mut counts) = (Vec::new(), Vec::new());
			for at in points(&benchmark.components, steps) {
				// Once with the benchmark's own check of its effect, once counting, then for time.
				self.dispatch(which, &name, &at, (true, 1, false))?;
				counts.extend(self.dispatch(which, &name, &at, (false, 1, true))?);
				times.extend(self.dispatch(which, &name, &at, (false, repeat, false))?);
			}
			eprintln!("measured {pallet}::{name}");
			calls.push(Call {
				name,
				parameters: benchmark
					.components
					.iter()
					.map(|(name, ..)| name.to_string())
					.collect(),
				time: line(&times, BenchmarkSelector::ExtrinsicTime)?,
				reads: line(&counts, BenchmarkSelector::Reads)?,
				writes: line(&counts, BenchmarkSelector::Writes)?,
			});
		}
		Ok(calls)
	}
}

/// What is left of an answer that is not looked at.
struct Rest;

impl Decode for Rest {
	fn decode<I: codec::Input>(_: &mut I) -> Result<Self, codec::Error> {
		Ok(Self)
	}
}

/// The points to measure at: each parameter over its range, the others at their greatest.
fn points(
	ranges: &[(BenchmarkParameter, u32, u32)],
	steps: u32,
) -> Vec<Vec<(BenchmarkParameter, u32)>> {
	if ranges.is_empty() {
		return vec![Vec::new()];
	}
	let mut points = Vec::new();
	for (which, &(_, low, high)) in ranges.iter().enumerate() {
		let span = u64::from(high - low);
		for step in 0..u64::from(steps) {
			let value = low + (span * step / u64::from(steps - 1)) as u32;
			let at = |(i, &(name, _, high)): (usize, &(BenchmarkParameter, u32, u32))| {
				(name, if i == which { value } else { high })
			};
			points.push(ranges.iter().enumerate().map(at).collect());
		}
	}
	points
}

/// Fits a line; the SDK's analysis takes the greater of two fits, and gives times in picoseconds.
fn line(results: &Vec<BenchmarkResult>, selector: BenchmarkSelector) -> anyhow::Result<Line> {
	let analysis = Analysis::max(results, selector)?;
	Ok(Line { base: analysis.base, slopes: analysis.slopes })
}
