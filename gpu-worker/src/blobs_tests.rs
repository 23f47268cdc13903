// SPDX-License-Identifier: Apache-2.0
//! Blobs against a server that does not keep its word.

use super::*;
use crate::{
	journal::{self, Book, Entry, Journal},
	serve::{routes, Shared},
};
use axum::{http::StatusCode, response::Redirect, routing::get, Router};
use calor_client::{types::tensor_ref, AccountId32, H256};
use calor_tensor::{tensor_root, Tensor};
use std::sync::{
	atomic::{AtomicBool, AtomicU32},
	Arc,
};

fn good() -> (TensorType, Vec<u8>, [u8; 32]) {
	let ty = TensorType::i8(&[3, 70]);
	let bytes: Vec<u8> = (0..210u8).collect();
	let root = tensor_root(&Tensor::from_bytes(ty.clone(), &bytes).unwrap());
	(ty, bytes, root)
}

async fn server() -> String {
	let (_, bytes, _) = good();
	let with = |change: fn(&mut Vec<u8>)| {
		let mut bytes = bytes.clone();
		change(&mut bytes);
		get(move || async move { bytes })
	};
	let routes = Router::new()
		.route("/good", with(|_| ()))
		.route("/altered", with(|bytes| bytes[5] ^= 1))
		.route("/short", with(|bytes| bytes.truncate(209)))
		.route("/long", with(|bytes| bytes.push(0)))
		.route("/moved", get(|| async { Redirect::temporary("/good") }))
		.route("/broken", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }));
	let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
	let url = format!("http://{}", listener.local_addr().unwrap());
	tokio::spawn(async move { axum::serve(listener, routes).await });
	url
}

fn open(allow_private: bool) -> (tempfile::TempDir, Blobs) {
	let _ = rustls::crypto::ring::default_provider().install_default();
	let dir = tempfile::tempdir().unwrap();
	let blobs = Blobs::open(&dir.path().join("blobs"), allow_private).unwrap();
	(dir, blobs)
}

async fn ensure(blobs: &Blobs, url: &str, paths: &[&str]) -> Result<PathBuf, InputFault> {
	let (ty, _, root) = good();
	let uris: Vec<_> = paths.iter().map(|path| format!("{url}{path}")).collect();
	match blobs.ensure(&tensor_ref(&ty, root, &uris)).await {
		Ok(path) => Ok(path),
		Err(BlobError::Input { fault, .. }) => Err(fault),
		Err(error) => panic!("{error}"),
	}
}

#[tokio::test]
async fn a_good_blob_is_kept_and_not_fetched_again() {
	let (_dir, blobs) = open(true);
	let url = server().await;
	let path = ensure(&blobs, &url, &["/good"]).await.unwrap();
	assert_eq!(std::fs::read(path).unwrap(), good().1);
	assert!(ensure(&blobs, "http://127.0.0.1:1", &["/gone"]).await.is_ok());
}

#[tokio::test]
async fn each_fault_is_called_by_its_name_and_leaves_nothing() {
	let (_dir, blobs) = open(true);
	let url = server().await;
	for (path, expected) in [
		("/altered", InputFault::WrongRoot),
		("/short", InputFault::WrongSize),
		("/long", InputFault::WrongSize),
		("/absent", InputFault::Missing),
		("/broken", InputFault::Missing),
		("/moved", InputFault::Missing),
	] {
		let fault = ensure(&blobs, &url, &[path]).await.unwrap_err();
		assert_eq!(format!("{fault:?}"), format!("{expected:?}"), "{path}");
		assert!(!blobs.has(&good().2).await, "{path}");
	}
}

#[tokio::test]
async fn all_addresses_are_tried() {
	let (_dir, blobs) = open(true);
	let url = server().await;
	assert!(ensure(&blobs, &url, &["/absent", "/altered", "/good"]).await.is_ok());
	let (_dir, blobs) = open(true);
	let fault = ensure(&blobs, &url, &["/altered", "/absent"]).await.unwrap_err();
	assert!(matches!(fault, InputFault::WrongRoot), "the fault that says most");
}

