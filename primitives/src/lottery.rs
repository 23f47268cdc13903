// SPDX-License-Identifier: Apache-2.0
//! Who may audit a result: a lottery that everybody draws alone and anybody can check.
//!
//! The seed is the randomness of the block after the commit, so the worker does not know it when it commits. An auditor with
//! a share `w` of all auditors' stake signs seed and job by VRF; it is drawn if the signature's number lies below
//! `1 - (1 - p)^w`. Stake that is split is drawn as often as stake in one hand, and together all are drawn with
//! probability `p`.

use crate::{Balance, JobId, H256};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{crypto::VrfPublic as _, sr25519, U256};
use sp_runtime::Perbill;

/// What the number is made for.
const CONTEXT: &[u8] = b"calor/audit/number/1";

/// What an auditor signs.
pub fn ticket(genesis: &H256, seed: &H256, job: JobId) -> sr25519::vrf::VrfSignData {
	let data: [(&'static [u8], &[u8]); 3] = [
		(b"genesis", genesis.as_bytes()),
		(b"seed", seed.as_bytes()),
		(b"job", &job.to_le_bytes()),
	];
	sr25519::vrf::VrfTranscript::new(b"calor/audit/1", &data).into_sign_data()
}

/// A signature over what an auditor signs, as calls carry it.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Ticket {
	/// The point from which the number is made.
	pub pre_output: [u8; 32],
	/// Shows that the point follows from key and message.
	pub proof: [u8; 64],
}

impl From<sr25519::vrf::VrfSignature> for Ticket {
	fn from(signature: sr25519::vrf::VrfSignature) -> Self {
		Self { pre_output: signature.pre_output.0.to_bytes(), proof: signature.proof.0.to_bytes() }
	}
}

impl Ticket {
	/// The signature, if the bytes can be one.
	pub fn signature(&self) -> Option<sr25519::vrf::VrfSignature> {
		sr25519::vrf::VrfSignature::decode(&mut self.encode().as_slice()).ok()
	}

	/// The number that `key` has drawn with it for a result; `None` if it is not that key's signature over just this.
	pub fn drawn(
		&self,
		key: &sr25519::Public,
		genesis: &H256,
		seed: &H256,
		job: JobId,
	) -> Option<u64> {
		let signature = self.signature()?;
		let message = ticket(genesis, seed, job);
		key.vrf_verify(&message, &signature).then(|| number(key, &message, &signature)).flatten()
	}
}

/// The number of a signature, uniform below 2^64. The signature must have been verified; `None` if its point is none.
pub fn number(
	key: &sr25519::Public,
	ticket: &sr25519::vrf::VrfSignData,
	signature: &sr25519::vrf::VrfSignature,
) -> Option<u64> {
	let bytes = key.make_bytes::<8>(CONTEXT, ticket.as_ref(), &signature.pre_output).ok()?;
	Some(u64::from_le_bytes(bytes))
}

/// The number that a key will have drawn, without the proof: for an auditor, that looks at every result, a part of the work.
#[cfg(feature = "std")]
pub fn own_number(pair: &sr25519::Pair, ticket: &sr25519::vrf::VrfSignData) -> u64 {
	u64::from_le_bytes(pair.make_bytes::<8>(CONTEXT, ticket.as_ref()))
}

/// One in the fixed-point numbers here.
const ONE: u128 = 1 << 64;
/// Terms of the two series. At the rate of audits each term of the first is an eighth of the one before, each of the second
/// a tenth or less.
const TERMS: u128 = 40;

/// `a b / 2^64`, rounded down, of numbers up to 2^66.
fn times(a: u128, b: u128) -> u128 {
	let U256([_, low, high, _]) = U256::from(a).saturating_mul(U256::from(b));
	u128::from(high) << 64 | u128::from(low)
}

/// `-ln(1 - p)` for `p` up to a half, in units of 2^-64, rounded down.
fn minus_ln_of_rest(rate: Perbill) -> u128 {
	let p = u128::from(rate.deconstruct())
		.saturating_mul(ONE)
		.checked_div(u128::from(Perbill::one().deconstruct()))
		.unwrap_or(0);
	let (mut power, mut sum) = (ONE, 0u128);
	for k in 1..=TERMS {
		power = times(power, p);
		sum = sum.saturating_add(power.checked_div(k).unwrap_or(0));
	}
	sum
}

