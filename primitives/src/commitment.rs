// SPDX-License-Identifier: Apache-2.0
//! How a worker binds itself to a result before it shows it.

use crate::{AccountId, JobId};
use alloc::vec::Vec;
use sp_core::H256;

/// Separates these hashes from all others.
const TAG: &[u8] = b"calor/commit/1";

/// `blake2_256(tag || genesis || job u64 LE || worker || salt || output roots)`.
///
/// The salt keeps a result blind that could be guessed; genesis, job and worker keep a commitment from being copied.
pub fn commitment(
	genesis: &H256,
	job: JobId,
	worker: &AccountId,
	salt: &[u8; 32],
	output_roots: &[H256],
) -> H256 {
	let worker: &[u8; 32] = worker.as_ref();
	let mut bytes = Vec::new();
	for part in [TAG, genesis.as_bytes(), &job.to_le_bytes(), worker, salt] {
		bytes.extend_from_slice(part);
	}
	for root in output_roots {
		bytes.extend_from_slice(root.as_bytes());
	}
	H256(sp_io::hashing::blake2_256(&bytes))
}

/// The message that a client signs to fetch outputs before the reveal:
/// `"calor/fetch/1" || genesis || job u64 LE || expiry u32 LE`.
pub fn fetch_message(genesis: &H256, job: JobId, expiry: u32) -> Vec<u8> {
	[&b"calor/fetch/1"[..], genesis.as_bytes(), &job.to_le_bytes(), &expiry.to_le_bytes()].concat()
}
