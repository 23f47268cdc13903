// SPDX-License-Identifier: Apache-2.0
//! Stories of the market alone. What is computed is tested beside it; here is what follows from it over time.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "tests may panic")]

mod control;
mod governance;
mod income;
mod oracle;
mod quotes;
