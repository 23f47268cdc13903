// SPDX-License-Identifier: Apache-2.0
//! What must hold between any two calls.

use crate::{
	ending::is_bound,
	types::{job_of, tip_key, JobName, ReplicaStage},
	Agenda, Children, Config, Fallen, Fresh, HoldReason, Jobs, Missed, Names, Operands, Overdue,
	Pallet, Queues, Replicas, SweptTo, Tipped,
};
use alloc::{collections::BTreeMap, vec::Vec};
use calor_primitives::{
	assurance::MAX_REPLICAS,
	job::{HardwareClass, JobRecord, JobState, CAPACITY_JOBS},
	now,
	traits::{Collateral, Evidence, Invariants},
	AccountId, Balance, JobId,
};
use frame_support::{ensure, traits::fungible::hold::Inspect as _};

/// What jobs account for, summed up over all of them.
#[derive(Default)]
struct Sums {
	jobs: usize,
	open: usize,
	alarms: usize,
	tipped: usize,
	queued: BTreeMap<HardwareClass, (u32, u32)>,
	children: BTreeMap<JobId, u32>,
	waits: usize,
	waiting: BTreeMap<HardwareClass, u32>,
	overdue: usize,
	held: BTreeMap<AccountId, [Balance; 3]>,
	earmarks: BTreeMap<(AccountId, JobId), Balance>,
}

fn count(n: &mut usize) {
	*n = n.saturating_add(1);
}

