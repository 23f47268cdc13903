// SPDX-License-Identifier: Apache-2.0
//! The chain's types by short names, and what one wants to ask of them.

use crate::runtime::runtime_types as rt;
use calor_tensor::{DType, TensorType};
use subxt::utils::{AccountId32, H256};

pub use rt::bounded_collections::bounded_vec::BoundedVec;
pub use rt::calor_primitives::{
	assurance::Assurance,
	explain::RewardEstimate,
	fault::Fault,
	job::{
		CloseReason, HardwareClass, Input, InputFault, JobRecord, JobSpec, JobState, JobView,
		ParentStage,
	},
	market::{ClassReport, FeedValues, MarketReport},
	money::Payment,
	provider::{Availability, Capacity, Presence, ProviderRecord},
	runtime_api::Quote,
	supply::{CreditChunk, EpochReport, Purse, Reward, SupplyReport},
	tensor_ref::{TensorRef, TypeRef},
};
pub use rt::pallet_providers::types::Windows as ProviderWindows;
pub use rt::pallet_stake::types::{PendingSlash, Role};
pub use rt::sp_arithmetic::per_things::Perbill;

/// Number of a job.
pub type JobId = u64;
/// A height or a number of blocks.
pub type BlockNumber = u32;
/// Number of a reward epoch.
pub type EpochIndex = u32;
/// An amount in planck; one CAL has 10^12.
pub type Balance = u128;

/// Planck in one CAL.
pub const UNIT: Balance = 1_000_000_000_000;
/// Digits after the point that a CAL has.
const DECIMALS: usize = 12;

impl JobState {
	/// Who is working on it, or has: the owner account.
	pub fn provider(&self) -> Option<&AccountId32> {
		match self {
			Self::Assigned { provider, .. }
			| Self::Running { provider, .. }
			| Self::Committed { provider, .. }
			| Self::Revealed { provider, .. }
			| Self::Settled { provider, .. } => Some(provider),
			Self::Waiting { .. } | Self::Queued { .. } | Self::Closed { .. } => None,
		}
	}

	/// Whether it has ended.
	pub fn is_final(&self) -> bool {
		matches!(self, Self::Settled { .. } | Self::Closed { .. })
	}

	/// Whether its result is public.
	pub fn is_public(&self) -> bool {
		matches!(self, Self::Revealed { .. } | Self::Settled { .. })
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

impl HardwareClass {
	/// The class's name as users write it.
	pub const fn name(&self) -> &'static str {
		match self {
			Self::General => "general",
			Self::HighMemory => "high-memory",
			Self::Tensor => "tensor",
		}
	}
}

impl std::str::FromStr for HardwareClass {
	type Err = String;

	fn from_str(name: &str) -> Result<Self, String> {
		match name {
			"general" => Ok(Self::General),
			"high-memory" => Ok(Self::HighMemory),
			"tensor" => Ok(Self::Tensor),
			_ => Err(format!("'{name}' is no class; one of general, high-memory, tensor")),
		}
	}
}

/// Most rewards that one `burn_mint.claim_for` mints.
pub const MAX_CLAIMS: usize = 100;

impl Reward {
	/// For being there and for work together, in planck.
	pub fn total(&self) -> Balance {
		self.availability.saturating_add(self.work)
	}
}

impl Purse {
	/// All credits, in planck.
	pub fn credits(&self) -> Balance {
		self.credits.iter().fold(0, |sum, chunk| sum.saturating_add(chunk.amount))
	}

	/// All that can be claimed, in planck.
	pub fn claimable(&self) -> Balance {
		self.rewards.iter().fold(0, |sum, (_, _, reward)| sum.saturating_add(reward.total()))
	}

