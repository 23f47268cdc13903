// SPDX-License-Identifier: Apache-2.0
//! What can be read from the chain across pallets, without a transaction.

use crate::{
	dispute::{AuditorView, DisputeView},
	explain::{Demand, Explanation, RewardEstimate, Supply},
	group::GroupView,
	job::{HardwareClass, JobReceipt, JobSpec, JobView},
	market::MarketReport,
	provider::ProviderRecord,
	receipt::Receipts,
	supply::{EpochReport, Purse, SupplyReport},
	AccountId, Balance, BlockNumber, EpochIndex, JobId, ProgramId,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use sp_core::H256;

pub use calor_tensor::referee::InputTile;

/// What a job would cost now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Quote {
	/// Price in planck.
	pub price: Balance,
	/// What of it is burned because it stands above its average, in planck.
	pub withheld: Balance,
	/// For audits, on top of the price, in planck.
	pub levy: Balance,
	/// Locked until the job ends for the use of a premium class, in planck.
	pub access: Balance,
	/// Fee in planck, burned at submission.
	pub submission_fee: Balance,
	/// Stake in planck that a provider puts behind it.
	pub earmark: Balance,
	/// Price, levy and what buying that many credits burns, in planck: what it takes without credits or tip.
	pub cost: Balance,
	/// Last height at which a job can be submitted at this price. A feed that falls silent ends it sooner.
	pub valid_until: BlockNumber,
	/// Providers of the class that are waiting for a job.
	pub ready_providers: u32,
}

/// What a provider is to prove.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct CapacityChallenge {
	/// Number of the round.
	pub round: u32,
	/// Number that its proof has, to which the commitment is bound.
	pub job: JobId,
	/// The program, SCALE-encoded.
	pub code: Vec<u8>,
	/// Blobs of its inputs.
	pub operands: Vec<Vec<u8>>,
	/// What succeeding proves, in multiply-accumulates per second.
	pub mac_per_second: u64,
	/// Last height for the commit.
	pub by: BlockNumber,
	/// Whether a commitment stands already.
	pub committed: bool,
}

/// A proof of capacity.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct CapacityView {
	/// Owner account of the provider.
	pub provider: AccountId,
	/// Where it serves its outputs, in UTF-8.
	pub endpoint: Option<Vec<u8>>,
	/// The program, SCALE-encoded.
	pub code: Vec<u8>,
	/// Blobs of its inputs.
	pub operands: Vec<Vec<u8>>,
	/// Cost in multiply-accumulates.
	pub mac: u64,
	/// The commitment.
	pub commitment: Option<H256>,
	/// The roots of its outputs, once revealed.
	pub output_roots: Vec<H256>,
	/// First and last height for the reveal, before it.
	pub reveal: Option<(BlockNumber, BlockNumber)>,
	/// Height at which it counts, after the reveal.
	pub settles_at: Option<BlockNumber>,
}

