// SPDX-License-Identifier: Apache-2.0

//! From a stream of blocks to a stream of what changed, with no node involved.
//! [`newest`] skips blocks for whoever is behind, [`follow`] looks things up and says what is new, [`Latest`] keeps a slow
//! reader from making the node keep more than it can use.

use super::error::Error;
use calor_primitives::{BlockNumber, H256};
use futures::{future, stream, Stream, StreamExt};
use sc_rpc::utils::Buffer;
use serde::Serialize;
use std::collections::VecDeque;

const LOG_TARGET: &str = "calor-rpc";

/// Blocks that are taken at once from those that wait.
const CHUNK: usize = 128;

/// A block that became the best, or that was finalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
	/// Its hash.
	pub hash: H256,
	/// Its height.
	pub height: BlockNumber,
	/// Whether what is told about it can change no more.
	pub finalised: bool,
}

/// What is so at a block and was not so before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News<T> {
	/// The block.
	pub head: Head,
	/// What was found there, if it was.
	pub found: Option<T>,
}

/// Of the blocks that wait already, only the newest best and the newest finalised one.
pub fn newest(heads: impl Stream<Item = Head>) -> impl Stream<Item = Head> {
	heads.ready_chunks(CHUNK).flat_map(|heads| {
		let last = |finalised| heads.iter().rposition(|head| head.finalised == finalised);
		let mut places: Vec<_> = [last(false), last(true)].into_iter().flatten().collect();
		places.sort_unstable();
		let kept: Vec<_> = places.into_iter().filter_map(|i| heads.get(i).copied()).collect();
		stream::iter(kept)
	})
}

/// Looks something up at each block and gives it when it is not as it was at the best block before, and again when it is
/// finalised so. After a reorganisation it is looked up at the new best block like at any other.
///
/// Ends when what is finalised is `over`, or is finally gone. A block that cannot be read is passed over, since the next
/// one tells as much.
pub fn follow<T: Clone + PartialEq>(
	heads: impl Stream<Item = Head>,
	mut look: impl FnMut(Head) -> Result<Option<T>, Error>,
	over: impl Fn(&T) -> bool,
) -> impl Stream<Item = News<T>> {
	let mut track = Track { best: None, finalised: None };
	heads
		.filter_map(move |head| {
			let step = match look(head) {
				Ok(found) => track.note(head, found, &over),
				Err(error) => {
					log::debug!(target: LOG_TARGET, "A subscription passes over block {:?}: {error}", head.hash);
					None
				},
			};
			future::ready(step)
		})
		// The last step is given too: the end comes after it, without waiting for another block.
		.flat_map(|(news, last)| {
			stream::iter([Some(news), None].into_iter().take(if last { 2 } else { 1 }))
		})
		.take_while(|news| future::ready(news.is_some()))
		.filter_map(future::ready)
}

/// What was told last.
struct Track<T> {
	/// At a best block, and the height of the block at which it became so.
	best: Option<(Option<T>, BlockNumber)>,
	/// At a finalised block.
	finalised: Option<T>,
}

impl<T: Clone + PartialEq> Track<T> {
	/// What there is to tell after that was found, and whether it is the last.
	fn note(
		&mut self,
		head: Head,
		found: Option<T>,
		over: impl Fn(&T) -> bool,
	) -> Option<(News<T>, bool)> {
		let last = match (&found, head.finalised) {
			(found, false) => {
				if self.best.as_ref().is_some_and(|(told, _)| told == found) {
					return None;
				}
				self.best = Some((found.clone(), head.height));
				false
			},
			(Some(value), true) => {
				if self.finalised.as_ref() == Some(value) {
					return None;
				}
				self.finalised = Some(value.clone());
				over(value)
			},
			(None, true) => {
				// What the best chain has had for a few blocks only is not finalised yet, rather than gone.
				let reached = self.best.as_ref().is_some_and(|(_, height)| *height <= head.height);
				if self.finalised.is_none() && !reached {
					return None;
				}
				true
			},
		};
		Some((News { head, found }, last))
	}
}

/// Keeps the newest of each kind for a reader that is behind: at most two items, and the last ones always arrive.
pub struct Latest<T> {
	waiting: VecDeque<T>,
	/// Tells the two kinds apart.
	kind: fn(&T) -> bool,
}

impl<T> Latest<T> {
	/// Keeps one item for which `kind` holds, and one for which it does not.
	pub fn new(kind: fn(&T) -> bool) -> Self {
		Self { waiting: VecDeque::with_capacity(2), kind }
	}
}

impl<T> Buffer for Latest<T> {
	type Item = T;

	fn push(&mut self, item: T) -> Result<(), ()> {
		let kind = (self.kind)(&item);
		self.waiting.retain(|old| (self.kind)(old) != kind);
		self.waiting.push_back(item);
		Ok(())
	}

