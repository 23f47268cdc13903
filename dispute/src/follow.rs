// SPDX-License-Identifier: Apache-2.0
//! The best block, again and again, through whichever node answers.

use calor_client::{Chain, Error, Heads, View};
use std::{sync::Arc, time::Duration};

/// Pause before a lost connection is looked after: whoever shares it may do so first.
const PAUSE: Duration = Duration::from_secs(2);
/// Pause between two attempts to find a node.
const SEARCH_PAUSE: Duration = Duration::from_secs(5);

/// Follows the best block.
pub struct Follow {
	chain: Arc<Chain>,
	heads: Option<Heads>,
}

impl Follow {
	/// Has seen nothing yet.
	pub fn new(chain: Arc<Chain>) -> Self {
		Self { chain, heads: None }
	}

	/// The state at the next best block; one that comes again after a reorganisation is given again. Waits as long as no
	/// node answers.
	///
	/// # Errors
	/// If a node is on another chain.
	pub async fn next(&mut self) -> Result<View, Error> {
		loop {
			match self.attempt().await {
				Ok(view) => return Ok(view),
				Err(error @ Error::WrongChain { .. }) => return Err(error),
				Err(error) => tracing::warn!("lost the best block: {error}"),
			}
			self.heads = None;
			tokio::time::sleep(PAUSE).await;
			while let Err(error) = self.again().await {
				if matches!(error, Error::WrongChain { .. }) {
					return Err(error);
				}
				tracing::warn!("{error}; trying again");
				tokio::time::sleep(SEARCH_PAUSE).await;
			}
		}
	}

	async fn attempt(&mut self) -> Result<View, Error> {
		match &mut self.heads {
			Some(heads) => {
				heads.next().await?;
			},
			None => self.heads = Some(self.chain.follow_best().await?),
		}
		self.chain.best().await
	}

	/// Follows through the connection as it is now, or through another.
	async fn again(&mut self) -> Result<(), Error> {
		let heads = match self.chain.follow_best().await {
			Ok(heads) => heads,
			Err(_) => {
				self.chain.reconnect().await?;
				self.chain.follow_best().await?
			},
		};
		self.heads = Some(heads);
		Ok(())
	}
}
