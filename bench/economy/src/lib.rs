// SPDX-License-Identifier: Apache-2.0
//! Ten years of the economy on the real pallets, natively in the runtime of the stories (`pallets/mock`): no model of them,
//! but their own calls and hooks, with all invariants checked after every day.
//!
//! [`scenario`] says what a scenario is and runs it (start here), [`scenarios`] has one a file, [`sybil`] compares runs
//! that differ only in how capacity is divided. [`world`] goes from hour to hour: [`market`] submits jobs, buys, sells
//! and feeds, [`work`] does what workers do. [`scale`] says what a block and a multiply-accumulate stand for, [`genesis`]
//! and [`people`] with what all begins. [`complaints`] hears what pallets say
//! "cannot happen". [`history`] is what is written down of a day, which [`table`] prints and
//! [`charts`] draws. [`washing`] looks for the best way to buy one's own work.

pub mod charts;
pub mod complaints;
pub mod fees;
pub mod genesis;
pub mod history;
pub mod market;
pub mod people;
pub mod programs;
pub mod rng;
pub mod scale;
pub mod scenario;
pub mod scenarios;
pub mod sybil;
pub mod table;
pub mod washing;
pub mod work;
pub mod world;