	/// The arguments of as many `burn_mint.claim_for` as it takes to claim everything of `who`, whose purse this is; those
	/// that expire first come first. Anyone may sign them and pays their fee.
	pub fn claims(&self, who: &AccountId32) -> Vec<BoundedVec<(AccountId32, EpochIndex)>> {
		let mut epochs: Vec<_> = self.rewards.iter().map(|(epoch, _, _)| *epoch).collect();
		epochs.sort_unstable();
		let claim =
			|epochs: &[EpochIndex]| BoundedVec(epochs.iter().map(|epoch| (*who, *epoch)).collect());
		epochs.chunks(MAX_CLAIMS).map(claim).collect()
	}
}

/// The tensor type that a reference names.
pub fn tensor_type(reference: &TensorRef) -> TensorType {
	use rt::calor_tensor::types::DType as OnChain;
	let dtype = match reference.ty.dtype {
		OnChain::I8 => DType::I8,
		OnChain::I32 => DType::I32,
	};
	TensorType { dtype, dims: reference.ty.dims.0.clone() }
}

/// The type reference that stands for a tensor type on chain.
pub fn type_ref(ty: &TensorType) -> TypeRef {
	use rt::calor_tensor::types::DType as OnChain;
	let dtype = match ty.dtype {
		DType::I8 => OnChain::I8,
		DType::I32 => OnChain::I32,
	};
	TypeRef { dtype, dims: BoundedVec(ty.dims.clone()) }
}

/// The addresses of a tensor that are UTF-8, in order.
pub fn uris(reference: &TensorRef) -> Vec<String> {
	reference.uris.0.iter().filter_map(|uri| String::from_utf8(uri.0.clone()).ok()).collect()
}

/// A tensor reference from its parts.
pub fn tensor_ref(ty: &TensorType, root: [u8; 32], uris: &[String]) -> TensorRef {
	let uris = uris.iter().map(|uri| BoundedVec(uri.clone().into_bytes())).collect();
	TensorRef { ty: type_ref(ty), root: H256(root), uris: BoundedVec(uris) }
}

/// Reads an amount such as `12.5`, in CAL.
///
/// # Errors
/// What is wrong with it.
pub fn parse_cal(text: &str) -> Result<Balance, String> {
	let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
	let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
	if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > DECIMALS {
		return Err(format!("'{text}' is no amount in CAL, such as 12 or 0.5"));
	}
	format!("{whole}{fraction:0<DECIMALS$}").parse().map_err(|_| format!("'{text}' is too much"))
}

/// Writes an amount in CAL without trailing zeros.
pub fn format_cal(planck: Balance) -> String {
	let (whole, fraction) = (planck / UNIT, planck % UNIT);
	let fraction = format!("{fraction:012}");
	match fraction.trim_end_matches('0') {
		"" => whole.to_string(),
		rest => format!("{whole}.{rest}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn everything_is_claimed_once_and_the_oldest_first() {
		let reward = || Reward { availability: 2, work: 3 };
		let rewards = (0..150).rev().map(|epoch| (epoch, epoch + 84, reward())).collect();
		let credits = vec![CreditChunk { amount: 7, refundable_at: 1 }; 2];
		let purse = Purse { credits, rewards };
		assert_eq!((purse.credits(), purse.claimable()), (14, 150 * 5));

		let who = AccountId32([1; 32]);
		let claims = purse.claims(&who);
		assert_eq!(claims.iter().map(|claim| claim.0.len()).collect::<Vec<_>>(), [MAX_CLAIMS, 50]);
		let all: Vec<_> = claims.into_iter().flat_map(|claim| claim.0).collect();
		assert_eq!(all, (0..150).map(|epoch| (who, epoch)).collect::<Vec<_>>());
		assert!(Purse { credits: Vec::new(), rewards: Vec::new() }.claims(&who).is_empty());
	}

	#[test]
	fn amounts_go_both_ways() {
		for (text, planck) in
			[("0", 0), ("1", UNIT), ("0.5", UNIT / 2), ("12.000000000001", 12 * UNIT + 1)]
		{
			assert_eq!(parse_cal(text), Ok(planck));
			assert_eq!(format_cal(planck), text);
		}
		for bad in ["", ".5", "-1", "1e3", "0.0000000000001", "1.2.3", " 1"] {
			assert!(parse_cal(bad).is_err(), "{bad}");
		}
	}
}
