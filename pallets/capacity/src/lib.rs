// SPDX-License-Identifier: Apache-2.0
//! # Capacity
//!
//! What providers can do, proved. Now and then, at heights that chance names, a round starts: all providers that are
//! present are called at once and have little time to run the standard benchmark ([`calor_tensor::benchmark`]), sized by
//! what each claims, on inputs that are drawn from the round's seed and their own account ([`round`]). So nobody can
//! begin before, nobody can use what another has computed, and one machine cannot prove for two.
//!
//! A proof goes the way of a job ([`lifecycle`]): it is committed to, audited by lottery, revealed, open to challenge,
//! and counts once it has settled. Nobody pays for it and nothing is burned; its auditors are paid out of emission.
//!
//! Value flows: stake of the provider stands behind its proof, as behind a job of the same size. It is free when the
//! proof has settled; a proof that was shown to be wrong costs everything and the account never takes part again; one
//! that was not shown when it had to be costs what stands behind it.
//!
//! Who is called and does not prove has proved nothing any more. Who had a paid job when it was called may leave out one
//! round of three.
//!
//! Invariants: each proof stands on the agenda once, at the height at which it is due, with stake behind it, and its
//! provider has the seat that its number names; no two providers have the same seat; at most one round is under way.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod agenda;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod invariants;
mod lifecycle;
mod round;
pub mod types;
mod view;
pub mod weights;

pub use pallet::*;
pub use types::{
	job_of, place_of, Phase, ProofRecord, ProofState, Round, RoundNumber, Seat, Windows,
};
pub use weights::WeightInfo;