impl<T: Config> Pallet<T> {
	fn check_job(id: JobId, record: &JobRecord, sums: &mut Sums) -> Result<(), &'static str> {
		count(&mut sums.jobs);
		let open = record.state.is_open();
		ensure!(
			open == Operands::<T>::contains_key(id),
			"operands are not exactly those of open jobs"
		);
		let name = record.reference.map_or(JobName::Number(id), JobName::Given);
		ensure!(
			Names::<T>::get(&record.client, name) == Some(id),
			"a job is not found by its name"
		);
		match record.alarm {
			Some(at) => {
				count(&mut sums.alarms);
				let due = record.state.due();
				ensure!(Agenda::<T>::contains_key(at, id), "a job is not on the agenda");
				ensure!(at <= due || due <= now::<T>(), "the agenda comes too late for a job");
				ensure!(at >= SweptTo::<T>::get(), "the agenda has passed over a job");
			},
			None => {
				let overdue = Overdue::<T>::contains_key(id.to_be_bytes());
				let forgotten = if open { !overdue } else { record.children == 0 };
				ensure!(!forgotten, "a job is forgotten by the agenda");
			},
		}
		let held = sums.held.entry(record.client.clone()).or_default();
		let [escrow, deposit, access] = held;
		*deposit = deposit.saturating_add(record.deposit);
		if !open {
			if let JobState::Settled { payment, .. } = &record.state {
				let due = record.price.saturating_add(record.levy).saturating_sub(record.late_cut);
				ensure!(payment.total() == due, "a settlement does not conserve");
			}
			return Ok(());
		}
		*escrow = escrow.saturating_add(record.escrow());
		*access = access.saturating_add(record.access);
		count(&mut sums.open);
		for parent in &record.parents {
			let children = sums.children.entry(*parent).or_default();
			*children = children.saturating_add(1);
		}
		Self::check_place(id, record, sums)
	}

	/// An open job stands in exactly the places of its state.
	fn check_place(id: JobId, record: &JobRecord, sums: &mut Sums) -> Result<(), &'static str> {
		let age = id.to_be_bytes();
		match record.state {
			JobState::Waiting { .. } => {
				ensure!(!record.parents.is_empty(), "a job waits for nobody");
				let stands = |parent| Children::<T>::contains_key((parent, record.start_on), id);
				let waiting = sums.waiting.entry(record.class).or_default();
				*waiting = waiting.saturating_add(1);
				let waits = record.parents.iter().filter(|parent| stands(**parent)).count();
				sums.waits = sums.waits.saturating_add(waits);
			},
			JobState::Queued { untried, .. } => {
				let (fresh, missed) = sums.queued.entry(record.class).or_default();
				let tip = tip_key(id, record.tip, record.mac);
				if Overdue::<T>::contains_key(age) {
					count(&mut sums.overdue);
					ensure!(record.alarm.is_none(), "an overdue job stands on the agenda too");
				}
				if untried.is_some() {
					*missed = missed.saturating_add(1);
					ensure!(Missed::<T>::contains_key(record.class, age), "a missed job is lost");
				} else {
					*fresh = fresh.saturating_add(1);
					ensure!(Fresh::<T>::contains_key(record.class, age), "a queued job is lost");
					if let Some(key) = tip {
						count(&mut sums.tipped);
						ensure!(job_of(&key) == id, "a tip leads to another job");
						ensure!(Tipped::<T>::contains_key(record.class, key), "a tip is lost");
					}
				}
			},
			_ => {
				let provider = record.state.provider().ok_or("an open job has no provider")?;
				sums.earmarks.insert((provider.clone(), id), record.earmark);
			},
		}
		Ok(())
	}

	fn check_sums(sums: &Sums) -> Result<(), &'static str> {
		ensure!(Operands::<T>::iter_keys().count() == sums.open, "operands of no open job");
		ensure!(Names::<T>::iter_keys().count() == sums.jobs, "a name of no job");
		ensure!(Agenda::<T>::iter_keys().count() == sums.alarms, "the agenda holds strangers");
		ensure!(Tipped::<T>::iter_keys().count() == sums.tipped, "a tip of no queued job");
		ensure!(Children::<T>::iter_keys().count() == sums.waits, "a child that does not wait");
		ensure!(Overdue::<T>::iter_keys().count() == sums.overdue, "an overdue job is not queued");
		for class in HardwareClass::ALL {
			let (fresh, missed) = sums.queued.get(&class).copied().unwrap_or_default();
			let queue = Queues::<T>::get(class);
			ensure!((queue.fresh, queue.missed) == (fresh, missed), "a queue's length is wrong");
			let waiting = sums.waiting.get(&class).copied().unwrap_or(0);
			ensure!(queue.waiting == waiting, "a queue does not know how many wait for it");
			let entries = Fresh::<T>::iter_key_prefix(class).count();
			ensure!(entries == fresh as usize, "a queue holds strangers");
			let entries = Missed::<T>::iter_key_prefix(class).count();
			ensure!(entries == missed as usize, "the missed jobs hold strangers");
		}
		for (id, record) in Jobs::<T>::iter() {
			let children = sums.children.get(&id).copied().unwrap_or(0);
			ensure!(record.children == children, "a parent does not know how many children it has");
		}
		let reasons = [HoldReason::Escrow, HoldReason::Deposit, HoldReason::Access];
		for (client, expected) in &sums.held {
			for (reason, expected) in reasons.into_iter().zip(expected) {
				let held = T::Currency::balance_on_hold(&reason.into(), client);
				ensure!(held == *expected, "what is held is not what a client's jobs account for");
			}
		}
		// Those of proofs of capacity are of no concern here.
		let of_jobs = |earmarks: Vec<(AccountId, JobId, Balance)>| {
			earmarks.into_iter().filter(|(_, job, _)| *job < CAPACITY_JOBS)
		};
		let actual: BTreeMap<_, _> =
			of_jobs(T::Collateral::earmarks()).map(|(who, job, n)| ((who, job), n)).collect();
		let mut expected = sums.earmarks.clone();
		for (who, job, amount) in of_jobs(T::Evidence::earmarks()) {
			let own = expected.insert((who, job), amount).is_some();
			ensure!(!own, "a provider audits its own job");
		}
		ensure!(actual == expected, "earmarks are not exactly those of open jobs and their audits");
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	/// Jobs that run the same are as far as their set says, and end together.
	fn check_replicas() -> Result<(), &'static str> {
		let bound: usize = Replicas::<T>::iter_values().map(|set| usize::from(set.open)).sum();
		let open = Jobs::<T>::iter_values().filter(|job| job.replica_of.is_some());
		let open = open.filter(|job| job.state.is_open()).count();
		ensure!(open == bound, "an open job is one of none");
		for (first, set) in Replicas::<T>::iter() {
			ensure!((2..=MAX_REPLICAS).contains(&set.count), "too few or too many run the same");
			let numbers = first..first.saturating_add(set.count.into());
			let jobs: Vec<JobRecord> = numbers.filter_map(Jobs::<T>::get).collect();
			let open: Vec<&JobRecord> = jobs.iter().filter(|job| job.state.is_open()).collect();
			ensure!(
				open.len() == usize::from(set.open) && set.open > 0,
				"open replicas miscounted"
			);
			let one = open.first().ok_or("replicas without a job")?;
			for job in &jobs {
				ensure!(job.replica_of == Some(first), "a stranger among replicas");
				let same = (&job.client, &job.program) == (&one.client, &one.program);
				ensure!(same, "replicas do not run the same");
			}
			match set.stage {
				ReplicaStage::Fallen(_) => {
					ensure!(set.open < set.count, "replicas have fallen without a cause");
					ensure!(Fallen::<T>::contains_key(first), "nobody closes fallen replicas");
				},
				ReplicaStage::Blind => {
					let public = |job: &JobRecord| matches!(job.state, JobState::Revealed { .. });
					ensure!(!jobs.iter().any(public), "a replica can be copied");
					ensure!(!jobs.iter().all(is_bound), "replicas wait for nobody");
				},
				ReplicaStage::Shown => {},
			}
			let whole = open.len() == usize::from(set.count);
			let fallen = matches!(set.stage, ReplicaStage::Fallen(_));
			ensure!(whole || fallen, "replicas outlive one of them");
		}
		for first in Fallen::<T>::iter_keys() {
			let stage = Replicas::<T>::get(first).map(|set| set.stage);
			ensure!(matches!(stage, Some(ReplicaStage::Fallen(_))), "fallen replicas that stand");
		}
		Ok(())
	}
}

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		Self::check_replicas()?;
		let mut sums = Sums::default();
		for (id, record) in Jobs::<T>::iter() {
			Self::check_job(id, &record, &mut sums)?;
		}
		Self::check_sums(&sums)
	}
}
