// SPDX-License-Identifier: Apache-2.0
//! What can go wrong between a program and a node.

use std::time::Duration;

/// Why the chain could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// No node answered.
	#[error("no node answers at {urls}: {reason}; is it running, and does it listen there?")]
	Unreachable {
		/// Where it was looked for.
		urls: String,
		/// What the last of them said.
		reason: String,
	},
	/// The nodes are on another chain than this program has worked with.
	#[error("{url} is on the chain {found}, not {expected}; connect to the right chain, or use another data directory")]
	WrongChain {
		/// The node.
		url: String,
		/// Genesis hash that was expected.
		expected: String,
		/// Genesis hash of the node.
		found: String,
	},
	/// The node took too long.
	#[error("the node did not answer within {} s while asked for {what}", .after.as_secs())]
	Timeout {
		/// What was asked.
		what: &'static str,
		/// How long it was waited for.
		after: Duration,
	},
	/// The node or the connection failed.
	#[error("cannot read {what} from the node: {reason}")]
	Node {
		/// What was asked.
		what: &'static str,
		/// What went wrong.
		reason: String,
	},
}

impl Error {
	/// A failure of the node while it was asked for `what`.
	pub(crate) fn node(what: &'static str, reason: impl std::fmt::Display) -> Self {
		Self::Node { what, reason: reason.to_string() }
	}
}
