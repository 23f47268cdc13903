// SPDX-License-Identifier: Apache-2.0

//! What runs once when a new runtime takes over.
//! `SingleBlock` runs within the first block; `MultiBlock` in steps over many, while the chain takes no transactions.
//! Add a migration here and remove it in the release after; leave a line in the changelog.

/// Migrations short enough to run in one block.
pub type SingleBlock = ();

/// Migrations that walk a map of unknown size.
#[cfg(not(feature = "runtime-benchmarks"))]
pub type MultiBlock = ();
/// The benchmarks of pallet-migrations want migrations that are known to succeed.
#[cfg(feature = "runtime-benchmarks")]
pub type MultiBlock = pallet_migrations::mock_helpers::MockedMigrations;
