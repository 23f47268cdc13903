// SPDX-License-Identifier: Apache-2.0
//! The traits through which pallets meet. Each is offered by one pallet and used by those above it.
//!
//! | trait | offered by | used by |
//! |---|---|---|
//! | [`ProgramRegistry`] | programs | jobs, verification |
//! | [`Tariff`] | market | jobs |
//! | [`Rates`] | market | burn-mint |
//! | [`BurnLedger`], [`MintAuthority`], [`Settlement`] | burn-mint | jobs, stake, verification, balances, fees |
//! | [`Credits`] | burn-mint | jobs |
//! | [`Unclaimed`] | burn-mint | stake |
//! | [`Collateral`] | stake | jobs, providers, disclosure, verification |
//! | [`Assign`] | providers | jobs, verification |
//! | [`ProvenCapacity`] | providers | disclosure |
//! | [`Proving`] | providers | capacity |
//! | [`AuditPay`] | burn-mint | verification |
//! | [`Attendance`] | providers | burn-mint |
//! | [`Usage`] | providers | market |
//! | [`Standings`] | disclosure | providers, burn-mint |
//! | [`Lifecycle`] | jobs, capacity | verification |
//! | [`Vanish`] | jobs | providers |
//! | [`OnForfeit`] | providers, jobs | stake |
//! | [`Evidence`] | verification | jobs, capacity |
//! | [`Liquidity`], [`OwnerGroups`] | the runtime, over balances and identities | jobs, stake; disclosure |

use crate::{
	assurance::Assurance,
	fault::Fault,
	group::Group,
	job::HardwareClass,
	money::{BurnKind, MintKind, Payment, Price},
	provider::{Candidate, Capacity},
	tensor_ref::TypeRef,
	AccountId, Balance, BlockNumber, JobId, ProgramId,
};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{dispatch::DispatchResult, weights::Weight};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::DispatchError;

/// What others need to know of a registered program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramSummary {
	/// Cost in multiply-accumulates.
	pub mac: u64,
	/// Device memory that it needs, in MiB.
	pub memory_mib: u32,
	/// Types of the inputs.
	pub inputs: Vec<TypeRef>,
	/// Types of the constants.
	pub constants: Vec<TypeRef>,
	/// Types of the outputs.
	pub outputs: Vec<TypeRef>,
}

/// Registered programs.
pub trait ProgramRegistry {
	/// What is known of a program, if it is registered.
	fn summary(id: &ProgramId) -> Option<ProgramSummary>;
	/// Keeps a program from being removed while a job needs it.
	fn acquire(id: &ProgramId) -> DispatchResult;
	/// Undoes one [`Self::acquire`].
	fn release(id: &ProgramId);
	/// Its bytes.
	fn code(id: &ProgramId) -> Option<Vec<u8>>;
	/// Registers `code` and gives its id, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_register(code: Vec<u8>) -> ProgramId;
}

/// What compute costs.
pub trait Tariff {
	/// Price of so many multiply-accumulates on that class: at least the least price of a job.
	///
	/// # Errors
	/// If the class has no price, no feed is fresh enough to quote by, or the price exceeds a balance.
	fn quote(class: HardwareClass, mac: u64) -> Result<Price, DispatchError>;
	/// Last height at which what is quoted now is still what would be quoted, if the feeds do not fall silent.
	fn valid_until() -> BlockNumber;
}

/// What the token and electricity are worth. Amounts of money are in pico-USD (10^-12 USD).
pub trait Rates {
	/// The last valid price of one CAL, in pico-USD; `None` before the first.
	fn cal_price() -> Option<u128>;
	/// What the electricity of so many multiply-accumulates costs on that class, in pico-USD, rounded down; `None` if no
	/// price of electricity is known, or if it exceeds 128 bits.
	fn electricity(class: HardwareClass, mac: u128) -> Option<u128>;
}

/// How much of what providers offer is used, by class.
pub trait Usage {
	/// What was offered and used since the last call, and begins to count anew.
	fn take(class: HardwareClass) -> Used;
}

/// Capacity over time, in multiply-accumulates per second times blocks. Only proven capacity counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
	/// Of providers that waited for a job or had one.
	pub offered: u128,
	/// Of providers that had one.
	pub busy: u128,
}

