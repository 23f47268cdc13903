// SPDX-License-Identifier: Apache-2.0
//! Drawing lots for audits: `calor_primitives::lottery` with a key that can sign.

use crate::{types::JobId, H256};
use calor_primitives::lottery;
use sp_core::{
	crypto::{Pair as _, VrfSecret},
	sr25519,
};

pub use lottery::{threshold, Ticket};

/// A key that draws lots. It is the worker key in another form.
#[derive(Clone)]
pub struct Lots(sr25519::Pair);

/// A lot: what the claim of an audit shows.
#[derive(Clone, Debug)]
pub struct Lot {
	/// The signature.
	pub ticket: Ticket,
	/// Its number: the auditor is drawn if it is below its threshold.
	pub number: u64,
}

impl Lots {
	/// The key of a secret URI such as `//Bob//worker`, a phrase, or `0x` and a seed.
	///
	/// # Errors
	/// If it is none; the text is not repeated.
	pub fn from_suri(suri: &str) -> Result<Self, String> {
		let pair = sr25519::Pair::from_string(suri.trim(), None);
		Ok(Self(pair.map_err(|_| "not a secret URI".to_string())?))
	}

	/// The public key.
	pub fn public(&self) -> [u8; 32] {
		self.0.public().0
	}

	/// The lot of a job whose auditors are drawn by `seed`. The same each time that it is drawn, but for the proof in it.
	pub fn draw(&self, genesis: &H256, seed: &H256, job: JobId) -> Option<Lot> {
		let ticket = lottery::ticket(&genesis.0.into(), &seed.0.into(), job);
		let signature = self.0.vrf_sign(&ticket);
		let number = lottery::number(&self.0.public(), &ticket, &signature)?;
		Some(Lot { ticket: signature.into(), number })
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use subxt_signer::{sr25519::Keypair, SecretUri};

	#[test]
	fn lots_are_drawn_with_the_key_that_signs_transactions() {
		for suri in
			["//Bob//worker", "0x0101010101010101010101010101010101010101010101010101010101010101"]
		{
			let signer = Keypair::from_uri(&suri.parse::<SecretUri>().unwrap()).unwrap();
			assert_eq!(Lots::from_suri(suri).unwrap().public(), signer.public_key().0);
		}
		assert!(Lots::from_suri("no key").is_err());
	}

	#[test]
	fn a_lot_is_one_number() {
		let lots = Lots::from_suri("//Bob//worker").unwrap();
		let draw = |seed, job| lots.draw(&H256([1; 32]), &H256([seed; 32]), job).unwrap().number;
		assert_eq!(draw(2, 3), draw(2, 3));
		assert!(draw(2, 3) != draw(2, 4) && draw(2, 3) != draw(3, 3));
	}
}
