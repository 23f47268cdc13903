// SPDX-License-Identifier: Apache-2.0
//! A challenger finds every lie with at most three questions and proves it; against the truth there is nothing to do.

use calor_cpu::{Engine, Options};
use calor_primitives::dispute::{Answer, Question};
use calor_tensor::{
	program::VERSION,
	proof::{judge, ProofError},
	reference,
	testing::{edge_cases, random_case, validated, Case, Choice},
	Data, Op, Program, Tensor, TensorId, TensorType, Validated,
};
use calor_verify::{Claimed, Error, Finding, Keep, Run};
use std::sync::Arc;

fn engine() -> Engine {
	Engine::new(&Options { threads: Some(1), ..Options::default() }).expect("an engine")
}

fn long() -> bool {
	std::env::var_os("CALOR_LONG").is_some()
}

fn flip(choice: &mut Choice, tensor: &mut Tensor) {
	let at = choice.within(0, tensor.data().len() as u64 - 1) as usize;
	match tensor.data_mut() {
		Data::I8(v) => v[at] ^= choice.within(1, 255) as u8 as i8,
		Data::I32(v) => v[at] ^= 1 << choice.within(0, 31),
	}
}

/// What is known of a worker's run after its reveal.
fn revealed(run: &Run) -> Claimed {
	let operands = (0..run.operands().len() as TensorId).filter_map(|id| run.root(id)).collect();
	Claimed::new(operands, run.output_roots())
}

/// Asks until there is a verdict; a run that keeps little computes again what it must. Returns the questions as well.
fn pursue(run: &mut Run, worker: &Run, claimed: &mut Claimed) -> (Vec<Question>, Finding) {
	let mut asked = Vec::new();
	loop {
		match run.next(claimed).expect("a finding") {
			Finding::Ask(question, shown) => {
				assert!(!asked.contains(&question), "asked twice: {question:?}");
				assert_eq!(shown.is_none(), question == Question::Trace);
				let answer = worker.answer(question).expect("a worker answers");
				claimed
					.take(run.program(), question, &answer)
					.expect("an answer to what it is bound to");
				asked.push(question);
			},
			Finding::Recompute(tensors) => run.hold(&engine(), &tensors).expect("a second run"),
			finding => return (asked, finding),
		}
	}
}

/// The run of a worker who flips one element and computes on with it, or not.
fn lying(
	choice: &mut Choice,
	program: &Arc<Validated>,
	case: &Case,
	right: &Run,
	op: usize,
) -> Run {
	let ids = program.program().leaves()..program.tensors().len();
	let mut tensors: Vec<Tensor> =
		ids.filter_map(|id| right.tensor(id as TensorId).cloned()).collect();
	flip(choice, &mut tensors[op]);
	if choice.within(0, 1) == 0 {
		// What follows from it: the flipped tensor is an operand of the rest.
		let whole = program.program();
		let (known, rest) = whole.ops.split_at(op + 1);
		if !rest.is_empty() {
			let types = program.tensors()[..whole.leaves() + known.len()].iter();
			let part = Program {
				version: VERSION,
				inputs: vec![],
				constants: types.map(|(ty, _)| ty.clone()).collect(),
				ops: rest.to_vec(),
				outputs: vec![(whole.leaves() + whole.ops.len() - 1) as TensorId],
			};
			let part = part.validate().expect("a part");
			tensors.truncate(op + 1);
			let operands = case.operands.iter().cloned().chain(tensors.clone()).collect();
			tensors.extend(reference::trace(&part, operands).expect("the rest"));
		}
	}
	Run::of(program.clone(), case.operands.clone(), tensors).expect("a run")
}

