// SPDX-License-Identifier: Apache-2.0
//! Answers that need no run: about operands and outputs, whose blobs are kept.

use crate::work::Worker;
use calor_client::{
	dispute::{Answer, Question},
	H256,
};
use calor_dispute::Subject;
use calor_tensor::{
	commit::{tile_bytes, tile_leaves, tree_root, typed_root},
	tree::{chunk_siblings, chunk_tiles, Descent},
	Hash, Tensor, TensorId,
};
use std::{
	collections::{BTreeSet, HashMap},
	sync::Arc,
};
use tokio::sync::Mutex;

/// Leaf hashes of stored tensors that are asked about, by root: 32 bytes for a tile of 4 or 16 KiB.
#[derive(Default)]
pub struct Leaves(Mutex<HashMap<Hash, Arc<Vec<Hash>>>>);

impl Leaves {
	/// Forgets all but those of these roots.
	pub async fn retain(&self, roots: &BTreeSet<Hash>) {
		self.0.lock().await.retain(|root, _| roots.contains(root));
	}

	/// The answers to those questions about one stored tensor that the program has something for; `None` if its blob is not
	/// there, or is not what it is kept for.
	async fn answers(
		&self,
		worker: &Worker,
		subject: &Subject,
		(tensor, root): (TensorId, Hash),
		questions: Vec<Question>,
	) -> anyhow::Result<Option<Vec<(Question, Answer)>>> {
		let operand = subject.operands.get(usize::from(tensor));
		let bytes = match operand.and_then(|operand| operand.bytes.clone()) {
			Some(bytes) => Some(bytes),
			None => worker.shared.blobs.get(&root).await?,
		};
		let ty = subject.program.tensor(tensor).map(|(ty, _)| ty.clone());
		let (Some(bytes), Some(ty)) = (bytes, ty) else { return Ok(None) };
		let known = self.0.lock().await.get(&root).cloned();
		let answered = tokio::task::spawn_blocking(move || {
			let tensor = Tensor::from_bytes(ty, &bytes)?;
			let leaves = known.unwrap_or_else(|| Arc::new(tile_leaves(&tensor)));
			let answers = questions.into_iter();
			let answers = answers.filter_map(|q| Some((q, answer(&tensor, &leaves, q)?)));
			let answers: Vec<_> = answers.collect();
			let right = typed_root(tensor.ty(), &tree_root(&leaves)) == root;
			anyhow::Ok(right.then_some((leaves, answers)))
		});
		let Some((leaves, answers)) = answered.await?? else { return Ok(None) };
		self.0.lock().await.insert(root, leaves);
		Ok(Some(answers))
	}

	/// Answers what can be answered from the store; the questions that need a run are given back.
	pub async fn answer_all(
		&self,
		worker: &Worker,
		subject: &Subject,
		questions: &[Question],
	) -> (Vec<(Question, Answer)>, Vec<Question>) {
		let mut tensors: HashMap<(TensorId, Hash), Vec<Question>> = HashMap::new();
		let mut lacking = Vec::new();
		for question in questions {
			match kept(subject, *question) {
				Some(tensor) => tensors.entry(tensor).or_default().push(*question),
				None => lacking.push(*question),
			}
		}
		let mut answers = Vec::new();
		for (tensor, asked) in tensors {
			let found = match self.answers(worker, subject, tensor, asked.clone()).await {
				Ok(found) => found,
				Err(error) => {
					tracing::error!(job_id = subject.job, "a stored blob: {error:#}");
					None
				},
			};
			match found {
				Some(found) => {
					let answered = |q: &Question| found.iter().any(|(of, _)| of == q);
					lacking.extend(asked.into_iter().filter(|q| !answered(q)));
					answers.extend(found);
				},
				None => lacking.extend(asked),
			}
		}
		// The most urgent first, as they came.
		answers.sort_by_key(|(question, _)| questions.iter().position(|of| of == question));
		(answers, lacking)
	}
}

/// The tensor that a question is about, with its root, if that is an operand or a revealed output: those are kept.
pub fn kept(subject: &Subject, question: Question) -> Option<(TensorId, Hash)> {
	let program = subject.program.program();
	let tensor = match question {
		Question::Trace => return None,
		Question::Upper { op } | Question::Lower { op, .. } => {
			TensorId::try_from(program.leaves().checked_add(usize::from(op))?).ok()?
		},
		Question::Chunk { tensor, .. } => tensor,
	};
	let root = match subject.operands.get(usize::from(tensor)) {
		Some(operand) => operand.root,
		None => {
			let at = program.outputs.iter().position(|id| *id == tensor)?;
			*subject.output_roots.get(at)?
		},
	};
	Some((tensor, root))
}

/// The answer to a question about a tensor, by its leaf hashes; `None` if it has nothing of the kind.
fn answer(tensor: &Tensor, leaves: &[Hash], question: Question) -> Option<Answer> {
	let layout = tensor.layout();
	let hashes = |hashes: Vec<Hash>| hashes.into_iter().map(H256).collect::<Vec<_>>();
	let answer = match question {
		Question::Trace => return None,
		Question::Upper { .. } => Descent::of(&layout).upper(leaves),
		Question::Lower { node, .. } => Descent::of(&layout).lower(node, leaves)?.to_vec(),
		Question::Chunk { chunk, .. } => {
			let (first, count) = chunk_tiles(&layout, chunk)?;
			let mut bytes = Vec::new();
			for tile in first..first.saturating_add(count) {
				bytes.extend(tile_bytes(tensor, &layout.tile(tile)?));
			}
			let siblings = hashes(chunk_siblings(leaves, chunk)?);
			return Some(Answer::Tiles {
				bytes: bytes.try_into().ok()?,
				siblings: siblings.try_into().ok()?,
			});
		},
	};
	Some(Answer::Hashes(hashes(answer).try_into().ok()?))
}

#[cfg(test)]
mod tests {
	use super::*;
	use calor_tensor::{tree::root_by_chunk, DType, TensorType};

	#[test]
	fn answers_about_a_stored_tensor_lead_to_its_root() {
		let ty = TensorType { dtype: DType::I8, dims: vec![130, 1_100] };
		let bytes: Vec<u8> = (0..130 * 1_100u32).map(|x| (x % 101) as u8).collect();
		let tensor = Tensor::from_bytes(ty.clone(), &bytes).unwrap();
		let (leaves, layout) = (tile_leaves(&tensor), tensor.layout());
		let root = typed_root(&ty, &tree_root(&leaves));
		let asked = |question| answer(&tensor, &leaves, question);
		let chunks = calor_tensor::tree::chunks(&layout);
		assert!(chunks > 1);
		for chunk in 0..chunks {
			let Some(Answer::Tiles { bytes, siblings }) =
				asked(Question::Chunk { tensor: 0, chunk })
			else {
				panic!("no tiles");
			};
			let siblings: Vec<Hash> = siblings.iter().map(|hash| hash.0).collect();
			assert_eq!(root_by_chunk(&ty, &layout, chunk, &bytes, &siblings), Some(root));
		}
		assert!(asked(Question::Chunk { tensor: 0, chunk: chunks }).is_none());
		let Some(Answer::Hashes(upper)) = asked(Question::Upper { op: 0 }) else {
			panic!("no hashes");
		};
		let upper: Vec<Hash> = upper.iter().map(|hash| hash.0).collect();
		let tree = Descent::of(&layout).upper_root(&upper).unwrap();
		assert_eq!(typed_root(&ty, &tree), root);
		assert!(asked(Question::Lower { op: 0, node: 0 }).is_none(), "it is not deep");
		assert!(asked(Question::Trace).is_none());
	}
}