/// The account of every burn.
pub trait BurnLedger<HoldReason> {
	/// Burns from what `who` has on hold.
	///
	/// # Errors
	/// If less than `amount` is held.
	fn burn_held(
		reason: &HoldReason,
		who: &AccountId,
		amount: Balance,
		kind: BurnKind,
	) -> DispatchResult;
	/// Burns from what `who` has free, keeping the account alive.
	///
	/// # Errors
	/// If less than `amount` is free.
	fn burn_free(who: &AccountId, amount: Balance, kind: BurnKind) -> DispatchResult;
	/// Writes down a burn that the caller carries out itself by dropping an imbalance.
	fn record(kind: BurnKind, amount: Balance);
}

/// The only way in which tokens come into being.
pub trait MintAuthority {
	/// Mints `amount` for `who`.
	///
	/// # Errors
	/// If issuance would exceed the cap.
	fn mint(who: &AccountId, amount: Balance, kind: MintKind) -> DispatchResult;
}

/// How a finished job is paid.
pub trait Settlement<HoldReason> {
	/// Pays from what `client` has on hold: part of the price is burned, the rest goes to `provider`; `levy` goes to the
	/// audit pot. What is burned of the price counts towards the provider's recycled work rewards, but for what is withheld.
	///
	/// # Errors
	/// If less than price and levy is held.
	fn settle(
		reason: &HoldReason,
		client: &AccountId,
		provider: &AccountId,
		price: Price,
		levy: Balance,
		class: HardwareClass,
	) -> Result<Payment, DispatchError>;
}

/// Paying for work with tokens of which a part was burned when they were set aside.
pub trait Credits {
	/// What of its liquid balance an account needs, in planck, to come to that many credits: nothing if it has them.
	/// `None` if that exceeds a balance.
	fn shortfall(who: &AccountId, amount: Balance) -> Option<Balance>;
	/// Turns that many credits of an account into free balance, to be held at once for what is bought. Newest credits go
	/// first; what is missing is bought from the liquid balance.
	///
	/// # Errors
	/// If credits and liquid balance do not suffice.
	fn spend(who: &AccountId, amount: Balance) -> DispatchResult;
	/// Turns free balance of an account into credits, as new as if they were bought now, without a burn: a refund of what
	/// was spent.
	///
	/// # Errors
	/// If less is free.
	fn refund(who: &AccountId, amount: Balance) -> DispatchResult;
	/// Makes the dearest case: an account with as many different ages of credits as there can be, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_credits(who: &AccountId, amount: Balance);
}

/// Rewards that have not been claimed.
pub trait Unclaimed {
	/// An account loses all rewards that it has not claimed, those of the epoch under way among them. They return to where
	/// unclaimed rewards return.
	fn forfeit(who: &AccountId);
}

/// What an account may put on hold.
pub trait Liquidity {
	/// Free balance in planck that is neither vesting, nor needed to keep the account alive. Unlike what can be spent, it
	/// does not count what is on hold already towards what is vesting.
	fn liquid(who: &AccountId) -> Balance;
}

