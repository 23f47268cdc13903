// SPDX-License-Identifier: Apache-2.0

//! The `calor_` namespace: what a job is doing and what one would cost.
//! Everything is read through runtime APIs, at the best block unless `at` names another; `view` gives it its JSON shape.
//! Errors have codes of their own ([`Error`]) and say what to do.

use super::view::{Job, Quote};
use calor_primitives::{
	job::HardwareClass,
	runtime_api::{JobsApi, MarketApi},
	JobId, H256,
};
use jsonrpsee::{
	core::RpcResult,
	proc_macros::rpc,
	types::{ErrorObject, ErrorObjectOwned},
};
use serde::Deserialize;
use sp_api::{ApiError, ApiExt, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_runtime::traits::Block as BlockT;
use std::{marker::PhantomData, sync::Arc};

/// Jobs and prices.
#[rpc(server)]
pub trait CalorApi {
	/// Job number `id`, with everything that the chain knows of it.
	#[method(name = "calor_job", blocking)]
	fn job(&self, id: JobId, at: Option<H256>) -> RpcResult<Job>;

	/// What `mac` multiply-accumulates cost on a class of hardware: `General`, `HighMemory` or `Tensor`.
	#[method(name = "calor_quote", blocking)]
	fn quote(&self, class: HardwareClass, mac: Mac, at: Option<H256>) -> RpcResult<Quote>;
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

/// Why a question has no answer. The number is the JSON-RPC error code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// 11000
	#[error(
		"the runtime could not be asked at block {at:?}: {source}. If the state of that block has been pruned, ask an \
		 archive node or leave out `at`"
	)]
	Runtime { at: H256, source: ApiError },
	/// 11001
	#[error(
		"block {0:?} is not known to this node: leave out `at` for the best block, or ask again when the node has synced"
	)]
	UnknownBlock(H256),
	/// 11002
	#[error(
		"the runtime of block {0:?} has no such API: ask at a later block, or upgrade the node if it is at the head"
	)]
	NotSupported(H256),
	/// 11003
	#[error(
		"there is no job {0} at this block: take the number from the submission's event, and wait until the transaction \
		 is in a block"
	)]
	UnknownJob(JobId),
	/// 11004
	#[error("there is no price now: {0}")]
	NoQuote(String),
}

impl Error {
	const fn code(&self) -> i32 {
		match self {
			Self::Runtime { .. } => 11_000,
			Self::UnknownBlock(_) => 11_001,
			Self::NotSupported(_) => 11_002,
			Self::UnknownJob(_) => 11_003,
			Self::NoQuote(_) => 11_004,
		}
	}
}

impl From<Error> for ErrorObjectOwned {
	fn from(error: Error) -> Self {
		ErrorObject::owned(error.code(), error.to_string(), None::<()>)
	}
}

/// Answers `calor_` calls from a client's state.
pub struct Calor<C, B> {
	client: Arc<C>,
	_block: PhantomData<B>,
}

impl<C, B> Calor<C, B> {
	/// Answers from `client`.
	pub fn new(client: Arc<C>) -> Self {
		Self { client, _block: PhantomData }
	}
}

impl<C, B> Calor<C, B>
where
	B: BlockT<Hash = H256>,
	C: ProvideRuntimeApi<B> + HeaderBackend<B>,
	C::Api: JobsApi<B> + MarketApi<B>,
{
	/// The block to ask at.
	fn block(&self, at: Option<H256>) -> Result<H256, Error> {
		let Some(hash) = at else { return Ok(self.client.info().best_hash) };
		match self.client.header(hash) {
			Ok(Some(_)) => Ok(hash),
			_ => Err(Error::UnknownBlock(hash)),
		}
	}

	/// Ask the runtime of block `at`, if it has the API `A` at all.
	fn ask<A: sp_api::RuntimeApiInfo + ?Sized, T>(
		&self,
		at: H256,
		question: impl FnOnce(&C::Api) -> Result<T, ApiError>,
	) -> Result<T, Error> {
		let api = self.client.runtime_api();
		let failed = |source| Error::Runtime { at, source };
		if !api.has_api::<A>(at).map_err(failed)? {
			return Err(Error::NotSupported(at));
		}
		question(&api).map_err(failed)
	}
}

impl<C, B> CalorApiServer for Calor<C, B>
where
	B: BlockT<Hash = H256>,
	C: ProvideRuntimeApi<B> + HeaderBackend<B> + Send + Sync + 'static,
	C::Api: JobsApi<B> + MarketApi<B>,
{
	fn job(&self, id: JobId, at: Option<H256>) -> RpcResult<Job> {
		let at = self.block(at)?;
		let job = self
			.ask::<dyn JobsApi<B>, _>(at, |api| api.job(at, id))?
			.ok_or(Error::UnknownJob(id))?;
		Ok(job.into())
	}

	fn quote(&self, class: HardwareClass, Mac(mac): Mac, at: Option<H256>) -> RpcResult<Quote> {
		let at = self.block(at)?;
		let quote = self
			.ask::<dyn MarketApi<B>, _>(at, |api| api.quote(at, class, mac))?
			.map_err(|reason| Error::NoQuote(String::from_utf8_lossy(&reason).into_owned()))?;
		Ok(quote.into())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

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
}
