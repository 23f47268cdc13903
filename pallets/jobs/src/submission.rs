// SPDX-License-Identifier: Apache-2.0
//! From a client's wish to a queued job.

use crate::{
	Config, CurrentWindows, Error, Event, HoldReason, Jobs, LastJob, Operands, Pallet, References,
};
use calor_primitives::{
	job::{JobRecord, JobSpec, JobState},
	money::{BurnKind, EARMARK_PER_PRICE, SUBMISSION_FEE},
	now,
	tensor_ref::{TensorRef, TypeRef},
	traits::{BurnLedger, ProgramRegistry, ProgramSummary, Tariff},
	AccountId, Balance, JobId,
};
use frame_support::{
	ensure,
	traits::fungible::{hold::Mutate as _, Inspect},
	traits::tokens::{Fortitude, Preservation},
};
use sp_runtime::DispatchError;

/// Whether a tensor can be fetched at all.
fn has_address(tensor: &TensorRef) -> bool {
	!tensor.uris.is_empty()
		&& tensor.uris.iter().all(|uri| {
			core::str::from_utf8(uri)
				.is_ok_and(|u| u.starts_with("http://") || u.starts_with("https://"))
		})
}

/// The first tensor that is not of the type that the program declares.
fn first_mismatch<'a>(
	tensors: impl Iterator<Item = &'a TensorRef>,
	declared: &[TypeRef],
) -> Option<u8> {
	(0u8..=u8::MAX).zip(tensors.zip(declared)).find(|(_, (t, ty))| t.ty != **ty).map(|(i, _)| i)
}

impl<T: Config> Pallet<T> {
	/// The stake that stands behind a job of that price, in planck.
	pub fn earmark_for(price: Balance) -> Balance {
		price.saturating_mul(EARMARK_PER_PRICE)
	}

	fn check_operands(spec: &JobSpec, program: &ProgramSummary) -> Result<(), Error<T>> {
		ensure!(spec.constants.len() == program.constants.len(), Error::<T>::ConstantCount);
		ensure!(spec.inputs.len() == program.inputs.len(), Error::<T>::InputCount);
		if let Some(i) = first_mismatch(spec.constants.iter(), &program.constants) {
			return Err(Error::<T>::ConstantType(i));
		}
		if let Some(i) = first_mismatch(spec.inputs.iter().map(|i| i.tensor()), &program.inputs) {
			return Err(Error::<T>::InputType(i));
		}
		let mut tensors = spec.constants.iter().chain(spec.inputs.iter().map(|i| i.tensor()));
		ensure!(tensors.all(has_address), Error::<T>::BadUri);
		Ok(())
	}

	/// Holds the price and burns the fee, or says that the balance does not suffice.
	fn fund(client: &AccountId, price: Balance) -> Result<(), DispatchError> {
		let needed = price.checked_add(SUBMISSION_FEE).ok_or(Error::<T>::BalanceTooLow)?;
		let free =
			T::Currency::reducible_balance(client, Preservation::Preserve, Fortitude::Polite);
		ensure!(free >= needed, Error::<T>::BalanceTooLow);
		T::Currency::hold(&HoldReason::Escrow.into(), client, price)?;
		T::Burns::burn_free(client, SUBMISSION_FEE, BurnKind::Submission)
	}

	pub(crate) fn do_submit(client: AccountId, spec: JobSpec) -> Result<JobId, DispatchError> {
		if let Some(job) = spec.reference.and_then(|r| References::<T>::get(&client, r)) {
			Self::deposit_event(Event::AlreadySubmitted { job });
			return Ok(job);
		}
		let program = T::Programs::summary(&spec.program).ok_or(Error::<T>::UnknownProgram)?;
		Self::check_operands(&spec, &program)?;
		let windows = CurrentWindows::<T>::get();
		let allowed = windows.least_delivery(program.mac)..=windows.deliver_max;
		ensure!(allowed.contains(&spec.deliver_within), Error::<T>::BadDeadline);
		let price = T::Tariff::quote(spec.class, program.mac)?;
		ensure!(price <= spec.max_price, Error::<T>::PriceAboveMax);
		Self::fund(&client, price)?;
		T::Programs::acquire(&spec.program)?;

		let id = LastJob::<T>::get().checked_add(1).ok_or(sp_runtime::ArithmeticError::Overflow)?;
		LastJob::<T>::put(id);
		if let Some(reference) = spec.reference {
			References::<T>::insert(&client, reference, id);
		}
		let submitted = now::<T>();
		let mut record = JobRecord {
			client: client.clone(),
			program: spec.program,
			class: spec.class,
			mac: program.mac,
			price,
			earmark: Self::earmark_for(price),
			submitted,
			deliver_within: spec.deliver_within,
			reference: spec.reference,
			failed: Default::default(),
			declined: None,
			// Replaced at once by its place in the queue.
			state: JobState::Queued { ticket: 0, from: submitted, expires: submitted },
		};
		Operands::<T>::insert(id, (spec.constants, spec.inputs));
		Self::deposit_event(Event::Submitted {
			job: id,
			client,
			program: spec.program,
			class: spec.class,
			price,
			reference: spec.reference,
		});
		Self::enqueue(id, &mut record);
		Jobs::<T>::insert(id, record);
		Ok(id)
	}
}
