// SPDX-License-Identifier: Apache-2.0
//! Only what the worker itself would say is taken for an answer.

use calor_primitives::dispute::{Answer, Question};
use calor_tensor::{
	reference,
	testing::{random_case, validated, Choice},
	TensorId,
};
use calor_verify::{Claimed, Run};
use codec::{Decode, Encode};

#[test]
fn changed_answers_are_refused() {
	let mut choice = Choice::new(1);
	let (mut taken, mut refused) = (0, 0);
	for seed in 0..if std::env::var_os("CALOR_LONG").is_some() { 300 } else { 10 } {
		let case = random_case(seed);
		let program = std::sync::Arc::new(validated(&case).expect("a valid case"));
		let defined = reference::trace(&program, case.operands.clone()).expect("a trace");
		let run = Run::of(program.clone(), case.operands, defined).expect("a run");
		let leaves = run.operands().len() as TensorId;
		let operands = (0..leaves).filter_map(|id| run.root(id)).collect();
		let mut claimed = Claimed::new(operands, run.output_roots());
		let trace = run.answer(Question::Trace).expect("an answer");
		claimed.take(&program, Question::Trace, &trace).expect("a right answer");

		let tensors = program.tensors().len() as TensorId;
		let mut questions = vec![Question::Trace];
		questions.extend((0..tensors - leaves).map(|op| Question::Upper { op }));
		questions.extend((0..tensors).map(|tensor| Question::Chunk { tensor, chunk: 0 }));
		for question in questions {
			let right = run.answer(question).expect("an answer");
			for round in 0..8 {
				let mut bytes = right.encode();
				let at = choice.within(0, bytes.len() as u64 - 1) as usize;
				match round {
					0 => bytes.truncate(at),
					1 => bytes.insert(at, choice.bits() as u8),
					2 => drop(bytes.remove(at)),
					// Nothing.
					3 => {},
					_ => bytes[at] ^= 1 << choice.within(0, 7),
				}
				let Ok(answer) = Answer::decode(&mut bytes.as_slice()) else { continue };
				let verdict = claimed.clone().take(&program, question, &answer);
				assert_eq!(verdict.is_ok(), answer == right, "{question:?} of seed {seed}");
				if verdict.is_ok() {
					taken += 1;
				} else {
					refused += 1;
				}
			}
		}
	}
	assert!(taken > 100 && refused > 100, "{taken} {refused}");
}