/// `1 - (1 - p)^(stake / total)` as a number below 2^64: an auditor is drawn if its number is lower. `rate` up to a half;
/// with a higher one, or with all the stake and a rate of 1, everybody is drawn. Nobody is without stake.
pub fn threshold(rate: Perbill, stake: Balance, total: Balance) -> u64 {
	if stake == 0 || total == 0 || rate.is_zero() {
		return 0;
	}
	if rate > Perbill::from_percent(50) {
		return u64::MAX;
	}
	let share = sp_runtime::helpers_128bit::multiply_by_rational_with_rounding(
		ONE,
		stake.min(total),
		total,
		sp_runtime::Rounding::Down,
	);
	let x = times(minus_ln_of_rest(rate), share.unwrap_or(ONE));
	// 1 - e^-x = x - x^2/2 + x^3/6 - ..
	let (mut term, mut plus, mut minus) = (ONE, 0u128, 0u128);
	for k in 1..=TERMS {
		term = times(term, x).checked_div(k).unwrap_or(0);
		if k % 2 == 1 {
			plus = plus.saturating_add(term);
		} else {
			minus = minus.saturating_add(term);
		}
	}
	u64::try_from(plus.saturating_sub(minus)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::assurance::Assurance;
	use sp_core::crypto::{Pair as _, VrfSecret};

	fn exact(p: f64, share: f64) -> f64 {
		1.0 - (1.0 - p).powf(share)
	}

	#[test]
	fn thresholds_are_those_of_the_formula() {
		let rate = Assurance::Optimistic.audit_rate();
		for (stake, total) in
			[(1, 1), (1, 2), (1, 1_000), (999, 1_000), (3, 7), (u128::MAX / 3, u128::MAX)]
		{
			let found = threshold(rate, stake, total) as f64 / 2f64.powi(64);
			let expected = exact(0.125, stake as f64 / total as f64);
			assert!((found - expected).abs() < 1e-14, "{stake}/{total}: {found} for {expected}");
		}
		assert_eq!(threshold(rate, 0, 5), 0);
		assert_eq!(threshold(rate, 5, 0), 0);
		assert_eq!(threshold(rate, 9, 5), threshold(rate, 5, 5), "no more than all");
		assert_eq!(threshold(Perbill::one(), 1, 5), u64::MAX);
		assert_eq!(threshold(Perbill::zero(), 1, 5), 0);
	}

	#[test]
	fn splitting_stake_changes_nothing() {
		let rate = Assurance::Optimistic.audit_rate();
		let miss = |stake| 1.0 - threshold(rate, stake, 1_000) as f64 / 2f64.powi(64);
		for parts in [2u128, 5, 100] {
			let together = miss(600);
			let apart = miss(600 / parts).powi(parts as i32);
			assert!((together - apart).abs() < 1e-12, "{parts} parts: {apart} for {together}");
		}
	}

	#[test]
	fn a_ticket_is_checked_by_anybody_and_bound_to_everything() {
		let pair = sr25519::Pair::from_seed(&[7; 32]);
		let (genesis, seed) = (H256([1; 32]), H256([2; 32]));
		let mine = ticket(&genesis, &seed, 3);
		let signature = pair.vrf_sign(&mine);
		assert!(pair.public().vrf_verify(&mine, &signature));
		let drawn = number(&pair.public(), &mine, &signature);
		assert_eq!(
			drawn,
			number(&pair.public(), &mine, &pair.vrf_sign(&mine)),
			"one number a ticket"
		);
		for other in [
			ticket(&H256([9; 32]), &seed, 3),
			ticket(&genesis, &H256([9; 32]), 3),
			ticket(&genesis, &seed, 4),
		] {
			assert!(!pair.public().vrf_verify(&other, &signature));
		}
	}

	#[test]
	fn a_ticket_travels_as_bytes_and_draws_the_same_number() {
		let pair = sr25519::Pair::from_seed(&[7; 32]);
		let (genesis, seed) = (H256([1; 32]), H256([2; 32]));
		let message = ticket(&genesis, &seed, 3);
		let signature = pair.vrf_sign(&message);
		let number = number(&pair.public(), &message, &signature);
		let ticket = Ticket::from(signature);
		let decoded = Ticket::decode(&mut ticket.encode().as_slice()).unwrap();
		assert_eq!(decoded.drawn(&pair.public(), &genesis, &seed, 3), number);
		assert_eq!(number, Some(own_number(&pair, &message)), "known before it is signed");
		assert!(number.is_some());
		let other = sr25519::Pair::from_seed(&[8; 32]).public();
		assert_eq!(decoded.drawn(&other, &genesis, &seed, 3), None);
		assert_eq!(decoded.drawn(&pair.public(), &genesis, &seed, 4), None);
		for wrong in [
			Ticket { pre_output: [0xff; 32], ..ticket },
			Ticket { proof: [0xff; 64], ..ticket },
			Ticket { pre_output: [0; 32], proof: [0; 64] },
		] {
			assert_eq!(wrong.drawn(&pair.public(), &genesis, &seed, 3), None);
		}
	}

	#[test]
	fn numbers_are_drawn_as_often_as_the_rate_says() {
		let rate = Assurance::Optimistic.audit_rate();
		let (genesis, seed) = (H256([1; 32]), H256([2; 32]));
		// Four auditors with a tenth to four tenths of the stake; an audit takes place if any is drawn.
		let auditors: Vec<_> = (1..=4u8).map(|i| (sr25519::Pair::from_seed(&[i; 32]), i)).collect();
		let jobs = 400u64;
		let audited = (0..jobs).filter(|job| {
			auditors.iter().any(|(pair, stake)| {
				let ticket = ticket(&genesis, &seed, *job);
				let number = number(&pair.public(), &ticket, &pair.vrf_sign(&ticket));
				number.is_some_and(|n| n < threshold(rate, u128::from(*stake), 10))
			})
		});
		// Binomial(400, 1/8): mean 50, standard deviation 6.6; within four of them.
		let audited = audited.count() as i64;
		assert!((audited - 50).abs() < 27, "{audited} of {jobs}");
	}
}
