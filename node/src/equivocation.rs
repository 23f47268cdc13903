// SPDX-License-Identifier: Apache-2.0

//! Reports validators that make two blocks in one slot.
//!
//! BABE's own block import notices them too, but since it looks before the seal is back on the header, what it reports
//! carries no signature and the runtime refuses it (`InvalidEquivocationProof`; seen with sc-consensus-babe 0.60). Its
//! reports go to [`Nowhere`], because a pool takes only one report for an offence, and [`watch`] sends good ones.

use crate::service::Client;
use calor_runtime::{opaque::Block, Hash, Header};
use futures::StreamExt;
use sc_client_api::{BlockchainEvents, HeaderBackend};
use sc_consensus_babe::{find_pre_digest, BabeWorkerHandle};
use sc_transaction_pool_api::{LocalTransactionPool, OffchainTransactionPoolFactory};
use sp_api::{ApiError, ApiExt, ProvideRuntimeApi};
use sp_consensus::BlockOrigin;
use sp_consensus_babe::{AuthorityIndex, BabeApi, EquivocationProof, Slot};
use sp_runtime::traits::Block as BlockT;
use std::{
	collections::{btree_map::Entry, BTreeMap},
	sync::Arc,
};

const LOG_TARGET: &str = "equivocation";

/// Slots of which headers are remembered: half an hour. A second block that comes later than that cannot become part of
/// the chain any more, since finality is past it.
const WINDOW: u64 = 900;

/// A pool that forgets.
pub struct Nowhere;

impl LocalTransactionPool for Nowhere {
	type Block = Block;
	type Hash = Hash;
	type Error = sc_transaction_pool_api::error::Error;

	fn submit_local(
		&self,
		_: Hash,
		_: <Block as BlockT>::Extrinsic,
	) -> Result<Self::Hash, Self::Error> {
		Ok(Hash::zero())
	}
}

/// Why an equivocation was not reported.
#[derive(Debug, thiserror::Error)]
enum Error {
	#[error("the slot's epoch is not known: {0}")]
	Epoch(#[from] sc_consensus_babe::Error<Block>),
	#[error("no validator has index {0} in the slot's epoch")]
	UnknownAuthor(AuthorityIndex),
	#[error("the runtime does not prove whose key it was")]
	NoKeyOwner,
	#[error("the runtime could not be asked: {0}")]
	Runtime(#[from] ApiError),
}

/// The first header of each author in each recent slot.
#[derive(Default)]
struct Seen(BTreeMap<(Slot, AuthorityIndex), Header>);

impl Seen {
	/// Remember `header`; if its author has made another block in this slot, that block's header.
	fn note(&mut self, slot: Slot, author: AuthorityIndex, header: Header) -> Option<Header> {
		let newest = self.0.last_key_value().map_or(slot, |((newest, _), _)| slot.max(*newest));
		let oldest = newest.saturating_sub(WINDOW);
		self.0 = self.0.split_off(&(oldest, 0));
		match self.0.entry((slot, author)) {
			Entry::Vacant(entry) => {
				if slot >= oldest {
					entry.insert(header);
				}
				None
			},
			Entry::Occupied(entry) => (*entry.get() != header).then(|| entry.get().clone()),
		}
	}
}

/// Look at every block that is imported, for as long as the node runs.
pub async fn watch(
	client: Arc<Client>,
	babe: BabeWorkerHandle<Block>,
	pool: OffchainTransactionPoolFactory<Block>,
) {
	let mut seen = Seen::default();
	let mut imports = client.every_import_notification_stream();
	while let Some(import) = imports.next().await {
		// What comes while catching up is old, and others have reported it.
		if import.origin == BlockOrigin::NetworkInitialSync {
			continue;
		}
		let Ok(digest) = find_pre_digest::<Block>(&import.header) else { continue };
		let (slot, author) = (digest.slot(), digest.authority_index());
		let Some(first) = seen.note(slot, author, import.header.clone()) else { continue };
		let hashes = (first.hash(), import.hash);
		match report(&client, &babe, &pool, slot, author, first, import.header).await {
			Ok(()) => log::warn!(
				target: LOG_TARGET,
				"Reported validator {author} for making two blocks in slot {slot}: {:?} and {:?}",
				hashes.0,
				hashes.1,
			),
			Err(error) => log::warn!(
				target: LOG_TARGET,
				"Validator {author} made two blocks in slot {slot} ({:?} and {:?}), which was not reported: {error}",
				hashes.0,
				hashes.1,
			),
		}
	}
}

async fn report(
	client: &Client,
	babe: &BabeWorkerHandle<Block>,
	pool: &OffchainTransactionPoolFactory<Block>,
	slot: Slot,
	author: AuthorityIndex,
	first_header: Header,
	second_header: Header,
) -> Result<(), Error> {
	let parent = second_header.parent_hash;
	let epoch =
		babe.epoch_data_for_child_of(parent, second_header.number.saturating_sub(1), slot).await?;
	let offender = usize::try_from(author)
		.ok()
		.and_then(|index| epoch.authorities.get(index))
		.map(|(key, _)| key.clone())
		.ok_or(Error::UnknownAuthor(author))?;

	// The proof is of the session that holds the slot. The parent's state knows that session, unless the block was the
	// session's first: then the best block's does.
	let best = client.info().best_hash;
	let api = client.runtime_api();
	let owner = match api.generate_key_ownership_proof(parent, slot, offender.clone())? {
		Some(proof) => proof,
		None => api
			.generate_key_ownership_proof(best, slot, offender.clone())?
			.ok_or(Error::NoKeyOwner)?,
	};

	let mut api = client.runtime_api();
	api.register_extension(pool.offchain_transaction_pool(best));
	let evidence = EquivocationProof { offender, slot, first_header, second_header };
	api.submit_report_equivocation_unsigned_extrinsic(best, evidence, owner)?;
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn header(number: u32) -> Header {
		Header {
			parent_hash: Hash::zero(),
			number,
			state_root: Hash::zero(),
			extrinsics_root: Hash::zero(),
			digest: Default::default(),
		}
	}

	#[test]
	fn two_blocks_by_one_author_in_one_slot_are_noticed() {
		let mut seen = Seen::default();
		assert_eq!(seen.note(5.into(), 0, header(1)), None);
		// The same block again, another author, another slot.
		assert_eq!(seen.note(5.into(), 0, header(1)), None);
		assert_eq!(seen.note(5.into(), 1, header(2)), None);
		assert_eq!(seen.note(6.into(), 0, header(2)), None);
		assert_eq!(seen.note(5.into(), 0, header(3)), Some(header(1)));
	}

	#[test]
	fn old_slots_are_forgotten() {
		let mut seen = Seen::default();
		seen.note(5.into(), 0, header(1));
		seen.note((6 + WINDOW).into(), 0, header(2));
		assert_eq!(seen.note(5.into(), 0, header(3)), None);
		assert_eq!(seen.0.len(), 1);
	}
}
