// SPDX-License-Identifier: Apache-2.0

//! How each pallet is set up, one file per concern.
//! These files know the pallets and the numbers of [`crate::constants`]; they hold no logic beyond small adapters.
//! Start with `system` (blocks and what calls are let through), then `consensus`, `money`.

pub mod accounts;
pub mod calor;
pub mod consensus;
pub mod governance;
pub mod money;
pub mod system;
pub mod verification;
