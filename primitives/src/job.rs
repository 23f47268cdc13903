// SPDX-License-Identifier: Apache-2.0
//! What a job is and the states through which it goes.
//!
//! ```text
//! Queued -> Assigned -> Running -> Committed -> Revealed -> Settled
//!    or, from any of them but the last, Closed(reason)
//! ```

use crate::{
	money::Payment, tensor_ref::TensorRef, AccountId, Balance, BlockNumber, JobId, ProgramId,
};
use alloc::vec::Vec;
use calor_tensor::program::{MAX_CONSTANTS, MAX_INPUTS, MAX_OUTPUTS};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_core::H256;

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

/// Where an input comes from.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Input {
	/// A blob that the client offers.
	Blob(TensorRef),
}

impl Input {
	/// The tensor, wherever it comes from.
	pub fn tensor(&self) -> &TensorRef {
		match self {
			Self::Blob(tensor) => tensor,
		}
	}
}

/// Constants of a job, in the order of the program.
pub type Constants = BoundedVec<TensorRef, ConstU32<{ MAX_CONSTANTS as u32 }>>;
/// Inputs of a job, in the order of the program.
pub type Inputs = BoundedVec<Input, ConstU32<{ MAX_INPUTS as u32 }>>;
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
	/// The most that the client pays, in planck; submission fails if the quote is higher.
	pub max_price: Balance,
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
}

/// State of a job. Each variant carries what only that state has, its deadline among it.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum JobState {
	/// In the queue of its class. Entered by submission or when a provider failed; left by assignment, cancellation, or
	/// at `expires`, when it closes.
	Queued {
		/// Place in the queue.
		ticket: u64,
		/// Height from which it may be assigned: one block after it was queued, so that the randomness that chooses its
		/// provider is not known when it is submitted.
		from: BlockNumber,
		/// Height at which it closes for lack of a provider.
		expires: BlockNumber,
	},
	/// Given to a provider, who must accept by `accept_by` or is replaced and penalised.
	Assigned {
		/// Owner account of the provider.
		provider: AccountId,
		/// Last height for acceptance.
		accept_by: BlockNumber,
	},
	/// Accepted; the provider must commit by `deliver_by` or is replaced and penalised.
	Running {
		/// Owner account of the provider.
		provider: AccountId,
		/// Height of acceptance.
		since: BlockNumber,
		/// Last height for the commit.
		deliver_by: BlockNumber,
	},
	/// The provider is bound to a result that nobody else knows. It must reveal by `reveal_by` or loses its whole earmark.
	Committed {
		/// Owner account of the provider.
		provider: AccountId,
		/// First height for the reveal.
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
	/// Paid. Final.
	Settled {
		/// Owner account of the provider.
		provider: AccountId,
		/// How the price was divided.
		payment: Payment,
		/// Height of settlement.
		at: BlockNumber,
	},
	/// Ended without a result. Final.
	Closed {
		/// Why.
		reason: CloseReason,
		/// Returned to the client, in planck.
		refunded: Balance,
		/// Height of closing.
		at: BlockNumber,
	},
}

impl JobState {
	/// The first height at which anyone may move the job on; `None` once it has ended.
	pub fn due(&self) -> Option<BlockNumber> {
		match *self {
			Self::Queued { expires, .. } => Some(expires),
			Self::Assigned { accept_by, .. } => Some(accept_by.saturating_add(1)),
			Self::Running { deliver_by, .. } => Some(deliver_by.saturating_add(1)),
			Self::Committed { reveal_by, .. } => Some(reveal_by.saturating_add(1)),
			Self::Revealed { settles_at, .. } => Some(settles_at),
			Self::Settled { .. } | Self::Closed { .. } => None,
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
			Self::Queued { .. } | Self::Closed { .. } => None,
		}
	}

	/// Whether the job still holds money.
	pub fn is_open(&self) -> bool {
		self.due().is_some()
	}

	/// The state's name as users know it.
	pub const fn name(&self) -> &'static str {
		match self {
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
	/// Price in planck, fixed at submission; held from the client while the job is open.
	pub price: Balance,
	/// Stake in planck that stands behind the result.
	pub earmark: Balance,
	/// Height of submission.
	pub submitted: BlockNumber,
	/// Blocks from acceptance to the commit.
	pub deliver_within: BlockNumber,
	/// The client's own name for it.
	pub reference: Option<H256>,
	/// Providers that failed or declined this job; none of them gets it again.
	pub failed: BoundedVec<AccountId, ConstU32<MAX_ATTEMPTS>>,
	/// What the last provider that declined met.
	pub declined: Option<InputFault>,
	/// Where it stands.
	pub state: JobState,
}

/// What befell a provider that failed a job.
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
pub enum Failure {
	/// Did not accept in time.
	NotAccepted,
	/// Did not commit in time.
	NotDelivered,
	/// Committed and did not reveal.
	NotRevealed,
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
	/// Its inputs, while it is open.
	pub inputs: Vec<TensorRef>,
	/// The commitment, once there is one.
	pub commitment: Option<H256>,
	/// The roots of its outputs, once revealed.
	pub output_roots: Vec<H256>,
	/// Where its provider serves the outputs, in UTF-8.
	pub endpoint: Option<Vec<u8>>,
}
