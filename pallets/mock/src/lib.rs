// SPDX-License-Identifier: Apache-2.0
//! All pallets in one small runtime ([`runtime`]), and a [`Story`] to be told in it ([`story`], with money in [`money`] and
//! disputes in [`mod@dispute`]) on a chain that begins as [`genesis`] says.
//!
//! Invariants are checked after every block and at the end of every story. The tests of all pallets live in `tests/`,
//! one file a topic.

pub mod dispute;
pub mod genesis;
pub mod money;
pub mod runtime;
pub mod story;

pub use dispute::*;
pub use genesis::*;
pub use money::*;
pub use runtime::*;
pub use story::*;
