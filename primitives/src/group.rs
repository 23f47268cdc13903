// SPDX-License-Identifier: Apache-2.0
//! Owner groups, and what big ones disclose.

use crate::{AccountId, BlockNumber};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::Perbill;

/// An identity with its sub-accounts, or an account that has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
	/// The account of the identity; the account itself if it has none.
	pub head: AccountId,
	/// Whether a registrar judged the identity reasonable or known good.
	pub attested: bool,
}

/// What a group discloses, by hash: whoever is shown a document can check it.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Disclosure {
	/// Of the document that says who owns the group.
	pub owner: H256,
	/// Of the document that says where its machines stand.
	pub sites: H256,
	/// Of the document that says where its power comes from.
	pub power: H256,
}

/// Whether a group has to disclose, and has.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Duty {
	/// Too small to have to.
	None,
	/// Has to by that height.
	Due(BlockNumber),
	/// Has.
	Met,
	/// Has not in time: earns no rewards and gets no new jobs.
	Overdue,
}

/// A group as the chain knows it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct GroupView {
	/// The account of its identity.
	pub group: AccountId,
	/// Whether a registrar attested it.
	pub attested: bool,
	/// Its providers at the last count.
	pub providers: u32,
	/// Their capacity at the last count, in multiply-accumulates per second.
	pub mac_per_second: u64,
	/// Its share of all capacity at the last count.
	pub share: Perbill,
	/// The same over 30 days.
	pub average_share: Perbill,
	/// Whether it has to disclose.
	pub duty: Duty,
	/// What it disclosed, and when.
	pub disclosure: Option<(Disclosure, BlockNumber)>,
}
