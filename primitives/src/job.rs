// SPDX-License-Identifier: Apache-2.0
//! What a job is and the states through which it goes.
//!
//! ```text
//! Waiting -> Queued -> Assigned -> Running -> Committed -> Revealed -> Settled
//!    or, from any of them but the last, Closed(reason)
//! ```

use crate::{
	assurance::Assurance,
	money::{Payment, Price},
	tensor_ref::{TensorRef, Uri, MAX_URIS},
	AccountId, Balance, BlockNumber, JobId, ProgramId,
};
use alloc::vec::Vec;
use calor_tensor::program::{MAX_CONSTANTS, MAX_INPUTS, MAX_OUTPUTS};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_core::H256;

/// Multiply-accumulates that the slowest admitted hardware does in one block: 10^10 a second, a laptop's integrated GPU.
pub const SLOWEST_MAC_PER_BLOCK: u64 = 20_000_000_000;

/// Blocks that so many multiply-accumulates take the slowest admitted hardware.
pub fn computing_blocks(mac: u64) -> BlockNumber {
	BlockNumber::try_from(mac.div_ceil(SLOWEST_MAC_PER_BLOCK)).unwrap_or(BlockNumber::MAX)
}

/// How often a job is given to a provider before it closes.
pub const MAX_ATTEMPTS: u32 = 3;

/// Hardware that a job asks for and a provider offers.
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
	serde::Serialize,
	serde::Deserialize,
)]
pub enum HardwareClass {
	/// Any GPU.
	General,
	/// A GPU with much memory.
	HighMemory,
	/// A GPU with matrix units.
	Tensor,
}

impl HardwareClass {
	/// All classes.
	pub const ALL: [Self; 3] = [Self::General, Self::HighMemory, Self::Tensor];
}

/// Numbers from here on are not of clients' jobs but of proofs of capacity.
pub const CAPACITY_JOBS: JobId = 1 << 63;

/// Most jobs that one call submits.
pub const MAX_BATCH: u32 = 16;

/// Addresses at which a client offers what another job puts out, besides the provider that computed it; its own takes
/// the last place.
pub type Mirrors = BoundedVec<Uri, ConstU32<{ MAX_URIS - 1 }>>;

/// Where an input comes from.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Input {
	/// A blob that the client offers.
	Blob(TensorRef),
	/// An output of another job of the same client, which becomes known when that job reveals it.
	OutputOf {
		/// The other job, the parent. It exists already, so that no circle can be made.
		job: JobId,
		/// Which of its outputs.
		index: u8,
		/// Where else it can be fetched.
		mirrors: Mirrors,
	},
	/// An output of a job that stands earlier in the same batch. Kept as [`Self::OutputOf`].
	OutputOfEarlier {
		/// Its place in the batch, from 0.
		position: u8,
		/// Which of its outputs.
		index: u8,
		/// Where else it can be fetched.
		mirrors: Mirrors,
	},
}

impl Input {
	/// The job that has to be run before.
	pub fn parent(&self) -> Option<JobId> {
		match self {
			Self::OutputOf { job, .. } => Some(*job),
			Self::Blob(_) | Self::OutputOfEarlier { .. } => None,
		}
	}
}

/// How far its parents must be before a job is queued.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ParentStage {
	/// All are paid: their results can no longer be challenged.
	#[default]
	Settled,
	/// All have revealed. Sooner, but the client pays this job whatever becomes of its parents.
	Revealed,
}

/// Constants of a job, in the order of the program.
pub type Constants = BoundedVec<TensorRef, ConstU32<{ MAX_CONSTANTS as u32 }>>;
/// Inputs of a job, in the order of the program.
pub type Inputs = BoundedVec<Input, ConstU32<{ MAX_INPUTS as u32 }>>;
/// Jobs whose outputs a job takes, each once.
pub type Parents = BoundedVec<JobId, ConstU32<{ MAX_INPUTS as u32 }>>;
/// Roots of a job's outputs, in the order of the program.
pub type OutputRoots = BoundedVec<H256, ConstU32<{ MAX_OUTPUTS as u32 }>>;

