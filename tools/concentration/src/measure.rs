// SPDX-License-Identifier: Apache-2.0
//! The coefficients, as exact fractions.

use num_bigint::BigUint;
use std::cmp::{Ordering, Reverse};

/// How many of the largest count as the top.
const TOP: usize = 10;

/// A fraction of whole numbers that are as large as they need to be.
#[derive(Clone, Debug)]
pub struct Fraction {
	part: BigUint,
	/// Not zero.
	whole: BigUint,
}

impl Fraction {
	/// `part` of `whole`; `None` if the whole is nothing.
	pub fn new(part: impl Into<BigUint>, whole: impl Into<BigUint>) -> Option<Self> {
		let (part, whole) = (part.into(), whole.into());
		(whole != BigUint::ZERO).then_some(Self { part, whole })
	}

	/// As a decimal number with so many places, rounded down.
	pub fn decimal(&self, places: usize) -> String {
		fixed(&self.part, &self.whole, places)
	}

	/// As a percentage with two places, rounded down.
	pub fn percent(&self) -> String {
		fixed(&(&self.part * 100u8), &self.whole, 2)
	}
}

/// A quotient with so many decimal places, rounded down.
fn fixed(part: &BigUint, whole: &BigUint, places: usize) -> String {
	let scale = (0..places).fold(BigUint::from(1u8), |scale, _| scale * 10u8);
	let digits = (part * scale / whole).to_string();
	let digits = format!("{digits:0>width$}", width = places + 1);
	match digits.split_at(digits.len() - places) {
		(whole, "") => whole.into(),
		(whole, decimals) => format!("{whole}.{decimals}"),
	}
}

impl PartialEq for Fraction {
	fn eq(&self, other: &Self) -> bool {
		self.cmp(other).is_eq()
	}
}

impl Eq for Fraction {}

impl PartialOrd for Fraction {
	fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
		Some(self.cmp(other))
	}
}

impl Ord for Fraction {
	fn cmp(&self, other: &Self) -> Ordering {
		(&self.part * &other.whole).cmp(&(&other.part * &self.whole))
	}
}

/// How unevenly something is spread over those who have any of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concentration {
	/// Who have any of it.
	pub holders: usize,
	/// All of it.
	pub total: BigUint,
	/// What the ten largest have together; all if there are fewer. `None` if nobody has anything.
	pub top: Option<Fraction>,
	/// The Gini coefficient: 0 if all have the same, near 1 if one of many has everything. `None` if nobody has anything.
	///
	/// With amounts `x_1 <= .. <= x_n` it is `sum((2 i - n - 1) x_i) / (n sum(x_i))`, which is half the mean difference
	/// between two holders, each with each and with itself, by the mean holding. So it is at most `1 - 1/n`.
	pub gini: Option<Fraction>,
	/// The Nakamoto coefficient: the fewest holders that together have more than half; 0 if nobody has anything.
	pub half: usize,
	/// The fewest holders that together have more than a third, which is what stops finality where it is stake.
	pub third: usize,
}

impl Concentration {
	/// Of these amounts. Who has nothing is no holder.
	pub fn of(amounts: impl IntoIterator<Item = u128>) -> Self {
		let mut amounts: Vec<u128> = amounts.into_iter().filter(|amount| *amount > 0).collect();
		amounts.sort_unstable_by_key(|amount| Reverse(*amount));
		let total = sum(&amounts);
		let top = &amounts[..TOP.min(amounts.len())];
		Self {
			holders: amounts.len(),
			top: Fraction::new(sum(top), total.clone()),
			gini: gini(&amounts, &total),
			half: fewest_above(&amounts, &total, 2),
			third: fewest_above(&amounts, &total, 3),
			total,
		}
	}
}

fn sum(amounts: &[u128]) -> BigUint {
	amounts.iter().fold(BigUint::ZERO, |sum, amount| sum + *amount)
}

/// Of amounts in descending order.
fn gini(descending: &[u128], total: &BigUint) -> Option<Fraction> {
	let count = BigUint::from(descending.len());
	let ranked = descending.iter().rev().zip(1u64..);
	let weighted =
		ranked.fold(BigUint::ZERO, |sum, (amount, rank)| sum + 2 * rank * BigUint::from(*amount));
	// Not negative: the mean of rank times amount is at least the product of the means where both ascend together.
	let differences = weighted - (&count + 1u8) * total;
	Fraction::new(differences, count * total)
}

