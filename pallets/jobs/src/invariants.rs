// SPDX-License-Identifier: Apache-2.0
//! What must hold between any two calls.

use crate::{Agenda, Config, HoldReason, Jobs, Operands, Pallet, Queue, Queues};
use alloc::collections::{BTreeMap, BTreeSet};
use calor_primitives::{
	job::JobState,
	traits::{Collateral, Invariants},
	AccountId, Balance, JobId,
};
use frame_support::{ensure, traits::fungible::hold::Inspect as _};

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		let mut escrow = BTreeMap::<AccountId, Balance>::new();
		let mut earmarks = BTreeMap::<(AccountId, JobId), Balance>::new();
		let (mut open, mut queued) = (0usize, 0usize);
		for (id, record) in Jobs::<T>::iter() {
			let due = record.state.due();
			ensure!(due.is_some() == Operands::<T>::contains_key(id), "operands without open job");
			let Some(due) = due else {
				if let JobState::Settled { payment, .. } = &record.state {
					let sum = payment.paid.checked_add(payment.burned);
					ensure!(sum == Some(record.price), "a settlement does not conserve");
				}
				continue;
			};
			open = open.saturating_add(1);
			ensure!(Agenda::<T>::contains_key(due, id), "an open job is not on the agenda");
			let held = escrow.entry(record.client.clone()).or_default();
			*held = held.saturating_add(record.price);
			match &record.state {
				JobState::Queued { ticket, .. } => {
					queued = queued.saturating_add(1);
					let stands = Queue::<T>::get(record.class, ticket.to_be_bytes()) == Some(id);
					ensure!(stands, "a queued job is not in its queue");
				},
				state => {
					let provider = state.provider().ok_or("an open job has no provider")?;
					earmarks.insert((provider.clone(), id), record.earmark);
				},
			}
		}
		ensure!(Queue::<T>::iter().count() == queued, "a queue holds strangers");
		let lengths =
			Queues::<T>::iter_values().fold(0usize, |n, q| n.saturating_add(q.length as usize));
		ensure!(lengths == queued, "a queue's length is not its entries'");
		ensure!(Agenda::<T>::iter().count() == open, "the agenda holds strangers");
		for (client, expected) in escrow {
			let held = T::Currency::balance_on_hold(&HoldReason::Escrow.into(), &client);
			ensure!(held == expected, "what is held is not the price of a client's open jobs");
		}
		let actual: BTreeMap<_, _> =
			T::Collateral::earmarks().into_iter().map(|(who, job, n)| ((who, job), n)).collect();
		ensure!(actual == earmarks, "earmarks are not exactly those of open jobs");
		let ids: BTreeSet<JobId> = Operands::<T>::iter_keys().collect();
		ensure!(ids.len() == open, "operands of a job that is not open");
		Ok(())
	}
}
