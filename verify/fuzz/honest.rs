// SPDX-License-Identifier: Apache-2.0
//! Honest workers and all that they have shown.

use calor_primitives::dispute::{Answer, Question};
use calor_tensor::{
	program::VERSION, reference, testing::random_case, Data, Op, Program, Tensor, TensorId,
	TensorType,
};
use calor_verify::{Claimed, Run};
use codec::{Decode, Encode};

/// One who ran a program, and has shown all but the leaves of deep tensors.
pub struct Honest {
	pub run: Run,
	pub claimed: Claimed,
}

impl Honest {
	fn new(program: Program, operands: Vec<Tensor>) -> Self {
		let program = program.validate().expect("a valid program");
		let defined = reference::trace(&program, operands.clone()).expect("it runs");
		let run = Run::of(program.into(), operands, defined).expect("a run");
		let operands =
			(0..run.operands().len() as TensorId).filter_map(|id| run.root(id)).collect();
		let mut claimed = Claimed::new(operands, run.output_roots());
		let ops = 0..run.op_roots().len() as u16;
		for question in [Question::Trace].into_iter().chain(ops.map(|op| Question::Upper { op })) {
			let answer = run.answer(question).expect("an answer");
			claimed.take(run.program(), question, &answer).expect("a right answer");
		}
		Self { run, claimed }
	}

	/// Some of random programs, and one with more tiles than one answer holds.
	pub fn all() -> Vec<Self> {
		let random = [1, 4, 9].map(random_case).map(|case| Self::new(case.program, case.operands));
		let ty = TensorType::i8(&[1_300, 1, 1]);
		let program = Program {
			version: VERSION,
			inputs: vec![ty.clone()],
			constants: vec![],
			ops: vec![Op::Relu { x: 0 }, Op::Clamp { x: 1, low: 3, high: 50 }],
			outputs: vec![2],
		};
		let x = Data::I8((0..1_300).map(|i| i as i8).collect());
		let x = Tensor::from_data(ty, x).expect("a tensor");
		random.into_iter().chain([Self::new(program, vec![x])]).collect()
	}
}

/// An honest answer with changes to its encoding.
#[derive(Clone, Debug, Encode, Decode)]
pub struct Changed {
	/// What the answer is to.
	pub question: Question,
	/// Bytes that are changed, and by what.
	pub changes: Vec<(u16, u8)>,
	/// Bytes that are left out at the end.
	pub cut: u8,
	/// Bytes that follow.
	pub more: Vec<u8>,
}

impl Changed {
	/// `None` if that is no answer, or there is none to the question.
	pub fn answer(&self, run: &Run) -> Option<Answer> {
		let mut bytes = run.answer(self.question).ok()?.encode();
		for (at, change) in &self.changes {
			let at = usize::from(*at) % bytes.len();
			bytes[at] ^= change;
		}
		bytes.truncate(bytes.len().saturating_sub(self.cut.into()));
		bytes.extend(&self.more);
		Answer::decode(&mut bytes.as_slice()).ok()
	}
}
