// SPDX-License-Identifier: Apache-2.0
//! Who plays, with which keys, and what they run. Made once: keys are slow to make.

use calor_mock::{account, pair, program, program_of, worker, Runtime, Treasury, FEEDER};
use calor_primitives::{provider::possession_message, AccountId, H256};
use calor_tensor::{program::VERSION, Op, Program, TensorType};
use codec::Encode;
use sp_core::{sr25519, Pair};
use std::sync::OnceLock;

/// Who offers compute. Eve does whatever comes to her mind.
pub const PROVIDERS: [&str; 4] = ["bob", "carol", "dave", "eve"];
/// Who submits jobs: two who are nothing else, and two who could be given their own.
pub const CLIENTS: [&str; 4] = ["alice", "grace", "eve", "bob"];
/// Who signs anything at all.
pub const ACTORS: [&str; 6] = ["alice", "bob", "carol", "dave", "eve", "grace"];
/// Who never signs anything.
pub const BYSTANDER: &str = "frank";
/// Worker keys of each provider.
pub const KEYS: usize = 3;

/// A worker key with its consent.
pub struct Key {
	pub public: sr25519::Public,
	pub account: AccountId,
	pub proof: sr25519::Signature,
}

/// A provider with the keys that it may use.
pub struct Provider {
	pub owner: AccountId,
	pub keys: Vec<Key>,
}

/// A program with its code.
pub struct Code {
	pub program: Program,
	pub code: Vec<u8>,
	pub id: H256,
}

/// Everything that sequences need of people.
pub struct Cast {
	pub providers: Vec<Provider>,
	pub clients: Vec<AccountId>,
	pub actors: Vec<AccountId>,
	pub bystander: AccountId,
	pub feeder: AccountId,
	pub programs: Vec<Code>,
}

fn key(name: &str, n: usize) -> Key {
	let pair = match n {
		0 => pair(&format!("{name}//worker")),
		_ => pair(&format!("{name}//worker//{n}")),
	};
	let genesis = calor_primitives::genesis_hash::<Runtime>();
	let proof = pair.sign(&possession_message(&genesis, &account(name)));
	let key = Key { public: pair.public(), account: pair.public().into(), proof };
	assert!(n > 0 || key.account == worker(name));
	key
}

/// The sum of two inputs, so that a job can have two parents.
fn join() -> Program {
	let ty = TensorType::i32(&[4, 16]);
	Program {
		version: VERSION,
		inputs: vec![ty.clone(), ty],
		constants: vec![],
		ops: vec![Op::AddI32 { a: 0, b: 1 }],
		outputs: vec![2],
	}
}

/// The cast. Must first be called on a chain, whose genesis the consents name.
pub fn cast() -> &'static Cast {
	static CAST: OnceLock<Cast> = OnceLock::new();
	CAST.get_or_init(|| Cast {
		providers: PROVIDERS
			.iter()
			.map(|name| Provider {
				owner: account(name),
				keys: (0..KEYS).map(|n| key(name, n)).collect(),
			})
			.collect(),
		clients: CLIENTS.iter().map(|name| account(name)).collect(),
		actors: ACTORS.iter().map(|name| account(name)).collect(),
		bystander: account(BYSTANDER),
		feeder: account(FEEDER),
		programs: [program(0), join(), program_of(400_000_000_000)]
			.into_iter()
			.map(|program| {
				let code = program.encode();
				Code { id: H256(calor_tensor::program_id(&code)), program, code }
			})
			.collect(),
	})
}

/// The name of somebody, for messages.
pub fn name_of(who: &AccountId) -> String {
	let cast = cast();
	let actors = ACTORS.iter().zip(&cast.actors);
	let treasury = Treasury::get();
	let others = [(&BYSTANDER, &cast.bystander), (&FEEDER, &cast.feeder), (&"treasury", &treasury)];
	let known = actors.chain(others);
	let name = known.into_iter().find(|(_, account)| *account == who);
	name.map_or_else(|| format!("{who:?}"), |(name, _)| name.to_string())
}
