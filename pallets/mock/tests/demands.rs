// SPDX-License-Identifier: Apache-2.0
//! Questions about results: asked, answered, left without an answer.

use calor_mock::*;
use calor_primitives::{
	dispute::{Answer, Question, Shown, MAX_STEPS},
	fault::Fault,
	job::{computing_blocks, CloseReason, JobState},
	money::UNIT,
	JobId, H256,
};
use calor_tensor::{program::VERSION, tree::Descent, Op, Program, TensorType};
use calor_verify::Run;
use frame_support::{assert_noop, assert_ok, dispatch::Pays, traits::Hooks};
use pallet_verification::{Answered, Demands, Error, Event, Over, WeightInfo};

type E = Error<Runtime>;

/// A worker's whole earmark for the small job.
const EARMARK: u128 = 20 * PRICE;
const STEP: u32 = ANSWER + PROVE;

fn hashes(run: &Run, question: Question) -> Vec<H256> {
	match run.answer(question).expect("an answer") {
		Answer::Hashes(hashes) => hashes.into_inner(),
		Answer::Tiles { .. } => panic!("hashes are asked for"),
	}
}

/// What shows the root of an operation's tensor, by its path in the trace.
fn shown(run: &Run, op: u16) -> Shown {
	let tensor = run.operands().len() as u16 + op;
	let path = calor_tensor::prove::path_in_trace(run.program(), tensor, run.op_roots());
	let path: Vec<H256> = path.expect("an operation").into_iter().map(H256).collect();
	Shown {
		root: H256(run.op_roots()[usize::from(op)]),
		in_trace: path.try_into().expect("short"),
		node: None,
	}
}

/// The same with a node of the first answer.
fn shown_node(run: &Run, op: u16, node: u32) -> Shown {
	let upper: Vec<_> =
		hashes(run, Question::Upper { op }).into_iter().map(|hash| hash.0).collect();
	let descent = Descent::of(run.program().op_layout(op).expect("an operation"));
	let path = descent.node_path(node, &upper).expect("a node");
	let path: Vec<H256> = path.into_iter().map(H256).collect();
	let hash = H256(upper[node as usize]);
	Shown { node: Some((hash, path.try_into().expect("short"))), ..shown(run, op) }
}

fn ask(name: &str, job: JobId, question: Question, shown: Option<Shown>) {
	assert_ok!(demand(name, job, question, shown));
}

/// The worker answers rightly, and pays no fee.
fn say(who: &str, job: JobId, run: &Run, question: Question) {
	let said = run.answer(question).expect("an answer");
	let done = answer(&worker(who), job, question, said).expect("it is right");
	assert_eq!(done.pays_fee, Pays::No);
}

/// A worker with a result, and the trace shown.
fn traced(m: &mut Story, work: &Work) -> JobId {
	m.provider("bob");
	appear_worker("bob");
	let (job, _) = m.revealed(work, &work.right);
	ask("dave", job, Question::Trace, None);
	say("bob", job, &work.right, Question::Trace);
	job
}

