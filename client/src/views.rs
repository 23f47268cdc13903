// SPDX-License-Identifier: Apache-2.0
//! Reading at one block.

use crate::{
	chain::in_time,
	runtime::{self, runtime_types::pallet_stake::types::StakeLedger},
	types::{
		Balance, BlockNumber, HardwareClass, JobId, JobView, MarketReport, PendingSlash,
		ProviderRecord, ProviderWindows, Purse, Quote, RewardEstimate, Role, SupplyReport,
	},
	Config, Error,
};
use subxt::{
	client::{ClientAtBlock, OnlineClientAtBlockImpl},
	runtime_apis::Payload,
	utils::{AccountId32, H256},
};

/// Typed access at one block.
pub type AtBlock = ClientAtBlock<Config, OnlineClientAtBlockImpl<Config>>;

/// The chain as it was at one block.
pub struct View {
	at: AtBlock,
}

impl View {
	pub(crate) fn new(at: AtBlock) -> Self {
		Self { at }
	}

	/// The block's height.
	pub fn height(&self) -> BlockNumber {
		u32::try_from(self.at.block_number()).unwrap_or(u32::MAX)
	}

	/// The block's hash.
	pub fn hash(&self) -> H256 {
		self.at.block_hash()
	}

	/// Everything else that subxt offers at this block.
	pub fn at(&self) -> &AtBlock {
		&self.at
	}

	pub(crate) async fn ask<P: Payload>(
		&self,
		what: &'static str,
		call: P,
	) -> Result<P::ReturnType, Error> {
		in_time(what, self.at.runtime_apis().call(call)).await
	}

	/// A job with all that is known of it.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn job(&self, id: JobId) -> Result<Option<JobView>, Error> {
		self.ask("a job", runtime::runtime_apis().jobs_api().job(id)).await
	}

	/// Open jobs that hold stake of a provider.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn provider_jobs(&self, owner: &AccountId32) -> Result<Vec<JobId>, Error> {
		let call = runtime::runtime_apis().jobs_api().provider_jobs(*owner);
		self.ask("a provider's jobs", call).await
	}

	/// A provider by its owner.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn provider(&self, owner: &AccountId32) -> Result<Option<ProviderRecord>, Error> {
		let call = runtime::runtime_apis().providers_api().provider(*owner);
		self.ask("a provider", call).await
	}

	/// Owner of a worker key.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn owner_of(&self, worker: &AccountId32) -> Result<Option<AccountId32>, Error> {
		let call = runtime::runtime_apis().providers_api().owner_of(*worker);
		self.ask("a worker's owner", call).await
	}

	/// What a provider may expect to earn; `None` if it is not registered.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn estimate_reward(
		&self,
		owner: &AccountId32,
	) -> Result<Option<RewardEstimate>, Error> {
		let call = runtime::runtime_apis().providers_api().estimate_reward(*owner);
		self.ask("what a provider may earn", call).await
	}

	/// How often providers give signs of life, and how long they may be silent.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn provider_windows(&self) -> Result<ProviderWindows, Error> {
		let address = runtime::storage().providers().current_windows();
		let what = "the windows of providers";
		let found = in_time(what, self.at.storage().fetch(address, ())).await?;
		found.decode().map_err(|e| Error::node(what, e))
	}

	/// Number of the last job; 0 before the first.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn last_job(&self) -> Result<JobId, Error> {
		let address = runtime::storage().jobs().last_job();
		let what = "the number of the last job";
		let found = in_time(what, self.at.storage().fetch(address, ())).await?;
		found.decode().map_err(|e| Error::node(what, e))
	}

	/// The bytes of a registered program.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn program(&self, id: H256) -> Result<Option<Vec<u8>>, Error> {
		self.ask("a program", runtime::runtime_apis().programs_api().program(id)).await
	}

	/// What so many multiply-accumulates cost now, or why there is no price.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn quote(
		&self,
		class: HardwareClass,
		mac: u64,
	) -> Result<Result<Quote, String>, Error> {
		let call = runtime::runtime_apis().market_api().quote(class, mac);
		Ok(self.ask("a quote", call).await?.map_err(text))
	}

	/// What one run of a registered program costs now, or why there is no price.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn quote_program(
		&self,
		class: HardwareClass,
		program: H256,
	) -> Result<Result<Quote, String>, Error> {
		let call = runtime::runtime_apis().market_api().quote_program(class, program);
		Ok(self.ask("a quote", call).await?.map_err(text))
	}

	/// Prices of all classes, what they follow and what they rest on.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn market(&self) -> Result<MarketReport, Error> {
		self.ask("the market", runtime::runtime_apis().market_api().market()).await
	}

	/// Where all tokens are, and the schedule ahead.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn supply(&self) -> Result<SupplyReport, Error> {
		self.ask("the supply", runtime::runtime_apis().supply_api().supply()).await
	}

	/// Credits of an account, and the rewards that it can claim.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn purse(&self, who: &AccountId32) -> Result<Purse, Error> {
		self.ask("a purse", runtime::runtime_apis().supply_api().purse(*who)).await
	}

	/// Stake of an account in a role.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn stake(&self, role: Role, who: &AccountId32) -> Result<Option<StakeLedger>, Error> {
		let address = runtime::storage().stake().ledgers();
		let found = in_time("a stake", self.at.storage().try_fetch(address, (role, *who))).await?;
		found.map(|value| value.decode().map_err(|e| Error::node("a stake", e))).transpose()
	}

	/// Slashes of an account that wait, in either role.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn pending_slashes(&self, who: &AccountId32) -> Result<Vec<PendingSlash>, Error> {
		let what = "slashes that wait";
		let storage = self.at.storage();
		let ids = runtime::storage().stake().slashes_of();
		let mut ids = in_time(what, storage.iter(ids, (*who,))).await?;
		let mut slashes = Vec::new();
		while let Some(id) = ids.next().await {
			let key = id.map_err(|e| Error::node(what, e))?;
			let key = key.key().and_then(|key| key.decode()).map_err(|e| Error::node(what, e))?;
			let address = runtime::storage().stake().pending_slashes();
			let found = in_time(what, storage.try_fetch(address, (key.1,))).await?;
			if let Some(slash) = found {
				slashes.push(slash.decode().map_err(|e| Error::node(what, e))?);
			}
		}
		Ok(slashes)
	}

	/// Free balance of an account in planck.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn free_balance(&self, who: &AccountId32) -> Result<Balance, Error> {
		let address = runtime::storage().system().account();
		let found = in_time("an account", self.at.storage().try_fetch(address, (*who,))).await?;
		let info = found.map(|value| value.decode().map_err(|e| Error::node("an account", e)));
		Ok(info.transpose()?.map(|info| info.data.free).unwrap_or_default())
	}

	/// Checks the chain's invariants: the first that does not hold.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn check_invariants(&self) -> Result<Result<(), String>, Error> {
		let call = runtime::runtime_apis().invariants_api().check_invariants();
		Ok(self.ask("the invariants", call).await?.map_err(text))
	}
}

/// Text that the chain gives as bytes.
fn text(bytes: Vec<u8>) -> String {
	String::from_utf8_lossy(&bytes).into_owned()
}
