// SPDX-License-Identifier: Apache-2.0

//! Asks the runtime, and says which blocks come.

use super::{error::Error, follow::Head};
use crate::service::Client;
use calor_primitives::{
	job::{HardwareClass, JobView},
	runtime_api::JobsApi,
	JobId, H256,
};
use calor_runtime::opaque::Block;
use futures::{future, stream, stream::BoxStream, StreamExt};
use sc_client_api::{BlockchainEvents, HeaderBackend};
use sp_api::{ApiError, ApiExt, ProvideRuntimeApi};
use std::sync::Arc;

/// The chain as this node knows it.
#[derive(Clone)]
pub struct Chain(Arc<Client>);

impl Chain {
	/// As `client` knows it.
	pub fn new(client: Arc<Client>) -> Self {
		Self(client)
	}

	/// The best block.
	pub fn best(&self) -> H256 {
		self.0.info().best_hash
	}

	/// The block to ask at: `at` if the node knows it, the best one if none is named.
	pub fn block(&self, at: Option<H256>) -> Result<H256, Error> {
		let Some(hash) = at else { return Ok(self.best()) };
		match self.0.header(hash) {
			Ok(Some(_)) => Ok(hash),
			_ => Err(Error::UnknownBlock(hash)),
		}
	}

	/// Asks the runtime of block `at`, if it has the API `A` at all.
	pub fn ask<A: sp_api::RuntimeApiInfo + ?Sized, T>(
		&self,
		at: H256,
		question: impl FnOnce(&<Client as ProvideRuntimeApi<Block>>::Api) -> Result<T, ApiError>,
	) -> Result<T, Error> {
		let api = self.0.runtime_api();
		let failed = |source| Error::Runtime { at, source };
		if !api.has_api::<A>(at).map_err(failed)? {
			return Err(Error::NotSupported(at));
		}
		question(&api).map_err(failed)
	}

	/// Job `id` at block `at`.
	pub fn job(&self, at: H256, id: JobId) -> Result<Option<JobView>, Error> {
		self.ask::<dyn JobsApi<Block>, _>(at, |api| api.job(at, id))
	}

	/// Queued jobs and waiting providers of each class at block `at`.
	pub fn queues(&self, at: H256) -> Result<Vec<(HardwareClass, u32, u32)>, Error> {
		self.ask::<dyn JobsApi<Block>, _>(at, |api| api.queues(at))
	}

	/// The best and the finalised block now, and whichever come to be.
	pub fn heads(&self) -> BoxStream<'static, Head> {
		// The streams before the blocks of now, so that none is missed in between.
		let best = self.best_heads_to_come();
		let finalised = self.0.finality_notification_stream().map(|block| Head {
			hash: block.hash,
			height: block.header.number,
			finalised: true,
		});
		let info = self.0.info();
		let now = [
			Head { hash: info.best_hash, height: info.best_number, finalised: false },
			Head { hash: info.finalized_hash, height: info.finalized_number, finalised: true },
		];
		stream::iter(now).chain(stream::select(best, finalised)).boxed()
	}

	/// The best block now, and whichever come to be.
	pub fn best_heads(&self) -> BoxStream<'static, Head> {
		let to_come = self.best_heads_to_come();
		let info = self.0.info();
		let now = Head { hash: info.best_hash, height: info.best_number, finalised: false };
		stream::iter([now]).chain(to_come).boxed()
	}

	fn best_heads_to_come(&self) -> BoxStream<'static, Head> {
		self.0
			.import_notification_stream()
			.filter(|block| future::ready(block.is_new_best))
			.map(|block| Head { hash: block.hash, height: block.header.number, finalised: false })
			.boxed()
	}
}
