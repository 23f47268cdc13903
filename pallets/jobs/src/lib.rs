// SPDX-License-Identifier: Apache-2.0
//! # Jobs
//!
//! Escrow and life cycle of jobs: `Waiting -> Queued -> Assigned -> Running -> Committed -> Revealed -> Settled`, or
//! `Closed` with a reason from any state but the last.
//!
//! Value flows: submission spends the client's credits on the escrow (price, audit levy, tip), buying what is missing from
//! its balance, so that no job is paid without the purchase burn; it burns a fee and holds from the balance a deposit for
//! storage and, in a premium class, a lock. Assignment burns the tip. Settlement burns part of the price, and half of what
//! the price exceeded its average by; it pays the provider the rest and the levy to the audit pot; what late delivery takes
//! off goes back. Closing returns the whole escrow, or less what a running job has earned when its client cancels it.
//! Escrow goes back as credits. The lock is returned when the job ends, the deposit when its record is dropped. A provider's stake is earmarked from assignment to the end; see pallet-stake for what it loses.
//!
//! A result that does not stand costs its provider stake, and the job goes to another; if a child has set out on it, it
//! closes, and what was shown stays readable. What stands against a result is verification's to say, at settlement at the
//! latest ([`lifecycle`], [`ending`]). Of jobs that run the same independently all are paid or none ([`replicas`]).
//!
//! Every state has a deadline. The chain moves overdue jobs on by itself as far as blocks have room ([`agenda`]), and
//! anyone may do it with `expire`: nothing is ever stuck, and nothing needs an operator.
//!
//! Invariants ([`invariants`]): what is held from a client is what its jobs account for; the queues hold exactly the queued
//! jobs; every job has its place on the agenda; every earmark belongs to an open job that has a provider, or to an audit;
//! jobs that run the same end together.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod agenda;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod ending;
mod explain;
mod family;
mod funding;
mod invariants;
mod lifecycle;
mod matching;
mod progress;
mod queue;
mod replicas;
mod submission;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use types::{AgeKey, JobName, QueueState, ReplicaSet, ReplicaStage, TipKey, Windows};
pub use weights::WeightInfo;

