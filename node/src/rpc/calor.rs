// SPDX-License-Identifier: Apache-2.0

//! The `calor_` namespace: what a job is doing and why, what one would cost, who computes, and where the money is.
//! Everything is read through runtime APIs, at the best block unless `at` names another; `view` gives it its JSON shape.
//! Errors have codes of their own ([`Error`]) and say what to do.

use super::{
	chain::Chain,
	error::Error,
	view::{
		Dispute, Epoch, Explained, Group, Job, Market, Match, Provider, Purse, Queue, Quote,
		Receipts, RewardEstimate, Supply,
	},
	words,
};
use calor_primitives::{
	job::{HardwareClass, JobSpec},
	runtime_api::{JobsApi, MarketApi, ProvidersApi, SupplyApi, VerificationApi},
	AccountId, EpochIndex, JobId, H256,
};
use calor_runtime::opaque::Block;
use codec::DecodeAll;
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use serde::Deserialize;
use sp_core::Bytes;

/// Most providers in one answer.
const MOST_PROVIDERS: u32 = 1_000;
/// Providers in one answer if the question does not say how many.
const SOME_PROVIDERS: u32 = 100;

/// Jobs, prices, providers and supply.
#[rpc(server)]
pub trait CalorApi {
	/// Job number `id`, with everything that the chain knows of it.
	#[method(name = "calor_job", blocking)]
	fn job(&self, id: JobId, at: Option<H256>) -> RpcResult<Job>;

	/// Why job number `id` waits or why it closed, and what would make it match: in codes, words and numbers.
	#[method(name = "calor_explain", blocking)]
	fn explain(&self, id: JobId, at: Option<H256>) -> RpcResult<Explained>;

	/// How the result of job number `id` is checked: auditors, questions, deadlines.
	#[method(name = "calor_dispute", blocking)]
	fn dispute(&self, id: JobId, at: Option<H256>) -> RpcResult<Dispute>;

	/// What a job would ask of a provider, and how many could take it now. `spec` is the SCALE encoding of a `JobSpec` in
	/// hex.
	#[method(name = "calor_matches", blocking)]
	fn matches(&self, spec: Bytes, at: Option<H256>) -> RpcResult<Match>;

	/// What `mac` multiply-accumulates cost on a class of hardware: `General`, `HighMemory` or `Tensor`.
	#[method(name = "calor_quote", blocking)]
	fn quote(&self, class: HardwareClass, mac: Mac, at: Option<H256>) -> RpcResult<Quote>;

	/// Prices of all classes, what they follow and what they rest on. Money is in pico-USD (10^-12 USD).
	#[method(name = "calor_market", blocking)]
	fn market(&self, at: Option<H256>) -> RpcResult<Market>;

	/// Queued jobs and waiting providers of each class.
	#[method(name = "calor_queues", blocking)]
	fn queues(&self, at: Option<H256>) -> RpcResult<Vec<Queue>>;

	/// The receipts of jobs whose records were dropped.
	#[method(name = "calor_receipts", blocking)]
	fn receipts(&self, at: Option<H256>) -> RpcResult<Receipts>;

	/// Providers in the order of storage, after the owner `after` or from the beginning: 100 of them, or `limit`, which is
	/// at most 1,000. For a list that is of one moment, name one block in all calls.
	#[method(name = "calor_providers", blocking)]
	fn providers(
		&self,
		after: Option<AccountId>,
		limit: Option<u32>,
		at: Option<H256>,
	) -> RpcResult<Vec<Provider>>;

	/// What the provider of that owner may expect to earn.
	#[method(name = "calor_estimateReward", blocking)]
	fn estimate_reward(&self, owner: AccountId, at: Option<H256>) -> RpcResult<RewardEstimate>;

	/// Owner groups with their shares of capacity and what they disclosed.
	#[method(name = "calor_groups", blocking)]
	fn groups(&self, at: Option<H256>) -> RpcResult<Vec<Group>>;

	/// Where all tokens are: issuance, burns and mints by kind, the pools, and the schedule of the next ten years.
	#[method(name = "calor_supply", blocking)]
	fn supply(&self, at: Option<H256>) -> RpcResult<Supply>;

	/// What was paid for epoch `index`, and what stayed in the pools. It is known from the close of the epoch until its
	/// rewards can no longer be claimed.
	#[method(name = "calor_epoch", blocking)]
	fn epoch(&self, index: EpochIndex, at: Option<H256>) -> RpcResult<Epoch>;

