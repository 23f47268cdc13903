// SPDX-License-Identifier: Apache-2.0
//! Why a job is where it is, and what would make it match.

use crate::{
	job::{CloseReason, HardwareClass},
	AccountId, Balance, BlockNumber, JobId,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use sp_runtime::Perbill;

/// What a job asks of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Demand {
	/// Hardware class.
	pub class: HardwareClass,
	/// Free stake in planck.
	pub earmark: Balance,
	/// Device memory in MiB.
	pub memory_mib: u32,
	/// What it pays for the computation, in planck.
	pub price: Balance,
}

/// How the providers of a class that wait for a job meet a demand. A provider may fail it in several ways at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Supply {
	/// Providers that wait.
	pub ready: u32,
	/// Those of them that could take the job now.
	pub fit: u32,
	/// Those with too little free stake.
	pub short_of_stake: u32,
	/// The most that any of them has free, in planck.
	pub most_free_stake: Balance,
	/// Those with too little memory.
	pub short_of_memory: u32,
	/// The most that any of them has, in MiB.
	pub most_memory_mib: u32,
	/// Those that ask for more than the job pays.
	pub too_dear: u32,
	/// The least that any of them asks for, in planck.
	pub least_min_price: Option<Balance>,
	/// Those whose owner group owes a disclosure.
	pub barred: u32,
	/// Those whose group has failed or declined this job.
	pub failed_before: u32,
}

/// Where a job stands, and for what it waits.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum Why {
	/// It takes outputs of these jobs, which are not there yet.
	ParentsOpen(Vec<JobId>),
	/// It was queued in this very block, and its provider is drawn by the randomness of the next.
	TooYoung {
		/// Height from which it may be assigned.
		from: BlockNumber,
	},
	/// No provider of its class waits for a job.
	NobodyReady,
	/// Providers wait, and none of them may take it: see the supply.
	NobodyFits,
	/// Providers wait that may take it; it will be drawn for when its turn comes.
	AwaitsTurn,
	/// The provider has not accepted yet.
	AwaitsAcceptance {
		/// Owner account of the provider.
		provider: AccountId,
		/// Last height for that.
		by: BlockNumber,
	},
	/// The provider computes.
	Computes {
		/// Owner account of the provider.
		provider: AccountId,
		/// Last height for the commit at the full price.
		by: BlockNumber,
		/// Last height for the commit.
		late_by: BlockNumber,
	},
	/// The provider is bound to a result and has not shown it yet.
	AwaitsReveal {
		/// Owner account of the provider.
		provider: AccountId,
		/// Last height for that.
		by: BlockNumber,
	},
	/// Others that run the same independently are not as far: it can be revealed only after all have committed, and paid only
	/// with all of them.
	ReplicasOpen(Vec<JobId>),
	/// The result is public and can be challenged.
	Challengeable {
		/// Height at which it is paid.
		settles_at: BlockNumber,
	},
	/// Its deadline has passed: the chain moves it on as soon as a block has room, and anyone may by `jobs.expire`.
	Overdue,
	/// It was paid.
	Paid,
	/// It ended without a result.
	Closed(CloseReason),
}

/// An answer to "why?".
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Explanation {
	/// The reason.
	pub why: Why,
	/// What the job asks of a provider.
	pub demand: Demand,
	/// How that is met now; while the job is queued only.
	pub supply: Option<Supply>,
}

/// What a provider may expect to earn. From jobs by what it claims to be able to do, for being there by what it has shown.
/// Nothing here is promised: jobs come by lot, and the next epoch may have more capacity to share with.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct RewardEstimate {
	/// Capacity that it claims, in multiply-accumulates per second.
	pub mac_per_second: u64,
	/// Price of a compute unit (10^12 multiply-accumulates) of its class, in planck; 0 while nothing can be quoted.
	pub price_per_cu: Balance,
	/// What of a price reaches the provider at settlement: the rest is burned, and withheld where the price stands above
	/// its average.
	pub provider_share: Perbill,
	/// Providers of the class at work among those that work or wait.
	pub utilisation: Perbill,
	/// Part of its registered time in which it gave signs of life.
	pub uptime: Perbill,
	/// From jobs a day if it always had one, in planck.
	pub daily_at_full_use: Balance,
	/// From jobs a day at this utilisation and uptime, in planck.
	pub daily: Balance,
	/// Capacity that it has shown, in multiply-accumulates per second.
	pub proven: u64,
	/// For being there a day with that uptime, in planck, if every epoch pays a unit of proven capacity what the last one
	/// paid on the average of all groups and classes. 0 before the first close, without proven capacity or stake, and while
	/// its group owes a disclosure. An unattested or large group gets less than the average, others more.
	pub daily_availability: Balance,
	/// Recycled of the burns of its jobs a day, in planck, if every epoch recycles as much of a price as the last one did.
	/// With the same limits.
	pub daily_recycled: Balance,
	/// What the electricity of its jobs a day costs by the energy that its class is reckoned with, in planck, rounded up;
	/// `None` if no price of it is known.
	pub daily_electricity: Option<Balance>,
}
