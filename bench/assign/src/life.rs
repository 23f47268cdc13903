// SPDX-License-Identifier: Apache-2.0
//! Which entries of storage each step of a job's life reads and writes, by name.

use crate::{
	measure::is_free,
	state::{self, State},
};
use calor_mock::{
	account, by, state as job_state, worker, AllPalletsWithSystem, Jobs, Runtime, System,
	Verification, RESULT, SALT,
};
use calor_primitives::{
	commitment::commitment, genesis_hash, job::JobState, AccountId, BlockNumber, JobId,
};
use frame_support::{
	assert_ok,
	traits::{Hooks, StorageInfoTrait},
	weights::Weight,
};
use std::collections::{BTreeMap, HashSet};

/// Jobs and providers besides, so that no entry is the only one of its kind.
const OTHERS: u32 = 100;

/// Entries by pallet and name, and how many of each.
type Entries = BTreeMap<String, usize>;

/// What a step reads and writes.
struct Step {
	what: String,
	read: Entries,
	written: Entries,
}

/// Names entries of storage.
struct Names(Vec<(Vec<u8>, String)>);

impl Names {
	fn of_runtime() -> Self {
		let infos = AllPalletsWithSystem::storage_info().into_iter().map(|info| {
			let [pallet, name] = [info.pallet_name, info.storage_name].map(String::from_utf8);
			let name = format!("{}.{}", pallet.unwrap_or_default(), name.unwrap_or_default());
			(info.prefix, name)
		});
		Self(infos.collect())
	}

	fn count<'a>(&self, keys: impl Iterator<Item = &'a [u8]>) -> Entries {
		let mut entries = Entries::new();
		for key in keys.filter(|key| !is_free(key)) {
			// What the runtime of the stories keeps for itself is in no pallet.
			let known = self.0.iter().find(|(prefix, _)| key.starts_with(prefix));
			if let Some((_, name)) = known {
				*entries.entry(name.clone()).or_default() += 1;
			}
		}
		entries
	}
}

struct Observer {
	state: State,
	names: Names,
	steps: Vec<Step>,
}

impl Observer {
	/// Runs a step and writes down what it touches.
	fn observe<T>(&mut self, what: &str, step: impl FnOnce() -> T) -> T {
		let recorder = Default::default();
		let ext = self.state.ext();
		let result = ext.execute_with_recorder(Clone::clone(&recorder), step);
		let keys = recorder.recorded_keys().into_values().flatten();
		let read: HashSet<_> = keys.map(|(key, _)| key).collect();
		let read = self.names.count(read.iter().map(|key| &key[..]));
		let changes = ext.overlayed_changes().changes();
		let written = self.names.count(changes.map(|(key, _)| &key[..]));
		ext.commit_all().expect("nothing is open");
		self.steps.push(Step { what: what.into(), read, written });
		result
	}

	/// Runs something that is none of the steps.
	fn aside<T>(&mut self, what: impl FnOnce() -> T) -> T {
		let result = self.state.ext().execute_with(what);
		self.state.ext().commit_all().expect("nothing is open");
		result
	}

	/// Begins the block after, in which nothing happens, and gives its height.
	fn next_block(&mut self) -> BlockNumber {
		self.aside(|| {
			let height = System::block_number() + 1;
			System::reset_events();
			System::set_block_number(height);
			height
		})
	}
}

/// Takes one job through its life and prints, for each step, what it reads and writes besides nonce and fee.
pub fn print() {
	let mut state = State::new();
	state.grow_providers(OTHERS);
	let program = state.program();
	let mut observer = Observer { state, names: Names::of_runtime(), steps: Vec::new() };
	let client = account("alice");
	let job: JobId = observer.observe("submit", || {
		assert_ok!(Jobs::submit(by(&client), state::spec(program, 0)));
		pallet_jobs::LastJob::<Runtime>::get()
	});
	let height = observer.next_block();
	observer.observe("assign (on_initialize)", || {
		Jobs::on_initialize(height);
	});
	let owner = observer.aside(|| job_state(job).provider().cloned());
	let owner = owner.expect("somebody is ready");
	let name = (0..OTHERS).map(|i| format!("provider {i}")).find(|name| account(name) == owner);
	let key: AccountId = worker(&name.expect("it is one of them"));
	observer.next_block();
	observer.observe("accept", || {
		assert_ok!(Jobs::accept(by(&key), job));
	});
	observer.next_block();
	observer.observe("commit", || {
		let genesis = genesis_hash::<Runtime>();
		let commitment = commitment(&genesis, job, &key, &SALT, &RESULT);
		assert_ok!(Verification::commit(by(&key), job, commitment));
	});
	observer.next_block();
	observer.observe("reveal", || {
		let roots = RESULT.to_vec().try_into().expect("few");
		assert_ok!(Verification::reveal(by(&key), job, SALT, roots));
	});
	let record = move || pallet_jobs::Jobs::<Runtime>::get(job);
	while observer.aside(move || record().is_some()) {
		let height = observer.next_block();
		let before = observer.aside(record);
		observer.observe("put off (on_idle)", || {
			Jobs::on_idle(height, Weight::MAX);
		});
		let after = observer.aside(record);
		let Some(step) = observer.steps.last_mut() else { continue };
		let settled = matches!(after.as_ref().map(|r| &r.state), Some(JobState::Settled { .. }));
		if after.is_none() {
			step.what = "drop (on_idle)".into();
		} else if settled && before.as_ref().map(|r| &r.state) != after.as_ref().map(|r| &r.state) {
			step.what = "settle (on_idle)".into();
		} else if before == after {
			// Nothing to do with this job.
			observer.steps.pop();
		}
	}
	for Step { what, read, written } in observer.steps {
		let list = |entries: &Entries| {
			let each = entries.iter().map(|(name, count)| match count {
				1 => name.clone(),
				_ => format!("{name} x {count}"),
			});
			each.collect::<Vec<_>>().join(", ")
		};
		let sum = |entries: &Entries| entries.values().sum::<usize>();
		println!("{what}: {} read, {} written", sum(&read), sum(&written));
		println!("  reads   {}", list(&read));
		println!("  writes  {}", list(&written));
	}
}
