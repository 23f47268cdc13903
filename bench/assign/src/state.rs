// SPDX-License-Identifier: Apache-2.0
//! A state with so many jobs in the queue and so many providers that wait, made by the calls that clients and owners make.

use calor_mock::{
	account, by, new_test_ext, pair, program, Balances, Jobs, MaxQueued, Programs, Providers,
	Runtime, Stake, System,
};
use calor_primitives::{
	assurance::Assurance,
	genesis_hash,
	job::{HardwareClass, Input, JobSpec, ParentStage},
	money::UNIT,
	provider::{possession_message, Capacity},
	tensor_ref::{TensorRef, TypeRef},
	AccountId, Balance, ProgramId, H256,
};
use calor_tensor::TensorType;
use codec::Encode;
use frame_support::{assert_ok, traits::fungible::Mutate};
use sp_core::Pair;
use sp_io::TestExternalities;

/// The class of all jobs and providers.
pub const CLASS: HardwareClass = HardwareClass::General;
/// What a client and an owner begin with, in planck.
const FUNDS: Balance = 10_000 * UNIT;
/// Stake of a provider, in planck.
const STAKE: Balance = 1_000 * UNIT;
/// Clients among whom the jobs are divided.
const CLIENTS: u32 = 1_000;
/// Calls after which what they wrote goes into the trie.
const COMMIT_AFTER: u32 = 5_000;

/// A state that grows.
pub struct State {
	ext: TestExternalities,
	program: ProgramId,
	jobs: u32,
	providers: u32,
}

impl State {
	/// One with neither jobs nor providers.
	pub fn new() -> Self {
		let mut ext = new_test_ext();
		let program = ext.execute_with(|| {
			MaxQueued::set(&u32::MAX);
			for client in 0..CLIENTS {
				assert_ok!(Balances::mint_into(&nth_client(client), FUNDS));
			}
			let code = program(0).encode();
			let id = H256(calor_tensor::program_id(&code));
			assert_ok!(Programs::register(by(&account("grace")), code.try_into().expect("short")));
			id
		});
		Self { ext, program, jobs: 0, providers: 0 }
	}

	/// Queues jobs until there are so many. Every second one tips, each another amount.
	pub fn grow_jobs(&mut self, count: u32) {
		while self.jobs < count {
			let (first, last) = (self.jobs, count.min(self.jobs + COMMIT_AFTER));
			let program = self.program;
			self.write(|| {
				for job in first..last {
					let spec = spec(program, job);
					assert_ok!(Jobs::submit(by(&nth_client(job % CLIENTS)), spec));
				}
			});
			self.jobs = last;
		}
	}

	/// Has providers wait until there are so many.
	pub fn grow_providers(&mut self, count: u32) {
		while self.providers < count {
			let (first, last) = (self.providers, count.min(self.providers + COMMIT_AFTER));
			self.write(|| (first..last).for_each(become_ready));
			self.providers = last;
		}
	}

	/// Runs calls and puts what they wrote into the trie, so that later reads go through it.
	fn write(&mut self, calls: impl FnOnce()) {
		self.ext.execute_with(|| {
			calls();
			System::reset_events();
		});
		self.ext.commit_all().expect("nothing is open");
	}

	/// The program that all jobs run.
	pub fn program(&self) -> ProgramId {
		self.program
	}

	/// The state, to be run on.
	pub fn ext(&mut self) -> &mut TestExternalities {
		&mut self.ext
	}
}

fn nth_client(number: u32) -> AccountId {
	account(&format!("client {number}"))
}

/// What a client submits.
pub fn spec(program_id: ProgramId, number: u32) -> JobSpec {
	let program = program(0);
	let tensor = |ty: &TensorType| TensorRef {
		ty: TypeRef::try_from(ty).expect("rank at most 4"),
		root: H256::repeat_byte(7),
		uris: vec![b"http://10.0.0.2/x".to_vec().try_into().expect("short")]
			.try_into()
			.expect("one"),
	};
	let constants: Vec<_> = program.constants.iter().map(tensor).collect();
	let inputs: Vec<_> = program.inputs.iter().map(|ty| Input::Blob(tensor(ty))).collect();
	JobSpec {
		program: program_id,
		constants: constants.try_into().expect("few"),
		inputs: inputs.try_into().expect("few"),
		class: CLASS,
		max_price: UNIT,
		// Spread over the whole queue, so that the order of tips is not that of submission.
		tip: if number.is_multiple_of(2) {
			0
		} else {
			Balance::from(number.wrapping_mul(2_654_435_761))
		},
		assurance: Assurance::Optimistic,
		value_at_risk: 0,
		start_on: ParentStage::Settled,
		deliver_within: 20,
		reference: None,
	}
}

fn become_ready(number: u32) {
	let name = format!("provider {number}");
	let (owner, key) = (account(&name), pair(&format!("{name}//worker")));
	let proof = key.sign(&possession_message(&genesis_hash::<Runtime>(), &owner));
	assert_ok!(Balances::mint_into(&owner, FUNDS));
	assert_ok!(Stake::bond(by(&owner), pallet_stake::Role::Provider, STAKE));
	assert_ok!(Providers::register(
		by(&owner),
		key.public(),
		proof,
		b"http://10.0.0.1:9955".to_vec().try_into().expect("short"),
		CLASS,
		0,
		Capacity { mac_per_second: 1_000_000_000_000, memory_mib: 8_192 },
	));
	assert_ok!(Providers::set_ready(by(&owner), true));
}