#[test]
fn every_kind_of_question_has_an_answer() {
	Story::tell(|m| {
		m.provider("bob");
		appear_worker("bob");
		let work = Work::new(deep(), 3);
		let (job, _) = m.revealed(&work, &work.right);
		let run = &work.right;
		let before = (wealth("dave"), free("frank"), wealth("bob"));
		ask("dave", job, Question::Trace, None);
		say("bob", job, run, Question::Trace);
		assert_eq!(
			dispute(job).trace,
			Some(H256(calor_tensor::trace_root(run.op_roots()))),
			"its root is kept"
		);
		let mut questions = vec![
			(Question::Upper { op: 0 }, Some(shown(run, 0))),
			(Question::Upper { op: 1 }, Some(shown(run, 1))),
			(Question::Chunk { tensor: 0, chunk: 64 }, None),
			(Question::Chunk { tensor: 3, chunk: 0 }, None),
			(Question::Chunk { tensor: 3, chunk: 1 }, None),
		];
		for node in [0, 300, 514] {
			questions.push((Question::Lower { op: 1, node }, Some(shown_node(run, 1, node))));
		}
		// An output needs no path.
		let output = Shown { root: roots(run)[0], in_trace: Default::default(), node: None };
		questions.push((Question::Upper { op: 2 }, Some(output)));
		for (question, shown) in questions.clone() {
			ask("dave", job, question, shown);
			// Anyone who has it answers.
			let said = run.answer(question).expect("an answer");
			let done = answer(&account("frank"), job, question, said).expect("it is right");
			assert_eq!(done.pays_fee, Pays::No);
		}
		assert_eq!(deposits("dave").0, 0);
		assert_eq!(dispute(job).demands.len(), questions.len() + 1);
		let gained = free("frank") - before.1;
		assert!(gained > 0 && before.0 - wealth("dave") > gained, "the trace was paid as well");
		run_to(settles_at(job) + 1);
		assert!(matches!(state(job), JobState::Settled { .. }));
		assert!(wealth("bob") > before.2);
		assert_eq!(Answered::<Runtime>::iter().count(), 0, "nothing is left of it");
	});
}

#[test]
fn only_the_worker_shows_the_trace_and_only_one_with_its_outputs() {
	Story::tell(|m| {
		m.provider("bob");
		appear_worker("bob");
		let work = Work::small();
		let (job, _) = m.revealed(&work, &work.right);
		let trace = work.right.answer(Question::Trace).unwrap();
		let answer_as = |who, said| answer(&who, job, Question::Trace, said);
		assert_noop!(answer_as(worker("bob"), trace.clone()), E::NotAsked);
		ask("dave", job, Question::Trace, None);
		assert_noop!(answer_as(account("frank"), trace.clone()), E::NotYourAnswer);
		assert_noop!(answer_as(account("bob"), trace.clone()), E::NotYourAnswer);
		let other = work.lie(2, 5).answer(Question::Trace).unwrap();
		assert_noop!(answer_as(worker("bob"), other), E::WrongAnswer);
		let short =
			Answer::Hashes(hashes(&work.right, Question::Trace)[1..].to_vec().try_into().unwrap());
		assert_noop!(answer_as(worker("bob"), short), E::WrongAnswer);
		let tiles = Answer::Tiles { bytes: Default::default(), siblings: Default::default() };
		assert_noop!(answer_as(worker("bob"), tiles), E::WrongAnswer);
		assert_ok!(answer_as(worker("bob"), trace.clone()));
		assert_noop!(answer_as(worker("bob"), trace), E::NotAsked);
		// A trace with the right outputs and a slip on the way is an answer, and binds.
		let (second, _) = m.revealed(&work, &work.right);
		ask("dave", second, Question::Trace, None);
		say("bob", second, &work.slip(1, 2), Question::Trace);
		let proof = m.challenge_after_trace("dave", second, &work.right, &work.slip(1, 2));
		assert_ok!(m.prove("dave", second, &proof.expect("a lie")));
	});
}

#[test]
fn wrong_answers_change_nothing() {
	Story::tell(|m| {
		let work = Work::small();
		let job = traced(m, &work);
		let right = &work.right;
		let lie = work.lie(0, 5);
		for (question, shown) in [
			(Question::Upper { op: 0 }, Some(shown(right, 0))),
			(Question::Chunk { tensor: 7, chunk: 0 }, None),
			(Question::Chunk { tensor: 1, chunk: 0 }, None),
		] {
			ask("dave", job, question, shown);
			let mut wrong = vec![lie.answer(question).unwrap()];
			match right.answer(question).unwrap() {
				Answer::Hashes(mut hashes) => {
					hashes.pop();
					wrong.push(Answer::Hashes(hashes));
				},
				Answer::Tiles { bytes, siblings } => {
					wrong.clear();
					let mut flipped = bytes.clone();
					flipped[77] ^= 1;
					wrong.push(Answer::Tiles { bytes: flipped, siblings: siblings.clone() });
					let mut short = bytes.clone();
					short.pop();
					wrong.push(Answer::Tiles { bytes: short, siblings: siblings.clone() });
					let mut more = siblings.to_vec();
					more.push(H256::zero());
					let siblings = more.try_into().unwrap();
					wrong.push(Answer::Tiles { bytes, siblings });
				},
			}
			for said in wrong {
				assert_noop!(answer(&worker("bob"), job, question, said), E::WrongAnswer);
			}
			say("bob", job, right, question);
		}
	});
}

