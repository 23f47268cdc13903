// SPDX-License-Identifier: Apache-2.0
//! What can be asked of a worker about a result, and what answers it.
//!
//! ```text
//! Trace            the roots of what all operations define              -> the first that differs is `op`
//! Upper { op }     the hashes under that tensor's root                  -> the first that differs is a tile, or a node
//! Lower { op, .. } the leaves under that node, of tensors over 1,024 tiles -> the first that differs is a tile
//! Chunk { .. }     tiles of an output or an operand, if nobody serves them
//! ```

use crate::{AccountId, Balance, BlockNumber, H256};
use alloc::vec::Vec;
use calor_tensor::{
	program::{TensorId, MAX_OPS},
	tree::WIDTH,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Extensions that a result's challenge window can have, each of an answer's and a proof's time.
pub const MAX_STEPS: u32 = 4;
/// Most hashes of a path in the trace.
pub const TRACE_PATH: u32 = 12;
/// Most hashes of a path from a node of the first answer to its root.
pub const NODE_PATH: u32 = 10;

/// A question about a result. Each can be asked once.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Question {
	/// The roots of what all operations define. Only the worker can answer.
	Trace,
	/// The hashes under the root of what an operation defines: of its tiles, or of nodes if there are more than 1,024.
	Upper {
		/// The operation.
		op: u16,
	},
	/// The hashes of the tiles under one of those nodes.
	Lower {
		/// The operation.
		op: u16,
		/// The node, by its place in the answer to [`Self::Upper`].
		node: u32,
	},
	/// Up to 16 tiles of an output, an input or a constant.
	Chunk {
		/// The tensor.
		tensor: TensorId,
		/// Which 16 tiles.
		chunk: u32,
	},
}

/// What a question shows for the chain to know which hash its answer must have. Nothing for [`Question::Trace`] and
/// [`Question::Chunk`].
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Shown {
	/// Root of what the operation defines.
	pub root: H256,
	/// Its path in the trace, lowest first; empty if it is an output, whose root is known without.
	pub in_trace: BoundedVec<H256, ConstU32<TRACE_PATH>>,
	/// For [`Question::Lower`]: the hash of the node, and its path to the tensor's tree root.
	pub node: Option<(H256, BoundedVec<H256, ConstU32<NODE_PATH>>)>,
}

/// Most hashes of an answer.
pub const MAX_HASHES: u32 = if MAX_OPS as u32 > WIDTH { MAX_OPS as u32 } else { WIDTH };
/// Most bytes of the tiles of an answer: 16 of i32.
pub const MAX_CHUNK_BYTES: u32 = 16 * 64 * 64 * 4;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Answer {
	/// Roots or hashes, in order.
	Hashes(BoundedVec<H256, ConstU32<MAX_HASHES>>),
	/// The bytes of tiles one after another, each as its leaf hashes it, and the siblings of their subtree.
	Tiles {
		/// The bytes.
		bytes: BoundedVec<u8, ConstU32<MAX_CHUNK_BYTES>>,
		/// From their subtree to the tree root.
		siblings: BoundedVec<H256, ConstU32<20>>,
	},
}

impl Answer {
	/// Bytes of what is hashed.
	pub fn bytes(&self) -> u32 {
		let bytes = match self {
			Self::Hashes(hashes) => hashes.len().saturating_mul(32),
			Self::Tiles { bytes, siblings } => {
				bytes.len().saturating_add(siblings.len().saturating_mul(32))
			},
		};
		u32::try_from(bytes).unwrap_or(u32::MAX)
	}
}

/// A question that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Demand {
	/// Who asks.
	pub by: AccountId,
	/// What the answer must hash to: the tree root, the tensor root of a chunk or a shallow tensor, the node; of no meaning
	/// for the trace.
	pub expected: H256,
	/// Held from who asks, in planck: pays the answer, or goes back if there is none.
	pub deposit: Balance,
	/// Last height for the answer.
	pub by_height: BlockNumber,
	/// Height of the block in which it was answered; its call holds the answer.
	pub answered: Option<BlockNumber>,
}

/// How far an auditor is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum AuditState {
	/// Was drawn and must commit to its own result by that height.
	Claimed {
		/// Last height.
		by: BlockNumber,
	},
	/// Is bound to a result that nobody knows.
	Committed(H256),
	/// Has shown its result before the worker did; the BLAKE2b-256 of its SCALE-encoded roots.
	Shown(H256),
	/// Has shown the same roots as the worker.
	Agreed,
	/// Has shown other roots, and must prove that the worker's are wrong.
	Disagreed,
}

/// An auditor of one result.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Audit {
	/// Its owner account.
	pub auditor: AccountId,
	/// The worker key that claimed, to which its commitment is bound.
	pub worker: AccountId,
	/// Its stake behind this, in planck.
	pub earmark: Balance,
	/// How far it is.
	pub state: AuditState,
}

/// Everything about how a result is checked, for readers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DisputeView {
	/// Height of the commit.
	pub committed_at: BlockNumber,
	/// What auditors are drawn by, once the block after the commit has brought it.
	pub seed: Option<H256>,
	/// First and last height at which an audit can be claimed; both 0 if nobody draws for it.
	pub claims: (BlockNumber, BlockNumber),
	/// Its auditors.
	pub audits: Vec<Audit>,
	/// Root over the roots of what all operations define, once the worker has shown them.
	pub trace: Option<H256>,
	/// Questions that were asked.
	pub demands: Vec<(Question, Demand)>,
	/// Last height at which a trace can be demanded; `None` before the reveal.
	pub trace_until: Option<BlockNumber>,
	/// The latest that it can settle, whatever is asked; `None` before the reveal.
	pub settles_by: Option<BlockNumber>,
}

/// An enrolled auditor, for readers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AuditorView {
	/// The round that counts now.
	pub round: u32,
	/// Its stake in that round, in planck.
	pub stake: Balance,
	/// The stake of all auditors in that round, in planck.
	pub total: Balance,
}

/// What a prover binds itself to before it shows a proof, so that nobody can take the proof from the pool and show it first:
/// `blake2_256("calor/proof/1" || genesis || job u64 LE || prover || salt || blake2_256(SCALE of the proof))`.
pub fn proof_commitment(
	genesis: &H256,
	job: crate::JobId,
	prover: &AccountId,
	salt: &[u8; 32],
	proof_hash: &H256,
) -> H256 {
	let prover: &[u8; 32] = prover.as_ref();
	let job = job.to_le_bytes();
	let parts: [&[u8]; 6] =
		[b"calor/proof/1", genesis.as_bytes(), &job, prover, salt, proof_hash.as_bytes()];
	H256(sp_io::hashing::blake2_256(&parts.concat()))
}
