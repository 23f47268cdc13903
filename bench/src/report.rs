// SPDX-License-Identifier: Apache-2.0
//! What comes out: a table for people, JSON for programs.

use serde::Serialize;

/// One figure with what stands beside it.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
	/// What was measured.
	pub case: String,
	/// Our figure.
	pub ours: f64,
	/// The peer's.
	pub peer: Option<f64>,
	/// Who the peer is and how it does the work, or why there is none.
	pub peer_name: Option<String>,
	/// How many times as good ours is as the peer's.
	pub ratio: Option<f64>,
	/// The device's limit.
	pub limit: Option<f64>,
	/// The share of the limit that we reach.
	pub of_limit: Option<f64>,
	/// The unit of the three figures.
	pub unit: String,
	/// The device.
	pub device: String,
}

impl Row {
	/// A figure of which more is better.
	pub fn rate(case: String, ours: f64, unit: &str, device: &str) -> Self {
		Self {
			case,
			ours,
			peer: None,
			peer_name: None,
			ratio: None,
			limit: None,
			of_limit: None,
			unit: unit.into(),
			device: device.into(),
		}
	}

	/// Sets the peer's figure.
	#[must_use]
	pub fn beside(mut self, peer: Option<f64>, name: Option<String>) -> Self {
		self.ratio = peer.map(|peer| self.ours / peer);
		(self.peer, self.peer_name) = (peer, name);
		self
	}

	/// Sets the limit.
	#[must_use]
	pub fn under(mut self, limit: Option<f64>) -> Self {
		self.of_limit = limit.map(|limit| self.ours / limit);
		self.limit = limit;
		self
	}

	/// The table's head.
	pub fn head() -> String {
		format!(
			"{:<44} {:>10} {:>10} {:>6} {:>10} {:>7}  {:<12} peer",
			"case", "ours", "peer", "ratio", "limit", "of it", "unit"
		)
	}

	/// The table's line.
	pub fn line(&self) -> String {
		let figure = |x: Option<f64>| x.map_or("-".into(), short);
		let share = |x: Option<f64>| x.map_or("-".into(), |x| format!("{:.1} %", 100.0 * x));
		format!(
			"{:<44} {:>10} {:>10} {:>6} {:>10} {:>7}  {:<12} {}",
			self.case,
			short(self.ours),
			figure(self.peer),
			self.ratio.map_or("-".into(), |x| format!("{x:.2}")),
			figure(self.limit),
			share(self.of_limit),
			self.unit,
			self.peer_name.as_deref().unwrap_or("-"),
		)
	}
}

/// Three digits that count.
fn short(x: f64) -> String {
	let decimals = if x == 0.0 { 0 } else { (2 - x.abs().log10().floor() as i32).clamp(0, 6) };
	format!("{x:.*}", decimals as usize)
}
