// SPDX-License-Identifier: Apache-2.0
//! A tensor that nobody serves, piece by piece from its worker through the chain.

use crate::{answers, ending::Watch, follow::Follow, step::demanded, Ended, Error, Subject};
use calor_client::{
	calls,
	dispute::{DisputeView, Question},
	types::BlockNumber,
	Chain, Inclusion, SubmitError, Submitter, View,
};
use calor_tensor::{
	tree::{chunk_tiles, chunks},
	DType, Data, Hash, Layout, Tensor, TensorId, TensorType, TILE,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Pause after the chain could not be read.
const PAUSE: Duration = Duration::from_secs(2);

/// Questions that are open at a time: each makes the next one dearer.
const AT_ONCE: usize = 8;
/// So many failures of transactions one after another are too many.
const MAX_FAILURES: u32 = 16;
/// Blocks that a transaction of unknown fate is given to appear.
const LOST: BlockNumber = 4;

/// What became of the demand for a tensor.
#[derive(Debug)]
pub enum Obtained {
	/// All of it was shown.
	Tensor(Tensor),
	/// A piece was not shown in time, and its worker was convicted, as the finalised chain says.
	Withheld {
		/// Which piece.
		chunk: u32,
		/// Finalised height at which that was seen.
		block: BlockNumber,
	},
	/// It was over before, in which way the finalised chain says.
	Over(Ended),
}

/// Demands a tensor: an operand or an output of a revealed job.
pub struct Demands {
	chain: Arc<Chain>,
	submitter: Arc<Submitter>,
	subject: Subject,
	tensor: TensorId,
	root: Hash,
	/// Bytes of the tiles that were shown, by chunk.
	shown: BTreeMap<u32, Vec<u8>>,
	/// Knows whether it is over.
	watch: Watch,
	/// A piece that was not shown in time. The chain finds that out when the window for challenges ends.
	silent: Option<u32>,
	held: BlockNumber,
	failures: u32,
}

/// What to do about the chunks that are not there yet.
#[derive(Debug, PartialEq, Eq)]
enum Next {
	Wait,
	Ask(Vec<u32>),
	Read(u32, BlockNumber),
	Silent(u32),
}

impl Demands {
	/// Demands a tensor; `None` if nobody is bound to its root.
	pub fn new(
		chain: Arc<Chain>,
		submitter: Arc<Submitter>,
		subject: Subject,
		tensor: TensorId,
	) -> Option<Self> {
		let root = subject.claimed().root_of(&subject.program, tensor)?;
		let (shown, watch) = (BTreeMap::new(), Watch::new(&subject));
		Some(Self {
			chain,
			submitter,
			subject,
			tensor,
			root,
			shown,
			watch,
			silent: None,
			held: 0,
			failures: 0,
		})
	}

	/// Asks for all of it.
	///
	/// # Errors
	/// If a node is on another chain, or transactions fail again and again.
	pub async fn pursue(mut self) -> Result<Obtained, Error> {
		let mut heads = Follow::new(self.chain.clone());
		loop {
			let view = heads.next().await?;
			match self.advance(&view).await {
				Ok(Some(end)) => return Ok(end),
				Ok(None) => {},
				Err(error) if error.passes() => {
					tracing::warn!(job_id = self.subject.job, "{error}; going on");
					tokio::time::sleep(PAUSE).await;
				},
				Err(error) => return Err(error),
			}
		}
	}

	async fn advance(&mut self, view: &View) -> Result<Option<Obtained>, Error> {
		let job = self.subject.job;
		let now = view.height();
		let Some(dispute) = self.watch.open(view).await? else {
			let view = self.chain.finalised().await?;
			let ended = self.watch.ended(&view).await?;
			return Ok(ended.map(|ended| match (ended, self.silent) {
				(Ended::Convicted, Some(chunk)) => {
					Obtained::Withheld { chunk, block: view.height() }
				},
				_ => Obtained::Over(ended),
			}));
		};
		let Some((ty, layout)) = self.subject.program.tensor(self.tensor).cloned() else {
			return Err(Error::NotThere(format!("the program has no tensor {}", self.tensor)));
		};
		if now < self.held {
			return Ok(None);
		}
		let all = chunks(&layout);
		loop {
			let lacking: Vec<u32> = (0..all).filter(|at| !self.shown.contains_key(at)).collect();
			if lacking.is_empty() {
				return Ok(Some(Obtained::Tensor(assemble(&ty, &layout, &self.shown)?)));
			}
			match next(&dispute, self.tensor, &lacking, now) {
				Next::Wait => return Ok(None),
				Next::Read(chunk, height) => {
					if !self.read(chunk, height).await? {
						return Ok(None);
					}
				},
				Next::Ask(chunks) => {
					let tensor = self.tensor;
					let calls: Vec<_> = chunks
						.into_iter()
						.map(|chunk| calls::demand(job, Question::Chunk { tensor, chunk }, None))
						.collect();
					for sent in self.submitter.submit_all(&calls, Inclusion::Best).await {
						self.sent(sent.map(|included| included.height), now)?;
					}
					return Ok(None);
				},
				Next::Silent(chunk) => {
					if self.silent.replace(chunk).is_none() {
						tracing::info!(
							job_id = job,
							chunk,
							"not shown; waiting for the end of the window"
						);
					}
					return Ok(None);
				},
			}
		}
	}

	async fn read(&mut self, chunk: u32, height: BlockNumber) -> Result<bool, Error> {
		let Some(extrinsics) = self.chain.extrinsics(height).await? else {
			tracing::warn!(block = height, "this node does not have the block of an answer");
			return Ok(false);
		};
		let (tensor, program) = (self.tensor, &self.subject.program);
		let mut found = None;
		answers::find(&extrinsics, self.subject.job, Question::Chunk { tensor, chunk }, |answer| {
			let tiles = calor_verify::tiles(program, tensor, &self.root, chunk, answer);
			found = tiles.ok().map(|(_, tiles)| tiles.flatten().copied().collect());
			found.is_some()
		});
		Ok(found.map(|bytes| self.shown.insert(chunk, bytes)).is_some())
	}

	/// Takes note of a transaction, which is to be looked up in the state.
	fn sent(
		&mut self,
		sent: Result<BlockNumber, SubmitError>,
		now: BlockNumber,
	) -> Result<(), Error> {
		let height = match sent {
			Ok(height) => {
				self.failures = 0;
				height
			},
			Err(source) => {
				let what = "a demand";
				tracing::warn!(job_id = self.subject.job, "{what} was not accepted: {source}");
				// A chain that cannot be read says nothing about the transaction.
				if !matches!(source, SubmitError::Chain(_)) {
					self.failures = self.failures.saturating_add(1);
				}
				if self.failures >= MAX_FAILURES {
					return Err(Error::Refused { what, source });
				}
				match source {
					SubmitError::Refused { height, .. } => height,
					_ => now.saturating_add(LOST),
				}
			},
		};
		self.held = self.held.max(height);
		Ok(())
	}
}

fn next(dispute: &DisputeView, tensor: TensorId, lacking: &[u32], now: BlockNumber) -> Next {
	let mut open = 0usize;
	let mut unasked = Vec::new();
	for &chunk in lacking {
		match demanded(dispute, Question::Chunk { tensor, chunk }) {
			Some(demand) => match demand.answered {
				Some(height) => return Next::Read(chunk, height),
				None if now > demand.by_height => return Next::Silent(chunk),
				None => open = open.saturating_add(1),
			},
			None => unasked.push(chunk),
		}
	}
	unasked.truncate(AT_ONCE.saturating_sub(open));
	if unasked.is_empty() {
		Next::Wait
	} else {
		Next::Ask(unasked)
	}
}

/// A tensor from the bytes of its tiles, chunk by chunk.
fn assemble(
	ty: &TensorType,
	layout: &Layout,
	shown: &BTreeMap<u32, Vec<u8>>,
) -> Result<Tensor, Error> {
	let size = ty.dtype.size();
	let line = (TILE as usize).saturating_mul(size);
	let elements = usize::try_from(ty.elements()).unwrap_or(usize::MAX);
	let mut bytes = vec![0u8; elements.saturating_mul(size)];
	for (chunk, shown) in shown {
		let first = chunk_tiles(layout, *chunk).map_or(0, |(first, _)| first);
		let tiles = shown.chunks_exact(line.saturating_mul(TILE as usize));
		for (tile, tiled) in (first..).filter_map(|at| layout.tile(at)).zip(tiles) {
			for (row, from) in (tile.row..).zip(tiled.chunks_exact(line)).take(tile.rows as usize) {
				let at = layout.element(tile.matrix, row, tile.col) as usize;
				let span = at.saturating_mul(size)
					..at.saturating_add(tile.cols as usize).saturating_mul(size);
				if let Some(to) = bytes.get_mut(span) {
					to.copy_from_slice(from.get(..to.len()).unwrap_or_default());
				}
			}
		}
	}
	let data = match ty.dtype {
		DType::I8 => Data::I8(bytes.iter().map(|x| i8::from_le_bytes([*x])).collect()),
		DType::I32 => Data::I32(
			bytes
				.chunks_exact(4)
				.filter_map(|x| Some(i32::from_le_bytes(x.try_into().ok()?)))
				.collect(),
		),
	};
	Ok(Tensor::from_data(ty.clone(), data).map_err(calor_verify::Error::from)?)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::step::tests::dispute;
	use calor_tensor::commit::tile_bytes;

	fn chunk(chunk: u32) -> Question {
		Question::Chunk { tensor: 4, chunk }
	}

	#[test]
	fn only_so_many_are_asked_for_at_a_time() {
		let lacking: Vec<u32> = (0..20).collect();
		assert_eq!(next(&dispute(&[]), 4, &lacking, 20), Next::Ask((0..8).collect()));
		let open = dispute(&[(chunk(0), 30, None), (chunk(5), 30, None)]);
		assert_eq!(next(&open, 4, &lacking, 20), Next::Ask(vec![1, 2, 3, 4, 6, 7]));
		assert_eq!(next(&open, 4, &[0, 5], 20), Next::Wait);
		assert_eq!(next(&open, 4, &[5], 31), Next::Silent(5));
		let answered = dispute(&[(chunk(0), 30, Some(22))]);
		assert_eq!(next(&answered, 4, &lacking, 31), Next::Read(0, 22));
	}

	#[test]
	fn a_tensor_is_put_together_from_its_tiles() {
		for ty in [TensorType::i8(&[3, 70, 130]), TensorType::i32(&[200, 65])] {
			let elements = ty.elements() as i32;
			let data = match ty.dtype {
				DType::I8 => Data::I8((0..elements).map(|i| i as i8).collect()),
				DType::I32 => Data::I32((0..elements).collect()),
			};
			let tensor = Tensor::from_data(ty.clone(), data).unwrap();
			let layout = Layout::of(&ty).unwrap();
			let tiles: Vec<_> = layout.iter().map(|tile| tile_bytes(&tensor, &tile)).collect();
			let shown = (0..).zip(tiles.chunks(16).map(|tiles| tiles.concat())).collect();
			assert_eq!(assemble(&ty, &layout, &shown).unwrap(), tensor);
		}
	}
}
