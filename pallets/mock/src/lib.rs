// SPDX-License-Identifier: Apache-2.0
//! All pallets in one small runtime ([`runtime`]), and a [`Market`] to tell stories in ([`market`]).
//!
//! Invariants are checked after every block and at the end of every story. The tests of all pallets live in `tests/`,
//! one file a topic.

pub mod market;
pub mod runtime;

pub use market::*;
pub use runtime::*;
