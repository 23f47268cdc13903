// SPDX-License-Identifier: Apache-2.0
//! Windows that governance sets, good and bad ones. The first of each is that of the genesis.

use calor_mock::*;
use calor_primitives::{money, BlockNumber};

pub fn job_windows(which: u8) -> pallet_jobs::Windows {
	let of = |[queue, accept, deliver, deliver_max, grace, retention]: [BlockNumber; 6]| {
		pallet_jobs::Windows { queue, accept, deliver, deliver_max, grace, retention }
	};
	of(match which {
		0 => [QUEUE, ACCEPT, DELIVER, 1_000, GRACE, RETENTION],
		1 => [3, 1, 1, 50, 1, 1],
		2 => [40, 10, 10, 1_000, 8, 60],
		3 => [10, 3, 5, 100, 3, 5],
		4 => [0, 5, 10, 1_000, 4, 30],
		_ => [20, 5, 10, 9, 4, 30],
	})
}

pub fn result_windows_of(which: u8) -> pallet_verification::Windows {
	let (reveal, challenge) =
		[(REVEAL, CHALLENGE), (1, 1), (20, 30), (60, 60), (0, 5), (5, 0)][which as usize];
	let windows =
		pallet_verification::Windows { reveal, challenge, ..calor_mock::result_windows() };
	match which {
		1 => pallet_verification::Windows {
			claim: 1,
			audit: 1,
			answer: 1,
			prove: 1,
			roster: 4,
			..windows
		},
		_ => windows,
	}
}

pub fn stake_windows(which: u8) -> (BlockNumber, BlockNumber) {
	[(UNBONDING, DEFERRAL), (51, 1), (19, 2), (300, 40), (100, 0), (18, 5)][which as usize]
}

pub fn provider_windows(which: u8) -> pallet_providers::Windows {
	let (heartbeat, offline, longest_wait) = [
		(HEARTBEAT, OFFLINE, LONGEST_WAIT),
		(5, 12, 20),
		(1, 2, 0),
		(10, 40, 1_000),
		(10, 15, 5),
		(10, 20, 70_000),
	][which as usize];
	pallet_providers::Windows { heartbeat, offline, longest_wait }
}

pub fn disclosure_windows(which: u8) -> pallet_disclosure::Windows {
	let (epoch, filing) =
		[(EPOCH, FILING), (1, 1), (5, 200), (30, 10), (0, 1), (1, 0)][which as usize];
	pallet_disclosure::Windows { epoch, filing }
}

pub fn money_windows(which: u8) -> pallet_burn_mint::Windows {
	let (epoch, refund_after) =
		[(REWARD_EPOCH, REFUND_AFTER), (1, 1), (3, 500), (60, 10), (0, 10), (10, 0)]
			[which as usize];
	pallet_burn_mint::Windows { epoch, refund_after }
}

pub fn market_rules_of(which: u8) -> pallet_market::Parameters {
	let rules = market_rules();
	match which {
		0 => rules,
		1 => pallet_market::Parameters { step: 1, refresh: 1, day: 1, twap: 1, ..rules },
		2 => pallet_market::Parameters { stale_after: 60_000, ..rules },
		3 => pallet_market::Parameters { step: 3, feed_pay: 60 * money::UNIT, ..rules },
		4 => pallet_market::Parameters { step: 0, ..rules },
		_ => pallet_market::Parameters { min_feeders: 2, ..rules },
	}
}
