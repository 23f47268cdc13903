// SPDX-License-Identifier: Apache-2.0
//! # Jobs
//!
//! Escrow and life cycle of jobs: `Queued -> Assigned -> Running -> Committed -> Revealed -> Settled`, or `Closed` with a
//! reason from any state but the last.
//!
//! Value flows: submission burns a fee and holds the price from the client. Settlement burns part of it and pays the
//! provider the rest; closing returns it whole, or less what a running job has earned when its client cancels it.
//! A provider's stake is earmarked from assignment to the end, and forfeited in part or whole if it fails.
//!
//! Every state has a deadline. The chain moves overdue jobs on by itself as far as blocks have room ([`agenda`]), and
//! anyone may do it with `expire`: nothing is ever stuck, and nothing needs an operator.
//!
//! Invariants: what is held from a client is the price of its open jobs; the queues hold exactly the queued jobs; the
//! agenda holds exactly the open jobs; every earmark belongs to an open job that has a provider.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod agenda;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod ending;
mod invariants;
mod progress;
mod queue;
mod submission;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use types::{QueueState, TicketKey, Windows};
pub use weights::WeightInfo;

use calor_primitives::{
	job::{CloseReason, Constants, Failure, HardwareClass, InputFault, Inputs, JobRecord, JobSpec},
	money::{Payment, Slash},
	traits::{Assign, BurnLedger, Collateral, Evidence, ProgramRegistry, Settlement, Tariff},
	AccountId, Balance, BlockNumber, JobId, ProgramId, H256,
};
use frame_support::traits::{
	fungible::{hold, Inspect},
	Randomness,
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

		/// Most places of each queue that are looked at in one block.
		#[pallet::constant]
		type MaxScan: Get<u32>;

		/// Who may change the windows.
		type Governance: EnsureOrigin<Self::RuntimeOrigin>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why balance is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Price of open jobs.
		Escrow,
	}

	/// Blocks that each state may last.
	#[pallet::storage]
	pub type CurrentWindows<T> = StorageValue<_, Windows, ValueQuery>;

	/// Number of the last job.
	#[pallet::storage]
	pub type LastJob<T> = StorageValue<_, JobId, ValueQuery>;

	/// All jobs. By number, which nobody can choose.
	#[pallet::storage]
	pub type Jobs<T> = StorageMap<_, Twox64Concat, JobId, JobRecord>;

	/// Constants and inputs of open jobs. Removed when the job ends.
	#[pallet::storage]
	pub type Operands<T> = StorageMap<_, Twox64Concat, JobId, (Constants, Inputs)>;

	/// Job by client and the client's own name for it. Hashed, since both are chosen freely.
	#[pallet::storage]
	pub type References<T> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		AccountId,
		Blake2_128Concat,
		H256,
		JobId,
		OptionQuery,
	>;

	/// Queued jobs by class and ticket. Not hashed, so that a queue can be walked in its order: tickets are counted and
	/// nobody chooses them. Removed when they leave the queue.
	#[pallet::storage]
	pub type Queue<T> =
		StorageDoubleMap<_, Identity, HardwareClass, Identity, TicketKey, JobId, OptionQuery>;

	/// Length and cursor of the queue of each class.
	#[pallet::storage]
	pub type Queues<T> = StorageMap<_, Identity, HardwareClass, QueueState, ValueQuery>;

	/// Open jobs by the height at which they are due. Removed when they change state.
	#[pallet::storage]
	pub type Agenda<T> =
		StorageDoubleMap<_, Twox64Concat, BlockNumber, Twox64Concat, JobId, (), OptionQuery>;

	/// The agenda has been seen to below this height.
	#[pallet::storage]
	pub type SweptTo<T> = StorageValue<_, BlockNumber, ValueQuery>;

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
			assert!(self.windows.are_valid(), "every window must last at least 1 block");
			CurrentWindows::<T>::put(self.windows);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A job was submitted and its price is held.
		Submitted {
			/// Its number.
			job: JobId,
			/// Who pays.
			client: AccountId,
			/// What runs.
			program: ProgramId,
			/// On which hardware.
			class: HardwareClass,
			/// Held, in planck.
			price: Balance,
			/// The client's own name for it.
			reference: Option<H256>,
		},
		/// The client has submitted this before; nothing was done.
		AlreadySubmitted {
			/// The job that stands under this reference.
			job: JobId,
		},
		/// A job entered its queue.
		Queued {
			/// The job.
			job: JobId,
			/// Its place.
			ticket: u64,
			/// Height at which it closes for lack of a provider.
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
			/// Last height for the commit.
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
		/// A provider failed a job and was penalised.
		Failed {
			/// The job.
			job: JobId,
			/// Owner account of the provider.
			provider: AccountId,
			/// What it failed to do.
			failure: Failure,
			/// What it lost.
			slash: Slash,
		},
		/// A job was paid.
		Settled {
			/// The job.
			job: JobId,
			/// Owner account of the provider.
			provider: AccountId,
			/// How the price was divided.
			payment: Payment,
		},
		/// A job ended without a result.
		Closed {
			/// The job.
			job: JobId,
			/// Why.
			reason: CloseReason,
			/// Returned to the client, in planck.
			refunded: Balance,
			/// Paid for what was done before a cancellation.
			payment: Option<Payment>,
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
		/// The quote is above `max_price`: raise it, or wait for a lower price.
		PriceAboveMax,
		/// Too little free balance for price and submission fee: add funds, or submit a smaller job.
		BalanceTooLow,
		/// `deliver_within` is shorter than this job takes on the slowest admitted hardware, or longer than the chain allows.
		BadDeadline,
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
		/// Every window must last at least 1 block.
		BadWindows,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Post a job and hold its price.
		///
		/// ## Dispatch Origin
		/// Signed by the client, who pays.
		///
		/// ## Details
		/// The price is computed from the program's cost and the tariff of the class, and fixed. It is held until the job
		/// ends; a submission fee is burned at once. Submitting a `reference` again does nothing.
		///
		/// ## Errors
		/// [`Error::UnknownProgram`], [`Error::ConstantCount`], [`Error::InputCount`], [`Error::ConstantType`],
		/// [`Error::InputType`], [`Error::BadUri`], [`Error::BadDeadline`], [`Error::PriceAboveMax`],
		/// [`Error::BalanceTooLow`], or the tariff's.
		///
		/// ## Events
		/// [`Event::Submitted`] and [`Event::Queued`], or [`Event::AlreadySubmitted`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::submit(
			spec.constants.len().saturating_add(spec.inputs.len()) as u32
		))]
		pub fn submit(origin: OriginFor<T>, spec: JobSpec) -> DispatchResult {
			let client = ensure_signed(origin)?;
			Self::do_submit(client, spec).map(|_| ())
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
		#[pallet::weight(T::WeightInfo::decline())]
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
		/// Free until a provider has accepted. Then the provider is paid for the elapsed part of its time, at least a quarter
		/// of the price.
		///
		/// ## Errors
		/// [`Error::UnknownJob`], [`Error::NotClient`], [`Error::WrongState`].
		///
		/// ## Events
		/// [`Event::Closed`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::cancel())]
		pub fn cancel(origin: OriginFor<T>, job: JobId) -> DispatchResult {
			let client = ensure_signed(origin)?;
			Self::do_cancel(client, job)
		}

		/// Move a job on whose deadline has passed.
		///
		/// ## Dispatch Origin
		/// Signed by anyone.
		///
		/// ## Details
		/// A revealed job is settled. A provider that was late is penalised and the job goes to another, at most three in all.
		/// A job that waited too long closes. The chain does this by itself where blocks have room.
		///
		/// ## Errors
		/// [`Error::UnknownJob`], [`Error::WrongState`], [`Error::TooEarly`].
		///
		/// ## Events
		/// [`Event::Settled`], [`Event::Closed`], or [`Event::Failed`] and [`Event::Queued`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::expire())]
		pub fn expire(origin: OriginFor<T>, job: JobId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire(job)
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
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::assign_queued()
		}

		fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::sweep_agenda(remaining)
		}

		fn integrity_test() {
			assert!(T::MaxScan::get() > 0, "a queue that is never looked at never moves");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			<Self as calor_primitives::traits::Invariants>::check()
				.map_err(sp_runtime::TryRuntimeError::Other)
		}
	}
}
