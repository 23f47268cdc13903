// SPDX-License-Identifier: Apache-2.0

//! Explanations in English: [`words`] says why a job is where it is, [`hints`] what would help, [`no_quote`] why nothing
//! can be quoted.

use calor_primitives::{
	explain::{Demand, Explanation, Supply, Why},
	job::{CloseReason, HardwareClass, InputFault},
	money::UNIT,
	Balance, JobId,
};

/// Why a job waits, or how it ended, in one sentence.
pub fn words(explanation: &Explanation) -> String {
	let Explanation { why, demand, supply } = explanation;
	let class = demand.class;
	match why {
		Why::ParentsOpen(parents) if parents.is_empty() => {
			"The jobs whose outputs it takes have come far enough or ended, and the chain moves it on as soon as a \
			 block has room."
				.into()
		},
		Why::ParentsOpen(parents) => {
			format!("It waits for {}, whose outputs it takes.", jobs(parents))
		},
		Why::TooYoung { from } => {
			format!("It was queued in this block, and its provider is drawn from block {from} on.")
		},
		Why::NobodyReady => format!("No provider of class {class:?} waits for a job."),
		Why::NobodyFits => match supply {
			Some(Supply { ready: 1, .. }) => {
				format!("1 provider of class {class:?} waits, and it may not take this job.")
			},
			Some(Supply { ready, .. }) => {
				format!("{ready} providers of class {class:?} wait, and none may take this job.")
			},
			None => format!("Providers of class {class:?} wait, and none may take this job."),
		},
		Why::AwaitsTurn => match supply {
			Some(Supply { fit, ready, .. }) => format!(
				"{fit} of {} of class {class:?} that wait may take it: it is drawn for when its turn in the queue comes.",
				providers(*ready)
			),
			None => "It is drawn for when its turn in the queue comes.".into(),
		},
		Why::AwaitsAcceptance { provider, by } => {
			format!("It was given to provider {provider}, who must accept it by block {by}.")
		},
		Why::Computes { provider, by, late_by } => format!(
			"Provider {provider} computes it: due by block {by}, for a lower price by block {late_by}."
		),
		Why::AwaitsReveal { provider, by } => {
			format!("Provider {provider} is bound to a result and must reveal it by block {by}.")
		},
		Why::ReplicasOpen(others) => {
			format!("It waits for {}, which run the same independently.", jobs(others))
		},
		Why::Challengeable { settles_at } => format!(
			"Its result is public and can be challenged; unless it is refuted, it is paid at block {settles_at}."
		),
		Why::Overdue => {
			"Its deadline has passed, and the chain moves it on as soon as a block has room.".into()
		},
		Why::Paid => "It was delivered and paid.".into(),
		Why::Closed(reason) => closed(*reason),
	}
}

/// Why there is no quote, from what the runtime calls the reason, and what to do then.
pub fn no_quote(reason: &str) -> String {
	let words = match reason {
		"NoPrice" => "this class has no price yet: choose another, or wait until governance sets one",
		"NoRates" => "no price of CAL is known yet: wait for the first reports of the feeders",
		"FeedsStale" => {
			"the feeders of the price of CAL have been silent or apart for too long: ask again when calor_market says that \
			 they are fresh. The settlement of jobs that were submitted is not affected"
		},
		"PriceTooLarge" => {
			"this would cost more than all the CAL that can ever exist: cut the job into smaller ones"
		},
		other => return other.into(),
	};
	format!("{words} ({reason})")
}

