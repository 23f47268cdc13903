// SPDX-License-Identifier: Apache-2.0
//! Answers, from the blocks that they stand in: the chain checks them and keeps none.

use calor_client::{
	dispute::{Answer, Question},
	types::JobId,
};
use codec::{Decode, Encode};

/// The first answer to a question in a block that `accept` accepts.
///
/// A call of `verification.answer` holds job, question and answer side by side, however deep it is nested in batches,
/// proxies or whatever else can carry a call. So they are searched for as bytes; what only looks like an answer is not
/// accepted.
pub fn find(
	extrinsics: &[Vec<u8>],
	job: JobId,
	question: Question,
	mut accept: impl FnMut(&Answer) -> bool,
) -> Option<Answer> {
	let head = (job, question).encode();
	let candidates = extrinsics.iter().flat_map(|bytes| {
		let at = bytes.windows(head.len()).enumerate().filter(|(_, window)| *window == head);
		at.filter_map(|(at, _)| bytes.get(at.saturating_add(head.len())..))
	});
	let mut answers = candidates.filter_map(|mut rest| Answer::decode(&mut rest).ok());
	answers.find(|answer| accept(answer))
}

#[cfg(test)]
mod tests {
	use super::*;
	use calor_client::H256;

	fn answer(hash: u8) -> Answer {
		Answer::Hashes(vec![H256([hash; 32]); 3].try_into().unwrap())
	}

	fn call(job: JobId, question: Question, answer: &Answer) -> Vec<u8> {
		[&[7, 8][..], &(job, question, answer).encode()].concat()
	}

	#[test]
	fn answers_are_found_however_deep_they_are_nested() {
		let (job, question) = (5, Question::Upper { op: 3 });
		let plain = call(job, question, &answer(1));
		let batched = [
			b"batch of two".to_vec(),
			call(job, Question::Trace, &answer(2)),
			plain.clone(),
			vec![9; 40],
		];
		for block in [vec![vec![1; 90], plain.clone()], vec![batched.concat()]] {
			assert_eq!(find(&block, job, question, |_| true), Some(answer(1)));
			assert_eq!(find(&block, 6, question, |_| true), None, "another job");
			assert_eq!(find(&block, job, Question::Upper { op: 4 }, |_| true), None);
		}
	}

	#[test]
	fn what_is_refused_is_passed_over() {
		let block = [1, 2, 3].map(|hash| call(5, Question::Trace, &answer(hash)));
		assert_eq!(find(&block, 5, Question::Trace, |found| *found == answer(3)), Some(answer(3)));
		assert_eq!(find(&block, 5, Question::Trace, |_| false), None);
		let cut = block.map(|bytes| bytes[..bytes.len() - 1].to_vec());
		assert_eq!(find(&cut, 5, Question::Trace, |_| true), None);
	}
}
