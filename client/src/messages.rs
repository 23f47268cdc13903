// SPDX-License-Identifier: Apache-2.0
//! What is hashed and signed off chain: commitments, worker keys' consent, permission to fetch.
//!
//! The law is `calor_primitives::{commitment, provider}`; this is its second form, so that a worker need not link the
//! runtime's crates. The vectors below hold it in place, and the chain refuses every commitment and proof that deviates.

use blake2::{digest::consts::U32, Blake2b, Digest};
use subxt::utils::{AccountId32, H256};
use subxt_signer::sr25519::{self, PublicKey, Signature};

/// `blake2_256("calor/commit/1" || genesis || job u64 LE || worker || salt || output roots)`.
pub fn commitment(
	genesis: &H256,
	job: u64,
	worker: &AccountId32,
	salt: &[u8; 32],
	output_roots: &[H256],
) -> H256 {
	let mut hash = Blake2b::<U32>::new();
	hash.update(b"calor/commit/1");
	hash.update(genesis.0);
	hash.update(job.to_le_bytes());
	hash.update(worker.0);
	hash.update(salt);
	for root in output_roots {
		hash.update(root.0);
	}
	H256(hash.finalize().into())
}

/// `"calor/worker/1" || genesis || owner`, signed by a worker key that agrees to work for an owner.
pub fn possession_message(genesis: &H256, owner: &AccountId32) -> Vec<u8> {
	[&b"calor/worker/1"[..], &genesis.0, &owner.0].concat()
}

/// `"calor/fetch/1" || genesis || job u64 LE || expiry u32 LE`, signed by a client to fetch outputs before the reveal.
pub fn fetch_message(genesis: &H256, job: u64, expiry: u32) -> Vec<u8> {
	[&b"calor/fetch/1"[..], &genesis.0, &job.to_le_bytes(), &expiry.to_le_bytes()].concat()
}

/// Whether `signer` signed `message`, as it is or as browser wallets wrap it: `<Bytes>` message `</Bytes>`.
pub fn signed_by(signer: &AccountId32, message: &[u8], signature: [u8; 64]) -> bool {
	let (signature, key) = (Signature(signature), PublicKey(signer.0));
	let wrapped = [b"<Bytes>", message, b"</Bytes>"].concat();
	sr25519::verify(&signature, message, &key) || sr25519::verify(&signature, wrapped, &key)
}

#[cfg(test)]
mod tests {
	use super::*;
	use subxt_signer::sr25519::dev;

	const GENESIS: H256 = H256([7; 32]);

	/// Computed with Python's hashlib from the text of `calor_primitives::commitment`.
	#[test]
	fn commitment_has_the_specified_bytes() {
		let roots = [H256([3; 32]), H256([4; 32])];
		let got = commitment(&GENESIS, 0x0102_0304, &AccountId32([1; 32]), &[2; 32], &roots);
		let expected = "a6c5d9c9f977739e7f4e5d7e724343380ff4e9183670e2133debf428fa68a45b";
		assert_eq!(hex::encode(got.0), expected);
	}

	#[test]
	fn messages_have_the_specified_bytes() {
		let message = fetch_message(&GENESIS, 0x0102_0304, 0x0506);
		let expected =
			format!("63616c6f722f66657463682f31{}0403020100000000{}", "07".repeat(32), "06050000");
		assert_eq!(hex::encode(message), expected);
		let message = possession_message(&GENESIS, &AccountId32([9; 32]));
		let expected =
			format!("63616c6f722f776f726b65722f31{}{}", "07".repeat(32), "09".repeat(32));
		assert_eq!(hex::encode(message), expected);
	}

	#[test]
	fn raw_and_wrapped_signatures_count_and_others_do_not() {
		let (alice, bob) = (dev::alice(), dev::bob());
		let account = AccountId32(alice.public_key().0);
		let message = fetch_message(&GENESIS, 5, 100);
		let wrapped = [b"<Bytes>", &message[..], b"</Bytes>"].concat();
		assert!(signed_by(&account, &message, alice.sign(&message).0));
		assert!(signed_by(&account, &message, alice.sign(&wrapped).0));
		assert!(!signed_by(&account, &message, bob.sign(&message).0));
		assert!(!signed_by(&account, &fetch_message(&GENESIS, 6, 100), alice.sign(&message).0));
	}
}