/// Why a job ended without a result, in one sentence.
fn closed(reason: CloseReason) -> String {
	match reason {
		CloseReason::Cancelled => "Its client cancelled it.".into(),
		CloseReason::NoCapacity => {
			"In the time that it may wait, no provider came forward that may run it.".into()
		},
		CloseReason::InputUnavailable(InputFault::Missing) => {
			"Providers could not get an input: no address gave the blob.".into()
		},
		CloseReason::InputUnavailable(InputFault::WrongSize) => {
			"Providers could not use an input: the blob is shorter or longer than its type.".into()
		},
		CloseReason::InputUnavailable(InputFault::WrongRoot) => {
			"Providers could not use an input: the blob does not have the root that the job names."
				.into()
		},
		CloseReason::DeadlineMissed => {
			"Providers took it and did not deliver, as often as it is given out.".into()
		},
		CloseReason::NotRevealed => {
			"A provider bound itself to a result and did not reveal it.".into()
		},
		CloseReason::ParentFailed(parent) => {
			format!("Job {parent}, whose output it takes, ended without a result.")
		},
		CloseReason::ProviderForfeited => {
			"The stake behind it was forfeited for a fault elsewhere.".into()
		},
		CloseReason::Fraud => "Its result was proved wrong, and whoever computed it was slashed.".into(),
		CloseReason::TraceWithheld => {
			"A provider did not show how it came to its result, and was slashed.".into()
		},
		CloseReason::OutputWithheld => {
			"A provider did not hand out an output, and was penalised.".into()
		},
		CloseReason::InputWithheld => {
			"A provider did not hand out an input that it had accepted, and was penalised.".into()
		},
		CloseReason::NotUnanimous => {
			"Providers that ran it independently came to different results, and none was proved wrong."
				.into()
		},
		CloseReason::ReplicaFailed(other) => {
			format!("Job {other}, which was to run the same independently, ended without a result.")
		},
		CloseReason::NotAudited => "It was to be audited, and no auditor did.".into(),
	}
}

/// What would bring a job on, or another like it, a sentence each.
pub fn hints(explanation: &Explanation) -> Vec<String> {
	let Explanation { why, demand, supply } = explanation;
	match why {
		Why::ParentsOpen(parents) => parents
			.iter()
			.map(|parent| format!("calor_explain({parent}) says for what job {parent} waits."))
			.collect(),
		Why::NobodyReady => {
			let mut hints = vec![wait(demand)];
			if demand.class != HardwareClass::General {
				hints.push(
					"Or cancel it, which is free while it is queued, and submit it for another class: calor_matches \
					 says who could take it."
						.into(),
				);
			}
			hints
		},
		Why::NobodyFits => {
			let mut hints = supply.as_ref().map_or_else(Vec::new, |supply| lacks(demand, supply));
			if hints.is_empty() {
				hints.push(wait(demand));
			}
			hints
		},
		Why::AwaitsTurn => vec![
			"Half of each batch goes by tip per multiply-accumulate: submitted with a higher tip, a job is drawn for \
			 sooner."
				.into(),
		],
		Why::AwaitsAcceptance { .. } => {
			vec!["If the provider does not accept, it is penalised and another is drawn.".into()]
		},
		Why::Overdue => {
			let expire = "Anyone can move it on now by the call jobs.expire.".into();
			let short = supply.as_ref().filter(|supply| supply.fit == 0);
			let lacks = short.map_or_else(Vec::new, |supply| lacks(demand, supply));
			[vec![expire], lacks].concat()
		},
		Why::Closed(reason) => again(*reason),
		Why::TooYoung { .. }
		| Why::Computes { .. }
		| Why::AwaitsReveal { .. }
		| Why::ReplicasOpen(_)
		| Why::Challengeable { .. }
		| Why::Paid => Vec::new(),
	}
}

/// That nothing but time helps.
fn wait(demand: &Demand) -> String {
	format!(
		"Wait for a provider of class {:?} with {} of free stake and {} MiB that works for {}.",
		demand.class,
		cal(demand.earmark),
		demand.memory_mib,
		cal(demand.price)
	)
}

