// SPDX-License-Identifier: Apache-2.0
//! Whether anybody can gain by buying its own work: [`search`] looks for the best way to do it, by the pallets' own
//! functions, and [`enact`] does on the pallets what it found.

mod enact;
mod search;

pub use enact::enact;
pub use search::search;
