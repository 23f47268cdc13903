// SPDX-License-Identifier: Apache-2.0
//! The engine's threads.

use crate::Error;
use rayon::prelude::*;
use std::sync::Arc;

/// Fewest bytes that are worth handing to another thread.
const GRAIN: usize = 16 * 1024;

/// So many threads; with one, the caller's own.
#[derive(Clone)]
pub(crate) struct Pool {
	threads: usize,
	rayon: Option<Arc<rayon::ThreadPool>>,
}

impl Pool {
	pub(crate) fn new(threads: Option<usize>) -> Result<Self, Error> {
		let threads = threads
			.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
			.max(1);
		let rayon = if threads == 1 {
			None
		} else {
			let build = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
			Some(Arc::new(build.map_err(|e| Error::Threads { threads, reason: e.to_string() })?))
		};
		Ok(Self { threads, rayon })
	}

	pub(crate) fn threads(&self) -> usize {
		self.threads
	}

	/// Runs `work` where the other methods find the threads at once.
	pub(crate) fn enter<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
		match &self.rayon {
			Some(pool) => pool.install(work),
			None => work(),
		}
	}

	/// Number of the thread that asks, below [`Self::threads`].
	pub(crate) fn worker(&self) -> usize {
		if self.threads == 1 {
			return 0;
		}
		rayon::current_thread_index().unwrap_or(0).min(self.threads - 1)
	}

	/// Calls `work` with each number below `tasks`, on any thread, in any order.
	pub(crate) fn tasks(&self, tasks: usize, work: impl Fn(usize) + Sync + Send) {
		if self.threads == 1 || tasks <= 1 {
			(0..tasks).for_each(work);
		} else {
			self.enter(|| (0..tasks).into_par_iter().with_max_len(1).for_each(work));
		}
	}

	/// Cuts `out` into stretches of whole rows and calls `work(first row, stretch)` for each, on any thread. `cost` says
	/// how many bytes each element stands for in work.
	pub(crate) fn rows<T: Send>(
		&self,
		out: &mut [T],
		row: usize,
		cost: usize,
		work: impl Fn(usize, &mut [T]) + Sync + Send,
	) {
		let row = row.max(1);
		let rows = out.len().div_ceil(row);
		let parts = (out.len().saturating_mul(cost) / GRAIN).min(self.threads * 4).min(rows);
		if self.threads == 1 || parts <= 1 {
			work(0, out);
			return;
		}
		let each = rows.div_ceil(parts);
		self.enter(|| {
			let stretches = out.par_chunks_mut(each * row).enumerate().with_max_len(1);
			stretches.for_each(|(i, stretch)| work(i * each, stretch));
		});
	}
}
