// SPDX-License-Identifier: Apache-2.0
//! # Verification
//!
//! What a worker binds itself to, what it shows, and how anybody can prove that it is wrong.
//!
//! ```text
//! commit -> lottery: auditors claim, run the job too, commit      -> reveal -> challenge window -> settled
//!           (or one is drawn openly, and one replaces a silent one)           | demand -> answer, at most three times
//!                                                                             | commit_proof -> prove_fraud -> convicted
//! ```
//!
//! A worker first commits to the roots of its outputs under a salt, so that nobody can copy them. The randomness of the next
//! block draws auditors by stake ([`lottery`]); each runs the job, commits to its own roots before the worker reveals, and
//! shows them ([`audits`]). Until the challenge window is over anyone can ask for what the worker computed on the way
//! ([`demands`]) and prove to the chain that one tile is wrong ([`proofs`]). Content is judged, not players: the chain
//! recomputes a tile, and nobody votes.
//!
//! Value flows: an auditor puts twice the value of the job behind its word; auditors that did their part share a fee from
//! the audit pot, or from a slice of emission for proofs of capacity. Who asks holds a deposit, which pays whoever answers,
//! or returns if nobody does. Who announces a proof holds a deposit, which returns with the conviction and is burned
//! otherwise. What the pot has above its bound is burned at every round of auditors.
//!
//! What ended is not cleaned up at once: questions and announcements of an attempt that is over are resolved one by one
//! ([`remains`]), so that nobody can make the end of a job dear by asking much.
//!
//! Invariants ([`invariants`]): a revealed result opens its commitment; what is held is what open questions and announced
//! proofs account for; every question belongs to an attempt that is checked or over; an auditor's stake stands behind every
//! audit; every answer is due before its result can settle.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod audits;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod commit_reveal;
mod conclude;
mod demands;
mod drawing;
mod invariants;
mod lottery;
mod proofs;
mod remains;
mod roster;
pub mod types;
mod views;
pub mod weights;

pub use pallet::*;
pub use types::{Announcement, Attempt, Check, ResultRecord, Round, Seat, Windows};
pub use weights::WeightInfo;