#[test]
fn a_question_is_asked_once() {
	Story::tell(|m| {
		let work = Work::small();
		let job = traced(m, &work);
		assert_noop!(demand("eve", job, Question::Trace, None), E::AlreadyAsked);
		let upper = Question::Upper { op: 1 };
		ask("dave", job, upper, Some(shown(&work.right, 1)));
		let again = demand("eve", job, upper, Some(shown(&work.right, 1)));
		assert_noop!(again, E::AlreadyAsked);
		say("bob", job, &work.right, upper);
		let again = demand("eve", job, upper, Some(shown(&work.right, 1)));
		assert_noop!(again, E::AlreadyAsked);
	});
}

#[test]
fn questions_that_make_no_sense_are_refused() {
	Story::tell(|m| {
		m.provider("bob");
		appear_worker("bob");
		let work = Work::small();
		let right = &work.right;
		let (waiting, _) = m.running(work.spec(m));
		assert_noop!(demand("dave", waiting, Question::Trace, None), E::NotRevealed);
		assert_noop!(demand("dave", 99, Question::Trace, None), E::NotRevealed);
		m.commit("bob", waiting, &roots(right));
		assert_noop!(demand("dave", waiting, Question::Trace, None), E::NotRevealed);
		run_to(reveal_window(waiting).0);
		assert_ok!(m.reveal("bob", waiting, &roots(right)));
		let job = waiting;
		let upper = |op| Question::Upper { op };
		let path = demand("dave", job, upper(0), Some(shown(right, 0)));
		assert_noop!(path, E::TraceNotShown);
		ask("dave", job, Question::Trace, None);
		say("bob", job, right, Question::Trace);
		let pathed = Shown { in_trace: shown(right, 0).in_trace, ..shown(right, 3) };
		let refused = [
			(upper(5), Some(shown(right, 0)), E::BadQuestion),
			(upper(0), None, E::BadQuestion),
			(upper(0), Some(shown(right, 1)), E::WrongPath),
			(upper(0), Some(Shown { root: H256::zero(), ..shown(right, 0) }), E::WrongPath),
			// The root of an output is known without the trace.
			(upper(3), Some(pathed), E::WrongPath),
			(Question::Lower { op: 0, node: 0 }, Some(shown(right, 0)), E::BadQuestion),
			(Question::Chunk { tensor: 4, chunk: 0 }, None, E::BadQuestion),
			(Question::Chunk { tensor: 99, chunk: 0 }, None, E::BadQuestion),
			(Question::Chunk { tensor: 0, chunk: 1 }, None, E::BadQuestion),
			(Question::Chunk { tensor: 0, chunk: u32::MAX }, None, E::BadQuestion),
			(Question::Chunk { tensor: 0, chunk: 0 }, Some(shown(right, 0)), E::BadQuestion),
		];
		for (question, shown, error) in refused {
			assert_noop!(demand("dave", job, question, shown), error);
		}
		let node = Shown { node: Some((H256::zero(), Default::default())), ..shown(right, 0) };
		assert_noop!(demand("dave", job, upper(0), Some(node)), E::BadQuestion);
	});
}