/// Stake of providers that stands behind jobs.
pub trait Collateral {
	/// Stake of a provider that nothing holds, in planck; `None` if it has nothing bonded or is excluded for ever.
	fn free(provider: &AccountId) -> Option<Balance>;
	/// All stake of a provider that is bonded, whether or not it stands behind jobs, in planck; 0 if it is about to lose
	/// everything.
	fn bonded(provider: &AccountId) -> Balance;
	/// Puts `amount` of a provider's stake behind a job.
	///
	/// # Errors
	/// If less is free.
	fn earmark(provider: &AccountId, job: JobId, amount: Balance) -> DispatchResult;
	/// Frees the stake behind a job. What was forfeited meanwhile is not freed.
	///
	/// # Errors
	/// If there is none.
	fn release(provider: &AccountId, job: JobId) -> DispatchResult;
	/// Penalises a provider for what it did with a job, and gives what it is to lose, in planck. What the penalty leaves
	/// of the stake behind the job is free. Proved faults are slashed at once; for others the penalty stays earmarked for
	/// an epoch, in which governance can cancel it.
	///
	/// `client` and `prover` get their shares. `evidence` is the hash of what shows the fault.
	///
	/// # Errors
	/// If there is no stake behind the job.
	fn penalise(
		provider: &AccountId,
		job: JobId,
		fault: Fault,
		client: Option<&AccountId>,
		prover: Option<&AccountId>,
		evidence: H256,
	) -> Result<Balance, DispatchError>;
	/// Takes all stake of a provider, unbonding stake among it, for a fault of severity `Everything`; at once if it is
	/// proved, else after an epoch. The account is excluded for ever when the slash acts.
	///
	/// # Errors
	/// If it has no stake.
	fn forfeit(
		provider: &AccountId,
		fault: Fault,
		prover: Option<&AccountId>,
		evidence: H256,
	) -> DispatchResult;
	/// Whether the account is excluded for ever.
	fn is_excluded(provider: &AccountId) -> bool;
	/// Whether any job holds stake of this provider.
	fn has_jobs(provider: &AccountId) -> bool;
	/// Jobs that hold stake of this provider; as many as there are, so not for calls.
	fn jobs_of(provider: &AccountId) -> Vec<JobId>;
	/// At most `most` jobs that hold stake of this provider.
	fn some_jobs_of(provider: &AccountId, most: u32) -> Vec<JobId>;
	/// All stake behind jobs, for invariants.
	fn earmarks() -> Vec<(AccountId, JobId, Balance)>;
}

/// What else happens when all stake of a provider is forfeited.
pub trait OnForfeit {
	/// It is excluded, and nothing stands behind its jobs any more.
	fn forfeited(provider: &AccountId);
	/// Most that this weighs.
	fn weight() -> Weight;
}

impl<A: OnForfeit, B: OnForfeit> OnForfeit for (A, B) {
	fn forfeited(provider: &AccountId) {
		A::forfeited(provider);
		B::forfeited(provider);
	}

	fn weight() -> Weight {
		A::weight().saturating_add(B::weight())
	}
}

/// The ready set.
pub trait Assign {
	/// How many providers of a class wait for a job.
	fn ready(class: HardwareClass) -> u32;
	/// The waiting provider at that place, from 0.
	fn candidate(class: HardwareClass, place: u32) -> Option<Candidate>;
	/// Takes a provider out of the ready set for a job.
	///
	/// # Errors
	/// If it is not ready.
	fn occupy(provider: &AccountId, job: JobId) -> DispatchResult;
	/// The provider has done its part: it is ready again, or idle if it drains. A sign of life.
	fn vacate(provider: &AccountId);
	/// The job was taken from the provider without its doing: as [`Self::vacate`], but no sign of life.
	fn relieve(provider: &AccountId);
	/// The provider gave the job back after so many blocks, which count against its uptime; else as [`Self::vacate`].
	fn decline(provider: &AccountId, held: BlockNumber);
	/// The provider failed: it is idle until it says that it is ready.
	fn suspend(provider: &AccountId);
	/// The provider failed in what it owed after it had committed, and may be at its next job: it gets no other until it says
	/// that it is ready.
	fn rest(provider: &AccountId);
	/// The provider broke its word: it cannot be ready for a while.
	fn jail(provider: &AccountId);
	/// Owner of a worker key.
	fn owner_of(worker: &AccountId) -> Option<AccountId>;
	/// The account of the group of an owner.
	fn group_of(owner: &AccountId) -> AccountId;
	/// Worker key of an owner.
	fn worker_of(owner: &AccountId) -> Option<AccountId>;
	/// Whether a provider waits for a job or has one.
	fn is_present(provider: &AccountId) -> bool;
	/// Where a provider serves outputs.
	fn endpoint(provider: &AccountId) -> Option<Vec<u8>>;
	/// Makes `count` ready providers of a class with stake for any job, for benchmarks: owners and worker keys.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_ready(class: HardwareClass, count: u32) -> Vec<(AccountId, AccountId)>;
}

/// A provider that is gone without notice.
pub trait Vanish {
	/// It gave no sign of life while it had this job: it is penalised, and the job goes to another.
	fn vanished(provider: &AccountId, job: JobId);
}

