// SPDX-License-Identifier: Apache-2.0
//! Times what the chain does at the beginning of a block to assign jobs, and counts what it reads and writes.

use crate::state::{State, CLASS};
use anyhow::{ensure, Result};
use calor_mock::{Jobs, Runtime, System};
use calor_primitives::BlockNumber;
use frame_support::traits::Hooks;
use pallet_providers::ReadyCount;
use serde::Serialize;
use sp_io::hashing::twox_128;
use std::{collections::HashSet, time::Duration, time::Instant};

/// Heights at which the same state is run on. Each draws other providers.
const HEIGHTS: std::ops::RangeInclusive<BlockNumber> = 2..=19;

/// What one assignment costs, with so many jobs and providers.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
	/// Jobs in the queue.
	pub jobs: u32,
	/// Providers that wait.
	pub providers: u32,
	/// Jobs assigned in a block, on average.
	pub assigned: f64,
	/// Microseconds, reading from a trie in memory without a cache.
	pub microseconds: f64,
	/// Entries of storage that are read, each counted once a block.
	pub reads: f64,
	/// Entries of storage that are written, each counted once a block.
	pub writes: f64,
	/// Nodes of the trie that are read, each counted once a block.
	pub nodes: f64,
}

/// Entries that hold what a block keeps of itself. The node has them in memory, and FRAME does not weigh them either.
pub fn is_free(key: &[u8]) -> bool {
	let account = [twox_128(b"System"), twox_128(b"Account")].concat();
	key.starts_with(&twox_128(b"System")) && !key.starts_with(&account)
}

/// Begins a block of that height and gives how many jobs were assigned, and how long that took.
fn begin_block(height: BlockNumber) -> (u32, Duration) {
	System::set_block_number(height);
	let before = ReadyCount::<Runtime>::get(CLASS);
	let begun = Instant::now();
	Jobs::on_initialize(height);
	let took = begun.elapsed();
	(before - ReadyCount::<Runtime>::get(CLASS), took)
}

/// Measures on a state that holds `jobs` and `providers`; what is done there is undone.
///
/// Of `rounds` at the same height the fastest counts, since other programs can only slow one down.
///
/// # Errors
/// If nothing is assigned.
pub fn measure(state: &mut State, jobs: u32, providers: u32, rounds: u32) -> Result<Row> {
	let ext = state.ext();
	let (mut assigned, mut took) = (0, Duration::ZERO);
	let (mut reads, mut writes, mut nodes) = (0, 0, 0);
	for height in HEIGHTS {
		let mut fastest = Duration::MAX;
		for _ in 0..rounds {
			let (_, took) = ext.execute_with(|| begin_block(height));
			ext.reset_overlay();
			fastest = fastest.min(took);
		}
		took += fastest;

		let recorder = Default::default();
		let (here, _) = ext.execute_with_recorder(Clone::clone(&recorder), || begin_block(height));
		let keys = recorder.recorded_keys().into_values().flatten();
		let read: HashSet<_> = keys.map(|(key, _)| key).filter(|key| !is_free(key)).collect();
		let changes = ext.overlayed_changes().changes();
		let written = changes.filter(|(key, _)| !is_free(key)).count();
		ext.reset_overlay();
		assigned += here;
		reads += read.len();
		writes += written;
		nodes += recorder.to_storage_proof().iter_nodes().count();
	}
	ensure!(assigned > 0, "of {jobs} jobs none was assigned to any of {providers} providers");
	let each = |sum: usize| sum as f64 / f64::from(assigned);
	Ok(Row {
		jobs,
		providers,
		assigned: f64::from(assigned) / HEIGHTS.count() as f64,
		microseconds: took.as_secs_f64() * 1e6 / f64::from(assigned),
		reads: each(reads),
		writes: each(writes),
		nodes: each(nodes),
	})
}
