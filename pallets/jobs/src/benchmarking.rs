// SPDX-License-Identifier: Apache-2.0
//! Cost of each call at its worst: the longest operands, the fullest draws, the dearest way out of each state.

use crate::{Call, Config, CurrentWindows, Jobs, Pallet, SweptTo, Windows};
use alloc::{vec, vec::Vec};
use calor_primitives::{
	job::{HardwareClass, Input, InputFault, JobSpec, JobState},
	now,
	tensor_ref::{TensorRef, TypeRef, MAX_URIS, MAX_URI_LEN},
	traits::{Assign, Lifecycle, ProgramRegistry},
	AccountId, JobId, H256,
};
use calor_tensor::{
	program::{MAX_CONSTANTS, MAX_INPUTS, MAX_OUTPUTS, VERSION},
	Op, Program, TensorType,
};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{EnsureOrigin, Get},
	weights::Weight,
};
use frame_system::RawOrigin;

/// A program with that many operands, inputs first, and the most outputs.
fn program(operands: u32) -> Program {
	let inputs = operands.clamp(1, MAX_INPUTS as u32);
	let ty = TensorType::i32(&[1, 1, 1, 1]);
	let constants = operands.saturating_sub(inputs);
	Program {
		version: VERSION,
		inputs: vec![ty.clone(); inputs as usize],
		constants: vec![ty; constants as usize],
		ops: vec![Op::Relu { x: 0 }; MAX_OUTPUTS],
		outputs: (operands.max(1) as u16..).take(MAX_OUTPUTS).collect(),
	}
}

fn tensor(ty: &TensorType) -> TensorRef {
	let mut uri = b"https://".to_vec();
	uri.resize(MAX_URI_LEN as usize, b'x');
	let uris: Vec<_> = (0..MAX_URIS).map(|_| uri.clone().try_into().expect("fits")).collect();
	TensorRef {
		ty: TypeRef::try_from(ty).expect("rank 4"),
		root: H256::repeat_byte(1),
		uris: uris.try_into().expect("fits"),
	}
}

fn spec<T: Config>(operands: u32) -> JobSpec {
	CurrentWindows::<T>::put(Windows { queue: 100, accept: 10, deliver: 10, deliver_max: 1_000 });
	let program = program(operands);
	let constants: Vec<_> = program.constants.iter().map(tensor).collect();
	let inputs: Vec<_> = program.inputs.iter().map(|ty| Input::Blob(tensor(ty))).collect();
	JobSpec {
		program: T::Programs::benchmark_register(program.encode()),
		constants: constants.try_into().expect("fits"),
		inputs: inputs.try_into().expect("fits"),
		class: HardwareClass::General,
		max_price: u128::MAX,
		deliver_within: 100,
		reference: Some(H256::repeat_byte(2)),
	}
}

/// An account with money. Taken from a ready provider, which the pallet that makes them has funded.
fn client<T: Config>() -> AccountId {
	let (owner, _) = T::Providers::benchmark_ready(HardwareClass::HighMemory, 1).remove(0);
	owner
}

/// A queued job with the most operands, and its client.
fn queued<T: Config>() -> (JobId, AccountId) {
	let client = client::<T>();
	let most = (MAX_INPUTS + MAX_CONSTANTS) as u32;
	let job = Pallet::<T>::do_submit(client.clone(), spec::<T>(most)).expect("good and funded");
	(job, client)
}

fn next_block<T: Config>() {
	let next = now::<T>() + 1;
	frame_system::Pallet::<T>::set_block_number(next.into());
}

/// An assigned job and the worker that has it.
pub(crate) fn assigned<T: Config>() -> (JobId, AccountId) {
	let (job, _) = queued::<T>();
	let members = T::Providers::benchmark_ready(HardwareClass::General, 16);
	next_block::<T>();
	let record = Jobs::<T>::get(job).expect("exists");
	let JobState::Queued { ticket, .. } = record.state else { panic!("queued") };
	assert!(Pallet::<T>::try_assign(job, ticket, &H256::repeat_byte(3)));
	let record = Jobs::<T>::get(job).expect("exists");
	let provider = record.state.provider().expect("assigned").clone();
	let (_, worker) = members.into_iter().find(|(owner, _)| *owner == provider).expect("drawn");
	(job, worker)
}

/// A running job and its worker.
fn running<T: Config>() -> (JobId, AccountId) {
	let (job, worker) = assigned::<T>();
	assert_ok!(Pallet::<T>::do_accept(worker.clone(), job));
	(job, worker)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn submit(r: Linear<1, { (MAX_INPUTS + MAX_CONSTANTS) as u32 }>) {
		let caller = client::<T>();
		let spec = spec::<T>(r);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), spec);
		assert!(Jobs::<T>::contains_key(1));
	}

	#[benchmark]
	fn accept() {
		let (job, worker) = assigned::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), job);
		assert!(matches!(Jobs::<T>::get(job).expect("exists").state, JobState::Running { .. }));
	}

	#[benchmark]
	fn decline() {
		let (job, worker) = running::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), job, InputFault::WrongRoot);
		assert!(matches!(Jobs::<T>::get(job).expect("exists").state, JobState::Queued { .. }));
	}

	#[benchmark]
	fn cancel() {
		// A running job: the provider is paid as well.
		let (job, _) = running::<T>();
		let caller = Jobs::<T>::get(job).expect("exists").client;
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), job);
		assert!(!Jobs::<T>::get(job).expect("exists").state.is_open());
	}

	#[benchmark]
	fn expire() {
		// A commitment that was not revealed, by the last provider that may try: slashed, jailed, closed, refunded.
		let (job, worker) = running::<T>();
		assert_ok!(<Pallet<T> as Lifecycle>::commit(job, &worker, now::<T>(), now::<T>() + 1));
		Jobs::<T>::mutate(job, |record| {
			let failed = &mut record.as_mut().expect("exists").failed;
			for i in 0..2 {
				failed.try_push(account("failed", i, 0)).expect("fits");
			}
		});
		next_block::<T>();
		next_block::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), job);
		assert!(!Jobs::<T>::get(job).expect("exists").state.is_open());
	}

	#[benchmark]
	fn set_windows() -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let windows = Windows { queue: 1, accept: 2, deliver: 3, deliver_max: 4 };
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, windows);
		assert_eq!(CurrentWindows::<T>::get(), windows);
		Ok(())
	}

	/// Looking at `n` places of a queue, each of which finds a provider after looking at as many as one may.
	#[benchmark]
	fn assign(n: Linear<0, { T::MaxScan::get() }>) {
		let client = client::<T>();
		let mut small = spec::<T>(1);
		for i in 0..n {
			small.reference = Some(H256(sp_io::hashing::blake2_256(&i.to_le_bytes())));
			assert_ok!(Pallet::<T>::do_submit(client.clone(), small.clone()));
		}
		T::Providers::benchmark_ready(HardwareClass::General, n.max(1));
		next_block::<T>();
		#[block]
		{
			Pallet::<T>::scan(HardwareClass::General, &H256::repeat_byte(3));
		}
		for job in 1..=JobId::from(n) {
			let state = Jobs::<T>::get(job).expect("exists").state;
			assert!(matches!(state, JobState::Assigned { .. }));
		}
	}

	/// One look at the agenda that finds nothing.
	#[benchmark]
	fn sweep_block() {
		next_block::<T>();
		let at = now::<T>();
		SweptTo::<T>::put(at);
		#[block]
		{
			Pallet::<T>::sweep_agenda(Weight::MAX);
		}
		assert_eq!(SweptTo::<T>::get(), at + 1);
	}
}
