// SPDX-License-Identifier: Apache-2.0
//! Typed access to a Calor chain, shared by the worker and the command line.
//!
//! [`Chain`] is a connection that finds another node when one goes away; [`View`] reads at one block; [`Submitter`] is
//! the one hand that signs for a key. Types come from `metadata.scale`, which `scripts/metadata.sh` writes from a node;
//! `cargo test -p calor-client metadata_is_current` with `CALOR_NODE_URL` set fails when a node has other metadata.
//!
//! Of the runtime's crates it links the types that the protocol is written in, `calor_primitives`. What workers and clients
//! sign is built in [`messages`], held against fixed vectors, and checked by the chain itself in every end-to-end run.

pub mod calls;
pub mod chain;
pub mod error;
pub mod lottery;
pub mod messages;
pub mod submit;
pub mod types;
pub mod verification;
pub mod views;

// Cargo does not see what the macro below reads: with this it builds anew when the metadata is.
const _: &[u8] = include_bytes!("../metadata.scale");

/// Calls, storage and types of the runtime, generated from `metadata.scale`.
#[allow(missing_docs, clippy::all, rustdoc::all)]
#[subxt::subxt(
	runtime_metadata_path = "metadata.scale",
	derive_for_type(
		path = "calor_primitives::runtime_api::Quote",
		derive = "Clone, PartialEq, Eq",
		recursive
	),
	derive_for_type(
		path = "calor_primitives::job::JobView",
		derive = "Clone, PartialEq, Eq",
		recursive
	),
	derive_for_type(
		path = "calor_primitives::job::JobSpec",
		derive = "Clone, PartialEq, Eq",
		recursive
	),
	derive_for_type(
		path = "calor_primitives::provider::ProviderRecord",
		derive = "Clone, PartialEq, Eq",
		recursive
	),
	derive_for_type(
		path = "calor_primitives::supply::Purse",
		derive = "Clone, PartialEq, Eq",
		recursive
	),
	derive_for_type(
		path = "calor_primitives::supply::SupplyReport",
		derive = "Clone, PartialEq, Eq",
		recursive
	),
	derive_for_type(
		path = "calor_primitives::market::MarketReport",
		derive = "Clone, PartialEq, Eq",
		recursive
	),
	substitute_type(
		path = "calor_primitives::dispute::DisputeView",
		with = "::subxt::utils::Static<::calor_primitives::dispute::DisputeView>"
	),
	substitute_type(
		path = "calor_primitives::dispute::AuditorView",
		with = "::subxt::utils::Static<::calor_primitives::dispute::AuditorView>"
	),
	substitute_type(
		path = "calor_primitives::dispute::Question",
		with = "::subxt::utils::Static<::calor_primitives::dispute::Question>"
	),
	substitute_type(
		path = "calor_primitives::dispute::Answer",
		with = "::subxt::utils::Static<::calor_primitives::dispute::Answer>"
	),
	substitute_type(
		path = "calor_primitives::dispute::Shown",
		with = "::subxt::utils::Static<::calor_primitives::dispute::Shown>"
	),
	substitute_type(
		path = "calor_primitives::lottery::Ticket",
		with = "::subxt::utils::Static<::calor_primitives::lottery::Ticket>"
	),
	substitute_type(
		path = "calor_primitives::runtime_api::CapacityChallenge",
		with = "::subxt::utils::Static<::calor_primitives::runtime_api::CapacityChallenge>"
	),
	substitute_type(
		path = "calor_primitives::runtime_api::CapacityView",
		with = "::subxt::utils::Static<::calor_primitives::runtime_api::CapacityView>"
	),
	substitute_type(
		path = "calor_tensor::proof::FraudProof",
		with = "::subxt::utils::Static<::calor_tensor::proof::FraudProof>"
	),
	derive_for_type(path = "calor_primitives::job::HardwareClass", derive = "Copy"),
	derive_for_type(path = "calor_primitives::job::InputFault", derive = "Copy"),
	derive_for_type(path = "pallet_stake::types::Role", derive = "Clone")
)]
pub mod runtime {}

pub use calor_primitives::{dispute, job::CAPACITY_JOBS};
pub use chain::{Chain, Heads};
pub use error::Error;
pub use submit::{Inclusion, SubmitError, Submitter};
pub use subxt::{
	tx::Payload,
	utils::{AccountId32, H256},
};
pub use subxt_signer::sr25519::{Keypair, PublicKey, Signature};
pub use views::View;

/// The chain's configuration as subxt sees it: accounts of 32 bytes, BLAKE2b-256 block hashes.
pub type Config = subxt::PolkadotConfig;