/// Capacity that counts: as soon as anybody has proved any, only what is proven, so that nobody can make others small by
/// claiming much; before that what is claimed, since there is nothing better.
pub trait ProvenCapacity {
	/// What a provider is taken to be able to do.
	fn capacity(provider: &AccountId) -> Option<Capacity>;
	/// At most `limit` providers and their capacity, in the order of storage, after `after` or from the beginning.
	fn page(after: Option<&AccountId>, limit: u32) -> Vec<(AccountId, Capacity)>;
	/// Makes `count` providers, for benchmarks: their owners.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_providers(count: u32) -> Vec<AccountId>;
}

/// What a provider did in an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attended {
	/// Its owner account.
	pub owner: AccountId,
	/// Its class.
	pub class: HardwareClass,
	/// Its proven capacity, in multiply-accumulates per second; 0 without stake.
	pub mac_per_second: u128,
	/// Blocks, since this was asked last, that signs of life show it to have waited for a job or had one.
	pub blocks: BlockNumber,
}

/// Who was there, and with what.
pub trait Attendance {
	/// At most `limit` providers in the order of storage, after `after` or from the beginning; their blocks begin to count
	/// anew.
	fn take(after: Option<&AccountId>, limit: u32) -> Vec<Attended>;
	/// Makes `count` providers with proven capacity that attended, for benchmarks: their owners.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_attended(count: u32) -> Vec<AccountId>;
}

/// To whom accounts belong.
pub trait OwnerGroups {
	/// The group of an account. An account without an identity is a group of its own.
	fn group_of(account: &AccountId) -> Group;
}

/// How an owner stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
	/// The account of its owner group.
	pub group: AccountId,
	/// Whether a registrar attested the group's identity.
	pub attested: bool,
	/// Whether the group may be given jobs and earns rewards: not while a disclosure is overdue.
	pub in_order: bool,
}

/// Whether owner groups have met their duties.
pub trait Standings {
	/// How the group of an owner stands.
	fn standing(owner: &AccountId) -> Standing;
}

/// What verification needs to know of what it judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
	/// Owner account of the provider that has it.
	pub provider: AccountId,
	/// The account of its owner group.
	pub group: AccountId,
	/// Cost in multiply-accumulates: deadlines grow with it.
	pub mac: u64,
	/// How many outputs there are.
	pub outputs: u32,
	/// How the result is checked.
	pub assurance: Assurance,
	/// What is at stake, in planck; an auditor puts twice that behind its word.
	pub value: Balance,
	/// What an audit earns, in planck: the price and the fees. Several auditors of one result share it.
	pub audit_fee: Balance,
	/// Where that comes from.
	pub purse: AuditPurse,
	/// How far it is.
	pub stage: Stage,
}

/// Where auditors are paid from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum AuditPurse {
	/// The audit pot, into which clients pay levies.
	Pot,
	/// The auditors' slice of emission.
	Emission,
}

/// How far something that is verified is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
	/// Bound to a result, to be shown in `from ..= by`.
	Committed {
		/// First height for the reveal.
		from: BlockNumber,
		/// Last height for the reveal.
		by: BlockNumber,
	},
	/// The result is public.
	Revealed {
		/// Height at which it settles.
		settles_at: BlockNumber,
	},
	/// Not there yet, or over.
	Other,
}

/// What a result is a result of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
	/// The program's bytes.
	pub code: Vec<u8>,
	/// Roots of inputs, then constants.
	pub operands: Vec<H256>,
}

