// SPDX-License-Identifier: Apache-2.0
//! From a client's wish to a job.

use crate::{
	funding::Bill, replicas::runs, Config, CurrentWindows, Error, Event, JobName, Jobs, LastJob,
	Names, Operands, Pallet, WeightInfo,
};
use calor_primitives::{
	assurance::{Assurance, MAX_RISK_PER_PRICE},
	job::{Input, Inputs, JobRecord, JobSpec, JobState},
	money::Price,
	now,
	tensor_ref::{is_http, TensorRef, TypeRef, Uri},
	traits::{Evidence, ProgramRegistry, ProgramSummary, Tariff},
	AccountId, JobId,
};
use frame_support::{ensure, traits::Get, weights::Weight};
use sp_runtime::{ArithmeticError, DispatchError};

/// Whether addresses can be used at all.
fn are_http<'a>(mut uris: impl Iterator<Item = &'a Uri>) -> bool {
	uris.all(|uri| is_http(uri))
}

/// The first tensor that is not of the type that the program declares.
fn first_mismatch<'a>(
	types: impl Iterator<Item = &'a TypeRef>,
	declared: &[TypeRef],
) -> Option<u8> {
	(0u8..=u8::MAX)
		.zip(types.zip(declared))
		.find(|(_, (ty, declared))| ty != declared)
		.map(|(i, _)| i)
}

impl<T: Config> Pallet<T> {
	fn check_constants(spec: &JobSpec, program: &ProgramSummary) -> Result<(), Error<T>> {
		ensure!(spec.constants.len() == program.constants.len(), Error::<T>::ConstantCount);
		ensure!(spec.inputs.len() == program.inputs.len(), Error::<T>::InputCount);
		let types = spec.constants.iter().map(|constant| &constant.ty);
		if let Some(i) = first_mismatch(types, &program.constants) {
			return Err(Error::<T>::ConstantType(i));
		}
		ensure!(spec.constants.iter().all(Self::has_address), Error::<T>::BadUri);
		Ok(())
	}

	fn has_address(tensor: &TensorRef) -> bool {
		!tensor.uris.is_empty() && are_http(tensor.uris.iter())
	}

	/// Checks the inputs and gives them without references into the batch.
	fn check_inputs(
		client: Option<&AccountId>,
		inputs: Inputs,
		program: &ProgramSummary,
		batch: &[JobId],
	) -> Result<Inputs, DispatchError> {
		let mut checked = Inputs::default();
		for (i, (input, declared)) in (0u8..=u8::MAX).zip(inputs.into_iter().zip(&program.inputs)) {
			let (input, ty) = match input {
				Input::Blob(tensor) => {
					ensure!(Self::has_address(&tensor), Error::<T>::BadUri);
					let ty = tensor.ty.clone();
					(Input::Blob(tensor), ty)
				},
				Input::OutputOf { job, index, mirrors } => {
					ensure!(are_http(mirrors.iter()), Error::<T>::BadUri);
					let ty = Self::output_type(client, job, index)?;
					(Input::OutputOf { job, index, mirrors }, ty)
				},
				Input::OutputOfEarlier { position, index, mirrors } => {
					ensure!(are_http(mirrors.iter()), Error::<T>::BadUri);
					let job = batch.get(usize::from(position)).ok_or(Error::<T>::NotEarlier)?;
					let ty = Self::output_type(client, *job, index)?;
					(Input::OutputOf { job: *job, index, mirrors }, ty)
				},
			};
			ensure!(ty == *declared, Error::<T>::InputType(i));
			checked.try_push(input).map_err(|_| Error::<T>::InputCount)?;
		}
		Ok(checked)
	}

	/// Type of an output of a job that `client` may build on. Only its own: others could keep its provider serving.
	fn output_type(
		client: Option<&AccountId>,
		job: JobId,
		index: u8,
	) -> Result<TypeRef, DispatchError> {
		let parent = Jobs::<T>::get(job).ok_or(Error::<T>::BadParent)?;
		ensure!(parent.replica_of.is_none_or(|first| first == job), Error::<T>::BadParent);
		ensure!(client.is_none_or(|client| parent.client == *client), Error::<T>::BadParent);
		ensure!(!matches!(parent.state, JobState::Closed { .. }), Error::<T>::BadParent);
		let program = T::Programs::summary(&parent.program).ok_or(Error::<T>::NoSuchOutput)?;
		Ok(program.outputs.get(usize::from(index)).ok_or(Error::<T>::NoSuchOutput)?.clone())
	}