	/// Credits of an account and the rewards that it can claim.
	#[method(name = "calor_purse", blocking)]
	fn purse(&self, account: AccountId, at: Option<H256>) -> RpcResult<Purse>;
}

/// Multiply-accumulates: a number, or a decimal string where the number is too large for JavaScript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub struct Mac(u64);

// By way of `Value`: an untagged enum does not recognise numbers when serde_json keeps their text, as the SDK has it do.
impl TryFrom<serde_json::Value> for Mac {
	type Error = &'static str;

	fn try_from(value: serde_json::Value) -> Result<Self, Self::Error> {
		value.as_u64().or_else(|| value.as_str()?.parse().ok()).map(Self).ok_or(
			"expected multiply-accumulates as a whole number or as a decimal string, below 2^64",
		)
	}
}

/// Answers `calor_` calls.
pub struct Calor(Chain);

impl Calor {
	/// Answers from `chain`.
	pub fn new(chain: Chain) -> Self {
		Self(chain)
	}
}

impl CalorApiServer for Calor {
	fn job(&self, id: JobId, at: Option<H256>) -> RpcResult<Job> {
		let at = self.0.block(at)?;
		Ok(self.0.job(at, id)?.ok_or(Error::UnknownJob(id))?.into())
	}

	fn explain(&self, id: JobId, at: Option<H256>) -> RpcResult<Explained> {
		let at = self.0.block(at)?;
		let unknown = || Error::UnknownJob(id);
		let job = self.0.job(at, id)?.ok_or_else(unknown)?;
		let because = self
			.0
			.ask::<dyn JobsApi<Block>, _>(at, |api| api.explain(at, id))?
			.ok_or_else(unknown)?;
		Ok(Explained::new(id, job.record.state, because))
	}

	fn dispute(&self, id: JobId, at: Option<H256>) -> RpcResult<Dispute> {
		let at = self.0.block(at)?;
		let view = self
			.0
			.ask::<dyn VerificationApi<Block>, _>(at, |api| api.dispute(at, id))?
			.ok_or(Error::NoResult(id))?;
		Ok(Dispute::new(id, view))
	}

	fn matches(&self, Bytes(spec): Bytes, at: Option<H256>) -> RpcResult<Match> {
		let at = self.0.block(at)?;
		let spec = decode_spec(&spec)?;
		let found = self
			.0
			.ask::<dyn JobsApi<Block>, _>(at, |api| api.matches(at, spec))?
			.map_err(|reason| Error::Refused(text(&reason)))?;
		Ok(found.into())
	}

	fn quote(&self, class: HardwareClass, Mac(mac): Mac, at: Option<H256>) -> RpcResult<Quote> {
		let at = self.0.block(at)?;
		let quote = self
			.0
			.ask::<dyn MarketApi<Block>, _>(at, |api| api.quote(at, class, mac))?
			.map_err(|reason| Error::NoQuote(words::no_quote(&text(&reason))))?;
		Ok(quote.into())
	}

	fn market(&self, at: Option<H256>) -> RpcResult<Market> {
		let at = self.0.block(at)?;
		Ok(self.0.ask::<dyn MarketApi<Block>, _>(at, |api| api.market(at))?.into())
	}

	fn queues(&self, at: Option<H256>) -> RpcResult<Vec<Queue>> {
		let at = self.0.block(at)?;
		Ok(self.0.queues(at)?.into_iter().map(Into::into).collect())
	}

	fn receipts(&self, at: Option<H256>) -> RpcResult<Receipts> {
		let at = self.0.block(at)?;
		Ok(self.0.ask::<dyn JobsApi<Block>, _>(at, |api| api.receipts(at))?.into())
	}

	fn providers(
		&self,
		after: Option<AccountId>,
		limit: Option<u32>,
		at: Option<H256>,
	) -> RpcResult<Vec<Provider>> {
		let at = self.0.block(at)?;
		let limit = page(limit)?;
		let found =
			self.0.ask::<dyn ProvidersApi<Block>, _>(at, |api| api.providers(at, after, limit))?;
		Ok(found.into_iter().map(Into::into).collect())
	}

	fn estimate_reward(&self, owner: AccountId, at: Option<H256>) -> RpcResult<RewardEstimate> {
		let at = self.0.block(at)?;
		let estimate = self
			.0
			.ask::<dyn ProvidersApi<Block>, _>(at, |api| api.estimate_reward(at, owner.clone()))?
			.ok_or(Error::UnknownProvider(owner))?;
		Ok(estimate.into())
	}

