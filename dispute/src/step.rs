// SPDX-License-Identifier: Apache-2.0
//! What a challenger does next, from what the chain says and what the run finds; nothing else is remembered.

use calor_client::{
	dispute::{Demand, DisputeView, Question, Shown},
	types::BlockNumber,
};
use calor_tensor::proof::FraudProof;
use calor_verify::Finding;

/// The next step.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
	/// Nothing to do yet.
	Wait,
	/// What was shown is right.
	Agree,
	/// Ask.
	Ask(Question, Option<Shown>),
	/// Read the answer to a question in the block of that height.
	Read(Question, BlockNumber),
	/// Report that a question was not answered.
	Report(Question),
	/// Compute what the proof opens.
	Recompute(Vec<u16>),
	/// Bind to the proof.
	Bind(Box<FraudProof>),
	/// Show the proof.
	Prove(Box<FraudProof>),
	/// The trace can no longer be asked for.
	TooLate,
}

/// The next step. A transaction sent now is at best in block `now + 1`; `bound` is the height of the commitment to the proof,
/// if there is one.
pub fn decide(
	finding: Finding,
	dispute: &DisputeView,
	bound: Option<BlockNumber>,
	now: BlockNumber,
) -> Step {
	match finding {
		Finding::Agrees => Step::Agree,
		Finding::Recompute(tensors) => Step::Recompute(tensors),
		Finding::Ask(question, shown) => match demanded(dispute, question) {
			Some(Demand { answered: Some(height), .. }) => Step::Read(question, *height),
			Some(demand) if now > demand.by_height => Step::Report(question),
			Some(_) => Step::Wait,
			None if question == Question::Trace
				&& dispute.trace_until.is_none_or(|last| now >= last) =>
			{
				Step::TooLate
			},
			None => Step::Ask(question, shown),
		},
		Finding::Proof(proof) => match bound {
			None => Step::Bind(Box::new(proof)),
			Some(height) if now.saturating_add(1) > height => Step::Prove(Box::new(proof)),
			Some(_) => Step::Wait,
		},
	}
}

/// A question as it was asked.
pub fn demanded(dispute: &DisputeView, question: Question) -> Option<&Demand> {
	dispute.demands.iter().find(|(asked, _)| *asked == question).map(|(_, demand)| demand)
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use calor_client::H256;

	pub fn dispute(demands: &[(Question, BlockNumber, Option<BlockNumber>)]) -> DisputeView {
		let demand = |(question, by_height, answered): &(Question, u32, Option<u32>)| {
			let demand = Demand {
				by: [1; 32].into(),
				expected: H256::zero(),
				deposit: 1,
				by_height: *by_height,
				answered: *answered,
			};
			(*question, demand)
		};
		DisputeView {
			committed_at: 10,
			seed: None,
			claims: (12, 16),
			audits: Vec::new(),
			trace: None,
			demands: demands.iter().map(demand).collect(),
			trace_until: Some(30),
			settles_by: Some(110),
		}
	}

	const UPPER: Question = Question::Upper { op: 2 };

	fn asks(question: Question, dispute: &DisputeView, now: BlockNumber) -> Step {
		decide(Finding::Ask(question, None), dispute, None, now)
	}

	#[test]
	fn each_question_is_asked_once_and_then_waited_for() {
		assert_eq!(asks(UPPER, &dispute(&[]), 20), Step::Ask(UPPER, None));
		let open = dispute(&[(Question::Trace, 20, Some(15)), (UPPER, 25, None)]);
		assert_eq!(asks(UPPER, &open, 24), Step::Wait);
		assert_eq!(asks(UPPER, &open, 25), Step::Wait, "the last block can still answer");
		assert_eq!(asks(UPPER, &open, 26), Step::Report(UPPER));
		assert_eq!(asks(Question::Trace, &open, 26), Step::Read(Question::Trace, 15));
	}

	#[test]
	fn the_trace_is_asked_for_in_its_window_alone() {
		assert_eq!(asks(Question::Trace, &dispute(&[]), 29), Step::Ask(Question::Trace, None));
		assert_eq!(asks(Question::Trace, &dispute(&[]), 30), Step::TooLate);
		assert_eq!(
			asks(UPPER, &dispute(&[]), 30),
			Step::Ask(UPPER, None),
			"others have no end of their own"
		);
		let unrevealed = DisputeView { trace_until: None, ..dispute(&[]) };
		assert_eq!(asks(Question::Trace, &unrevealed, 5), Step::TooLate);
	}

	#[test]
	fn a_proof_is_shown_a_block_after_it_is_bound() {
		let proof = FraudProof {
			op: 0,
			tile: 0,
			claimed: [0; 32],
			path: Vec::new(),
			in_trace: Vec::new(),
			inputs: Vec::new(),
		};
		let next = |bound, now| decide(Finding::Proof(proof.clone()), &dispute(&[]), bound, now);
		assert_eq!(next(None, 20), Step::Bind(Box::new(proof.clone())));
		assert_eq!(next(Some(21), 20), Step::Wait);
		assert_eq!(next(Some(21), 21), Step::Prove(Box::new(proof.clone())));
		assert_eq!(decide(Finding::Agrees, &dispute(&[]), None, 20), Step::Agree);
	}
}