	/// Checks everything that does not depend on who pays, and gives what the job would cost and ask for. `client` is left
	/// out by whoever only asks.
	pub(crate) fn appraise(
		client: Option<&AccountId>,
		mut spec: JobSpec,
		batch: &[JobId],
	) -> Result<(JobSpec, ProgramSummary, Bill), DispatchError> {
		let program = T::Programs::summary(&spec.program).ok_or(Error::<T>::UnknownProgram)?;
		Self::check_constants(&spec, &program)?;
		spec.inputs =
			Self::check_inputs(client, core::mem::take(&mut spec.inputs), &program, batch)?;
		ensure!(runs(spec.assurance).is_some(), Error::<T>::BadReplicas);
		let drawn = spec.assurance == Assurance::Audited;
		ensure!(!drawn || T::Evidence::auditors() > 0, Error::<T>::NoAuditors);
		let windows = CurrentWindows::<T>::get();
		let allowed = windows.least_delivery(program.mac)..=windows.deliver_max;
		ensure!(allowed.contains(&spec.deliver_within), Error::<T>::BadDeadline);
		let terms = T::Tariff::quote(spec.class, program.mac)?;
		ensure!(terms.price <= spec.max_price, Error::<T>::PriceAboveMax);
		let most = terms.price.saturating_mul(MAX_RISK_PER_PRICE);
		ensure!(spec.value_at_risk <= most, Error::<T>::RiskTooHigh);
		let bill = Self::bill(&spec, &program, terms).ok_or(Error::<T>::AmountTooLarge)?;
		Ok((spec, program, bill))
	}

	/// Most weight of posting a job.
	pub(crate) fn submit_weight(spec: &JobSpec) -> Weight {
		let operands = spec.constants.len().saturating_add(spec.inputs.len()) as u32;
		let blobs = spec.inputs.iter().filter(|input| matches!(input, Input::Blob(_))).count();
		let posted = T::WeightInfo::submit(operands);
		let posted = match spec.inputs.len().saturating_sub(blobs) as u32 {
			0 => posted,
			parents => posted.saturating_add(T::WeightInfo::submit_child(parents)),
		};
		posted.saturating_mul(runs(spec.assurance).unwrap_or(1).into())
	}

	/// Posts a job, or several that run the same, and gives the number of the first. `batch` has the jobs that stand before
	/// it in the same call.
	pub(crate) fn do_submit(
		client: AccountId,
		spec: JobSpec,
		batch: &[JobId],
	) -> Result<JobId, DispatchError> {
		let given = spec.reference.map(JobName::Given);
		if let Some(job) = given.as_ref().and_then(|name| Names::<T>::get(&client, name)) {
			Self::deposit_event(Event::AlreadySubmitted { job });
			return Ok(job);
		}
		let (mut spec, program, bill) = Self::appraise(Some(&client), spec, batch)?;
		let terms = bill.terms;
		let count = runs(spec.assurance).ok_or(Error::<T>::BadReplicas)?;
		if count == 1 {
			return Self::post(client, spec, &program, terms, None);
		}
		let first = Self::next_number()?;
		Self::bind(first, count);
		for _ in 0..count {
			Self::post(client.clone(), spec.clone(), &program, terms, Some(first))?;
			// The name leads to the first.
			spec.reference = None;
		}
		Ok(first)
	}

	/// The number of the next job.
	fn next_number() -> Result<JobId, DispatchError> {
		Ok(LastJob::<T>::get().checked_add(1).ok_or(ArithmeticError::Overflow)?)
	}

	/// Posts one job.
	fn post(
		client: AccountId,
		spec: JobSpec,
		program: &ProgramSummary,
		terms: Price,
		replica_of: Option<JobId>,
	) -> Result<JobId, DispatchError> {
		let crowd = crate::Queues::<T>::get(spec.class).crowd();
		ensure!(crowd < T::MaxQueued::get(), Error::<T>::QueueFull);
		let bill = Self::bill(&spec, program, terms).ok_or(Error::<T>::AmountTooLarge)?;
		Self::fund(&client, &bill)?;
		T::Programs::acquire(&spec.program)?;

		let id = Self::next_number()?;
		LastJob::<T>::put(id);
		let name = spec.reference.map_or(JobName::Number(id), JobName::Given);
		Names::<T>::insert(&client, name, id);
		let submitted = now::<T>();
		let mut record = JobRecord {
			client: client.clone(),
			program: spec.program,
			class: spec.class,
			mac: program.mac,
			memory_mib: program.memory_mib,
			price: bill.terms.price,
			withheld: bill.terms.withheld,
			levy: bill.levy,
			tip: spec.tip,
			tip_burned: false,
			assurance: spec.assurance,
			value_at_risk: spec.value_at_risk,
			earmark: bill.earmark,
			access: bill.access,
			deposit: bill.deposit,
			late_cut: 0,
			submitted,
			deliver_within: spec.deliver_within,
			reference: spec.reference,
			parents: Self::parents_of(&spec.inputs),
			start_on: spec.start_on,
			children: 0,
			taken: false,
			replica_of,
			failed: Default::default(),
			declined: None,
			alarm: None,
			// Replaced below by its place in the queue or its wait for others.
			state: JobState::Waiting { recheck: submitted },
		};
		Operands::<T>::insert(id, (spec.constants, spec.inputs));
		Self::deposit_event(Event::Submitted {
			job: id,
			client,
			program: spec.program,
			class: spec.class,
			price: bill.terms.price,
			withheld: bill.terms.withheld,
			levy: bill.levy,
			tip: spec.tip,
			access: bill.access,
			deposit: bill.deposit,
			reference: spec.reference,
		});
		Self::adopt(&record.parents);
		if Self::parents_ready(&record) {
			Self::take_outputs(&record);
			Self::enqueue(id, &mut record);
		} else {
			Self::wait(id, &mut record);
		}
		Jobs::<T>::insert(id, record);
		Ok(id)
	}
}