#[test]
fn of_a_deep_tensor_only_what_the_worker_is_bound_to_can_be_asked() {
	Story::tell(|m| {
		let work = Work::new(deep(), 3);
		let job = traced(m, &work);
		let right = &work.right;
		let lower = |node| Question::Lower { op: 0, node };
		let other = Shown { node: shown_node(right, 1, 7).node, ..shown_node(right, 0, 7) };
		assert_noop!(demand("dave", job, lower(7), Some(other)), E::WrongPath);
		let moved = demand("dave", job, lower(8), Some(shown_node(right, 0, 7)));
		assert_noop!(moved, E::WrongPath);
		let none = demand("dave", job, lower(515), Some(shown_node(right, 0, 514)));
		assert_noop!(none, E::BadQuestion);
		ask("dave", job, lower(7), Some(shown_node(right, 0, 7)));
		let eight = right.answer(lower(8)).unwrap();
		assert_noop!(answer(&worker("bob"), job, lower(7), eight), E::WrongAnswer);
		say("bob", job, right, lower(7));
	});
}

#[test]
fn the_first_question_comes_within_the_window_and_answers_within_theirs() {
	Story::tell(|m| {
		m.provider("bob");
		appear_worker("bob");
		let work = Work::small();
		let (job, _) = m.revealed(&work, &work.right);
		let until = dispute(job).trace_until.unwrap();
		assert_eq!(until, System::block_number() + CHALLENGE - 1);
		run_to(until);
		ask("dave", job, Question::Trace, None);
		let asked = dispute(job).demands[0].1.clone();
		let by = until + ANSWER + computing_blocks(record(job).mac);
		assert_eq!(asked.by_height, by);
		assert_eq!(settles_at(job), by + PROVE, "settlement waits for it");
		run_to(by);
		let early = Verification::report_silence(by_("eve"), job, Question::Trace);
		assert_noop!(early, E::TooEarly);
		say("bob", job, &work.right, Question::Trace);
		// A second one is late.
		let (second, _) = m.revealed(&work, &work.right);
		ask("dave", second, Question::Chunk { tensor: 7, chunk: 0 }, None);
		run_to(dispute(second).trace_until.unwrap() + 1);
		let late = demand("dave", second, Question::Trace, None);
		// It would have settled, but for the other question.
		assert_noop!(late, E::TooLate);
		let late = right_answer(&work.right, Question::Chunk { tensor: 7, chunk: 0 });
		assert_noop!(
			answer(&worker("bob"), second, Question::Chunk { tensor: 7, chunk: 0 }, late),
			E::TooLate
		);
	});
}

fn by_(name: &str) -> RuntimeOrigin {
	by(&account(name))
}

fn right_answer(run: &Run, question: Question) -> Answer {
	run.answer(question).expect("an answer")
}

/// What the slash of a worker was, if there was one.
fn pending(name: &str) -> Vec<(Fault, u128)> {
	let slashes = pallet_stake::PendingSlashes::<Runtime>::iter_values();
	slashes.filter(|s| s.who == account(name)).map(|s| (s.fault, s.amount)).collect()
}

#[test]
fn silence_about_the_trace_costs_the_whole_earmark() {
	Story::tell(|m| {
		m.provider("bob");
		let work = Work::small();
		let (job, _) = m.revealed(&work, &work.right);
		let before = (wealth("dave"), wealth("bob"));
		ask("dave", job, Question::Trace, None);
		assert!(deposits("dave").0 > 0);
		let by = dispute(job).demands[0].1.by_height;
		run_to(by + 1);
		assert_noop!(
			Verification::report_silence(by_("eve"), job, Question::Upper { op: 0 }),
			E::NotAsked
		);
		assert_ok!(Verification::report_silence(by_("eve"), job, Question::Trace));
		assert_eq!(pending("bob"), vec![(Fault::TraceWithheld, EARMARK)]);
		assert!(matches!(state(job), JobState::Queued { .. }));
		assert!(matches!(
			availability("bob"),
			calor_primitives::provider::Availability::Jailed { .. }
		));
		// The deposit comes back where a block has room.
		assert!(deposits("dave").0 > 0);
		assert!(Over::<Runtime>::iter().count() == 1);
		advance(1);
		assert_eq!(deposits("dave").0, 0);
		assert_eq!(Over::<Runtime>::iter().count(), 0);
		advance(DEFERRAL);
		assert_eq!(wealth("bob"), before.1 - EARMARK);
		assert_eq!(wealth("dave"), before.0 + EARMARK * 3 / 10, "who asked gets a prover's share");
	});
}