/// In what the providers that wait fall short: first where all do, since there the job itself must change.
fn lacks(demand: &Demand, supply: &Supply) -> Vec<String> {
	let lack = |short: u32, some: String, all: String| {
		let everybody = short >= supply.ready;
		(short > 0).then_some((!everybody, if everybody { all } else { some }))
	};

	let earmark = cal(demand.earmark);
	let stake = lack(
		supply.short_of_stake,
		format!("{} with less free stake than the earmark of {earmark}.", have(supply.short_of_stake)),
		format!(
			"The earmark of {earmark} is more than any waiting provider has free ({}): lower value_at_risk, or wait \
			 for a provider with more stake.",
			cal(supply.most_free_stake)
		),
	);

	let need = demand.memory_mib;
	let other_class = match demand.class {
		HardwareClass::General => "submit it for class HighMemory",
		HardwareClass::HighMemory | HardwareClass::Tensor => "split the program",
	};
	let memory = lack(
		supply.short_of_memory,
		format!("{} with less memory than the {need} MiB of the program.", have(supply.short_of_memory)),
		format!(
			"The program needs {need} MiB, and no waiting provider has more than {} MiB: {other_class}, or wait for a \
			 provider with more memory.",
			supply.most_memory_mib
		),
	);

	let price = cal(demand.price);
	let least = supply.least_min_price.map_or_else(
		|| "each waiting provider asks for more".into(),
		|least| format!("no waiting provider works for less than {}", cal(least)),
	);
	let dear = lack(
		supply.too_dear,
		format!("{} that ask for more than its price of {price}.", have(supply.too_dear)),
		format!(
			"It pays {price}, and {least}: wait for a cheaper provider, or submit it again when the price of the class \
			 has risen."
		),
	);

	let barred = lack(
		supply.barred,
		format!("{} whose owner groups owe a disclosure.", have(supply.barred)),
		"All waiting providers belong to owner groups that owe a disclosure and get no jobs until they file it: wait \
		 for others."
			.into(),
	);
	let failed = lack(
		supply.failed_before,
		format!("{} that have failed or declined this job before.", have(supply.failed_before)),
		"All waiting providers have failed or declined this job and do not get it again: wait for others, or cancel \
		 and submit it again."
			.into(),
	);

	let mut lacks: Vec<_> = [stake, memory, dear, barred, failed].into_iter().flatten().collect();
	// Stable, so that the order of above stays within both.
	lacks.sort_by_key(|(only_some, _)| *only_some);
	lacks.into_iter().map(|(_, sentence)| sentence).collect()
}

/// What to do after a job has ended without a result.
fn again(reason: CloseReason) -> Vec<String> {
	let hint = match reason {
		CloseReason::Cancelled => return Vec::new(),
		CloseReason::NoCapacity => {
			"Ask calor_matches how many providers could take it, and what the others lack, before you submit it again."
		},
		CloseReason::InputUnavailable(InputFault::Missing) => {
			"Serve every constant and input at its address, reachable from the internet, and submit it again."
		},
		CloseReason::InputUnavailable(InputFault::WrongSize) => {
			"Offer the blob with as many bytes as its type says, and submit it again."
		},
		CloseReason::InputUnavailable(InputFault::WrongRoot) => {
			"Compute the root of the blob that you serve, and submit it again with that root."
		},
		CloseReason::DeadlineMissed => {
			"Submit it again; if it is large, with a longer deliver_within."
		},
		CloseReason::NotRevealed
		| CloseReason::ProviderForfeited
		| CloseReason::Fraud
		| CloseReason::TraceWithheld
		| CloseReason::OutputWithheld
		| CloseReason::InputWithheld => "Submit it again: another provider is drawn.",
		CloseReason::NotUnanimous => {
			"Run `calor verify` on the results that you fetched to see which is right, and submit it again."
		},
		CloseReason::ReplicaFailed(other) => {
			return vec![format!("calor_explain({other}) says why job {other} ended; submit them again.")];
		},
		CloseReason::NotAudited => {
			"Submit it again, or with assurance Optimistic, which relies on a lottery of audits."
		},
		CloseReason::ParentFailed(parent) => {
			return vec![format!(
				"calor_explain({parent}) says why job {parent} ended; submit that again first, then this."
			)];
		},
	};
	vec![hint.into()]
}

/// "1 provider", "2 providers".
fn providers(count: u32) -> String {
	if count == 1 {
		"1 provider".into()
	} else {
		format!("{count} providers")
	}
}

/// The beginning of a sentence about some of those who wait.
fn have(count: u32) -> String {
	format!("Among those that wait: {}", providers(count))
}

