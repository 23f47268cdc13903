// SPDX-License-Identifier: Apache-2.0
//! Units: what a block and a multiply-accumulate of the simulation stand for, and how to read amounts.
//!
//! A block stands for an hour, so that an epoch, which is a day, has 24. A multiply-accumulate (MAC) of a job stands for
//! 450,000 real ones, since a few jobs a day stand for all work of the network, and the chain bounds the size of a job.
//! The pallets take a block for two seconds where they reckon with capacity, 1,800 times shorter than what it stands for;
//! so a MAC a second stands for 450,000 / 1,800 = 250. Prices and energy per CU are 450,000 times the real ones in
//! return, and the baseline of capacity a 250th. All amounts of money are then the real ones.

use calor_mock::BLOCK_MS;
use calor_primitives::{money::UNIT, Balance, BlockNumber};

/// Blocks in a day, which is a reward epoch and a day of the market.
pub const DAY: BlockNumber = 24;
/// Milliseconds that a block stands for.
pub const HOUR_MS: u64 = 3_600_000;
/// Real MAC that one of a job stands for.
pub const MAC_SCALE: u64 = 450_000;
/// Real MAC a second that one of a provider stands for.
pub const RATE_SCALE: u64 = MAC_SCALE / (HOUR_MS / BLOCK_MS);

/// USD as the chain writes it.
pub fn pico(usd: f64) -> u128 {
	(usd * 1e12).round() as u128
}

/// USD from pico-USD.
pub fn usd(pico: u128) -> f64 {
	pico as f64 / 1e12
}

/// CAL from planck, for showing.
pub fn cal(planck: Balance) -> f64 {
	planck as f64 / UNIT as f64
}

/// CAL from a difference in planck, for showing.
pub fn cal_signed(planck: i128) -> f64 {
	planck as f64 / UNIT as f64
}

/// Planck from CAL.
pub fn planck(cal: f64) -> Balance {
	(cal.max(0.0) * UNIT as f64) as Balance
}

/// A real capacity in MAC/s as the simulation has it.
pub fn scaled(mac_per_second: f64) -> u64 {
	(mac_per_second / RATE_SCALE as f64) as u64
}

/// A capacity of the simulation as it really is, in MAC/s.
pub fn real(mac_per_second: u128) -> f64 {
	mac_per_second as f64 * RATE_SCALE as f64
}

/// What so many MAC of jobs really are in CU.
pub fn real_cu(mac: u128) -> f64 {
	mac as f64 * MAC_SCALE as f64 / 1e12
}

/// A price per CU of the simulation as it really is, in USD.
pub fn per_real_cu(pico: u128) -> f64 {
	usd(pico) / MAC_SCALE as f64
}

/// A real price per CU in USD as the simulation has it, in pico-USD.
pub fn per_scaled_cu(usd: f64) -> u128 {
	pico(usd * MAC_SCALE as f64)
}

/// MAC of jobs that a capacity of the simulation does in that many blocks.
pub fn mac_in(mac_per_second: u64, blocks: BlockNumber) -> u64 {
	mac_per_second.saturating_mul(BLOCK_MS / 1_000).saturating_mul(u64::from(blocks))
}