#[test]
fn silence_is_found_out_at_the_end_if_nobody_reports_it() {
	for (question, fault, part) in [
		(Question::Upper { op: 0 }, Fault::TraceWithheld, EARMARK),
		(Question::Chunk { tensor: 8, chunk: 0 }, Fault::OutputWithheld, EARMARK / 4),
		(Question::Chunk { tensor: 0, chunk: 0 }, Fault::InputWithheld, EARMARK / 4),
		(Question::Chunk { tensor: 2, chunk: 0 }, Fault::InputWithheld, EARMARK / 4),
	] {
		Story::tell(|m| {
			let work = Work::small();
			let job = traced(m, &work);
			let show = match question {
				Question::Upper { op } => Some(shown(&work.right, op)),
				_ => None,
			};
			ask("dave", job, question, show);
			let end = settles_at(job);
			run_to(end - 1);
			if fault != Fault::TraceWithheld {
				let soon = Verification::report_silence(by_("eve"), job, question);
				assert_noop!(soon, E::TooEarly);
			}
			advance(2);
			assert_eq!(pending("bob"), vec![(fault, part)]);
			assert!(matches!(state(job), JobState::Queued { .. }));
			assert_eq!(deposits("dave").0, 0);
		});
	}
}

#[test]
fn a_worker_cannot_plead_guilty_of_less() {
	Story::tell(|m| {
		m.provider("bob");
		let work = Work::small();
		let (job, _) = m.revealed(&work, &work.right);
		// Its own question, which is due first.
		let chunk = Question::Chunk { tensor: 8, chunk: 0 };
		ask("bob", job, chunk, None);
		advance(2);
		ask("dave", job, Question::Trace, None);
		run_to(dispute(job).demands[0].1.by_height.max(dispute(job).demands[1].1.by_height) + 1);
		assert_noop!(Verification::report_silence(by_("bob"), job, chunk), E::TooEarly);
		run_to(settles_at(job));
		advance(1);
		assert_eq!(pending("bob"), vec![(Fault::TraceWithheld, EARMARK)], "the gravest counts");
	});
}

#[test]
fn after_the_last_attempt_the_job_closes_with_the_reason() {
	Story::tell(|m| {
		let work = Work::small();
		for name in ["bob", "carol", "eve"] {
			m.provider(name);
		}
		let (job, mut name) = m.running(work.spec(m));
		loop {
			m.commit(&name, job, &roots(&work.right));
			advance(1);
			assert_ok!(m.reveal(&name, job, &roots(&work.right)));
			ask("dave", job, Question::Chunk { tensor: 8, chunk: 0 }, None);
			run_to(settles_at(job) + 1);
			if !state(job).is_open() {
				break;
			}
			name = m.assigned(job);
			m.accept(&name, job);
		}
		assert_eq!(assert_closed(job, CloseReason::OutputWithheld), PRICE + LEVY);
	});
}