	fn pop(&mut self) -> Option<T> {
		self.waiting.pop_front()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use futures::executor::block_on;
	use std::collections::BTreeMap;

	/// Block number `height` of a fork.
	fn block(fork: u8, height: BlockNumber, finalised: bool) -> Head {
		Head { hash: H256([fork; 32]) ^ H256::from_low_u64_be(height.into()), height, finalised }
	}

	fn best(height: BlockNumber) -> Head {
		block(0, height, false)
	}

	fn last(height: BlockNumber) -> Head {
		block(0, height, true)
	}

	/// What a follower is told, "end" being over, when the chain has these values at these blocks.
	fn told(heads: &[Head], chain: &[(Head, &'static str)]) -> Vec<(Head, Option<&'static str>)> {
		let chain: BTreeMap<_, _> = chain.iter().map(|(head, value)| (head.hash, *value)).collect();
		// Were more blocks asked for after the end, this would never end.
		let heads = stream::iter(heads.to_vec()).chain(stream::pending());
		let mut news = follow(
			heads,
			|head| match chain.get(&head.hash) {
				Some(&"unreadable") => Err(Error::NotSupported(head.hash)),
				value => Ok(value.copied()),
			},
			|value| *value == "end",
		)
		.map(|news| (news.head, news.found))
		.boxed_local();
		block_on(async {
			let mut told = Vec::new();
			loop {
				match futures::poll!(news.next()) {
					std::task::Poll::Ready(Some(item)) => told.push(item),
					std::task::Poll::Ready(None) => {
						told.push(closing());
						break told;
					},
					std::task::Poll::Pending => break told,
				}
			}
		})
	}

	/// Stands last in what is told if the stream has ended.
	fn closing() -> (Head, Option<&'static str>) {
		(block(255, 0, true), None)
	}

	#[test]
	fn a_change_is_told_at_the_best_block_and_when_final_and_the_end_ends() {
		let chain = [
			(best(1), "queued"),
			(best(2), "queued"),
			(best(3), "running"),
			(best(4), "end"),
			(best(5), "end"),
		];
		let heads = [
			best(1),
			last(1),
			best(2),
			best(3),
			last(2),
			best(4),
			last(3),
			best(5),
			last(4),
			last(5),
		];
		assert_eq!(
			told(&heads, &chain),
			[
				(best(1), Some("queued")),
				(last(1), Some("queued")),
				(best(3), Some("running")),
				(best(4), Some("end")),
				(last(3), Some("running")),
				(last(4), Some("end")),
				closing(),
			]
		);
	}

	#[test]
	fn after_a_reorganisation_the_new_truth_is_told() {
		let other = |height| block(1, height, false);
		let chain =
			[(best(1), "queued"), (best(2), "running"), (other(2), "queued"), (other(3), "end")];
		let heads = [best(1), best(2), other(2), other(3), block(1, 3, true)];
		assert_eq!(
			told(&heads, &chain),
			[
				(best(1), Some("queued")),
				(best(2), Some("running")),
				(other(2), Some("queued")),
				(other(3), Some("end")),
				(block(1, 3, true), Some("end")),
				closing(),
			]
		);
	}

	#[test]
	fn what_is_not_yet_final_is_not_gone() {
		let chain = [(best(8), "queued"), (best(9), "queued")];
		let heads = [best(8), last(6), last(7), best(9), last(8)];
		assert_eq!(
			told(&heads, &chain),
			[(best(8), Some("queued")), (last(8), Some("queued"))],
			"and it goes on"
		);
	}

	#[test]
	fn what_a_reorganisation_undid_is_gone_until_it_is_back() {
		let other = |height| block(1, height, false);
		let chain = [(best(8), "queued"), (other(10), "queued")];
		let heads = [best(8), other(9), last(7), other(10), block(1, 9, true), block(1, 10, true)];
		assert_eq!(
			told(&heads, &chain),
			[
				(best(8), Some("queued")),
				(other(9), None),
				(other(10), Some("queued")),
				(block(1, 10, true), Some("queued")),
			]
		);
		// It does not come back.
		let heads = [best(8), other(9), last(7), block(1, 9, true), best(8)];
		assert_eq!(
			told(&heads, &chain),
			[(best(8), Some("queued")), (other(9), None), (block(1, 9, true), None), closing()]
		);
	}

	#[test]
	fn a_dropped_record_ends_it() {
		let chain = [(best(1), "closed"), (best(2), "closed")];
		let heads = [best(1), last(1), best(2), best(3), last(2), last(3)];
		assert_eq!(
			told(&heads, &chain),
			[
				(best(1), Some("closed")),
				(last(1), Some("closed")),
				(best(3), None),
				(last(3), None),
				closing(),
			]
		);
	}

	#[test]
	fn a_block_that_cannot_be_read_is_passed_over() {
		let chain = [(best(1), "queued"), (best(2), "unreadable"), (best(3), "running")];
		let heads = [best(1), best(2), last(2), best(3)];
		assert_eq!(told(&heads, &chain), [(best(1), Some("queued")), (best(3), Some("running"))]);
	}

	#[test]
	fn who_is_behind_skips_blocks_but_never_the_newest() {
		let kept = |heads: &[Head]| -> Vec<Head> {
			block_on(newest(stream::iter(heads.to_vec())).collect())
		};
		assert_eq!(kept(&[best(1), best(2), last(1), best(3)]), [last(1), best(3)]);
		assert_eq!(kept(&[best(3), last(1), last(2)]), [best(3), last(2)]);
		assert_eq!(kept(&[best(1)]), [best(1)]);
		assert_eq!(kept(&[last(1), last(2)]), [last(2)]);
	}

	#[test]
	fn a_slow_reader_gets_the_latest_of_each_kind() {
		let mut buffer = Latest::new(|n: &u32| n.is_multiple_of(2));
		assert_eq!(buffer.pop(), None);
		for n in [1, 2, 3, 5, 4, 7] {
			assert_eq!(buffer.push(n), Ok(()));
			assert!(buffer.waiting.len() <= 2);
		}
		assert_eq!(buffer.pop(), Some(4));
		assert_eq!(buffer.pop(), Some(7));
		assert_eq!(buffer.pop(), None);
	}
}