fn every_lie_is_proved(case: &Case, choice: &mut Choice, engine: &Engine) {
	let program = Arc::new(validated(case).expect("a valid case"));
	let keep = if choice.within(0, 1) == 0 { Keep::All } else { Keep::Outputs };
	let honest = Run::trace(engine, program.clone(), case.operands.clone(), keep);
	let honest = honest.expect("a run");
	let defined = reference::trace(&program, case.operands.clone()).expect("a trace");
	let right = Run::of(program.clone(), case.operands.clone(), defined).expect("a run");
	assert_eq!(honest.op_roots(), right.op_roots());
	for op in 0..program.program().ops.len() {
		let worker = lying(choice, &program, case, &right, op);
		let mut claimed = revealed(&worker);
		let mut run = honest.clone();
		let outputs_differ = worker.output_roots() != run.output_roots();
		if !outputs_differ {
			// Only a trace that somebody else asked for can show it.
			assert_eq!(run.next(&claimed).expect("a finding"), Finding::Agrees);
			let trace = worker.answer(Question::Trace).expect("an answer");
			claimed.take(&program, Question::Trace, &trace).expect("a right answer");
		}
		let (asked, finding) = pursue(&mut run, &worker, &mut claimed);
		let Finding::Proof(proof) = finding else { panic!("{finding:?}: {:?}", case.program) };
		assert!(asked.len() + usize::from(!outputs_differ) <= 3, "{asked:?}");
		assert_eq!(judge(&program, &claimed.known(), &proof), Ok(()));
		// Not against one who told the truth.
		let mut known = revealed(&right);
		let trace = right.answer(Question::Trace).expect("an answer");
		known.take(&program, Question::Trace, &trace).expect("a right answer");
		assert!(matches!(judge(&program, &known.known(), &proof), Err(ProofError::WrongPath(_))));
	}
	// The truth, with everything shown.
	let mut run = honest;
	let mut claimed = revealed(&right);
	assert_eq!(pursue(&mut run, &right, &mut claimed), (vec![], Finding::Agrees));
	let ops = 0..program.program().ops.len() as u16;
	for question in [Question::Trace].into_iter().chain(ops.map(|op| Question::Upper { op })) {
		claimed
			.take(&program, question, &right.answer(question).expect("an answer"))
			.expect("right");
		assert_eq!(run.next(&claimed).expect("a finding"), Finding::Agrees);
	}
}

#[test]
fn every_single_lie_in_random_programs_is_proved() {
	let (mut choice, engine) = (Choice::new(1), engine());
	for seed in 0..if long() { 1_000 } else { 20 } {
		every_lie_is_proved(&random_case(seed), &mut choice, &engine);
	}
}

#[test]
fn every_single_lie_at_the_edges_is_proved() {
	let (mut choice, engine) = (Choice::new(2), engine());
	for case in edge_cases().iter().step_by(if long() { 1 } else { 8 }) {
		every_lie_is_proved(case, &mut choice, &engine);
	}
}

/// `clamp -> relu`, with more tiles than one answer holds.
fn deep() -> (Arc<Validated>, Vec<Tensor>) {
	let ty = TensorType::i8(&[1_300, 1, 1]);
	let program = Program {
		version: VERSION,
		inputs: vec![ty.clone()],
		constants: vec![],
		ops: vec![Op::Clamp { x: 0, low: -3, high: 50 }, Op::Relu { x: 1 }],
		outputs: vec![2],
	};
	let x = Data::I8((0..1_300).map(|i| i as i8).collect());
	let program = Arc::new(program.validate().expect("a program"));
	(program, vec![Tensor::from_data(ty, x).expect("a tensor")])
}

fn change(run: &Run, op: usize, at: &[usize]) -> Run {
	let first = run.operands().len();
	let ids = first..first + run.op_roots().len();
	let mut tensors: Vec<_> =
		ids.map(|id| run.tensor(id as TensorId).expect("all is kept").clone()).collect();
	for &at in at {
		match tensors[op].data_mut() {
			Data::I8(v) => v[at] ^= 5,
			Data::I32(v) => v[at] ^= 5,
		}
	}
	Run::of(run.program().clone().into(), run.operands().to_vec(), tensors).expect("a run")
}

#[test]
fn deep_tensors_take_three_questions() {
	let (program, operands) = deep();
	let engine = engine();
	let mut run = Run::trace(&engine, program, operands, Keep::All).expect("a run");
	let worker = change(&run, 0, &[777]);
	let mut claimed = revealed(&worker);
	// Its output is right, so another must have asked for the trace.
	let trace = worker.answer(Question::Trace).expect("an answer");
	claimed.take(run.program(), Question::Trace, &trace).expect("a right answer");
	let (asked, finding) = pursue(&mut run, &worker, &mut claimed);
	let node = 777 / 2;
	assert_eq!(asked, [Question::Upper { op: 0 }, Question::Lower { op: 0, node }]);
	assert!(matches!(finding, Finding::Proof(proof) if (proof.op, proof.tile) == (0, 777)));

	// The output itself: its operand is known by the trace only.
	let worker = change(&run, 1, &[1_299]);
	let (asked, finding) = pursue(&mut run, &worker, &mut revealed(&worker));
	let expected =
		[Question::Trace, Question::Upper { op: 1 }, Question::Lower { op: 1, node: 649 }];
	assert_eq!(asked, expected);
	assert!(matches!(finding, Finding::Proof(proof) if (proof.op, proof.tile) == (1, 1_299)));
}