sp_api::decl_runtime_apis! {
	/// Jobs.
	pub trait JobsApi {
		/// A job with all that is known of it.
		fn job(id: JobId) -> Option<JobView>;
		/// Open jobs that hold stake of a provider, by its owner account.
		fn provider_jobs(owner: AccountId) -> Vec<JobId>;
		/// Why a job is where it is, and what would make it match.
		fn explain(id: JobId) -> Option<Explanation>;
		/// What a job would ask of a provider if it were submitted now, and how many could take it; or why it would be
		/// refused, in UTF-8.
		fn matches(spec: JobSpec) -> Result<(Demand, Supply), Vec<u8>>;
		/// Lengths of the queues of all classes, and how many providers wait.
		fn queues() -> Vec<(HardwareClass, u32, u32)>;
		/// Jobs of a client of which the chain still has a record, in no order.
		fn client_jobs(client: AccountId) -> Vec<JobId>;
		/// What of an ended job will be in its receipt; to be kept by whoever may want to prove it later.
		fn receipt(id: JobId) -> Option<JobReceipt>;
		/// The receipts of jobs whose records were dropped: proofs are checked against them.
		fn receipts() -> Receipts;
	}

	/// Providers.
	pub trait ProvidersApi {
		/// A provider by its owner account.
		fn provider(owner: AccountId) -> Option<ProviderRecord>;
		/// Owner of a worker key.
		fn owner_of(worker: AccountId) -> Option<AccountId>;
		/// At most `limit` providers by owner account, in the order of storage, after `after` or from the beginning.
		fn providers(after: Option<AccountId>, limit: u32) -> Vec<(AccountId, ProviderRecord)>;
		/// What a provider may expect to earn; `None` if it is not registered.
		fn estimate_reward(owner: AccountId) -> Option<RewardEstimate>;
		/// Owner groups with their shares of capacity and what they disclosed.
		fn groups() -> Vec<GroupView>;
	}

	/// Prices.
	pub trait MarketApi {
		/// What so many multiply-accumulates cost now on that class, or why there is no price.
		fn quote(class: HardwareClass, mac: u64) -> Result<Quote, Vec<u8>>;
		/// What one run of a registered program costs now.
		fn quote_program(class: HardwareClass, program: ProgramId) -> Result<Quote, Vec<u8>>;
		/// Prices of all classes, what they follow and what they rest on.
		fn market() -> MarketReport;
	}

	/// Supply.
	pub trait SupplyApi {
		/// Where all tokens are, and the schedule ahead.
		fn supply() -> SupplyReport;
		/// A closed epoch, as long as its rewards can be claimed.
		fn epoch(index: EpochIndex) -> Option<EpochReport>;
		/// Credits and unclaimed rewards of an account.
		fn purse(who: AccountId) -> Purse;
	}

	/// Programs.
	pub trait ProgramsApi {
		/// Checks a program: its cost in multiply-accumulates, or which rule it breaks where, in UTF-8.
		fn check_program(code: Vec<u8>) -> Result<u64, Vec<u8>>;
		/// The bytes of a registered program.
		fn program(id: ProgramId) -> Option<Vec<u8>>;
		/// Runs a small program inside the runtime and gives the root of what each operation defines. `operands` are the
		/// blobs of inputs and constants. For checking engines against the chain; refuses more than 10^9 multiply-accumulates.
		fn evaluate(code: Vec<u8>, operands: Vec<Vec<u8>>) -> Result<Vec<H256>, Vec<u8>>;
		/// The leaf hash that tile `tile` of what operation `op` defines must have, recomputed from its input tiles alone,
		/// each with the bytes that its leaf hashes; or what is missing, in UTF-8.
		fn judge_tile(
			code: Vec<u8>,
			op: u16,
			tile: u32,
			inputs: Vec<(InputTile, Vec<u8>)>,
		) -> Result<H256, Vec<u8>>;
	}

	/// Verification.
	pub trait VerificationApi {
		/// How a result is checked, as long as the chain has a commitment to it; proofs of capacity too.
		fn dispute(job: JobId) -> Option<DisputeView>;
		/// Jobs with a commitment of that height that have not been revealed, or are open to challenge.
		fn committed_at(height: BlockNumber) -> Vec<JobId>;
		/// An enrolled auditor, by its owner account.
		fn auditor(owner: AccountId) -> Option<AuditorView>;
		/// The randomness by which auditors of results that were committed to in the block before are drawn, for the last
		/// heights.
		fn seed(height: BlockNumber) -> Option<H256>;
	}

	/// Proofs of capacity.
	pub trait CapacityApi {
		/// What a provider is to prove now, if it is.
		fn challenge(owner: AccountId) -> Option<CapacityChallenge>;
		/// What a proof of capacity runs on what: program and blobs of its inputs.
		fn capacity_proof(job: JobId) -> Option<CapacityView>;
	}

	/// Self-examination.
	pub trait InvariantsApi {
		/// Checks all invariants; the first that does not hold, in UTF-8.
		fn check_invariants() -> Result<(), Vec<u8>>;
	}
}