	fn groups(&self, at: Option<H256>) -> RpcResult<Vec<Group>> {
		let at = self.0.block(at)?;
		let groups = self.0.ask::<dyn ProvidersApi<Block>, _>(at, |api| api.groups(at))?;
		Ok(groups.into_iter().map(Into::into).collect())
	}

	fn supply(&self, at: Option<H256>) -> RpcResult<Supply> {
		let at = self.0.block(at)?;
		Ok(self.0.ask::<dyn SupplyApi<Block>, _>(at, |api| api.supply(at))?.into())
	}

	fn epoch(&self, index: EpochIndex, at: Option<H256>) -> RpcResult<Epoch> {
		let at = self.0.block(at)?;
		let report = self
			.0
			.ask::<dyn SupplyApi<Block>, _>(at, |api| api.epoch(at, index))?
			.ok_or(Error::UnknownEpoch(index))?;
		Ok((index, report).into())
	}

	fn purse(&self, account: AccountId, at: Option<H256>) -> RpcResult<Purse> {
		let at = self.0.block(at)?;
		Ok(self.0.ask::<dyn SupplyApi<Block>, _>(at, |api| api.purse(at, account))?.into())
	}
}

/// How many providers to answer with.
fn page(limit: Option<u32>) -> Result<u32, Error> {
	match limit.unwrap_or(SOME_PROVIDERS) {
		limit if limit > MOST_PROVIDERS => Err(Error::LimitTooHigh { limit, most: MOST_PROVIDERS }),
		limit => Ok(limit),
	}
}

/// The job that these bytes ask for, all of them and nothing more.
fn decode_spec(mut bytes: &[u8]) -> Result<JobSpec, Error> {
	// The decoder's reasons come in lines, from the outermost field to the innermost.
	let one_line = |error: codec::Error| -> String {
		error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
	};
	JobSpec::decode_all(&mut bytes).map_err(|error| Error::NotAJobSpec(one_line(error)))
}

/// What the runtime says in UTF-8.
fn text(reason: &[u8]) -> String {
	String::from_utf8_lossy(reason).into_owned()
}

#[cfg(test)]
mod tests {
	use super::*;
	use calor_primitives::{assurance::Assurance, job::ParentStage};
	use codec::Encode;

	#[test]
	fn macs_are_numbers_or_text() {
		let read = |text: &str| serde_json::from_str::<Mac>(text).ok();
		assert_eq!(read("12"), Some(Mac(12)));
		assert_eq!(read("\"18446744073709551615\""), Some(Mac(u64::MAX)));
		assert_eq!(read("18446744073709551615"), Some(Mac(u64::MAX)));
		assert_eq!(read("-1"), None);
		assert_eq!(read("1.5"), None);
		assert_eq!(read("\"twelve\""), None);
	}

	#[test]
	fn a_spec_is_read_whole_or_refused_with_the_field() {
		let spec = JobSpec {
			program: H256::repeat_byte(1),
			constants: Default::default(),
			inputs: Default::default(),
			class: HardwareClass::Tensor,
			max_price: 2,
			tip: 3,
			assurance: Assurance::Audited,
			value_at_risk: 4,
			start_on: ParentStage::Revealed,
			deliver_within: 5,
			reference: Some(H256::repeat_byte(6)),
		};
		let bytes = spec.encode();
		assert_eq!(decode_spec(&bytes).expect("it is one"), spec);

		let refusal = |bytes: &[u8]| decode_spec(bytes).expect_err("it is none").to_string();
		let short = refusal(&bytes[..bytes.len() - 1]);
		assert!(short.contains("JobSpec::reference") && !short.contains('\n'), "{short}");
		assert!(refusal(&[&bytes[..], &[0]].concat()).contains("not the SCALE encoding"));
		assert!(refusal(&[]).contains("JobSpec::program"));
	}

	#[test]
	fn pages_are_bounded() {
		assert!(matches!(page(None), Ok(SOME_PROVIDERS)));
		assert!(matches!(page(Some(MOST_PROVIDERS)), Ok(MOST_PROVIDERS)));
		assert!(matches!(page(Some(MOST_PROVIDERS + 1)), Err(Error::LimitTooHigh { .. })));
	}
}
