// SPDX-License-Identifier: Apache-2.0

//! From a short description of a genesis to the JSON patch that the pallets understand.

use crate::{
	constants::{consensus::BABE_GENESIS_EPOCH_CONFIG, currency::GENESIS_ISSUANCE},
	AccountId, BabeConfig, Balance, BalancesConfig, BlockNumber, DisclosureConfig, JobsConfig,
	MarketConfig, ProvidersConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys, StakeConfig,
	SudoConfig, TreasuryAccount, VerificationConfig,
};
use alloc::vec::Vec;
use calor_primitives::job::HardwareClass;
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
	/// Who begins with money. The treasury gets what is left of the issuance.
	pub balances: Vec<(AccountId, Balance)>,
	/// Who may act as root.
	pub sudo: Option<AccountId>,
	/// Planck per CU of each class that takes jobs.
	pub prices: Vec<(HardwareClass, Balance)>,
	/// How long the states of jobs last.
	pub windows: Windows,
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
}

impl Genesis {
	/// The JSON patch over the default configuration of all pallets.
	pub fn patch(self) -> Value {
		let Self { validators, mut balances, sudo, prices, windows } = self;
		let given =
			balances.iter().fold(0, |sum: Balance, (_, amount)| sum.saturating_add(*amount));
		balances.push((TreasuryAccount::get(), GENESIS_ISSUANCE.saturating_sub(given)));

		build_struct_json_patch!(RuntimeGenesisConfig {
			balances: BalancesConfig { balances },
			// Session hands the validators' keys to BABE and GRANDPA: theirs stay empty.
			babe: BabeConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIG },
			session: SessionConfig {
				keys: validators
					.into_iter()
					.map(|Validator { account, keys }| (account.clone(), account, keys))
					.collect::<Vec<_>>(),
			},
			sudo: SudoConfig { key: sudo },
			market: MarketConfig { prices },
			stake: StakeConfig {
				unbonding_period: windows.unbonding,
				slash_deferral: windows.slash_deferral,
			},
			providers: ProvidersConfig { windows: windows.providers },
			disclosure: DisclosureConfig { windows: windows.disclosure },
			jobs: JobsConfig { windows: windows.jobs },
			verification: VerificationConfig { windows: windows.results },
		})
	}
}