#[test]
fn deposits_cover_the_answer_and_rise_with_what_is_open() {
	Story::tell(|m| {
		let work = Work::small();
		let job = traced(m, &work);
		let plain = |bytes: u32| UNIT / 50 + UNIT / 100_000 * u128::from(bytes);
		let chunk = |tensor| Question::Chunk { tensor, chunk: 0 };
		let before = deposits("dave").0;
		assert_eq!(before, 0);
		ask("dave", job, chunk(8), None);
		let first = deposits("dave").0;
		assert_eq!(first, plain(16_384 + 640), "a tile of i32 with its path");
		ask("dave", job, chunk(7), None);
		assert_eq!(deposits("dave").0 - first, plain(16_384 + 640) * 5 / 4);
		ask("eve", job, chunk(0), None);
		assert_eq!(deposits("eve").0, plain(2 * 4_096 + 640) * 6 / 4);
		let poor = demand("nobody", job, chunk(1), None);
		assert_noop!(poor, E::BalanceTooLow);
		// An answer of one's own question pays oneself.
		let bob = wealth("bob");
		ask("bob", job, chunk(1), None);
		let said = right_answer(&work.right, chunk(1));
		assert_ok!(answer(&account("bob"), job, chunk(1), said));
		assert_eq!(wealth("bob"), bob);
	});
}

#[test]
fn nothing_can_be_put_off_beyond_the_cap() {
	Story::tell(|m| {
		m.provider("bob");
		appear_worker("bob");
		let work = Work::new(chain(30), 5);
		let (job, _) = m.revealed(&work, &work.right);
		let revealed = System::block_number();
		let cap = dispute(job).settles_by.unwrap();
		let computing = computing_blocks(record(job).mac);
		assert_eq!(cap, revealed + CHALLENGE + MAX_STEPS * STEP + computing);
		run_to(dispute(job).trace_until.unwrap());
		ask("dave", job, Question::Trace, None);
		say("bob", job, &work.right, Question::Trace);
		let mut op = 0;
		while matches!(state(job), JobState::Revealed { .. }) {
			// Always at the last moment.
			if System::block_number() + 1 == settles_at(job) {
				let question = Question::Upper { op };
				match demand("dave", job, question, Some(shown(&work.right, op))) {
					Ok(_) => say("bob", job, &work.right, question),
					Err(late) => assert_eq!(late.error, E::TooLate.into()),
				}
				op += 1;
			}
			assert!(System::block_number() <= cap);
			advance(1);
		}
		assert!(matches!(state(job), JobState::Settled { .. }));
		assert!(op >= 3, "it was put off more than once");
	});
}

/// So many operations in a row.
fn chain(ops: u16) -> Program {
	Program {
		version: VERSION,
		inputs: vec![TensorType::i32(&[4, 16])],
		constants: vec![TensorType::i32(&[16])],
		ops: (0..ops).map(|op| Op::Bias { x: if op == 0 { 0 } else { 1 + op }, bias: 1 }).collect(),
		outputs: vec![1 + ops],
	}
}

#[test]
fn a_hundred_false_challengers_cost_an_honest_worker_nothing() {
	Story::tell(|m| {
		m.provider("bob");
		appear_worker("bob");
		let work = Work::new(chain(110), 5);
		let before = wealth("bob");
		let (job, _) = m.revealed(&work, &work.right);
		let revealed = System::block_number();
		let crowd: Vec<String> = (0..100).map(|i| format!("sybil {i}")).collect();
		crowd.iter().for_each(|name| appear(name));
		ask(&crowd[0], job, Question::Trace, None);
		say("bob", job, &work.right, Question::Trace);
		let mut next = crowd.iter().zip(0u16..).peekable();
		let mut held = 0u128;
		while matches!(state(job), JobState::Revealed { .. }) {
			// Six come in each block; each asks something else, and announces a proof of nothing.
			let mut asked = Vec::new();
			for _ in 0..6 {
				let Some((name, op)) = next.next() else { break };
				let question = Question::Upper { op };
				if demand(name, job, question, Some(shown(&work.right, op))).is_ok() {
					asked.push(question);
				}
				let announced = Verification::commit_proof(by(&account(name)), job, H256::zero());
				held += u128::from(announced.is_ok());
			}
			advance(1);
			for question in asked {
				say("bob", job, &work.right, question);
			}
		}
		assert!(next.peek().is_none() || held > 50);
		assert!(matches!(state(job), JobState::Settled { .. }));
		let settled = System::block_number();
		let most = CHALLENGE + MAX_STEPS * STEP + computing_blocks(record(job).mac);
		assert!(settled - 1 <= revealed + most, "{} blocks", settled - revealed);
		assert!(wealth("bob") > before, "it is paid");
		assert!(free_of(&worker("bob")) > UNIT, "and what the questions cost is its");
		assert!(pending("bob").is_empty());
		advance(1);
		let lost = crowd.iter().map(|name| FUNDS - wealth(name)).min().unwrap();
		assert!(lost >= UNIT, "every one of them lost a deposit");
	});
}