use calor_primitives::{
	fault::Fault,
	runtime_api::{CapacityChallenge, CapacityView},
	traits::{Assign, Collateral, Evidence, Proving, Tariff},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use frame_support::traits::Randomness;

/// An excuse is good for one round of so many.
pub const EXCUSED_ONE_IN: RoundNumber = 3;

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
		frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
	{
		/// Providers, what they claim, and where it is written down what they have proved.
		type Providers: Proving + Assign;

		/// Stake of providers.
		type Collateral: Collateral;

		/// What computations are worth.
		type Tariff: Tariff;

		/// What verification keeps of proofs.
		type Evidence: Evidence;

		/// Randomness that nobody knows before the parent block: it says when a round starts, and with which seed.
		type Randomness: Randomness<Option<H256>, BlockNumberFor<Self>>;

		/// Who may change the windows.
		type Governance: EnsureOrigin<Self::RuntimeOrigin>;

		/// Milliseconds from a block to the next.
		#[pallet::constant]
		type MillisecsPerBlock: Get<u64>;

		/// Most weight that a round takes of a block to call providers and to look who has proved.
		///
		/// Less and the last to be called have less time than the first; much more and jobs have no room.
		#[pallet::constant]
		type RoundWeight: Get<Weight>;

		/// Weights of the calls and of the steps of rounds.
		type WeightInfo: WeightInfo;
	}

	/// When rounds take place, and how long they last. One entry.
	#[pallet::storage]
	pub type CurrentWindows<T> = StorageValue<_, Windows, ValueQuery>;

	/// What is being done about rounds. One entry.
	#[pallet::storage]
	pub type CurrentPhase<T> = StorageValue<_, Phase, ValueQuery>;

	/// The round under way, or the last one. One entry; none before the first.
	#[pallet::storage]
	pub type LastRound<T> = StorageValue<_, Round>;

	/// Seats that were given out. One number.
	#[pallet::storage]
	pub type SeatCount<T> = StorageValue<_, u32, ValueQuery>;

	/// Seats by owner account. Hashed, since accounts are chosen freely. At most one for each provider, which the deposit of
	/// its registration pays for; removed by the first round that ends after it has left.
	#[pallet::storage]
	pub type Seats<T> = StorageMap<_, Blake2_128Concat, AccountId, Seat>;

	/// Owner accounts by seat: one for each seat, removed with it.
	#[pallet::storage]
	pub type Holders<T> = StorageMap<_, Twox64Concat, u32, AccountId>;

	/// Proofs that are under way, by number. At most one a round for each provider with a seat, with stake behind it, which
	/// the deposit of its registration pays for; removed when it has settled or failed, after the longest dispute at the
	/// latest.
	#[pallet::storage]
	pub type Proofs<T> = StorageMap<_, Twox64Concat, JobId, ProofRecord>;

	/// Proofs by the height at which they are due: one entry for each proof, moved when that changes, removed with it.
	#[pallet::storage]
	pub type Agenda<T> =
		StorageDoubleMap<_, Twox64Concat, BlockNumber, Twox64Concat, JobId, (), OptionQuery>;

	/// The agenda has been worked off below this height. One value.
	#[pallet::storage]
	pub type SweptTo<T> = StorageValue<_, BlockNumber, ValueQuery>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// When rounds take place, and how long they last.
		pub windows: Windows,
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(
				self.windows.are_valid(T::MillisecsPerBlock::get()),
				"windows must last at least 1 block, a gap longer than the time to prove, and that no shorter than the work"
			);
			CurrentWindows::<T>::put(self.windows);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A round started: all providers that are present are to prove what they can do.
		RoundStarted {
			/// Its number.
			round: RoundNumber,
			/// What inputs are drawn from, with the owner account.
			seed: H256,
			/// Last height for commitments.
			by: BlockNumber,
		},
		/// All providers that are present have been called.
		AllCalled {
			/// The round.
			round: RoundNumber,
		},
		/// A provider need not prove anything in this round, since it has a paid job.
		Excused {
			/// Its owner.
			provider: AccountId,
			/// The round.
			round: RoundNumber,
		},
		/// A provider committed to a proof.
		ProofCommitted {
			/// Its owner.
			provider: AccountId,
			/// The round.
			round: RoundNumber,
			/// Number of the proof.
			job: JobId,
			/// Cost of the challenge, in multiply-accumulates.
			mac: u64,
		},
		/// A proof was shown and can be challenged.
		ProofRevealed {
			/// Number of the proof.
			job: JobId,
			/// Height at which it counts.
			settles_at: BlockNumber,
		},
		/// A proof has settled. Where it counts, providers tell how much was proved.
		ProofSettled {
			/// The provider's owner.
			provider: AccountId,
			/// Number of the proof.
			job: JobId,
			/// Whether it counts: not if a later round was missed or lost meanwhile.
			counts: bool,
		},
		/// A proof failed.
		ProofFailed {
			/// The provider's owner.
			provider: AccountId,
			/// Number of the proof.
			job: JobId,
			/// What the provider did; `None` if it had done nothing, or its stake was forfeited for a fault elsewhere.
			fault: Option<Fault>,
			/// What it loses, in planck; if it loses everything, stake tells how much that was.
			penalty: Balance,
		},
		/// A provider did not prove in a round what it had proved before: nothing is proven any more.
		Missed {
			/// Its owner.
			provider: AccountId,
			/// The round.
			round: RoundNumber,
		},
		/// All who were called have committed to a proof, were excused, or have missed the round.
		RoundEnded {
			/// The round.
			round: RoundNumber,
		},
		/// The windows were changed, from the next round on.
		WindowsSet {
			/// The new windows.
			windows: Windows,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No proof of capacity that is under way has this number.
		UnknownProof,
		/// This worker is not that of a provider that was called to this round under this number: ask for the `challenge` of
		/// the provider.
		NotCalled,
		/// A commitment stands already for this round.
		AlreadyCommitted,
		/// The time of this round, or of this step, is over.
		TooLate,
		/// It is too early for this step.
		TooEarly,
		/// The proof is not in a state for this step.
		WrongState,
		/// Only the worker key of the provider whose proof it is may do this.
		NotProvider,
		/// Windows must last at least 1 block and a second, the gap must be longer than the time to prove, and the work no
		/// longer than that.
		BadWindows,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Move on a proof of capacity that is due.
		///
		/// ## Dispatch Origin
		/// Signed by anyone.
		///
		/// ## Details
		/// A result that was not shown in time costs the provider what stands behind it; one whose challenge window is over
		/// counts. The chain does this by itself where blocks have room.
		///
		/// ## Errors
		/// [`Error::UnknownProof`], [`Error::TooEarly`].
		///
		/// ## Events
		/// [`Event::ProofSettled`] or [`Event::ProofFailed`], and those of providers, stake and verification.
		#[pallet::call_index(0)]
		#[pallet::weight(Pallet::<T>::dearest_step())]
		pub fn expire(origin: OriginFor<T>, job: JobId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire(job)
		}

		/// Change when rounds take place and how long they last, from the next one on.
		///
		/// ## Dispatch Origin
		/// [`Config::Governance`].
		///
		/// ## Errors
		/// [`Error::BadWindows`].
		///
		/// ## Events
		/// [`Event::WindowsSet`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_windows())]
		pub fn set_windows(origin: OriginFor<T>, windows: Windows) -> DispatchResult {
			T::Governance::ensure_origin(origin)?;
			ensure!(windows.are_valid(T::MillisecsPerBlock::get()), Error::<T>::BadWindows);
			CurrentWindows::<T>::put(windows);
			Self::deposit_event(Event::WindowsSet { windows });
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What a provider is to prove now, if it is called to the round under way.
		pub fn challenge(owner: AccountId) -> Option<CapacityChallenge> {
			Self::challenge_of(&owner)
		}

		/// What a proof of capacity that is under way runs on what.
		pub fn capacity_proof(job: JobId) -> Option<CapacityView> {
			Self::proof_view(job)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::go_on()
		}

		fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::work_off(remaining)
		}

		fn integrity_test() {
			assert!(Self::can_go_on(), "a block has no room for a step of a round");
			assert!(T::MillisecsPerBlock::get() > 0, "blocks take no time");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			<Self as calor_primitives::traits::Invariants>::check()
				.map_err(sp_runtime::TryRuntimeError::Other)
		}
	}
}