/// "job 3", "jobs 3, 4 and 5".
fn jobs(ids: &[JobId]) -> String {
	match ids {
		[one] => format!("job {one}"),
		[most @ .., last] => {
			let most: Vec<_> = most.iter().map(ToString::to_string).collect();
			format!("jobs {} and {last}", most.join(", "))
		},
		[] => "other jobs".into(),
	}
}

/// An amount of planck in CAL, with as many digits as it has.
fn cal(planck: Balance) -> String {
	let fraction = format!("{:012}", planck % UNIT);
	match fraction.trim_end_matches('0') {
		"" => format!("{} CAL", planck / UNIT),
		digits => format!("{}.{digits} CAL", planck / UNIT),
	}
}

#[cfg(test)]
pub(super) mod tests {
	use super::*;
	use calor_primitives::AccountId;
	use std::collections::BTreeSet;

	/// Each reason once, those of closing among them.
	pub fn reasons() -> Vec<Why> {
		let provider = AccountId::new([1; 32]);
		let closed = [
			CloseReason::Cancelled,
			CloseReason::NoCapacity,
			CloseReason::InputUnavailable(InputFault::Missing),
			CloseReason::InputUnavailable(InputFault::WrongSize),
			CloseReason::InputUnavailable(InputFault::WrongRoot),
			CloseReason::DeadlineMissed,
			CloseReason::NotRevealed,
			CloseReason::ParentFailed(3),
			CloseReason::ProviderForfeited,
			CloseReason::Fraud,
			CloseReason::TraceWithheld,
			CloseReason::OutputWithheld,
			CloseReason::InputWithheld,
			CloseReason::NotUnanimous,
			CloseReason::ReplicaFailed(4),
			CloseReason::NotAudited,
		];
		let open = [
			Why::ParentsOpen(vec![3, 4, 5]),
			Why::TooYoung { from: 8 },
			Why::NobodyReady,
			Why::NobodyFits,
			Why::AwaitsTurn,
			Why::AwaitsAcceptance { provider: provider.clone(), by: 8 },
			Why::Computes { provider: provider.clone(), by: 8, late_by: 9 },
			Why::AwaitsReveal { provider, by: 8 },
			Why::ReplicasOpen(vec![3, 4]),
			Why::Challengeable { settles_at: 8 },
			Why::Overdue,
			Why::Paid,
		];
		open.into_iter().chain(closed.map(Why::Closed)).collect()
	}

	/// A reason with a demand and no supply.
	pub fn explanation(why: Why) -> Explanation {
		let demand = Demand {
			class: HardwareClass::General,
			earmark: 12 * UNIT,
			memory_mib: 64,
			price: UNIT / 100,
		};
		Explanation { why, demand, supply: None }
	}

	fn nobody_fits(supply: Supply) -> Explanation {
		Explanation { supply: Some(supply), ..explanation(Why::NobodyFits) }
	}

	#[test]
	fn every_reason_has_words_of_its_own() {
		let all: BTreeSet<_> = reasons().into_iter().map(|why| words(&explanation(why))).collect();
		assert_eq!(all.len(), reasons().len());
		let hints = reasons().into_iter().flat_map(|why| hints(&explanation(why)));
		for sentence in all.into_iter().chain(hints) {
			assert!(sentence.len() > 20 && sentence.ends_with('.'), "{sentence}");
			assert!(!sentence.contains("  ") && !sentence.contains(['\n', '\t']), "{sentence}");
		}
	}

	#[test]
	fn a_missing_quote_keeps_its_code_and_says_what_to_do() {
		for reason in ["NoPrice", "NoRates", "FeedsStale", "PriceTooLarge"] {
			let said = no_quote(reason);
			assert!(said.contains(": ") && said.ends_with(&format!("({reason})")), "{said}");
			assert!(!said.contains("  ") && !said.contains(['\n', '\t']), "{said}");
		}
		// What the runtime says in words stays as it is.
		assert_eq!(no_quote("no such program"), "no such program");
	}

