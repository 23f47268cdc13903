// SPDX-License-Identifier: Apache-2.0
//! What an epoch brings: to who was there, to who worked, to who made blocks, and to the treasury.

use calor_mock::*;
use calor_primitives::{
	money::{floor_of, BurnKind, MintKind},
	supply::Reward,
	Balance,
};
use frame_support::{assert_noop, assert_ok};
use pallet_burn_mint::{Burned, Minted};
use sp_runtime::Perbill;

const CAPACITY: u64 = 1_000_000_000_000;

#[test]
fn an_epoch_pays_for_being_there_for_work_and_for_blocks() {
	Story::tell_long(|m| {
		m.provider("bob");
		prove("bob", CAPACITY);
		m.close_epoch();
		let of = epoch();
		author("frank");
		let job = m.submit("alice");
		m.deliver(job);
		advance(CHALLENGE + 1);
		let burned = payment(job).burned;
		assert_eq!(burned, Burned::<Runtime>::get(BurnKind::Settlement));
		let report = m.close_epoch();
		// Nobody attested bob: he gets half of what could be recycled, and of what there is for being there.
		assert_eq!(report.kappa, Perbill::from_percent(90));
		assert_eq!((report.work, report.work_burned), (PRICE, burned));
		let work = floor_of(report.kappa, burned) / 2;
		let availability = report.providers_limit / 2;
		assert!(availability > 0);
		assert_eq!(reward("bob", of), Reward { availability, work });
		assert_eq!((report.providers, report.recycled), (availability, work));
		let budget = report.budget.simple + report.budget.baseline;
		assert_eq!(reward("frank", of), Reward { availability: budget / 5, work: 0 });
		assert_eq!(report.treasury, budget / 20);
		let drawn = report.drawn.simple + report.drawn.baseline;
		assert_eq!(drawn, availability + budget / 5 + budget / 20);

		let before = (issuance(), Minted::<Runtime>::get(MintKind::Availability));
		let bob = claim("bob");
		let earlier = claim("frank");
		assert_eq!(earlier, budget / 5);
		assert_eq!(issuance(), before.0 + bob + earlier);
		assert_eq!(Minted::<Runtime>::get(MintKind::Work), work);
		assert!(Minted::<Runtime>::get(MintKind::Availability) > before.1 + availability);
		let again = try_claim("bob");
		assert_noop!(again, pallet_burn_mint::Error::<Runtime>::NothingToClaim);
	});
}

#[test]
fn anyone_may_claim_for_others_who_get_what_is_theirs() {
	Story::tell_long(|m| {
		let of = epoch();
		author("frank");
		author("dave");
		let report = m.close_epoch();
		let each: Balance = report.validators / 2;
		let before = (wealth("frank"), wealth("dave"), wealth("eve"), wealth_of_treasury());
		let claims = [account("frank"), account("eve"), Treasury::get(), account("dave")];
		let claims: Vec<_> = claims.into_iter().map(|who| (who, of)).collect();
		let claims: pallet_burn_mint::Claims = claims.try_into().unwrap();
		assert_ok!(BurnMint::claim_for(by(&account("eve")), claims.clone()));
		assert_eq!(wealth("frank"), before.0 + each);
		assert_eq!(wealth("dave"), before.1 + each);
		assert_eq!(wealth("eve"), before.2);
		assert_eq!(wealth_of_treasury(), before.3 + report.treasury);
		let again = BurnMint::claim_for(by(&account("eve")), claims);
		assert_noop!(again, pallet_burn_mint::Error::<Runtime>::NothingToClaim);
	});
}

fn wealth_of_treasury() -> Balance {
	Balances::free_balance(Treasury::get())
}

/// Whoever buys its own work, and is client, provider and author of its own group, has less than before.
#[test]
fn working_for_oneself_does_not_pay() {
	Story::tell_long(|m| {
		m.provider("bob");
		set_attested("bob");
		let before = wealth("bob");
		for _ in 0..3 {
			let job = m.submit("bob");
			m.deliver(job);
			advance(CHALLENGE + 1);
		}
		m.close_epoch();
		m.close_epoch();
		let back = claim("bob");
		let burned = 3 * PRICE / 5;
		assert!(back <= floor_of(Perbill::from_percent(90), burned));
		let escrow = PRICE + LEVY;
		let fees = 3 * calor_primitives::money::SUBMISSION_FEE;
		let spent = purchase_burn(escrow) * 3 + burned + 3 * LEVY + fees;
		assert_eq!(wealth("bob"), before - spent + back);
		assert!(wealth("bob") < before);
	});
}
