// SPDX-License-Identifier: Apache-2.0
//! Does on the pallets what the search found, and compares to the planck.

use super::search::{Case, TRANSACTIONS};
use crate::{fees::FEE, scale::planck};
use calor_mock::{
	account, advance, by, epoch, ext_of, genesis as mock_genesis, is_closing, reserve,
	set_attested, Balances, BurnMint, Runtime, RuntimeHoldReason, CAL_USD,
};
use calor_primitives::{
	job::HardwareClass,
	money::{settlement_burn, Price, MIN_JOB_PRICE, SUBMISSION_FEE, UNIT},
	traits::{Credits, Settlement},
	AccountId, Balance,
};
use frame_support::{
	assert_ok,
	traits::fungible::{hold::Mutate as _, Inspect},
};
use pallet_burn_mint::kappa;

const ESCROW: RuntimeHoldReason = RuntimeHoldReason::Jobs(pallet_jobs::HoldReason::Escrow);

/// Spends as many credits on a job as it takes in the end, and settles it.
fn settle(
	client: &AccountId,
	provider: &AccountId,
	terms: Price,
	levy: Balance,
	class: HardwareClass,
) {
	let escrow = terms.price + levy;
	assert_ok!(<BurnMint as Credits>::spend(client, escrow));
	assert_ok!(Balances::hold(&ESCROW, client, escrow));
	assert_ok!(<BurnMint as Settlement<RuntimeHoldReason>>::settle(
		&ESCROW, client, provider, terms, levy, class,
	));
}

/// Most that all work of an epoch costs here, in CAL at a dollar each: less than the baseline can be.
const MOST_WORK: f64 = 300e3;

/// Carries out a case, with a smaller price if there are not enough tokens for all the work of such an epoch, and gives
/// what the attacker has more than before without what authors and auditors of its own would have brought in: as
/// predicted, and as found; in planck.
pub fn enact(case: &Case) -> (i128, i128) {
	let most = planck(MOST_WORK * case.part);
	let case = &Case { price: case.price.min(most).max(MIN_JOB_PRICE), ..*case };
	let outcome = case.outcome();
	let predicted = (outcome.paid + outcome.recycled) as i128 - outcome.spent as i128;
	let found = ext_of(mock_genesis::genesis()).execute_with(|| {
		let (client, provider) = (account("washer's client"), account("washer"));
		let (other_client, other) = (reserve(), account("bob"));
		if case.attested {
			set_attested("washer");
		}
		let funds = 3 * case.price + 10 * UNIT;
		for who in [&client, &provider] {
			assert_ok!(Balances::transfer_keep_alive(by(&reserve()), who.clone(), funds));
		}
		let wealth = || Balances::total_balance(&client) + Balances::total_balance(&provider);
		let (price, withheld) = outcome.terms;
		let levy = outcome.payment.levy;
		let before = wealth();
		settle(&client, &provider, Price { price, withheld }, levy, case.class);
		// Others work as well, so that the attacker's part is what it wants it to be.
		let rest = outcome.burned - outcome.payment.burned;
		let class = HardwareClass::General;
		let theirs = settlement_burn(class).saturating_reciprocal_mul_floor(rest);
		if theirs > 0 {
			let terms = Price { price: theirs, withheld: 0 };
			settle(&other_client, &other, terms, 0, class);
		}
		let work = kappa::value(price + theirs, Some(CAL_USD));
		// All levels up to 1 are alike.
		let baseline = (work as f64 / case.level.max(1e-9)).min(kappa::WORK_MOST as f64) as u128;
		pallet_burn_mint::BaselineWork::<Runtime>::put(baseline);
		let ending = epoch();
		while epoch() == ending || is_closing() {
			advance(1);
		}
		// A job may have burned too little for a planck to come back.
		let _ = BurnMint::claim(by(&provider));
		wealth() as i128 - before as i128
	});
	(predicted, found - (SUBMISSION_FEE + TRANSACTIONS * FEE) as i128)
}