fn free_of(who: &calor_primitives::AccountId) -> u128 {
	Balances::free_balance(who)
}

#[test]
fn what_remains_is_cleared_as_blocks_have_room() {
	Story::tell(|m| {
		m.provider("bob");
		appear_worker("bob");
		let work = Work::new(chain(20), 5);
		let (job, _) = m.revealed(&work, &work.right);
		ask("dave", job, Question::Trace, None);
		say("bob", job, &work.right, Question::Trace);
		for op in 0..19 {
			ask("dave", job, Question::Upper { op }, Some(shown(&work.right, op)));
			if op % 2 == 0 {
				say("bob", job, &work.right, Question::Upper { op });
			}
		}
		run_to(dispute(job).demands.iter().map(|(_, d)| d.by_height).max().unwrap() + 1);
		let silent = Verification::report_silence(by_("eve"), job, Question::Upper { op: 1 });
		assert_ok!(silent);
		let left = || Demands::<Runtime>::iter().count() + Answered::<Runtime>::iter().count();
		assert_eq!(left(), 20);
		stall(2);
		assert_eq!(left(), 20);
		// Room for two of them, and for looking at the agenda and at what remains.
		type W = <Runtime as pallet_verification::Config>::WeightInfo;
		for expected in [18, 16, 14] {
			let now = System::block_number();
			let room = W::look().saturating_mul(3) + W::clear().saturating_mul(2);
			let used = Verification::on_idle(now, room);
			assert!(used.all_lte(room));
			assert_eq!(left(), expected);
			stall(1);
		}
		advance(1);
		assert_eq!(left(), 0);
		assert_eq!(deposits("dave").0, 0);
	});
}

#[test]
fn another_attempt_is_asked_anew() {
	Story::tell(|m| {
		m.provider("bob");
		m.provider("carol");
		let work = Work::small();
		let (job, first) = m.running(work.spec(m));
		m.commit(&first, job, &roots(&work.right));
		advance(1);
		assert_ok!(m.reveal(&first, job, &roots(&work.right)));
		ask("dave", job, Question::Trace, None);
		run_to(dispute(job).demands[0].1.by_height + 1);
		assert_ok!(Verification::report_silence(by_("eve"), job, Question::Trace));
		stall(1);
		let second = loop {
			if let JobState::Assigned { provider, .. } = state(job) {
				break m.name_of(&provider);
			}
			stall(1);
		};
		assert_ne!(first, second);
		appear_worker(&second);
		m.accept(&second, job);
		m.commit(&second, job, &roots(&work.right));
		assert!(
			dispute(job).demands.is_empty(),
			"nothing of the first attempt is taken for its own"
		);
		stall(1);
		assert_ok!(m.reveal(&second, job, &roots(&work.right)));
		assert!(deposits("dave").0 > 0, "blocks had no room for the first deposit");
		ask("dave", job, Question::Trace, None);
		say(&second, job, &work.right, Question::Trace);
		advance(1);
		assert_eq!(deposits("dave").0, 0);
		run_to(settles_at(job) + 1);
		assert!(matches!(state(job), JobState::Settled { .. }));
		let events = System::events();
		let returned = events.iter().filter(|record| {
			matches!(record.event, RuntimeEvent::Verification(Event::DepositReturned { .. }))
		});
		assert_eq!(returned.count(), 1);
	});
}