	#[test]
	fn words_carry_the_numbers() {
		let parents = |ids: &[JobId]| words(&explanation(Why::ParentsOpen(ids.to_vec())));
		assert_eq!(parents(&[3]), "It waits for job 3, whose outputs it takes.");
		assert!(parents(&[]).contains("moves it on"), "it waits no more, but has not been moved");
		assert_eq!(parents(&[3, 4, 5]), "It waits for jobs 3, 4 and 5, whose outputs it takes.");

		let turn = Explanation {
			supply: Some(Supply { ready: 5, fit: 2, ..Default::default() }),
			..explanation(Why::AwaitsTurn)
		};
		assert!(words(&turn).starts_with("2 of 5 providers of class General that wait may take it"));

		let provider = AccountId::new([1; 32]);
		let said =
			words(&explanation(Why::Computes { provider: provider.clone(), by: 8, late_by: 9 }));
		for part in [provider.to_string(), "block 8".into(), "block 9".into()] {
			assert!(said.contains(&part), "{said}");
		}
	}

	#[test]
	fn what_all_lack_is_told_first_and_with_the_best_there_is() {
		let supply = Supply {
			ready: 3,
			short_of_stake: 1,
			most_free_stake: 80 * UNIT,
			short_of_memory: 3,
			most_memory_mib: 48,
			too_dear: 2,
			least_min_price: Some(UNIT / 200),
			..Default::default()
		};
		let hints = hints(&nobody_fits(supply));
		assert_eq!(hints.len(), 3);
		assert_eq!(
			hints[0],
			"The program needs 64 MiB, and no waiting provider has more than 48 MiB: submit it for class HighMemory, \
			 or wait for a provider with more memory."
		);
		assert_eq!(
			hints[1],
			"Among those that wait: 1 provider with less free stake than the earmark of 12 CAL."
		);
		assert!(hints[2].contains("2 providers that ask for more than its price of 0.01 CAL"));
	}

	#[test]
	fn an_overdue_job_can_be_moved_on_by_anyone() {
		let overdue = |supply| hints(&Explanation { supply, ..explanation(Why::Overdue) });
		assert_eq!(overdue(None).len(), 1);
		assert!(overdue(None)[0].contains("jobs.expire"));
		// Queued for so long because nobody may take it: that is said too.
		let supply = Supply { ready: 1, barred: 1, ..Default::default() };
		assert_eq!(overdue(Some(supply)).len(), 2);
		let supply = Supply { ready: 2, fit: 1, barred: 1, ..Default::default() };
		assert_eq!(overdue(Some(supply)).len(), 1);
	}

	#[test]
	fn each_lack_of_all_says_what_to_do() {
		let none = Supply { ready: 2, ..Default::default() };
		let hint = |supply: Supply| {
			let hints = hints(&nobody_fits(supply));
			assert_eq!(hints.len(), 1);
			hints[0].clone()
		};
		let stake = Supply { short_of_stake: 2, most_free_stake: 8 * UNIT, ..none.clone() };
		assert_eq!(
			hint(stake),
			"The earmark of 12 CAL is more than any waiting provider has free (8 CAL): lower value_at_risk, or wait \
			 for a provider with more stake."
		);
		let dear = Supply { too_dear: 2, least_min_price: Some(UNIT / 50), ..none.clone() };
		let said = hint(dear);
		assert!(said.contains("pays 0.01 CAL") && said.contains("less than 0.02 CAL"), "{said}");
		assert!(hint(Supply { barred: 2, ..none.clone() }).contains("disclosure"));
		assert!(hint(Supply { failed_before: 2, ..none.clone() }).contains("failed or declined"));
		// Should the chain ever say that nobody fits and not why, there is still something to say.
		assert!(hint(none).starts_with("Wait for a provider of class General with 12 CAL"));
	}

	#[test]
	fn amounts_have_as_many_digits_as_they_need() {
		assert_eq!(cal(0), "0 CAL");
		assert_eq!(cal(1), "0.000000000001 CAL");
		assert_eq!(cal(UNIT / 100), "0.01 CAL");
		assert_eq!(cal(12 * UNIT), "12 CAL");
		assert_eq!(cal(12 * UNIT + UNIT / 2), "12.5 CAL");
		assert_eq!(cal(u128::MAX), "340282366920938463463374607.431768211455 CAL");
	}
}
