// SPDX-License-Identifier: Apache-2.0
//! What a settlement moves, burns and writes down.

use super::mock::*;
use crate::*;
use calor_primitives::money::{Price, UNIT};

fn burned(kind: BurnKind) -> Balance {
	Burned::<Runtime>::get(kind)
}

#[test]
fn a_price_is_paid_burned_and_written_down() {
	chain(|| {
		let (client, provider, pot) = (free("alice"), free("bob"), free("audits"));
		let payment = settle_at("alice", "bob", Price { price: 10 * UNIT, withheld: UNIT }, 3);
		assert_eq!((payment.burned, payment.withheld, payment.levy), (2 * UNIT, UNIT, 3));
		assert_eq!(client - free("alice"), 10 * UNIT + 3);
		assert_eq!(free("bob") - provider, 7 * UNIT);
		assert_eq!(free("audits") - pot, 3);
		assert_eq!(burned(BurnKind::Settlement), 2 * UNIT);
		assert_eq!(burned(BurnKind::Withheld), UNIT);
		// What is withheld is not recycled.
		assert_eq!(Worked::<Runtime>::get(0, account("bob")), 2 * UNIT);
		assert_eq!(WorkOf::<Runtime>::get(0), Work { price: 10 * UNIT, burned: 2 * UNIT });
		settle("carol", "bob", 5 * UNIT);
		assert_eq!(Worked::<Runtime>::get(0, account("bob")), 3 * UNIT);
	});
}

#[test]
fn a_settlement_of_nothing_writes_nothing() {
	chain(|| {
		let payment = settle("alice", "bob", 0);
		assert_eq!(payment.total(), 0);
		assert!(Worked::<Runtime>::iter().next().is_none());
		assert!(WorkOf::<Runtime>::iter().next().is_none());
		assert!(Burned::<Runtime>::iter().next().is_none());
	});
}

#[test]
fn work_of_an_account_that_does_not_exist_is_not_counted() {
	chain(|| {
		// All that the burn leaves is withheld, so nothing reaches the account.
		settle_at("alice", "nobody", Price { price: 10, withheld: 10 }, 0);
		assert!(Worked::<Runtime>::iter().next().is_none());
	});
}
