// SPDX-License-Identifier: Apache-2.0
//! Blobs over HTTP: operands to everybody from acceptance on, as whoever accepts a job promises; outputs to the client at
//! once, to everybody once they are revealed. What was computed as an auditor is nobody's business.

use crate::{
	blobs::Blobs,
	journal::{Book, Entry, Journal, NOBODY},
};
use axum::{
	extract::{Path, State},
	http::{header, HeaderMap, StatusCode},
	response::{IntoResponse, Response},
	routing::get,
	Router,
};
use calor_client::{messages, AccountId32, H256};
use std::{
	collections::BTreeMap,
	sync::{
		atomic::{AtomicBool, AtomicU32, Ordering},
		Arc, Mutex, PoisonError,
	},
};

/// Last height at which the signature counts.
const EXPIRY: &str = "x-calor-expiry";
/// The client's signature, as `0x` and hex.
const SIGNATURE: &str = "x-calor-signature";

/// What the server knows of the daemon.
pub struct Shared {
	/// Genesis hash of the chain.
	pub genesis: H256,
	/// The worker key.
	pub worker: AccountId32,
	/// Who it works for.
	pub owner: AccountId32,
	/// Name of the adapter.
	pub adapter: String,
	/// What is bound.
	pub journal: Journal,
	/// What is kept.
	pub blobs: Blobs,
	/// Roots of the operands of jobs that are accepted and not in the journal yet.
	pub taken: Mutex<BTreeMap<u64, Vec<[u8; 32]>>>,
	/// Highest finalised height that was seen.
	pub height: AtomicU32,
	/// Whether a node answers.
	pub connected: AtomicBool,
}

type Refusal = (StatusCode, String);

impl Shared {
	/// Notes that a job is accepted which takes these operands; none if they stand in the journal now.
	pub fn take(&self, job: u64, operands: Vec<[u8; 32]>) {
		let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
		match operands.is_empty() {
			true => taken.remove(&job),
			false => taken.insert(job, operands),
		};
	}

	fn has_taken(&self, root: &[u8; 32]) -> bool {
		let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
		taken.values().any(|roots| roots.contains(root))
	}
}

/// The routes.
pub fn routes(shared: Arc<Shared>) -> Router {
	Router::new()
		.route("/health", get(health))
		.route("/outputs/{job}/{index}", get(output))
		.route("/blobs/{root}", get(blob))
		.with_state(shared)
}

