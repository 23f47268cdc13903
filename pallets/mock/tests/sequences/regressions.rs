// SPDX-License-Identifier: Apache-2.0
//! Sequences that once broke something, as they were shrunk.

use crate::{
	play,
	steps::{Amount, Ask, Case, Habit, Start, Step},
};
use calor_primitives::job::HardwareClass;
use pallet_stake::Role;

fn ask() -> Ask {
	Ask {
		program: 0,
		class: HardwareClass::General,
		parents: [None, None],
		early: false,
		tip: 0,
		risk: 0,
		stingy: false,
		slack: 0,
		replicas: 0,
		reference: None,
	}
}

fn alone(steps: Vec<Step>) -> Case {
	Case { opening: [None; 4], windows: [0, 0], steps }
}

/// A job that ended before its entry of the agenda was reached kept that entry, and was never looked at again: its record
/// and its deposit stayed for ever.
#[test]
fn the_record_of_a_job_without_a_provider_is_dropped() {
	let reached = play(&alone(vec![Step::Submit { client: 0, ask: ask() }]));
	assert_eq!(reached.times("Closed: NoCapacity"), 1);
	assert_eq!(reached.times("Dropped"), 1);
}

fn ready() -> Option<Start> {
	Some(Start { class: HardwareClass::General, bond: 1_000, filed: true })
}

/// What a job takes from another stays known when the program of that other is removed by whoever registered it.
#[test]
fn a_child_keeps_its_inputs_without_its_parents_program() {
	let child = Ask { program: 1, parents: [Some(0), None], ..ask() };
	play(&Case {
		opening: [ready(), None, None, None],
		windows: [0, 0],
		steps: vec![
			Step::Submit { client: 0, ask: ask() },
			Step::Blocks { n: 20, until: Habit::Works },
			Step::Submit { client: 0, ask: child },
			Step::RemoveProgram { who: 5, which: 0 },
			Step::Blocks { n: 3, until: Habit::Works },
		],
	});
}

/// What a job takes from another stays known when the provider that computed it has left.
#[test]
fn a_child_keeps_its_inputs_without_its_parents_provider() {
	let child = Ask { program: 1, parents: [Some(0), None], ..ask() };
	play(&Case {
		opening: [ready(), None, None, None],
		windows: [0, 0],
		steps: vec![
			Step::Submit { client: 0, ask: ask() },
			Step::Blocks { n: 20, until: Habit::Works },
			Step::Deregister { who: 0 },
			Step::Register { who: 1, key: 0, class: HardwareClass::General, min_price: 0 },
			Step::Bond { who: 2, role: Role::Provider, amount: Amount::Cal(1_000) },
			Step::Submit { client: 0, ask: child },
			Step::Blocks { n: 3, until: Habit::Works },
		],
	});
}

/// A client cancelled a job whose result stood committed, because its provider's stake had been forfeited meanwhile: that
/// is `expire`'s to do.
#[test]
fn a_committed_job_is_not_cancelled_even_if_its_provider_lost_everything() {
	play(&Case {
		opening: [None, ready(), None, None],
		windows: [0, 0],
		steps: vec![
			Step::Submit { client: 3, ask: ask() },
			Step::Blocks { n: 3, until: Habit::Works },
			Step::Forfeit { who: 2, role: Role::Provider, fault: 1, prover: None },
			Step::Cancel { job: 0, by: None },
		],
	});
}