use calor_primitives::{
	dispute::{Answer, Question, Shown},
	job::OutputRoots,
	lottery::Ticket,
	traits::{Assign, AuditPay, BurnLedger, Collateral, Lifecycle, Liquidity},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use calor_tensor::proof::FraudProof;
use frame_support::{
	dispatch::DispatchResultWithPostInfo,
	traits::{
		fungible::{hold, Inspect, Mutate},
		Randomness,
	},
	weights::WeightMeter,
};
use types::{Making, RosterPage, SEEDS};

#[allow(clippy::expect_used, clippy::unwrap_used, reason = "what the pallet macros write")]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		frame_system::Config<AccountId = AccountId, Hash = H256, RuntimeEvent: From<Event<Self>>>
	{
		/// The token.
		type Currency: Inspect<AccountId, Balance = Balance>
			+ Mutate<AccountId>
			+ hold::Inspect<AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Mutate<AccountId>;

		/// The overarching hold reason.
		type RuntimeHoldReason: Parameter + From<HoldReason>;

		/// What an account may put on hold.
		type Liquidity: Liquidity;

		/// What is verified.
		type Jobs: Lifecycle;

		/// Providers: auditors are some of them.
		type Providers: Assign;

		/// Stake behind audits.
		type Collateral: Collateral;

		/// Where burns are written down.
		type Burns: BurnLedger<Self::RuntimeHoldReason>;

		/// Pay of auditors whose work no client pays.
		type AuditPay: AuditPay;

		/// The account from which all others are paid, and into which levies flow.
		type AuditPot: Get<AccountId>;

		/// Randomness of the parent block, unknown before it.
		type Randomness: Randomness<Option<H256>, BlockNumberFor<Self>>;

		/// Blocks from unbonding to withdrawal: no dispute may last that long.
		type Unbonding: Get<BlockNumber>;

		/// Most blocks that the computation of a job can take.
		type MostComputing: Get<BlockNumber>;

		/// Deposit for a question, whatever its answer, in planck.
		#[pallet::constant]
		type DemandBase: Get<Balance>;

		/// Deposit for each byte of the largest answer to a question, in planck. Pays for the answer's transaction.
		#[pallet::constant]
		type DemandPerByte: Get<Balance>;

		/// Deposit for announcing a proof, in planck. An announcement puts settlement off, so it must cost whoever has none.
		#[pallet::constant]
		type ProofDeposit: Get<Balance>;

		/// Who may change the windows.
		type Governance: EnsureOrigin<Self::RuntimeOrigin>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why balance is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For questions that wait for an answer.
		Demand,
		/// For proofs that were announced.
		Proof,
	}

	/// Windows in blocks, and what the audit pot keeps.
	#[pallet::storage]
	pub type CurrentWindows<T> = StorageValue<_, Windows, ValueQuery>;

	/// Results by job. Removed if the job starts again or when its record is dropped; its client's deposit pays for it.
	#[pallet::storage]
	pub type Results<T> = StorageMap<_, Twox64Concat, JobId, ResultRecord>;

	/// How results are checked, by job, which nobody can choose. One for each result that has not come to its end, and paid
	/// for like it. Removed at the end.
	#[pallet::storage]
	pub type Checks<T> = StorageMap<_, Twox64Concat, JobId, Check>;

	/// What is checked by the height of its commit. One entry for each of [`Checks`], removed with it.
	#[pallet::storage]
	pub type CommittedAt<T> =
		StorageDoubleMap<_, Twox64Concat, BlockNumber, Twox64Concat, JobId, (), OptionQuery>;

	/// Open questions. Their keys are not hashed, so that the gravest stands first; a question has at most 7 bytes. Paid for
	/// by the deposit of who asks. Removed by the answer, or one by one once the attempt is over.
	#[pallet::storage]
	pub type Demands<T> = StorageDoubleMap<
		_,
		Twox64Concat,
		Attempt,
		Identity,
		Question,
		calor_primitives::dispute::Demand,
		OptionQuery,
	>;

	/// Questions that were answered, so that none is asked twice. Their fees pay for the time until the attempt is over and
	/// they are removed one by one.
	#[pallet::storage]
	pub type Answered<T> = StorageDoubleMap<
		_,
		Twox64Concat,
		Attempt,
		Identity,
		Question,
		calor_primitives::dispute::Demand,
		OptionQuery,
	>;

	/// Proofs that were announced, by prover. Hashed, since accounts are chosen freely. Paid for by the deposit. Removed when
	/// the proof is shown, or one by one once the attempt is over.
	#[pallet::storage]
	pub type Announced<T> = StorageDoubleMap<
		_,
		Twox64Concat,
		Attempt,
		Blake2_128Concat,
		AccountId,
		Announcement,
		OptionQuery,
	>;

	/// Attempts that are over and of which something remains, and whether they failed. At most one for each attempt of
	/// a job; paid for by what remains, and removed with the last of it.
	#[pallet::storage]
	pub type Over<T> =
		StorageDoubleMap<_, Twox64Concat, JobId, Twox64Concat, BlockNumber, bool, OptionQuery>;

	/// Randomness of the last heights, each in the place of its height modulo [`SEEDS`].
	#[pallet::storage]
	pub type Seeds<T> = StorageMap<_, Identity, BlockNumber, (BlockNumber, H256)>;

	/// Enrolled auditors by owner account. Hashed, since accounts are chosen freely. At most one a provider, paid for by its
	/// bond. Removed by its owner, or when a round is made and its stake is gone.
	#[pallet::storage]
	pub type Seats<T> = StorageMap<_, Blake2_128Concat, AccountId, Seat>;

	/// The round of auditors that counts.
	#[pallet::storage]
	pub type CurrentRound<T> = StorageValue<_, Round, ValueQuery>;

	/// The round in the making.
	#[pallet::storage]
	pub type NextRound<T> = StorageValue<_, Making, OptionQuery>;

	/// Height at which the next round is begun.
	#[pallet::storage]
	pub type NextRoundAt<T> = StorageValue<_, BlockNumber, ValueQuery>;

	/// Auditors of the round that counts and of the one in the making, by the round's number modulo 2 and page. Paid for by
	/// the bonds of those on it. Each page is overwritten by the round after the next that has as many.
	#[pallet::storage]
	pub type Roster<T> = StorageDoubleMap<_, Identity, u32, Identity, u32, RosterPage, ValueQuery>;

	/// Results that may need an auditor to be drawn openly, by height. At most four entries for each of [`Checks`]. Removed
	/// when their height comes.
	#[pallet::storage]
	pub type Agenda<T> =
		StorageDoubleMap<_, Twox64Concat, BlockNumber, Twox64Concat, JobId, (), OptionQuery>;

	/// The agenda has been seen to below this height.
	#[pallet::storage]
	pub type SweptTo<T> = StorageValue<_, BlockNumber, ValueQuery>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Windows in blocks, and what the audit pot keeps.
		pub windows: Windows,
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(self.windows.are_valid(), "{}", types::BAD_WINDOWS);
			CurrentWindows::<T>::put(self.windows);
			// The first round is made at once, of those that enrol in the first block.
			NextRoundAt::<T>::put(2);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A worker bound itself to a result.
		Committed {
			/// The job.
			job: JobId,
			/// The worker key.
			worker: AccountId,
			/// The commitment.
			commitment: H256,
		},
		/// A worker showed its result.
		Revealed {
			/// The job.
			job: JobId,
			/// Roots of the outputs, in the order of the program.
			output_roots: OutputRoots,
		},
		/// The windows were changed for what begins from now on.
		WindowsSet {
			/// The new windows.
			windows: Windows,
		},
		/// A provider will be an auditor from the next round on.
		Enrolled {
			/// Its owner account.
			auditor: AccountId,
		},
		/// A provider is no auditor any more.
		Withdrawn {
			/// Its owner account.
			auditor: AccountId,
		},
		/// A round of auditors began.
		RoundBegan {
			/// Its number.
			round: u32,
			/// How many there are.
			auditors: u32,
			/// Their stake, in planck.
			total: Balance,
		},
		/// An auditor has a result to audit.
		AuditClaimed {
			/// The job.
			job: JobId,
			/// Owner account of the auditor.
			auditor: AccountId,
			/// Whether it was drawn openly, instead of claiming what the lottery gave it.
			drawn: bool,
			/// Its stake behind this, in planck.
			earmark: Balance,
			/// Last height for its commitment.
			by: BlockNumber,
		},
		/// An auditor bound itself to its own result.
		AuditCommitted {
			/// The job.
			job: JobId,
			/// Owner account of the auditor.
			auditor: AccountId,
			/// The commitment.
			commitment: H256,
		},
		/// An auditor showed its own result.
		AuditRevealed {
			/// The job.
			job: JobId,
			/// Owner account of the auditor.
			auditor: AccountId,
			/// Its roots of the outputs.
			output_roots: OutputRoots,
		},
		/// Worker and auditor have both shown their results.
		AuditCompared {
			/// The job.
			job: JobId,
			/// Owner account of the auditor.
			auditor: AccountId,
			/// Whether they are the same.
			agrees: bool,
		},
		/// Nobody was found who could audit a result.
		NoAuditorFound {
			/// The job.
			job: JobId,
		},
		/// An auditor was paid.
		AuditPaid {
			/// The job.
			job: JobId,
			/// Owner account of the auditor.
			auditor: AccountId,
			/// What it was paid or will be, in planck: less than what is due if the pot has not more.
			paid: Balance,
			/// What was due, in planck.
			due: Balance,
		},
		/// An auditor failed.
		AuditFailed {
			/// The job.
			job: JobId,
			/// Owner account of the auditor.
			auditor: AccountId,
			/// What it did.
			fault: calor_primitives::fault::Fault,
			/// What it is to lose of its stake, in planck.
			penalty: Balance,
		},
		/// An auditor is out of an audit without pay or penalty: it was not its turn yet, or all its stake was forfeited.
		AuditDropped {
			/// The job.
			job: JobId,
			/// Owner account of the auditor.
			auditor: AccountId,
		},
		/// What the audit pot had above its bound was burned.
		PotBurned {
			/// How much, in planck.
			amount: Balance,
		},
		/// A question was asked about a result.
		Demanded {
			/// The job.
			job: JobId,
			/// The question.
			question: Question,
			/// Who asks.
			by: AccountId,
			/// Held from who asks, in planck.
			deposit: Balance,
			/// Last height for the answer.
			answer_by: BlockNumber,
		},
		/// A question was answered. The answer stands in the call.
		QuestionAnswered {
			/// The job.
			job: JobId,
			/// The question.
			question: Question,
			/// Who answered and got the deposit.
			by: AccountId,
			/// The deposit, in planck.
			deposit: Balance,
		},
		/// A proof that a result is wrong was announced.
		ProofCommitted {
			/// The job.
			job: JobId,
			/// Who has it.
			prover: AccountId,
			/// What binds them to it.
			hash: H256,
		},
		/// A result was proved wrong.
		FraudProved {
			/// The job.
			job: JobId,
			/// Who proved it.
			prover: AccountId,
			/// The operation.
			op: u16,
			/// The tile of what it defines.
			tile: u32,
			/// BLAKE2b-256 of the proof.
			evidence: H256,
		},
		/// A deposit for a question or a proof went back, since the question was not answered or the result was proved wrong.
		DepositReturned {
			/// The job.
			job: JobId,
			/// To whom.
			who: AccountId,
			/// How much, in planck.
			amount: Balance,
		},
		/// A deposit for a proof that was announced and not shown was burned.
		DepositBurned {
			/// The job.
			job: JobId,
			/// Whose.
			who: AccountId,
			/// How much, in planck.
			amount: Balance,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// Nothing with this number has a worker: check the number of the job.
		UnknownJob,
		/// There is no commitment for this job, or it is no longer checked: nothing can be done about its result.
		NotCommitted,
		/// The result is not shown yet, or its end has come.
		NotRevealed,
		/// Salt and roots do not open the commitment: reveal exactly what was committed.
		CommitmentMismatch,
		/// There must be one root for each output of the program.
		RootCount,
		/// Every window must last from 1 block to 28 days, claims at most 1,016 blocks, rounds more than 2 blocks longer than
		/// claims, and all together must be shorter than the unbonding period.
		BadWindows,
		/// An auditor must have drawn before the worker's result can be shown: call `draw_auditor`, or wait for a block.
		AuditorDue,
		/// Neither an owner nor a worker key of a provider.
		NotProvider,
		/// Auditors need stake: bond some for the role of a provider.
		NotBonded,
		/// It is so already.
		NothingChanges,
		/// It is too early: wait for the height from which this can be done.
		TooEarly,
		/// It is too late: the last height for it is over.
		TooLate,
		/// No auditor draws for this result.
		NoLottery,
		/// This key had no stake in the round that draws for this result. Enrol, be present, and wait for the next round.
		NotInRound,
		/// The ticket is not this key's signature over this chain, the seed and the job.
		BadTicket,
		/// This ticket has not won: its number is not below the threshold of the auditor's stake.
		NotDrawn,
		/// An auditor must be of another owner group than the worker.
		OwnGroup,
		/// This provider audits the result already.
		AlreadyAuditing,
		/// The result has as many auditors as it can have.
		EnoughAuditors,
		/// The auditor has too little free stake: twice the value of the job.
		TooLittleStake,
		/// This key has no audit of the result, or not at this stage.
		NotAuditor,
		/// No auditor is to be drawn for this result now.
		NothingToDraw,
		/// The program has no such operation, tensor, node or chunk; or the question shows more or less than it must.
		BadQuestion,
		/// What is shown is not what the worker is bound to.
		WrongPath,
		/// Roots on the way are known only by the trace: demand it first, and wait for the answer.
		TraceNotShown,
		/// This question was asked already: its answer stands in the block that `dispute` names.
		AlreadyAsked,
		/// There is no such open question.
		NotAsked,
		/// Only the worker can show the trace.
		NotYourAnswer,
		/// This is not the answer: it has another length, or does not hash to what the worker is bound to.
		WrongAnswer,
		/// Too little free balance for the deposit.
		BalanceTooLow,
		/// A proof of yours is announced for this result already.
		AlreadyAnnounced,
		/// No proof of yours is announced for this result.
		NotAnnounced,
		/// Salt and proof are not what was announced.
		ProofMismatch,
		/// The proof is larger than any need be.
		ProofTooLarge,
		/// The proof names what the program does not have, lacks an input tile, or opens one twice or with a wrong length.
		BadProof,
		/// The tile is what the program makes of its inputs: nothing is proved.
		TileIsRight,
		/// The result is still checked: deposits are free when that is over.
		StillChecked,
		/// The program cannot be read. This cannot happen to a registered one.
		BadProgram,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Commit to the result of a job.
		///
		/// ## Dispatch Origin
		/// Signed by the worker key of the provider that runs the job.
		///
		/// ## Details
		/// `commitment` is `blake2_256("calor/commit/1" || genesis hash || job u64 LE || worker || salt || output roots)`. Then
		/// auditors are drawn, and the reveal opens when all of them have committed too.
		///
		/// ## Errors
		/// [`Error::UnknownJob`], and those of the job: not running, not this worker's, too late.
		///
		/// ## Events
		/// [`Event::Committed`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::commit())]
		pub fn commit(origin: OriginFor<T>, job: JobId, commitment: H256) -> DispatchResult {
			let worker = ensure_signed(origin)?;
			Self::do_commit(worker, job, commitment)
		}

		/// Show the result of a job.
		///
		/// ## Dispatch Origin
		/// Signed by the worker key that committed.
		///
		/// ## Errors
		/// [`Error::NotCommitted`], [`Error::AuditorDue`], [`Error::RootCount`], [`Error::CommitmentMismatch`], and those of
		/// the job: too early, too late.
		///
		/// ## Events
		/// [`Event::Revealed`], and [`Event::AuditCompared`] for each auditor that has shown its result.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::reveal())]
		pub fn reveal(
			origin: OriginFor<T>,
			job: JobId,
			salt: [u8; 32],
			output_roots: OutputRoots,
		) -> DispatchResult {
			let worker = ensure_signed(origin)?;
			Self::do_reveal(worker, job, salt, output_roots)
		}

		/// Change the windows for what begins from now on, and what the audit pot keeps.
		///
		/// ## Dispatch Origin
		/// [`Config::Governance`].
		///
		/// ## Errors
		/// [`Error::BadWindows`].
		///
		/// ## Events
		/// [`Event::WindowsSet`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_windows())]
		pub fn set_windows(origin: OriginFor<T>, windows: Windows) -> DispatchResult {
			T::Governance::ensure_origin(origin)?;
			ensure!(windows.are_valid(), Error::<T>::BadWindows);
			let longest = windows.longest_dispute(T::MostComputing::get());
			ensure!(longest < T::Unbonding::get(), Error::<T>::BadWindows);
			CurrentWindows::<T>::put(windows);
			Self::deposit_event(Event::WindowsSet { windows });
			Ok(())
		}

		/// Become an auditor, or cease to be one.
		///
		/// ## Dispatch Origin
		/// Signed by the owner or the worker key of a provider with stake.
		///
		/// ## Details
		/// Counts from the next round on, as long as the provider is present. An auditor that is drawn for a result and does not
		/// claim it loses nothing; one that claims must follow up.
		///
		/// ## Errors
		/// [`Error::NotProvider`], [`Error::NotBonded`], [`Error::NothingChanges`].
		///
		/// ## Events
		/// [`Event::Enrolled`] or [`Event::Withdrawn`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::enrol())]
		pub fn enrol(origin: OriginFor<T>, on: bool) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_enrol(who, on)
		}

		/// Claim an audit that the lottery gave.
		///
		/// ## Dispatch Origin
		/// Signed by the worker key that the auditor had when the round was made.
		///
		/// ## Details
		/// `ticket` signs the seed (the randomness of the block after the commit) and the job by VRF; see
		/// `calor_primitives::lottery`. Twice the value of the job is put behind the audit. The auditor must run the job and call
		/// `audit_commit` in time.
		///
		/// ## Errors
		/// [`Error::NotCommitted`], [`Error::NoLottery`], [`Error::TooEarly`], [`Error::TooLate`], [`Error::NotProvider`],
		/// [`Error::OwnGroup`], [`Error::AlreadyAuditing`], [`Error::EnoughAuditors`], [`Error::NotInRound`],
		/// [`Error::BadTicket`], [`Error::NotDrawn`], [`Error::TooLittleStake`].
		///
		/// ## Events
		/// [`Event::AuditClaimed`].
		#[pallet::call_index(4)]
		#[pallet::weight(Pallet::<T>::claim_weight())]
		pub fn claim_audit(origin: OriginFor<T>, job: JobId, ticket: Ticket) -> DispatchResult {
			let worker = ensure_signed(origin)?;
			Self::do_claim_audit(worker, job, ticket)
		}

		/// Commit to an own result of a job that is audited.
		///
		/// ## Dispatch Origin
		/// Signed by the worker key that claimed, or that the auditor had when it was drawn.
		///
		/// ## Details
		/// `commitment` is made as a worker's, with the auditor's worker key. When the last auditor has committed and claims
		/// are over, the reveal opens with the next block.
		///
		/// ## Errors
		/// [`Error::NotCommitted`], [`Error::NotAuditor`], [`Error::TooLate`].
		///
		/// ## Events
		/// [`Event::AuditCommitted`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::audit_commit())]
		pub fn audit_commit(origin: OriginFor<T>, job: JobId, commitment: H256) -> DispatchResult {
			let worker = ensure_signed(origin)?;
			Self::do_audit_commit(worker, job, commitment)
		}

		/// Show an own result of a job that is audited.
		///
		/// ## Dispatch Origin
		/// Signed by the worker key that committed to it.
		///
		/// ## Details
		/// From the opening of the worker's reveal until the job ends. Whoever disagrees must prove the worker's result wrong
		/// before it settles.
		///
		/// ## Errors
		/// [`Error::NotCommitted`], [`Error::NotAuditor`], [`Error::TooEarly`], [`Error::RootCount`],
		/// [`Error::CommitmentMismatch`].
		///
		/// ## Events
		/// [`Event::AuditRevealed`], and [`Event::AuditCompared`] if the worker has shown its result.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::audit_reveal())]
		pub fn audit_reveal(
			origin: OriginFor<T>,
			job: JobId,
			salt: [u8; 32],
			output_roots: OutputRoots,
		) -> DispatchResult {
			let worker = ensure_signed(origin)?;
			Self::do_audit_reveal(worker, job, salt, output_roots)
		}

		/// Ask about a result.
		///
		/// ## Dispatch Origin
		/// Signed by anyone.
		///
		/// ## Details
		/// Holds a deposit that covers the largest answer and rises with the questions that are open. It pays whoever answers;
		/// if nobody does, it goes back, and the worker is at fault. Each question is asked once; its answer is in a block.
		/// Settlement waits for the answer and for a proof that may follow from it.
		///
		/// ## Errors
		/// [`Error::NotRevealed`], [`Error::TooLate`], [`Error::AlreadyAsked`], [`Error::BadQuestion`],
		/// [`Error::TraceNotShown`], [`Error::WrongPath`], [`Error::BalanceTooLow`].
		///
		/// ## Events
		/// [`Event::Demanded`].
		#[pallet::call_index(7)]
		#[pallet::weight(Pallet::<T>::most_demand())]
		pub fn demand(
			origin: OriginFor<T>,
			job: JobId,
			question: Question,
			shown: Option<Shown>,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_demand(who, job, question, shown)
		}

		/// Answer a question.
		///
		/// ## Dispatch Origin
		/// Signed by anyone who can; the trace only by a worker key of the provider.
		///
		/// ## Details
		/// The answer is checked, not stored. A right one costs no fee and gets the deposit; a wrong one is a failed call and
		/// changes nothing.
		///
		/// ## Errors
		/// [`Error::NotRevealed`], [`Error::NotAsked`], [`Error::TooLate`], [`Error::NotYourAnswer`], [`Error::WrongAnswer`].
		///
		/// ## Events
		/// [`Event::QuestionAnswered`].
		#[pallet::call_index(8)]
		#[pallet::weight(Pallet::<T>::most_answer(answer))]
		pub fn answer(
			origin: OriginFor<T>,
			job: JobId,
			question: Question,
			answer: Answer,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_answer(who, job, question, answer)
		}

		/// Report that a question was not answered in time.
		///
		/// ## Dispatch Origin
		/// Signed by anyone.
		///
		/// ## Details
		/// The worker is convicted; who asked gets the share of a prover and the deposit back. Needed by nobody: the end of the
		/// window finds it out as well. That outputs or inputs are withheld counts only then, or a worker could plead guilty of
		/// that before it is convicted of worse.
		///
		/// ## Errors
		/// [`Error::NotRevealed`], [`Error::NotAsked`], [`Error::TooEarly`].
		///
		/// ## Events
		/// Those of the job.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::report_silence())]
		pub fn report_silence(
			origin: OriginFor<T>,
			job: JobId,
			question: Question,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_report_silence(job, question)
		}

		/// Announce a proof that a result is wrong.
		///
		/// ## Dispatch Origin
		/// Signed by the prover.
		///
		/// ## Details
		/// `hash` is `blake2_256("calor/proof/1" || genesis hash || job u64 LE || prover || salt || blake2_256(SCALE of the
		/// proof))`, so that nobody can take the proof from the pool and show it first. Holds [`Config::ProofDeposit`].
		/// Settlement waits for the proof.
		///
		/// ## Errors
		/// [`Error::NotRevealed`], [`Error::TooLate`], [`Error::AlreadyAnnounced`], [`Error::BalanceTooLow`].
		///
		/// ## Events
		/// [`Event::ProofCommitted`].
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::commit_proof())]
		pub fn commit_proof(origin: OriginFor<T>, job: JobId, hash: H256) -> DispatchResult {
			let prover = ensure_signed(origin)?;
			Self::do_commit_proof(prover, job, hash)
		}

		/// Prove that a result is wrong.
		///
		/// ## Dispatch Origin
		/// Signed by who announced the proof at least one block before.
		///
		/// ## Details
		/// The chain recomputes one tile from input tiles to which the worker is bound. If it is not what the worker has there,
		/// the worker is convicted, auditors that agreed are penalised, and the prover gets its share and its deposit. Weighs
		/// what the proof's bytes and the dearest tile weigh; what was not needed is not charged.
		///
		/// ## Errors
		/// [`Error::NotRevealed`], [`Error::NotAnnounced`], [`Error::TooEarly`], [`Error::ProofMismatch`],
		/// [`Error::ProofTooLarge`], [`Error::BadProof`], [`Error::TraceNotShown`], [`Error::WrongPath`],
		/// [`Error::TileIsRight`].
		///
		/// ## Events
		/// [`Event::FraudProved`], and those of the job.
		#[pallet::call_index(11)]
		#[pallet::weight(Pallet::<T>::most_proof(proof.encoded_size()))]
		pub fn prove_fraud(
			origin: OriginFor<T>,
			job: JobId,
			salt: [u8; 32],
			proof: FraudProof,
		) -> DispatchResultWithPostInfo {
			let prover = ensure_signed(origin)?;
			Self::do_prove_fraud(prover, job, salt, proof)
		}

		/// Resolve the deposit for a proof that was announced and not shown, once the result's check is over.
		///
		/// ## Dispatch Origin
		/// Signed by who announced it.
		///
		/// ## Details
		/// It goes back if the worker was convicted or the job closed before, and is burned if the result settled. The chain does it by itself, too,
		/// where blocks have room.
		///
		/// ## Errors
		/// [`Error::StillChecked`], [`Error::NotAnnounced`].
		///
		/// ## Events
		/// [`Event::DepositReturned`] or [`Event::DepositBurned`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::withdraw_proof())]
		pub fn withdraw_proof(origin: OriginFor<T>, job: JobId) -> DispatchResult {
			let prover = ensure_signed(origin)?;
			Self::do_withdraw_proof(prover, job)
		}

		/// Draw an auditor openly for a result that must have one, or whose auditor was silent.
		///
		/// ## Dispatch Origin
		/// Signed by anyone.
		///
		/// ## Details
		/// At random by stake among the auditors of the current round that fit. The chain does it by itself; this is for a worker
		/// that does not want to wait for a block with room.
		///
		/// ## Errors
		/// [`Error::NotCommitted`], [`Error::NothingToDraw`].
		///
		/// ## Events
		/// [`Event::AuditClaimed`] or [`Event::NoAuditorFound`].
		#[pallet::call_index(13)]
		#[pallet::weight(Pallet::<T>::drawing_weight())]
		pub fn draw_auditor(origin: OriginFor<T>, job: JobId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_draw_auditor(job)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Keeps the randomness of the parent block, makes a page of the next round, and draws auditors that are due.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::note_seed();
			let round = Self::make_round();
			let mut meter = WeightMeter::with_limit(Self::drawings_weight());
			Self::sweep_agenda(&mut meter);
			T::WeightInfo::note_seed().saturating_add(round).saturating_add(meter.consumed())
		}

		/// Draws the other auditors that are due, and resolves what remains of attempts that are over.
		fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
			let mut meter = WeightMeter::with_limit(remaining);
			Self::sweep_agenda(&mut meter);
			Self::clear_remains(&mut meter);
			meter.consumed()
		}

		fn integrity_test() {
			// No storage here: the windows of all pallets are their defaults, those of a public chain.
			let windows = Windows::default();
			assert!(windows.are_valid(), "{}", types::BAD_WINDOWS);
			assert!(T::ProofDeposit::get() > 0, "announcing nothing must cost");
			assert!(T::DemandBase::get() > 0, "asking must cost");
			assert!(SEEDS > windows.claim, "a seed is forgotten while it draws");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			<Self as calor_primitives::traits::Invariants>::check()
				.map_err(sp_runtime::TryRuntimeError::Other)
		}
	}
}
