// SPDX-License-Identifier: Apache-2.0
//! Accounts of the bench: their keys, and how many transactions they have signed.

use anyhow::Result;
use blake2::{digest::consts::U32, Blake2b, Digest};
use calor_client::{AccountId32, Keypair};
use subxt::utils::MultiAddress;

/// An account that signs one transaction after another.
#[derive(Clone)]
pub struct Account {
	/// Its key.
	pub key: Keypair,
	/// Its address.
	pub id: AccountId32,
	/// The nonce of its next transaction.
	pub nonce: u64,
}

impl Account {
	/// An account that has signed nothing yet.
	pub fn new(key: Keypair) -> Self {
		let id = key.public_key().to_account_id();
		Self { key, id, nonce: 0 }
	}

	/// The account of that role and number; the same in every run.
	///
	/// # Errors
	/// If the hash of its name is no key.
	pub fn derive(role: &str, number: usize) -> Result<Self> {
		let name = format!("calor/chain-bench/{role}/{number}");
		let seed: [u8; 32] = Blake2b::<U32>::digest(name).into();
		Ok(Self::new(Keypair::from_secret_key(seed)?))
	}

	/// So many accounts of a role.
	///
	/// # Errors
	/// As [`Self::derive`].
	pub fn several(role: &str, count: usize) -> Result<Vec<Self>> {
		(0..count).map(|number| Self::derive(role, number)).collect()
	}

	/// Its address as calls name it.
	pub fn address(&self) -> MultiAddress<AccountId32, ()> {
		MultiAddress::Id(self.id)
	}
}