#[test]
fn what_others_have_asked_is_not_asked_again() {
	let (program, operands) = deep();
	let run = Run::trace(&engine(), program, operands, Keep::All).expect("a run");
	let worker = change(&run, 1, &[5, 1_000]);
	let mut claimed = revealed(&worker);
	for question in
		[Question::Trace, Question::Upper { op: 1 }, Question::Lower { op: 1, node: 500 }]
	{
		let answer = worker.answer(question).expect("an answer");
		claimed.take(run.program(), question, &answer).expect("a right answer");
	}
	// The first tile that differs would be 5, but that node nobody has asked for.
	let finding = run.next(&claimed).expect("a finding");
	assert!(matches!(finding, Finding::Proof(proof) if proof.tile == 1_000));
}

#[test]
fn outputs_made_of_operands_or_outputs_need_no_trace() {
	let program = Program {
		version: VERSION,
		inputs: vec![TensorType::i32(&[70, 5])],
		constants: vec![],
		ops: vec![Op::Relu { x: 0 }, Op::RowMax { x: 1 }, Op::Relu { x: 2 }],
		outputs: vec![2, 1],
	};
	let program = Arc::new(program.validate().expect("a program"));
	let ty = TensorType::i32(&[70, 5]);
	let x = Tensor::from_data(ty, Data::I32((-150..200).collect())).expect("a tensor");
	let mut run = Run::trace(&engine(), program, vec![x], Keep::Outputs).expect("a run");
	let whole =
		Run::trace(&engine(), Arc::new(run.program().clone()), run.operands().to_vec(), Keep::All);
	let whole = whole.expect("a run");
	for (op, at) in [(0, 69), (1, 69)] {
		let worker = change(&whole, op, &[at]);
		let mut claimed = revealed(&worker);
		let (asked, finding) = pursue(&mut run, &worker, &mut claimed);
		assert_eq!(asked, [Question::Upper { op: op as u16 }]);
		let Finding::Proof(proof) = finding else { panic!("{finding:?}") };
		assert!(
			proof.in_trace.is_empty() && proof.inputs.iter().all(|open| open.in_trace.is_empty())
		);
		assert_eq!(judge(run.program(), &claimed.known(), &proof), Ok(()));
	}
	// Both outputs differ: the second is made of the first, of which the challenger holds another.
	let worker = change(&change(&whole, 0, &[69]), 1, &[0]);
	let (asked, finding) = pursue(&mut run, &worker, &mut revealed(&worker));
	assert_eq!(asked, [Question::Upper { op: 0 }]);
	assert!(matches!(finding, Finding::Proof(proof) if proof.op == 0));
}

#[test]
fn answers_that_the_worker_is_not_bound_to_are_refused() {
	let (program, operands) = deep();
	let run = Run::trace(&engine(), program.clone(), operands, Keep::All).expect("a run");
	let worker = change(&run, 1, &[3]);
	let mut claimed = revealed(&worker);
	let upper = Question::Upper { op: 0 };
	let lower = Question::Lower { op: 0, node: 0 };
	let mut take = |question, answer: &Answer| claimed.take(&program, question, answer);
	let say = |run: &Run, question| run.answer(question).expect("an answer");
	assert!(matches!(take(upper, &say(&worker, upper)), Err(Error::TooEarly(_))));
	assert!(matches!(take(lower, &say(&worker, lower)), Err(Error::TooEarly(_))));
	// Another's trace, whose outputs are not those revealed.
	let trace = Question::Trace;
	assert!(matches!(take(trace, &say(&run, trace)), Err(Error::WrongAnswer(_))));
	assert!(matches!(take(trace, &say(&worker, upper)), Err(Error::WrongAnswer(_))));
	take(trace, &say(&worker, trace)).expect("right");
	assert!(matches!(take(upper, &say(&worker, trace)), Err(Error::WrongAnswer(_))));
	let other = Question::Upper { op: 1 };
	assert!(matches!(take(other, &say(&run, other)), Err(Error::WrongAnswer(_))));
	take(upper, &say(&worker, upper)).expect("right");
	let next = Question::Lower { op: 0, node: 1 };
	assert!(matches!(take(lower, &say(&worker, next)), Err(Error::WrongAnswer(_))));
	take(lower, &say(&worker, lower)).expect("right");
	let chunk = Question::Chunk { tensor: 2, chunk: 0 };
	assert!(matches!(take(chunk, &say(&run, chunk)), Err(Error::WrongAnswer(_))));
	assert!(matches!(take(chunk, &say(&worker, upper)), Err(Error::WrongAnswer(_))));
	take(chunk, &say(&worker, chunk)).expect("right");
	let none = [
		Question::Upper { op: 2 },
		Question::Upper { op: u16::MAX },
		Question::Lower { op: 0, node: 650 },
		Question::Lower { op: 9, node: 0 },
		Question::Chunk { tensor: 3, chunk: 0 },
		Question::Chunk { tensor: 0, chunk: 82 },
	];
	for question in none {
		assert!(matches!(run.answer(question), Err(Error::NoSuchThing(_))), "{question:?}");
		assert!(take(question, &say(&worker, lower)).is_err());
	}
}

