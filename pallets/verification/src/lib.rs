// SPDX-License-Identifier: Apache-2.0
//! # Verification
//!
//! What a worker binds itself to and what it shows. A worker first commits to the roots of its outputs under a salt, so
//! that nobody can copy them, then reveals them; the result can be challenged until the challenge window has passed.
//!
//! Audits, demands and fraud proofs will hang on these states. As no auditor can claim a job yet, the reveal opens with
//! the block after the commit.
//!
//! Invariants: a revealed result opens its commitment; nothing is kept of a job that is not committed or beyond.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod commit_reveal;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use types::{ResultRecord, Windows};
pub use weights::WeightInfo;

use calor_primitives::{
	job::OutputRoots,
	traits::{Lifecycle, ProgramRegistry},
	AccountId, BlockNumber, JobId, H256,
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
		/// The jobs that are verified.
		type Jobs: Lifecycle;

		/// Registered programs.
		type Programs: ProgramRegistry;

		/// Blocks from unbonding to withdrawal: no dispute may last that long.
		type Unbonding: Get<BlockNumber>;

		/// Who may change the windows.
		type Governance: EnsureOrigin<Self::RuntimeOrigin>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Blocks that commit and reveal may last.
	#[pallet::storage]
	pub type CurrentWindows<T> = StorageValue<_, Windows, ValueQuery>;

	/// Results by job. Removed if the job starts again or when its record is dropped; its client's deposit pays for it.
	#[pallet::storage]
	pub type Results<T> = StorageMap<_, Twox64Concat, JobId, ResultRecord>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Blocks that commit and reveal may last.
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
		/// There is no commitment for this job: commit first.
		NotCommitted,
		/// Salt and roots do not open the commitment: reveal exactly what was committed.
		CommitmentMismatch,
		/// There must be one root for each output of the program.
		RootCount,
		/// Every window must last at least 1 block, and all together must be shorter than the unbonding period.
		BadWindows,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Commit to the result of a job.
		///
		/// ## Dispatch Origin
		/// Signed by the worker key of the provider that runs the job.
		///
		/// ## Details
		/// `commitment` is `blake2_256("calor/commit/1" || genesis hash || job u64 LE || worker || salt || output roots)`.
		///
		/// ## Errors
		/// Those of the job: unknown, not running, not this worker's, too late.
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
		/// [`Error::NotCommitted`], [`Error::RootCount`], [`Error::CommitmentMismatch`], and those of the job: too early, too
		/// late.
		///
		/// ## Events
		/// [`Event::Revealed`].
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
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_windows())]
		pub fn set_windows(origin: OriginFor<T>, windows: Windows) -> DispatchResult {
			T::Governance::ensure_origin(origin)?;
			ensure!(windows.are_valid(), Error::<T>::BadWindows);
			ensure!(windows.longest_dispute() < T::Unbonding::get(), Error::<T>::BadWindows);
			CurrentWindows::<T>::put(windows);
			Self::deposit_event(Event::WindowsSet { windows });
			Ok(())
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			<Self as calor_primitives::traits::Invariants>::check()
				.map_err(sp_runtime::TryRuntimeError::Other)
		}
	}
}
