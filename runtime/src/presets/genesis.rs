// SPDX-License-Identifier: Apache-2.0

//! From a short description of a genesis to the JSON patch that the pallets understand.

use super::allocation::Allocation;
use crate::{
	constants::consensus::BABE_GENESIS_EPOCH_CONFIG, AccountId, BabeConfig, BalancesConfig,
	BlockNumber, BurnMintConfig, CapacityConfig, DisclosureConfig, JobsConfig, MarketConfig,
	ProvidersConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys, StakeConfig, SudoConfig,
	VerificationConfig, VestingConfig,
};
use alloc::vec::Vec;
use calor_primitives::{job::HardwareClass, market::FeedValues};
use frame_support::build_struct_json_patch;
use serde_json::Value;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// A validator of genesis.
pub struct Validator {
	/// The account that answers for it.
	pub account: AccountId,
	/// The keys that its machine holds.
	pub keys: SessionKeys,
}

impl Validator {
	/// A well-known person whose machine runs with `--alice`, `--bob`, ...
	pub fn development(person: Sr25519Keyring) -> Self {
		let account = person.to_account_id();
		// The names of the two keyrings agree, and so do their order and their seeds.
		let finality = Ed25519Keyring::iter()
			.zip(Sr25519Keyring::iter())
			.find_map(|(ed, sr)| (sr == person).then_some(ed))
			.unwrap_or(Ed25519Keyring::Alice);
		let keys = SessionKeys { babe: person.public().into(), grandpa: finality.public().into() };
		Self { account, keys }
	}
}

/// What presets differ in.
pub struct Genesis {
	/// Who makes the first blocks.
	pub validators: Vec<Validator>,
	/// Who begins with money.
	pub allocation: Allocation,
	/// Who may act as root.
	pub sudo: Option<AccountId>,
	/// What compute costs.
	pub market: Market,
	/// How long the states of jobs last.
	pub windows: Windows,
}

/// What compute costs, and by what it is reckoned.
pub struct Market {
	/// Classes that take jobs: price of a CU in pico-USD, energy of a CU in millijoules.
	pub classes: Vec<(HardwareClass, u128, u64)>,
	/// How prices move and what makes a feed count.
	pub parameters: pallet_market::Parameters,
	/// Who reports what CAL and electricity cost.
	pub feeders: Vec<AccountId>,
	/// What they cost in block 0, in pico-USD.
	pub rates: FeedValues,
}

/// How long everything lasts, in blocks.
pub struct Windows {
	/// Of jobs until they run.
	pub jobs: pallet_jobs::Windows,
	/// Of results.
	pub results: pallet_verification::Windows,
	/// From unbonding to withdrawal.
	pub unbonding: BlockNumber,
	/// From a fault that is not proved to its slash.
	pub slash_deferral: BlockNumber,
	/// Of providers' signs of life.
	pub providers: pallet_providers::Windows,
	/// Of the counts of owner groups.
	pub disclosure: pallet_disclosure::Windows,
	/// Of proofs of capacity.
	pub capacity: pallet_capacity::Windows,
	/// Of rewards and credits.
	pub rewards: pallet_burn_mint::Windows,
}

impl Genesis {
	/// The JSON patch over the default configuration of all pallets.
	pub fn patch(self) -> Value {
		let Self { validators, allocation, sudo, market, windows } = self;
		let Market { classes, parameters, feeders, rates } = market;

		build_struct_json_patch!(RuntimeGenesisConfig {
			balances: BalancesConfig { balances: allocation.balances() },
			vesting: VestingConfig { vesting: allocation.vesting() },
			// Session hands the validators' keys to BABE and GRANDPA: theirs stay empty.
			babe: BabeConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIG },
			session: SessionConfig {
				keys: validators
					.into_iter()
					.map(|Validator { account, keys }| (account.clone(), account, keys))
					.collect::<Vec<_>>(),
			},
			sudo: SudoConfig { key: sudo },
			market: MarketConfig { classes, parameters, feeders, rates: Some(rates) },
			burn_mint: BurnMintConfig { windows: windows.rewards },
			stake: StakeConfig {
				unbonding_period: windows.unbonding,
				slash_deferral: windows.slash_deferral,
			},
			providers: ProvidersConfig { windows: windows.providers },
			disclosure: DisclosureConfig { windows: windows.disclosure },
			jobs: JobsConfig { windows: windows.jobs },
			verification: VerificationConfig { windows: windows.results },
			capacity: CapacityConfig { windows: windows.capacity },
		})
	}
}
