// SPDX-License-Identifier: Apache-2.0

//! The JSON that `calor_` calls answer with.
//! Amounts (planck, or pico-USD where it says so) and multiply-accumulates are decimal strings, because JavaScript's numbers end at 2^53; hashes are
//! 0x-prefixed hex, accounts SS58; heights, job numbers and counts are numbers, shares numbers from 0 to 1. Names are the
//! runtime's, in camelCase.

mod dispute;
mod explain;
mod job;
mod market;
mod provider;
mod supply;

pub use dispute::Dispute;
pub use explain::Explained;
pub use job::{Job, JobNews};
pub use market::{Market, Match, Queue, QueueNews, Quote, Receipts};
pub use provider::{Group, Provider, RewardEstimate};
pub(crate) use supply::{burn_name, mint_name};
pub use supply::{Epoch, Purse, Supply};

use sp_runtime::Perbill;

/// A share as a number from 0 to 1. Its nine digits survive JavaScript.
fn share(part: Perbill) -> f64 {
	f64::from(part.deconstruct()) / f64::from(Perbill::one().deconstruct())
}

/// What the chain keeps as UTF-8.
fn text(bytes: &[u8]) -> String {
	String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn shares_keep_all_their_digits() {
		assert_eq!(share(Perbill::one()).to_string(), "1");
		assert_eq!(share(Perbill::from_percent(2)).to_string(), "0.02");
		assert_eq!(share(Perbill::from_parts(123_456_789)).to_string(), "0.123456789");
		assert_eq!(share(Perbill::from_parts(1)).to_string(), "0.000000001");
	}
}