/// How many of the largest it takes to have more than one part in `parts`, of amounts in descending order.
fn fewest_above(descending: &[u128], total: &BigUint, parts: u8) -> usize {
	let mut together = BigUint::ZERO;
	for (before, amount) in descending.iter().enumerate() {
		together += *amount;
		if &together * parts > *total {
			return before + 1;
		}
	}
	0
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::{collection::vec, prelude::*};

	fn of(amounts: &[u128]) -> Concentration {
		Concentration::of(amounts.iter().copied())
	}

	fn fraction(part: u64, whole: u64) -> Option<Fraction> {
		Fraction::new(part, whole)
	}

	#[test]
	fn nobody_has_no_shares() {
		for amounts in [&[][..], &[0, 0]] {
			let none = of(amounts);
			assert_eq!((none.holders, none.half, none.third), (0, 0, 0));
			assert_eq!((none.top, none.gini, none.total), (None, None, BigUint::ZERO));
		}
	}

	#[test]
	fn one_holder_has_everything_and_is_equal_to_itself() {
		let one = of(&[7]);
		assert_eq!((one.holders, one.half, one.third), (1, 1, 1));
		assert_eq!((one.top, one.gini), (fraction(1, 1), fraction(0, 1)));
	}

	#[test]
	fn equal_holders() {
		let equal = of(&[5; 100]);
		assert_eq!((equal.holders, equal.half, equal.third), (100, 51, 34));
		assert_eq!((equal.top, equal.gini), (fraction(1, 10), fraction(0, 1)));
		assert_eq!(of(&[5; 3]).third, 2, "one of three has a third, and not more");
		assert_eq!(of(&[5; 2]).half, 2, "one of two has half, and not more");
	}

	/// By hand: the differences of 1, 2, 3, 4, each with each and with itself, sum to 20 = 2 * 10, half their mean is
	/// 20 / 16 / 2 = 5/8, and the mean holding is 5/2.
	#[test]
	fn a_case_computed_by_hand() {
		let few = of(&[3, 1, 4, 0, 2]);
		assert_eq!((few.holders, few.gini), (4, fraction(1, 4)));
		assert_eq!((few.half, few.third), (2, 1));
		let amounts: Vec<u128> = (1..=12).collect();
		assert_eq!(of(&amounts).top, fraction(75, 78), "all but 1 and 2");
	}

	#[test]
	fn one_of_many_has_nearly_everything() {
		let mut amounts = vec![1; 999];
		amounts.push(u128::MAX);
		let one = of(&amounts);
		assert_eq!((one.half, one.third), (1, 1));
		assert_eq!(one.gini.unwrap().decimal(6), "0.998999", "just below 1 - 1/1000");
	}

	#[test]
	fn the_largest_amounts_do_not_overflow() {
		let most = of(&[u128::MAX; 1_000]);
		assert_eq!((most.half, most.third), (501, 334));
		assert_eq!((most.gini, most.top), (fraction(0, 1), fraction(1, 100)));
		assert_eq!(most.total, BigUint::from(u128::MAX) * 1_000u32);
	}

	#[test]
	fn fractions_are_written_rounded_down() {
		let two_thirds = fraction(2, 3).unwrap();
		assert_eq!(two_thirds.decimal(4), "0.6666");
		assert_eq!(two_thirds.decimal(0), "0");
		assert_eq!(two_thirds.percent(), "66.66");
		assert_eq!(fraction(1, 1).unwrap().percent(), "100.00");
		assert_eq!(fraction(0, 9).unwrap().decimal(2), "0.00");
		assert_eq!(fraction(1, 1_000).unwrap().decimal(3), "0.001");
		assert_eq!(fraction(1, 0), None);
	}

	/// Straight from the definition: half the mean absolute difference, by the mean.
	fn gini_by_definition(amounts: &[u128]) -> Option<Fraction> {
		let differences = amounts.iter().flat_map(|a| amounts.iter().map(|b| a.abs_diff(*b)));
		let differences = differences.fold(BigUint::ZERO, |sum, difference| sum + difference);
		Fraction::new(differences, 2u8 * BigUint::from(amounts.len()) * sum(amounts))
	}

	fn amount() -> impl Strategy<Value = u128> {
		prop_oneof![1..100u128, 1..=u128::MAX, Just(1), Just(u128::MAX)]
	}

	proptest! {
		#[test]
		fn it_is_what_the_definitions_say(amounts in vec(amount(), 1..40)) {
			let found = of(&amounts);
			prop_assert_eq!(&found.gini, &gini_by_definition(&amounts));
			prop_assert!(found.gini < Fraction::new(1u8, 1u8));
			prop_assert!(found.top <= Fraction::new(1u8, 1u8));
			prop_assert!(1 <= found.third && found.third <= found.half && found.half <= amounts.len());
			let mut sorted = amounts.clone();
			sorted.sort_unstable();
			let largest = |count: usize| sum(&sorted[sorted.len() - count..]);
			for (fewest, parts) in [(found.half, 2u8), (found.third, 3)] {
				prop_assert!(largest(fewest) * parts > found.total);
				prop_assert!(largest(fewest - 1) * parts <= found.total);
			}
		}

		#[test]
		fn order_does_not_matter(mut amounts in vec(amount(), 0..40)) {
			let before = of(&amounts);
			amounts.reverse();
			prop_assert_eq!(before, of(&amounts));
		}

		/// Neither does the size of the unit.
		#[test]
		fn only_proportions_matter(amounts in vec(0..u128::MAX / 1_000, 0..40), factor in 1..1_000u128) {
			let scaled: Vec<u128> = amounts.iter().map(|amount| amount * factor).collect();
			let (found, scaled) = (of(&amounts), of(&scaled));
			prop_assert_eq!((found.gini, found.top), (scaled.gini, scaled.top));
			prop_assert_eq!((found.half, found.third), (scaled.half, scaled.third));
		}

		/// The same spread over a population several times as large has the same Gini coefficient.
		#[test]
		fn gini_does_not_depend_on_how_many_they_are(amounts in vec(amount(), 1..20), times in 1..5usize) {
			prop_assert_eq!(of(&amounts).gini, of(&amounts.repeat(times)).gini);
		}

		/// If everybody splits into equal parts, all are as unequal as before, but it takes more of them for anything.
		#[test]
		fn whoever_splits_looks_smaller(amounts in vec(1..u128::MAX / 8, 1..20), parts in 2..8u128) {
			let whole: Vec<u128> = amounts.iter().map(|amount| amount * parts).collect();
			let split: Vec<u128> = amounts.iter().flat_map(|a| vec![*a; parts as usize]).collect();
			let (whole, split) = (of(&whole), of(&split));
			prop_assert_eq!(whole.gini, split.gini);
			prop_assert!(split.top <= whole.top);
			prop_assert!(split.half >= whole.half && split.third >= whole.third);
		}

		/// One holder splits in two, evenly or not. Gini may go either way: two who are equal, one of whom splits, are
		/// three who are not.
		#[test]
		fn one_split_never_adds_to_the_top(amounts in vec(2..=u128::MAX, 1..30), which in any::<prop::sample::Index>(), at in any::<u128>()) {
			let which = which.index(amounts.len());
			let part = 1 + at % (amounts[which] - 1);
			let mut split = amounts.clone();
			split[which] -= part;
			split.push(part);
			let (whole, split) = (of(&amounts), of(&split));
			prop_assert_eq!(split.holders, whole.holders + 1);
			prop_assert!(split.top <= whole.top);
			prop_assert!(split.half >= whole.half && split.third >= whole.third);
		}

		/// What the richer gives the poorer, until they are equal, lowers the coefficient.
		#[test]
		fn giving_to_the_poorer_lowers_gini(amounts in vec(1..=u128::MAX, 2..30), at in any::<u128>()) {
			let mut sorted = amounts;
			sorted.sort_unstable();
			let (first, last) = (0, sorted.len() - 1);
			let most = (sorted[last] - sorted[first]) / 2;
			prop_assume!(most > 0);
			let gift = 1 + at % most;
			let before = of(&sorted);
			sorted[first] += gift;
			sorted[last] -= gift;
			let after = of(&sorted);
			prop_assert!(after.gini < before.gini);
			prop_assert!(after.top <= before.top);
			prop_assert!(after.half >= before.half);
		}
	}
}