#[test]
fn chunks_hold_the_tiles_of_operands_and_results() {
	let (program, operands) = deep();
	let run = Run::trace(&engine(), program.clone(), operands, Keep::Outputs).expect("a run");
	for tensor in [0, 2] {
		let root = run.root(tensor).expect("a root");
		for chunk in [0, 40, 81] {
			let answer = run.answer(Question::Chunk { tensor, chunk }).expect("an answer");
			let (first, tiles) =
				calor_verify::tiles(&program, tensor, &root, chunk, &answer).expect("tiles");
			assert_eq!(first, chunk * 16);
			let elements: Vec<u8> = tiles.map(|tile| tile[0]).collect();
			let blob = run.tensor(tensor).expect("held").to_bytes();
			assert_eq!(elements, blob[first as usize..blob.len().min(first as usize + 16)]);
			assert!(calor_verify::tiles(&program, tensor, &[0; 32], chunk, &answer).is_err());
		}
	}
	let chunk = Question::Chunk { tensor: 1, chunk: 0 };
	assert!(matches!(run.answer(chunk), Err(Error::NotHeld(1))));
}

#[test]
fn other_operands_or_counts_are_named() {
	let (program, operands) = deep();
	let mut run =
		Run::trace(&engine(), program.clone(), operands.clone(), Keep::All).expect("a run");
	let mut other = operands.clone();
	match other[0].data_mut() {
		Data::I8(v) => v[9] = 33,
		Data::I32(_) => panic!("an i8 tensor"),
	}
	let worker = Run::trace(&engine(), program.clone(), other, Keep::All).expect("a run");
	let mut claimed = revealed(&worker);
	let error = loop {
		match run.next(&claimed) {
			Ok(Finding::Ask(question, _)) => {
				let answer = worker.answer(question).expect("an answer");
				claimed.take(&program, question, &answer).expect("right");
			},
			Ok(finding) => panic!("{finding:?}"),
			Err(error) => break error,
		}
	};
	assert!(matches!(error, Error::Proof(ProofError::WrongPath(0))), "{error}");
	assert!(matches!(run.next(&Claimed::default()), Err(Error::Count { .. })));
	let few = Run::of(program.clone(), operands.clone(), []);
	assert!(matches!(few, Err(Error::Count { expected: 2, actual: 0, .. })));
	let wrong = Run::of(
		program.clone(),
		operands.clone(),
		[Tensor::zeros(TensorType::i8(&[3])).expect("a tensor")],
	);
	assert!(matches!(wrong, Err(Error::Type(1))));
	assert!(matches!(Run::of(program, vec![], []), Err(Error::Operand(_))));
	// An engine that gives something else the second time.
	struct Faulty;
	impl calor_verify::Tracer for Faulty {
		fn trace(
			&self,
			program: &Validated,
			operands: &[Tensor],
			visit: &mut dyn FnMut(usize, Tensor) -> std::ops::ControlFlow<()>,
		) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
			let mut tensors = reference::trace(program, operands.to_vec())?;
			flip(&mut Choice::new(1), &mut tensors[0]);
			let _ = tensors.into_iter().enumerate().try_for_each(|(op, tensor)| visit(op, tensor));
			Ok(())
		}
	}
	run.hold(&engine(), &[]).expect("nothing to do");
	assert!(run.tensor(1).is_none());
	assert!(matches!(run.hold(&Faulty, &[1]), Err(Error::Type(1))));
	run.hold(&engine(), &[1]).expect("a second run");
	assert!(run.tensor(1).is_some());
}