/// The way of a job from running to paid, as verification moves it. Numbers of jobs from
/// [`crate::job::CAPACITY_JOBS`] on are proofs of capacity.
pub trait Lifecycle {
	/// The worker has committed: it may reveal in `reveal_from ..= reveal_by`. Workers that run the same independently reveal
	/// only after all of them have committed: then the window of the last one counts for all.
	///
	/// # Errors
	/// If the job is unknown, not running, not this worker's, or past its deadline.
	fn commit(
		job: JobId,
		worker: &AccountId,
		reveal_from: BlockNumber,
		reveal_by: BlockNumber,
	) -> DispatchResult;
	/// A committed job is to be revealed in another window, since it is being audited.
	///
	/// # Errors
	/// If the job is not committed.
	fn reschedule_reveal(
		job: JobId,
		reveal_from: BlockNumber,
		reveal_by: BlockNumber,
	) -> DispatchResult;
	/// The worker has revealed: the job settles at `settles_at`.
	///
	/// # Errors
	/// If the job is unknown, not committed, not this worker's, or the height is outside its window.
	fn reveal(job: JobId, worker: &AccountId, settles_at: BlockNumber) -> DispatchResult;
	/// A revealed job settles later, since it is disputed.
	///
	/// # Errors
	/// If the job is not revealed.
	fn postpone(job: JobId, settles_at: BlockNumber) -> DispatchResult;
	/// The worker is at fault: it is penalised and the job goes to another or closes, whereupon [`Evidence::discard`] or
	/// [`Evidence::closed`] is called. `prover` showed it.
	///
	/// # Errors
	/// If the job is neither committed nor revealed.
	fn convict(
		job: JobId,
		fault: Fault,
		prover: Option<&AccountId>,
		evidence: H256,
	) -> DispatchResult;
	/// Everything of a provider was forfeited: what it has of this job is over. Not for jobs that [`Vanish`] or the agenda
	/// of jobs looks after.
	fn abandon(job: JobId, provider: &AccountId);
	/// What has to be known to verify it.
	fn case(job: JobId) -> Option<Case>;
	/// What it runs on what, while it is open.
	fn subject(job: JobId) -> Option<Subject>;
	/// A job that runs on `worker`, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_running() -> (JobId, AccountId);
}

/// What is to become of a job whose challenge window is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// Nothing stands against the result.
	Upheld,
	/// The worker owes an answer.
	Silent {
		/// What that is.
		fault: Fault,
		/// Who asked.
		demanded_by: AccountId,
		/// Hash of the question.
		evidence: H256,
	},
	/// It was to be audited and nobody did.
	NotAudited,
}

/// What verification keeps of a job.
pub trait Evidence {
	/// The commitment and the revealed roots, as far as there are any.
	fn of(job: JobId) -> (Option<H256>, Vec<H256>);
	/// What is to become of a revealed job.
	fn verdict(job: JobId) -> Verdict;
	/// The job is settled: its auditors are paid or penalised, and their stake is free.
	fn settled(job: JobId);
	/// The job has closed: as [`Self::discard`], but commitment and roots stay to be read.
	fn closed(job: JobId);
	/// The job starts again, or its record is dropped: what was committed is void. Auditors that have done their part are
	/// paid for it, those that failed are penalised, and all their stake is free.
	fn discard(job: JobId);
	/// All stake of a provider was forfeited that has stake behind a job, which is not that provider's own.
	fn lost(provider: &AccountId, job: JobId);
	/// Auditors that could be drawn now.
	fn auditors() -> u32;
	/// Stake of auditors behind results, for invariants.
	fn earmarks() -> Vec<(AccountId, JobId, Balance)>;
	/// Most that [`Self::verdict`] and one of the others after it weigh.
	fn weight() -> Weight;
}

/// Capacity as it is claimed and shown.
pub trait Proving {
	/// Class and claim of a provider.
	fn claimed(provider: &AccountId) -> Option<(HardwareClass, Capacity)>;
	/// What a provider has proved so far, in multiply-accumulates per second.
	fn proven(provider: &AccountId) -> u64;
	/// A provider has proved that much, in multiply-accumulates per second, at most what it claims; 0 if it no longer counts.
	fn prove(provider: &AccountId, mac_per_second: u64);
	/// Whether a provider has a paid job.
	fn is_working(provider: &AccountId) -> bool;
	/// At most `limit` providers in the order of storage, after `after` or from the beginning.
	fn page(after: Option<&AccountId>, limit: u32) -> Vec<AccountId>;
}

/// Pay of auditors whose work no client pays.
pub trait AuditPay {
	/// An auditor has earned so much, in planck, as far as the auditors' slice of this epoch's emission reaches.
	fn owe(auditor: &AccountId, amount: Balance);
}

/// Runs the invariants of a pallet, at any time and in any build.
pub trait Invariants {
	/// Checks everything.
	///
	/// # Errors
	/// The invariant that does not hold, in words.
	fn check() -> Result<(), &'static str>;
}
