// SPDX-License-Identifier: Apache-2.0
//! How evenly tokens, stake and capacity are spread: the part of the ten largest, the Gini coefficient, and the Nakamoto
//! coefficient, at one final block.
//!
//! [`measure`] is arithmetic and knows nothing of chains; [`census`] reads one; [`report`] writes. All figures are exact
//! fractions of whole numbers and are rounded only when they are written, downwards.
//!
//! A chain knows accounts, not people. Whoever spreads money over many accounts looks like many holders, so every figure
//! is the least that concentration can be. Capacity is counted by owner group for that reason: there, identities say
//! which accounts belong together.

pub mod census;
pub mod measure;
pub mod report;

pub use census::{Census, Error};
pub use measure::{Concentration, Fraction};