/// What a client asks for.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct JobSpec {
	/// The registered program to run.
	pub program: ProgramId,
	/// Its constants (weights).
	pub constants: Constants,
	/// Its inputs.
	pub inputs: Inputs,
	/// The hardware to run it on.
	pub class: HardwareClass,
	/// The most that the client pays for the computation, in planck; submission fails if the quote is higher.
	pub max_price: Balance,
	/// Paid for a better place in the queue, in planck, and burned when the job is assigned. What counts is the tip per
	/// multiply-accumulate.
	pub tip: Balance,
	/// How the result is checked.
	pub assurance: Assurance,
	/// What a wrong result would cost the client beyond the price, in planck. The stake behind the job rises with it, and
	/// so does the time until a provider with that much is found.
	pub value_at_risk: Balance,
	/// How far the jobs must be whose outputs this one takes.
	pub start_on: ParentStage,
	/// Blocks from acceptance within which the provider must commit to a result.
	pub deliver_within: BlockNumber,
	/// The client's own name for this job. Submitting the same name again does nothing, so a client that does not know
	/// whether its transaction arrived may just send it again.
	pub reference: Option<H256>,
}

/// What was wrong with an input that a provider could not use.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum InputFault {
	/// No address gave the blob.
	Missing,
	/// The blob is shorter or longer than its type.
	WrongSize,
	/// The blob does not have the root that the job names.
	WrongRoot,
}

/// Why a job ended without a result.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum CloseReason {
	/// The client cancelled it.
	Cancelled,
	/// No provider that may run it came forward in time.
	NoCapacity,
	/// Providers could not use an input; what the last of them met.
	InputUnavailable(InputFault),
	/// Providers took it and did not deliver.
	DeadlineMissed,
	/// A provider committed to a result and did not reveal it.
	NotRevealed,
	/// A job whose output it takes ended without a result.
	ParentFailed(JobId),
	/// The stake behind it was forfeited for a fault elsewhere.
	ProviderForfeited,
	/// Its result was proved wrong.
	Fraud,
	/// A worker was asked for what it computed on the way to its result, and did not show it.
	TraceWithheld,
	/// A worker did not show an output that nobody could fetch.
	OutputWithheld,
	/// A worker did not show an input that it had accepted and nobody could fetch.
	InputWithheld,
	/// Workers that ran it independently came to different results, none of which was proved wrong.
	NotUnanimous,
	/// One of the workers that were to run it independently could not be found or failed: the job with this number.
	ReplicaFailed(JobId),
	/// It was to be audited, and no auditor was found who did.
	NotAudited,
}