async fn health(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
	let connected = shared.connected.load(Ordering::Relaxed);
	let status = if connected { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
	let body = serde_json::json!({
		"status": if connected { "ok" } else { "no node answers" },
		"worker": shared.worker.to_string(),
		"owner": shared.owner.to_string(),
		"adapter": shared.adapter,
		"finalised": shared.height.load(Ordering::Relaxed),
		"version": env!("CARGO_PKG_VERSION"),
	});
	(status, [(header::CONTENT_TYPE, "application/json")], body.to_string())
}

async fn output(
	State(shared): State<Arc<Shared>>,
	Path((job, index)): Path<(u64, usize)>,
	headers: HeaderMap,
) -> Result<Response, Refusal> {
	let entry = shared.journal.get(Book::of_own(job), job).map_err(internal)?;
	let entry = entry.ok_or_else(|| not_found(format!("no result of job {job} yet")))?;
	let height = shared.height.load(Ordering::Relaxed);
	allowed(&shared.genesis, job, &entry, &headers, height)?;
	let root = entry.output_roots.get(index).ok_or_else(|| {
		not_found(format!("job {job} has {} outputs, counted from 0", entry.output_roots.len()))
	})?;
	send(&shared, root).await
}

async fn blob(
	State(shared): State<Arc<Shared>>,
	Path(root): Path<String>,
	headers: HeaderMap,
) -> Result<Response, Refusal> {
	let bytes = hex::decode(root.trim_start_matches("0x")).ok();
	let root: [u8; 32] = bytes
		.and_then(|bytes| bytes.try_into().ok())
		.ok_or_else(|| (StatusCode::BAD_REQUEST, "a root is 64 hex digits".to_string()))?;
	let height = shared.height.load(Ordering::Relaxed);
	let mut entries = Vec::new();
	for book in [Book::Jobs, Book::Proofs] {
		entries.extend(shared.journal.all(book).map_err(internal)?);
	}
	if shared.has_taken(&root)
		|| entries.iter().any(|(_, entry)| entry.operand_roots.contains(&root))
	{
		return send(&shared, &root).await;
	}
	let holders = entries.iter().filter(|(_, entry)| entry.output_roots.contains(&root));
	let mut refusal = not_found("no job here has this blob".into());
	for (job, entry) in holders {
		match allowed(&shared.genesis, *job, entry, &headers, height) {
			Ok(()) => return send(&shared, &root).await,
			Err(reason) => refusal = reason,
		}
	}
	Err(refusal)
}

async fn send(shared: &Shared, root: &[u8; 32]) -> Result<Response, Refusal> {
	let bytes = shared.blobs.get(root).await.map_err(internal)?;
	let bytes = bytes.ok_or_else(|| not_found("this blob is no longer kept".into()))?;
	let kind = (header::CONTENT_TYPE, "application/octet-stream");
	let tag = (header::ETAG, format!("\"{}\"", hex::encode(root)));
	Ok(([(kind.0, kind.1.to_string()), tag], bytes).into_response())
}

/// Whether a request may have what belongs to a job.
fn allowed(
	genesis: &H256,
	job: u64,
	entry: &Entry,
	headers: &HeaderMap,
	height: u32,
) -> Result<(), Refusal> {
	if entry.public {
		return Ok(());
	}
	if entry.client == NOBODY {
		return Err((StatusCode::FORBIDDEN, "nobody may have this before the reveal".into()));
	}
	let refuse = |why: &str| {
		Err((
			StatusCode::FORBIDDEN,
			format!(
				"{why}: before the reveal send {EXPIRY} (a height) and {SIGNATURE} (the client's sr25519 signature over \
				 \"calor/fetch/1\", genesis hash, job as u64 and expiry as u32, little-endian)"
			),
		))
	};
	let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
	let (Some(expiry), Some(signature)) = (text(EXPIRY), text(SIGNATURE)) else {
		return refuse("this result is not public yet");
	};
	let Ok(expiry) = expiry.parse::<u32>() else { return refuse("the expiry is no height") };
	let bytes = hex::decode(signature.trim_start_matches("0x")).ok();
	let Some(signature) = bytes.and_then(|bytes| <[u8; 64]>::try_from(bytes).ok()) else {
		return refuse("the signature is not 64 bytes in hex");
	};
	if expiry < height {
		return refuse("the signature has expired");
	}
	let message = messages::fetch_message(genesis, job, expiry);
	if !messages::signed_by(&AccountId32(entry.client), &message, signature) {
		return refuse("the signature is not the client's over this job and expiry");
	}
	Ok(())
}

fn internal(error: impl std::fmt::Display) -> Refusal {
	(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

fn not_found(why: String) -> Refusal {
	(StatusCode::NOT_FOUND, why)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::keys;

	const GENESIS: H256 = H256([7; 32]);

	fn ask(job: u64, expiry: u32, signer: &str, wrap: bool, public: bool) -> Result<(), Refusal> {
		let client = keys::from_suri("//Alice").unwrap().public_key().0;
		let entry = Entry {
			fingerprint: [0; 32],
			client,
			salt: [0; 32],
			worker: [0; 32],
			output_roots: vec![],
			operand_roots: vec![],
			public,
			ended: None,
		};
		let mut message = messages::fetch_message(&GENESIS, job, expiry);
		if wrap {
			message = [b"<Bytes>", &message[..], b"</Bytes>"].concat();
		}
		let signature = keys::from_suri(signer).unwrap().sign(&message).0;
		let mut headers = HeaderMap::new();
		headers.insert(EXPIRY, expiry.into());
		let signature = format!("0x{}", hex::encode(signature));
		headers.insert(SIGNATURE, signature.parse().unwrap());
		allowed(&GENESIS, 5, &entry, &headers, 100)
	}

	#[test]
	fn only_the_clients_valid_signature_opens() {
		assert!(ask(5, 100, "//Alice", false, false).is_ok());
		assert!(ask(5, 100, "//Alice", true, false).is_ok(), "as browser wallets wrap it");
		assert!(ask(5, 99, "//Alice", false, false).is_err(), "expired");
		assert!(ask(6, 100, "//Alice", false, false).is_err(), "another job");
		assert!(ask(5, 100, "//Bob", false, false).is_err(), "a stranger");
		assert!(ask(6, 1, "//Bob", false, true).is_ok(), "public");
	}

	#[test]
	fn what_has_no_client_is_nobodys_before_the_reveal() {
		let mut entry = Entry { client: NOBODY, ..crate::journal::tests::entry(1) };
		// Holds for every message under a key that is the identity: no nonce, no response, schnorrkel's mark.
		let forged = [&[0u8; 63][..], &[0x80]].concat();
		let mut headers = HeaderMap::new();
		headers.insert(EXPIRY, 200u32.into());
		headers.insert(SIGNATURE, hex::encode(forged).parse().unwrap());
		let refused = allowed(&GENESIS, 5, &entry, &headers, 100).unwrap_err();
		assert_eq!(refused.0, StatusCode::FORBIDDEN);
		entry.public = true;
		assert!(allowed(&GENESIS, 5, &entry, &headers, 100).is_ok());
	}

	#[test]
	fn a_refusal_says_what_to_send() {
		let entry = Entry {
			fingerprint: [0; 32],
			client: [1; 32],
			salt: [0; 32],
			worker: [0; 32],
			output_roots: vec![],
			operand_roots: vec![],
			public: false,
			ended: None,
		};
		let (status, text) = allowed(&GENESIS, 5, &entry, &HeaderMap::new(), 0).unwrap_err();
		assert_eq!(status, StatusCode::FORBIDDEN);
		assert!(text.contains(EXPIRY) && text.contains(SIGNATURE), "{text}");
	}
}
