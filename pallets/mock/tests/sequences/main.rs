// SPDX-License-Identifier: Apache-2.0
//! Random sequences of all calls by honest and hostile people, with blocks, silences and slashes in between.
//!
//! A [`Case`] is an opening and a list of [`Step`](steps::Step)s; a [`World`](world::World) plays it. After every step and
//! after every block the invariants of all pallets hold, and a [`Book`](book::Book) that is kept from the events alone
//! knows to the planck what everybody has, what is held from whom, which credits of what age there are, what work an epoch
//! has seen, what can be claimed and where each job stands. At the end of each sequence all is [wound up](windup): every
//! job ends by itself, everybody gets back what the book says is theirs, claims what there is and turns its credits back,
//! and what nobody claimed returns to the pools.
//!
//! 300 sequences are played, always the same, so that a change is judged by what it changes; `CALOR_LONG=1` searches
//! 10,000 new ones. A sequence that fails is shrunk, printed, and its seed written to `proptest-regressions/sequences.txt`:
//! commit that, and add what was printed to [`regressions`], since a seed leads elsewhere once steps are added.
//! `CALOR_TRACE=1` prints every step of a sequence with what came of it.

mod book;
mod cast;
mod regressions;
mod steps;
mod windup;
mod world;

use book::Reached;
use calor_mock::new_test_ext;
use proptest::{
	prelude::*,
	strategy::ValueTree,
	test_runner::{FileFailurePersistence, RngAlgorithm, RngSeed, TestRng, TestRunner},
};
use steps::Case;
use world::World;

/// Plays a case on a new chain, and gives what it reached.
fn play(case: &Case) -> Reached {
	new_test_ext().execute_with(|| {
		let mut world = World::open(case);
		for step in &case.steps {
			world.perform(step);
		}
		windup::wind_up(&mut world);
		world.book.reached
	})
}

fn config() -> ProptestConfig {
	let long = std::env::var_os("CALOR_LONG").is_some();
	ProptestConfig {
		cases: if long { 10_000 } else { 300 },
		rng_seed: if long { RngSeed::Random } else { RngSeed::Fixed(0) },
		// Proptest does not find the package of an integration test by itself.
		failure_persistence: Some(Box::new(FileFailurePersistence::Direct(concat!(
			env!("CARGO_MANIFEST_DIR"),
			"/proptest-regressions/sequences.txt"
		)))),
		max_shrink_iters: 3_000,
		..Default::default()
	}
}

proptest! {
	#![proptest_config(config())]

	#[test]
	fn nothing_breaks_whatever_happens(case in steps::case()) {
		play(&case);
	}
}

/// The sequences go deep enough to mean something: a hundred of them, always the same, reach every state and every reason.
#[test]
fn sequences_reach_every_end() {
	let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
	let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
	let mut all = Reached::default();
	for _ in 0..100 {
		let case = steps::case().new_tree(&mut runner).expect("nothing is filtered").current();
		all.add(&play(&case));
	}
	println!("{all}");
	for what in [
		"Waiting",
		"Queued",
		"Assigned",
		"Running",
		"Committed",
		"Revealed",
		"Settled",
		"Closed: Cancelled",
		"Closed: NoCapacity",
		"Closed: InputUnavailable",
		"Closed: DeadlineMissed",
		"Closed: NotRevealed",
		"Closed: ParentFailed",
		"Closed: ProviderForfeited",
		"Closed: ReplicaFailed",
		"Postponed",
		"Replicas paid",
		"Failed: NotAccepted",
		"Failed: NotDelivered",
		"Failed: Vanished",
		"Failed: NotRevealed",
		"Slash acted",
		"Slash cancelled",
		"Slash of everything",
		"Fell silent",
		"Late delivery",
		"Tip burned",
		"Withheld",
		"Credits bought",
		"Credits returned",
		"Credits refunded",
		"Epoch closed",
		"Providers paid",
		"Validators paid",
		"Work recycled",
		"Claimed",
		"Rewards forfeited",
		"Epoch expired",
	] {
		assert!(all.times(what) > 0, "no sequence reaches {what}:\n{all}");
	}
}