/// State of a job. Each variant carries what only that state has, its deadline among it.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum JobState {
	/// Its parents have not come far enough. Entered by submission; left when they have, when one of them fails, or by
	/// cancellation.
	Waiting {
		/// Height at which the chain looks at its parents again, should nothing have woken it before.
		recheck: BlockNumber,
	},
	/// In the queue of its class. Entered by submission or when a provider failed; left by assignment, cancellation, or
	/// at `expires`, when the whole ready set is tried once more before it closes.
	Queued {
		/// Height from which it may be assigned: one block after it was queued, so that the randomness that chooses its
		/// provider is not known when it is submitted.
		from: BlockNumber,
		/// Height from which it closes for lack of a provider.
		expires: BlockNumber,
		/// After draws that found nobody: so many places of the ready set are still to be tried, from the end. `None` while
		/// it is fresh.
		untried: Option<u32>,
	},
	/// Given to a provider, who must accept by `accept_by` or is replaced and penalised.
	Assigned {
		/// Owner account of the provider.
		provider: AccountId,
		/// Last height for acceptance.
		accept_by: BlockNumber,
	},
	/// Accepted; the provider must commit by `deliver_by`, is paid less until `late_by`, and is then replaced and
	/// penalised.
	Running {
		/// Owner account of the provider.
		provider: AccountId,
		/// Height of acceptance.
		since: BlockNumber,
		/// Last height for the commit at the full price.
		deliver_by: BlockNumber,
		/// Last height for the commit.
		late_by: BlockNumber,
	},
	/// The provider is bound to a result that nobody else knows. It must reveal by `reveal_by` or loses its whole earmark.
	Committed {
		/// Owner account of the provider.
		provider: AccountId,
		/// First height for the reveal. While others that run the same have not committed it may not be revealed at all, and
		/// this is a guess that moves on with them.
		reveal_from: BlockNumber,
		/// Last height for the reveal.
		reveal_by: BlockNumber,
	},
	/// The result is public and can be challenged until `settles_at`, when it is paid.
	Revealed {
		/// Owner account of the provider.
		provider: AccountId,
		/// Height at which it settles.
		settles_at: BlockNumber,
	},
	/// Paid. Final; its record is dropped once it may be and no job needs its outputs.
	Settled {
		/// Owner account of the provider.
		provider: AccountId,
		/// How the escrow was divided.
		payment: Payment,
		/// Height of settlement.
		at: BlockNumber,
		/// First height at which its record may be dropped.
		keep_until: BlockNumber,
	},
	/// Ended without a result. Final, as above.
	Closed {
		/// Why.
		reason: CloseReason,
		/// Returned to the client, in planck.
		refunded: Balance,
		/// Height of closing.
		at: BlockNumber,
		/// First height at which its record may be dropped.
		keep_until: BlockNumber,
	},
}

impl JobState {
	/// The first height at which anyone may move the job on, or drop its record once it has ended.
	pub fn due(&self) -> BlockNumber {
		match *self {
			Self::Waiting { recheck } => recheck,
			Self::Queued { expires, .. } => expires,
			Self::Assigned { accept_by, .. } => accept_by.saturating_add(1),
			Self::Running { late_by, .. } => late_by.saturating_add(1),
			Self::Committed { reveal_by, .. } => reveal_by.saturating_add(1),
			Self::Revealed { settles_at, .. } => settles_at,
			Self::Settled { keep_until, .. } | Self::Closed { keep_until, .. } => keep_until,
		}
	}

	/// Who is working on it, or has.
	pub fn provider(&self) -> Option<&AccountId> {
		match self {
			Self::Assigned { provider, .. }
			| Self::Running { provider, .. }
			| Self::Committed { provider, .. }
			| Self::Revealed { provider, .. }
			| Self::Settled { provider, .. } => Some(provider),
			Self::Waiting { .. } | Self::Queued { .. } | Self::Closed { .. } => None,
		}
	}

	/// Whether the job still holds money.
	pub fn is_open(&self) -> bool {
		!matches!(self, Self::Settled { .. } | Self::Closed { .. })
	}

	/// The state's name as users know it.
	pub const fn name(&self) -> &'static str {
		match self {
			Self::Waiting { .. } => "Waiting",
			Self::Queued { .. } => "Queued",
			Self::Assigned { .. } => "Assigned",
			Self::Running { .. } => "Running",
			Self::Committed { .. } => "Committed",
			Self::Revealed { .. } => "Revealed",
			Self::Settled { .. } => "Settled",
			Self::Closed { .. } => "Closed",
		}
	}
}

/// A provider that had a job and did not finish it.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Attempt {
	/// Its owner account.
	pub provider: AccountId,
	/// The account of its owner group then.
	pub group: AccountId,
}

