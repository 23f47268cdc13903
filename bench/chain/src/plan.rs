// SPDX-License-Identifier: Apache-2.0
//! How much is measured.

/// Sizes and lengths of a run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
	/// Accounts that send transfers and post jobs.
	pub clients: usize,
	/// Providers. Equal ones, and so many that none has the share of all capacity from which it would have to disclose.
	pub providers: usize,
	/// Empty blocks that are weighed.
	pub empty_blocks: usize,
	/// Blocks full of transfers that are measured.
	pub transfer_blocks: usize,
	/// Blocks in which jobs are posted.
	pub job_blocks: u32,
	/// Whether the windows after the reveal are cut short, so that lives end within a minute.
	pub short_windows: bool,
}

impl Plan {
	/// About five minutes. The empty blocks are an epoch of the development chain, so that what is done once an epoch is
	/// among them.
	pub const FULL: Self = Self {
		clients: 500,
		providers: 1_000,
		empty_blocks: 30,
		transfer_blocks: 15,
		job_blocks: 40,
		short_windows: false,
	};

	/// About a minute.
	pub const QUICK: Self = Self {
		clients: 100,
		providers: 300,
		empty_blocks: 2,
		transfer_blocks: 3,
		job_blocks: 10,
		short_windows: true,
	};
}