#[tokio::test]
async fn private_addresses_are_refused_by_number_and_by_name() {
	let (_dir, blobs) = open(false);
	let url = server().await;
	assert!(ensure(&blobs, &url, &["/good"]).await.is_err());
	assert!(ensure(&blobs, &url.replace("127.0.0.1", "localhost"), &["/good"]).await.is_err());
}

async fn served(blobs: Blobs, journal: Journal) -> (Arc<Shared>, String) {
	let shared = Arc::new(Shared {
		genesis: H256([7; 32]),
		worker: AccountId32([1; 32]),
		owner: AccountId32([2; 32]),
		adapter: String::new(),
		journal,
		blobs,
		taken: Default::default(),
		height: AtomicU32::new(0),
		connected: AtomicBool::new(true),
	});
	let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
	let url = format!("http://{}", listener.local_addr().unwrap());
	let served = routes(shared.clone());
	tokio::spawn(async move { axum::serve(listener, served).await });
	(shared, url)
}

#[tokio::test]
async fn another_workers_output_is_fetched_once_it_is_public() {
	let (_dir, theirs) = open(true);
	let (ty, bytes, root) = good();
	theirs.put(&root, bytes.clone()).await.unwrap();
	let dir = tempfile::tempdir().unwrap();
	let journal = Journal::open(&dir.path().join("journal")).unwrap();
	let entry = Entry { output_roots: vec![[9; 32], root], ..journal::tests::entry(1) };
	journal.write_once(Book::Jobs, 7, entry).unwrap();
	let (shared, url) = served(theirs, journal).await;
	let (_dir, ours) = open(true);
	let output = |index: u8| tensor_ref(&ty, root, &[format!("{url}/outputs/7/{index}")]);
	assert!(ours.ensure(&output(1)).await.is_err(), "the client's alone before the reveal");
	shared.journal.note(Book::Jobs, 7, true, None).unwrap();
	assert!(ours.ensure(&output(0)).await.is_err(), "another output, and no longer kept");
	let path = ours.ensure(&output(1)).await.unwrap();
	assert_eq!(std::fs::read(path).unwrap(), bytes);
}

#[tokio::test]
async fn operands_are_served_from_acceptance_on_and_audits_never() {
	let (_dir, theirs) = open(true);
	let (ty, bytes, root) = good();
	theirs.put(&root, bytes).await.unwrap();
	let dir = tempfile::tempdir().unwrap();
	let journal = Journal::open(&dir.path().join("journal")).unwrap();
	let audit =
		Entry { output_roots: vec![root], operand_roots: vec![root], ..journal::tests::entry(1) };
	journal.write_once(Book::Audits, 7, audit).unwrap();
	let (shared, url) = served(theirs, journal).await;
	let operand = || tensor_ref(&ty, root, &[format!("{url}/blobs/{}", hex::encode(root))]);
	let (_dir, ours) = open(true);
	assert!(ours.ensure(&operand()).await.is_err(), "what an auditor has");
	shared.take(8, vec![root]);
	assert!(ours.ensure(&operand()).await.is_ok());
	shared.take(8, Vec::new());
	let (_dir, ours) = open(true);
	assert!(ours.ensure(&operand()).await.is_err());
	let job = Entry { output_roots: vec![], operand_roots: vec![root], ..journal::tests::entry(1) };
	shared.journal.write_once(Book::Jobs, 8, job).unwrap();
	assert!(ours.ensure(&operand()).await.is_ok(), "before the reveal too");
}

#[tokio::test]
async fn sweeping_leaves_what_is_needed_and_what_is_young() {
	let (_dir, blobs) = open(true);
	for root in [[1; 32], [2; 32]] {
		blobs.put(&root, vec![0; 8]).await.unwrap();
	}
	blobs.sweep(&BTreeSet::new(), Duration::from_secs(60)).unwrap();
	assert!(blobs.has(&[1; 32]).await && blobs.has(&[2; 32]).await);
	blobs.sweep(&BTreeSet::from([[1; 32]]), Duration::ZERO).unwrap();
	assert!(blobs.has(&[1; 32]).await && !blobs.has(&[2; 32]).await);
}