/// A job as the chain keeps it.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct JobRecord {
	/// Who pays.
	pub client: AccountId,
	/// What runs.
	pub program: ProgramId,
	/// On which hardware.
	pub class: HardwareClass,
	/// Cost in multiply-accumulates, computed from the program.
	pub mac: u64,
	/// Device memory that the program needs, in MiB, computed from it.
	pub memory_mib: u32,
	/// Price in planck, fixed at submission.
	pub price: Balance,
	/// What of the price is burned because it stood above its average at submission, in planck.
	pub withheld: Balance,
	/// Paid for audits on top of the price, in planck.
	pub levy: Balance,
	/// For a better place in the queue, in planck.
	pub tip: Balance,
	/// Whether the tip has been burned, as it is when the job is first assigned.
	pub tip_burned: bool,
	/// How the result is checked.
	pub assurance: Assurance,
	/// What a wrong result would cost the client beyond the price, in planck.
	pub value_at_risk: Balance,
	/// Stake in planck that stands behind the result.
	pub earmark: Balance,
	/// Locked while the job is open for the use of a premium class, in planck.
	pub access: Balance,
	/// Held for what the chain stores of the job until its record is dropped, in planck.
	pub deposit: Balance,
	/// Taken off the price for late delivery, in planck; goes back to the client.
	pub late_cut: Balance,
	/// Height of submission.
	pub submitted: BlockNumber,
	/// Blocks from acceptance to the commit.
	pub deliver_within: BlockNumber,
	/// The client's own name for it.
	pub reference: Option<H256>,
	/// Jobs whose outputs it takes, each once.
	pub parents: Parents,
	/// How far they must be.
	pub start_on: ParentStage,
	/// Open jobs that take its outputs; its record is kept as long as there are any.
	pub children: u32,
	/// Whether a child has set out on its outputs before it was paid: they stay readable whatever becomes of it.
	pub taken: bool,
	/// The first of the jobs that run the same independently, if it is one of several: their results must agree.
	pub replica_of: Option<JobId>,
	/// Who failed or declined this job; nobody of their groups gets it again.
	pub failed: BoundedVec<Attempt, ConstU32<MAX_ATTEMPTS>>,
	/// What the last provider that declined met.
	pub declined: Option<InputFault>,
	/// Height of its entry on the agenda: never later than it is due. None once it only waits for its children.
	pub alarm: Option<BlockNumber>,
	/// Where it stands.
	pub state: JobState,
}

impl JobRecord {
	/// What is held from the client as escrow while the job is open, in planck.
	pub fn escrow(&self) -> Balance {
		let tip = if self.tip_burned { 0 } else { self.tip };
		self.price.saturating_add(self.levy).saturating_add(tip)
	}

	/// The price as it was quoted.
	pub fn terms(&self) -> Price {
		Price { price: self.price, withheld: self.withheld }
	}
}

/// What is left of a job when its record is dropped: the hash of this stands among the receipts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct JobReceipt {
	/// Its number.
	pub job: JobId,
	/// Who paid.
	pub client: AccountId,
	/// What ran.
	pub program: ProgramId,
	/// On which hardware.
	pub class: HardwareClass,
	/// Cost in multiply-accumulates.
	pub mac: u64,
	/// Price in planck.
	pub price: Balance,
	/// Height of submission.
	pub submitted: BlockNumber,
	/// How it ended.
	pub state: JobState,
	/// The commitment, if there was a result.
	pub commitment: Option<H256>,
	/// The roots of its outputs, if there was a result.
	pub output_roots: Vec<H256>,
}

/// A job with everything that its client or its worker wants to know.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct JobView {
	/// Its number.
	pub id: JobId,
	/// What the chain keeps of it.
	pub record: JobRecord,
	/// Its constants, while it is open.
	pub constants: Vec<TensorRef>,
	/// Its inputs, while it is open and once all of them are known.
	pub inputs: Vec<TensorRef>,
	/// The commitment, once there is one.
	pub commitment: Option<H256>,
	/// The roots of its outputs, once revealed.
	pub output_roots: Vec<H256>,
	/// Where its provider serves the outputs, in UTF-8.
	pub endpoint: Option<Vec<u8>>,
}