use calor_primitives::{
	explain::Explanation,
	fault::Fault,
	job::{
		CloseReason, Constants, HardwareClass, InputFault, Inputs, JobRecord, JobSpec, JobView,
		ParentStage, MAX_BATCH,
	},
	money::Payment,
	receipt::Receipts,
	traits::{
		Assign, BurnLedger, Collateral, Credits, Evidence, Liquidity, ProgramRegistry, Settlement,
		Tariff,
	},
	AccountId, Balance, BlockNumber, JobId, ProgramId, H256,
};
use frame_support::{
	dispatch::DispatchResultWithPostInfo,
	traits::{
		fungible::{hold, Inspect},
		Randomness,
	},
};

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
			+ hold::Inspect<AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Mutate<AccountId>;

		/// The overarching hold reason.
		type RuntimeHoldReason: Parameter + From<HoldReason>;

		/// Registered programs.
		type Programs: ProgramRegistry;

		/// What compute costs.
		type Tariff: Tariff;

		/// What escrow is paid with.
		type Credits: Credits;

		/// What an account may put on hold.
		type Liquidity: Liquidity;

		/// Where burns are written down.
		type Burns: BurnLedger<Self::RuntimeHoldReason>;

		/// How finished jobs are paid.
		type Settlement: Settlement<Self::RuntimeHoldReason>;

		/// Stake behind jobs.
		type Collateral: Collateral;

		/// Providers that wait for jobs.
		type Providers: Assign;

		/// What verification keeps of a job.
		type Evidence: Evidence;

		/// Randomness of the parent block, unknown when a job is submitted.
		type Randomness: Randomness<Option<H256>, BlockNumberFor<Self>>;

		/// Most weight that assigning jobs may take of a block.
		#[pallet::constant]
		type AssignWeight: Get<Weight>;

		/// Most jobs in the queue of one class that submissions can bring it to.
		#[pallet::constant]
		type MaxQueued: Get<u32>;

		/// Locked for each open job of class `Tensor`, in planck.
		#[pallet::constant]
		type AccessLock: Get<Balance>;

		/// Deposit for a job whatever its size, in planck.
		#[pallet::constant]
		type DepositBase: Get<Balance>;

		/// Deposit for each byte that is stored of a job, in planck.
		#[pallet::constant]
		type DepositPerByte: Get<Balance>;

		/// Who may change the windows.
		type Governance: EnsureOrigin<Self::RuntimeOrigin>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why balance is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Price, levy and tip of open jobs.
		Escrow,
		/// For what the chain stores of jobs.
		Deposit,
		/// For the use of a premium class by open jobs.
		Access,
	}

	/// Blocks that each state may last.
	#[pallet::storage]
	pub type CurrentWindows<T> = StorageValue<_, Windows, ValueQuery>;

	/// Number of the last job. As the other values that every block writes once at most, not weighed with each job but with
	/// the block.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub type LastJob<T> = StorageValue<_, JobId, ValueQuery>;

	/// All jobs. By number, which nobody can choose. As everything that is kept of a job, paid for by its client's deposit
	/// until its record is dropped.
	#[pallet::storage]
	pub type Jobs<T> = StorageMap<_, Twox64Concat, JobId, JobRecord>;

	/// Constants and inputs of open jobs. Removed when the job ends.
	#[pallet::storage]
	pub type Operands<T> = StorageMap<_, Twox64Concat, JobId, (Constants, Inputs)>;

	/// Jobs by client and name. Hashed, since both are chosen freely. Removed with the record.
	#[pallet::storage]
	pub type Names<T> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		AccountId,
		Blake2_128Concat,
		JobName,
		JobId,
		OptionQuery,
	>;

	/// Fresh jobs of each class in the order of submission: those for which nobody has been drawn yet. Not hashed, so that
	/// the first is found at once; nobody chooses numbers. Removed when they leave the queue.
	#[pallet::storage]
	pub type Fresh<T> =
		StorageDoubleMap<_, Identity, HardwareClass, Identity, AgeKey, (), OptionQuery>;

	/// Those of the fresh jobs that tip, in the order of their tip per multiply-accumulate.
	#[pallet::storage]
	pub type Tipped<T> =
		StorageDoubleMap<_, Identity, HardwareClass, Identity, TipKey, (), OptionQuery>;

	/// Queued jobs for which a draw found nobody, in the order of submission.
	#[pallet::storage]
	pub type Missed<T> =
		StorageDoubleMap<_, Identity, HardwareClass, Identity, AgeKey, (), OptionQuery>;

	/// Lengths and cursor of the queue of each class. At most one entry a class.
	#[pallet::storage]
	pub type Queues<T> = StorageMap<_, Identity, HardwareClass, QueueState, ValueQuery>;

	/// Waiting jobs by the parent and the stage of it for which they wait. Removed when the parent gets there or ends, or
	/// when they cease to wait; a job has at most one for each of its inputs.
	#[pallet::storage]
	pub type Children<T> = StorageDoubleMap<
		_,
		Twox64Concat,
		(JobId, ParentStage),
		Twox64Concat,
		JobId,
		(),
		OptionQuery,
	>;

	/// Jobs whose time in the queue is over, until the whole ready set has been tried for them. By number, the oldest first.
	#[pallet::storage]
	pub type Overdue<T> = StorageMap<_, Identity, AgeKey, (), OptionQuery>;

	/// Parents that have got somewhere, until all children that waited for it have been looked at. At most two a job.
	#[pallet::storage]
	pub type Woken<T> = StorageMap<_, Twox64Concat, (JobId, ParentStage), (), OptionQuery>;

	/// Providers whose stake was forfeited, until all their jobs are closed. They have paid for it.
	#[pallet::storage]
	pub type Forfeited<T> = StorageMap<_, Blake2_128Concat, AccountId, (), OptionQuery>;

	/// Open jobs that run the same, by the number of the first. Removed when all of them have ended; their deposits pay for
	/// it.
	#[pallet::storage]
	pub type Replicas<T> = StorageMap<_, Twox64Concat, JobId, ReplicaSet>;

	/// Those of them of which one ended without a result, until the others have closed.
	#[pallet::storage]
	pub type Fallen<T> = StorageMap<_, Twox64Concat, JobId, (), OptionQuery>;

	/// Jobs by the height at which they are looked at, never later than they are due. One entry a job, but none for an ended
	/// one that waits for its children, and none for an overdue one for which the ready set is tried.
	#[pallet::storage]
	pub type Agenda<T> =
		StorageDoubleMap<_, Twox64Concat, BlockNumber, Twox64Concat, JobId, (), OptionQuery>;

	/// The agenda has been seen to below this height.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub type SweptTo<T> = StorageValue<_, BlockNumber, ValueQuery>;

	/// Receipts of jobs whose records were dropped; at most 64 hashes, however many there are.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub type DroppedJobs<T> = StorageValue<_, Receipts, ValueQuery>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Blocks that each state may last.
		pub windows: Windows,
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(self.windows.are_valid(), "{}", types::BAD_WINDOWS);
			CurrentWindows::<T>::put(self.windows);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A job was submitted, and what it may cost is held.
		Submitted {
			/// Its number.
			job: JobId,
			/// Who pays.
			client: AccountId,
			/// What runs.
			program: ProgramId,
			/// On which hardware.
			class: HardwareClass,
			/// Held for the computation, in planck.
			price: Balance,
			/// What of the price is burned because it stood above its average, in planck.
			withheld: Balance,
			/// Held for audits, in planck.
			levy: Balance,
			/// Held for a better place in the queue, in planck.
			tip: Balance,
			/// Locked for the use of a premium class, in planck.
			access: Balance,
			/// Held for storage, in planck.
			deposit: Balance,
			/// The client's own name for it.
			reference: Option<H256>,
		},
		/// The client has submitted this before; nothing was done.
		AlreadySubmitted {
			/// The job that stands under this reference.
			job: JobId,
		},
		/// A job waits for its parents.
		Waiting {
			/// The job.
			job: JobId,
		},
		/// A job entered its queue.
		Queued {
			/// The job.
			job: JobId,
			/// Height from which it closes for lack of a provider.
			expires: BlockNumber,
		},
		/// A job was given to a provider.
		Assigned {
			/// The job.
			job: JobId,
			/// Owner account of the provider.
			provider: AccountId,
			/// Last height for acceptance.
			accept_by: BlockNumber,
		},
		/// A provider accepted.
		Accepted {
			/// The job.
			job: JobId,
			/// Owner account of the provider.
			provider: AccountId,
			/// Last height for the commit at the full price.
			deliver_by: BlockNumber,
		},
		/// A provider could not use an input; free of penalty.
		Declined {
			/// The job.
			job: JobId,
			/// Owner account of the provider.
			provider: AccountId,
			/// What it met.
			fault: InputFault,
		},
		/// A provider is bound to a result.
		Committed {
			/// The job.
			job: JobId,
			/// Owner account of the provider.
			provider: AccountId,
			/// Last height for the reveal.
			reveal_by: BlockNumber,
		},
		/// A result is public.
		Revealed {
			/// The job.
			job: JobId,
			/// Owner account of the provider.
			provider: AccountId,
			/// Height at which it settles.
			settles_at: BlockNumber,
		},
		/// A result is to be shown in another window, since it is audited or since others that run the same are ready.
		RevealRescheduled {
			/// The job.
			job: JobId,
			/// First height for the reveal.
			reveal_from: BlockNumber,
			/// Last height for the reveal.
			reveal_by: BlockNumber,
		},
		/// A result settles later, since it is disputed or since others that run the same are not as far.
		Postponed {
			/// The job.
			job: JobId,
			/// Height at which it settles.
			settles_at: BlockNumber,
		},
		/// A provider failed a job and was penalised.
		Failed {
			/// The job.
			job: JobId,
			/// Owner account of the provider.
			provider: AccountId,
			/// What it failed to do.
			fault: Fault,
			/// What it is to lose of its stake, in planck.
			penalty: Balance,
		},
		/// A job was paid.
		Settled {
			/// The job.
			job: JobId,
			/// Owner account of the provider.
			provider: AccountId,
			/// How the escrow was divided.
			payment: Payment,
			/// Returned to the client as credits for late delivery, in planck.
			returned: Balance,
		},
		/// A job ended without a result.
		Closed {
			/// The job.
			job: JobId,
			/// Why.
			reason: CloseReason,
			/// Returned to the client as credits, in planck.
			refunded: Balance,
			/// Paid for what was done before a cancellation.
			payment: Option<Payment>,
		},
		/// The record of an ended job was dropped, and its deposit returned.
		Dropped {
			/// The job.
			job: JobId,
			/// Its place among the receipts, from 0.
			index: u64,
			/// The leaf there: the hash of its receipt.
			leaf: H256,
		},
		/// The windows were changed for jobs that enter a state from now on.
		WindowsSet {
			/// The new windows.
			windows: Windows,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No job has this number.
		UnknownJob,
		/// No program of that name is registered: register it first.
		UnknownProgram,
		/// More or fewer constants than the program declares.
		ConstantCount,
		/// More or fewer inputs than the program declares.
		InputCount,
		/// The constant of this number has another type than the program declares.
		ConstantType(u8),
		/// The input of this number has another type than the program declares.
		InputType(u8),
		/// A tensor has no address, or one that is not UTF-8 beginning with `http://` or `https://`.
		BadUri,
		/// An input is the output of a job that does not exist, is not the same client's, or has closed: name an open or
		/// settled job of your own, of several that run the same the first, or give the tensor by its root and addresses.
		BadParent,
		/// An input is an output that its parent's program does not have.
		NoSuchOutput,
		/// An input refers to a place in the batch that is not before its own.
		NotEarlier,
		/// A batch without jobs: give at least one.
		EmptyBatch,
		/// No auditor could be drawn now: use `Optimistic` or `Replicated`, or try again when auditors have enrolled.
		NoAuditors,
		/// A job can run 2 to 5 times at once, no less and no more: choose a number in between, or `Optimistic` to run it once.
		BadReplicas,
		/// The quote is above `max_price`: raise it, or wait for a lower price.
		PriceAboveMax,
		/// `value_at_risk` is more than a hundred times the price: lower it, or split the work so that each job is worth its
		/// risk.
		RiskTooHigh,
		/// Price, tip or value at risk exceed what a balance can hold: lower them, or cut the job into smaller ones.
		AmountTooLarge,
		/// Credits and liquid balance together do not suffice. Price, levy and tip are paid in credits, and each credit that
		/// is missing costs 20/19 of liquid balance; deposit, access lock and submission fee are liquid: add funds, or submit
		/// a smaller job.
		BalanceTooLow,
		/// `deliver_within` is shorter than this job takes on the slowest admitted hardware, or longer than the chain allows.
		BadDeadline,
		/// The queue of this class is full: try again later.
		QueueFull,
		/// Only the client of a job may do this.
		NotClient,
		/// Only the worker of the provider that has this job may do this.
		NotProvider,
		/// The job is not in a state in which this can be done.
		WrongState,
		/// The job's deadline for this has passed.
		TooLate,
		/// It is too early for this: wait for the height that the job's state names.
		TooEarly,
		/// Other jobs still need the outputs of this one: wait until they have ended.
		NeededByOthers,
		/// Every window must last 1 to 1,209,600 blocks, and the least delivery time must not exceed the most.
		BadWindows,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Post a job and hold what it may cost.
		///
		/// ## Dispatch Origin
		/// Signed by the client, who pays.
		///
		/// ## Details
		/// The price is computed from the program's cost and the tariff of the class, and fixed. Price, audit levy and tip
		/// are paid in credits, the newest first; what is missing is bought from the liquid balance in the same step, of which
		/// a twentieth is burned. They are held until the job ends, a deposit of liquid balance until its record is dropped,
		/// and in class `Tensor` a lock; a submission fee is burned at once. Submitting a `reference` again does nothing.
		///
		/// `Replicated(n)` posts `n` jobs with numbers that follow each other, each of which costs all of that; `max_price`,
		/// `tip` and `value_at_risk` are those of one. The reference names the first, and children take outputs of the first.
		/// All are paid if all results are the same, otherwise everything comes back.
		///
		/// ## Errors
		/// [`Error::UnknownProgram`], [`Error::ConstantCount`], [`Error::InputCount`], [`Error::ConstantType`],
		/// [`Error::InputType`], [`Error::BadUri`], [`Error::BadParent`], [`Error::NoSuchOutput`], [`Error::NotEarlier`],
		/// [`Error::NoAuditors`], [`Error::BadReplicas`], [`Error::BadDeadline`], [`Error::PriceAboveMax`], [`Error::RiskTooHigh`],
		/// [`Error::AmountTooLarge`], [`Error::QueueFull`], [`Error::BalanceTooLow`], or the tariff's.
		///
		/// ## Events
		/// [`Event::Submitted`] and [`Event::Queued`] or [`Event::Waiting`]; or [`Event::AlreadySubmitted`].
		#[pallet::call_index(0)]
		#[pallet::weight(Pallet::<T>::submit_weight(spec))]
		pub fn submit(origin: OriginFor<T>, spec: JobSpec) -> DispatchResult {
			let client = ensure_signed(origin)?;
			Self::do_submit(client, spec, &[]).map(|_| ())
		}

		/// Accept an assigned job.
		///
		/// ## Dispatch Origin
		/// Signed by the worker key of the provider that has it.
		///
		/// ## Errors
		/// [`Error::UnknownJob`], [`Error::NotProvider`], [`Error::WrongState`], [`Error::TooLate`].
		///
		/// ## Events
		/// [`Event::Accepted`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::accept())]
		pub fn accept(origin: OriginFor<T>, job: JobId) -> DispatchResult {
			let worker = ensure_signed(origin)?;
			Self::do_accept(worker, job)
		}

		/// Decline a job whose input cannot be used.
		///
		/// ## Dispatch Origin
		/// Signed by the worker key of the provider that has it, before acceptance or within the least delivery time after.
		///
		/// ## Details
		/// Free of penalty. The job goes to another provider; after three declines, or if no other comes forward, it closes.
		///
		/// ## Errors
		/// [`Error::UnknownJob`], [`Error::NotProvider`], [`Error::WrongState`], [`Error::TooLate`].
		///
		/// ## Events
		/// [`Event::Declined`], then [`Event::Queued`] or [`Event::Closed`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::decline().saturating_add(Pallet::<T>::orphan_all()))]
		pub fn decline(origin: OriginFor<T>, job: JobId, fault: InputFault) -> DispatchResult {
			let worker = ensure_signed(origin)?;
			Self::do_decline(worker, job, fault)
		}

		/// Cancel a job before its provider has committed to a result.
		///
		/// ## Dispatch Origin
		/// Signed by the client.
		///
		/// ## Details
		/// What is left of the escrow comes back as credits. Free but for the submission fee, and the tip once the job was
		/// assigned, until a provider has accepted. Then the
		/// provider is paid for the elapsed part of its time, at least a quarter of the price, and at most what a result would
		/// have earned in this block. One that was too late is penalised first, and not paid. Of several jobs that run the same
		/// all are cancelled, whichever is named, as long as none of them has been committed to.
		///
		/// ## Errors
		/// [`Error::UnknownJob`], [`Error::NotClient`], [`Error::WrongState`].
		///
		/// ## Events
		/// [`Event::Closed`]; before it those of `expire`, if the provider was too late.
		#[pallet::call_index(3)]
		#[pallet::weight(Pallet::<T>::cancel_late())]
		pub fn cancel(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
			let client = ensure_signed(origin)?;
			let weight = Self::do_cancel(client, job)?;
			Ok(Some(weight).into())
		}

		/// Move a job on whose deadline has passed, or whose provider's stake was forfeited.
		///
		/// ## Dispatch Origin
		/// Signed by anyone.
		///
		/// ## Details
		/// A revealed job is settled. A provider that was late is penalised and the job goes to another, at most three in all.
		/// A job that waited too long is tried against the whole ready set, a part of it at a time, and closes if nobody fits.
		/// A job that waits for its parents is looked at again. The record of a job that ended long ago is dropped and its
		/// deposit returned. The chain does all this by itself where blocks have room.
		///
		/// ## Errors
		/// [`Error::UnknownJob`], [`Error::TooEarly`], [`Error::NeededByOthers`].
		///
		/// ## Events
		/// [`Event::Settled`], [`Event::Closed`], [`Event::Dropped`], [`Event::Assigned`], or [`Event::Failed`] and
		/// [`Event::Queued`].
		#[pallet::call_index(4)]
		#[pallet::weight(Pallet::<T>::dearest_step())]
		pub fn expire(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let weight = Self::do_expire(job)?;
			Ok(Some(weight).into())
		}

		/// Change the windows for jobs that enter a state from now on.
		///
		/// ## Dispatch Origin
		/// [`Config::Governance`].
		///
		/// ## Errors
		/// [`Error::BadWindows`].
		///
		/// ## Events
		/// [`Event::WindowsSet`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_windows())]
		pub fn set_windows(origin: OriginFor<T>, windows: Windows) -> DispatchResult {
			T::Governance::ensure_origin(origin)?;
			ensure!(windows.are_valid(), Error::<T>::BadWindows);
			CurrentWindows::<T>::put(windows);
			Self::deposit_event(Event::WindowsSet { windows });
			Ok(())
		}

		/// Post several jobs, all or none.
		///
		/// ## Dispatch Origin
		/// Signed by the client, who pays.
		///
		/// ## Details
		/// Each as by `submit`. An input of a job may be the output of one that stands earlier in the batch, so that a whole
		/// graph is posted at once.
		///
		/// ## Errors
		/// [`Error::EmptyBatch`], and those of `submit`.
		///
		/// ## Events
		/// Those of `submit` for each.
		#[pallet::call_index(6)]
		#[pallet::weight(specs.iter().fold(Weight::zero(), |sum, spec| {
			sum.saturating_add(Pallet::<T>::submit_weight(spec))
		}))]
		pub fn submit_batch(
			origin: OriginFor<T>,
			specs: BoundedVec<JobSpec, ConstU32<MAX_BATCH>>,
		) -> DispatchResult {
			let client = ensure_signed(origin)?;
			ensure!(!specs.is_empty(), Error::<T>::EmptyBatch);
			let mut batch = alloc::vec::Vec::new();
			for spec in specs {
				batch.push(Self::do_submit(client.clone(), spec, &batch)?);
			}
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A job with all that is known of it.
		pub fn job(id: JobId) -> Option<JobView> {
			Self::view(id)
		}

		/// Why a job is where it is, and what would make it match.
		pub fn why(id: JobId) -> Option<Explanation> {
			Self::explain(id)
		}

		/// Jobs of a client of which there still is a record, in no order.
		pub fn client_jobs(client: AccountId) -> alloc::vec::Vec<JobId> {
			Names::<T>::iter_prefix_values(client).collect()
		}

		/// Jobs in the queue of a class.
		pub fn queue_length(class: HardwareClass) -> u32 {
			Queues::<T>::get(class).len()
		}

		/// Whether `leaf` is the receipt of that index; `path` has the siblings on the way up, lowest first.
		pub fn proves(leaf: H256, index: u64, path: alloc::vec::Vec<H256>) -> bool {
			DroppedJobs::<T>::get().proves(leaf, index, &path)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::assign_queued()
		}

		fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::work_off(remaining)
		}

		fn integrity_test() {
			let least = Self::dearest_look().saturating_mul(HardwareClass::ALL.len() as u64);
			assert!(
				T::AssignWeight::get().all_gte(least),
				"a class that is never looked at never moves"
			);
			assert!(T::MaxQueued::get() > 0, "a queue that takes nothing is of no use");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			<Self as calor_primitives::traits::Invariants>::check()
				.map_err(sp_runtime::TryRuntimeError::Other)
		}
	}
}
