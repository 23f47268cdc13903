// SPDX-License-Identifier: Apache-2.0
//! The peer: a Python program that does the same work and times itself. `peers/protocol.py` describes how to talk to it.

use anyhow::{anyhow, Context, Result};
use serde::Deserialize;
use serde_json::{json, Value};
use std::{
	io::{BufRead, BufReader, Write},
	process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A running peer.
pub struct Peer {
	child: Child,
	to: ChildStdin,
	from: BufReader<ChildStdout>,
}

#[derive(Default, Deserialize)]
struct Answer {
	name: Option<String>,
	seconds: Option<f64>,
	refused: Option<String>,
}

impl Peer {
	/// Starts `command`, a program and its arguments. No command is no peer.
	///
	/// # Errors
	/// If it cannot be started.
	pub fn start(command: &[String]) -> Result<Option<Self>> {
		let Some((program, arguments)) = command.split_first() else { return Ok(None) };
		let mut child = Command::new(program)
			.args(arguments)
			.stdin(Stdio::piped())
			.stdout(Stdio::piped())
			.spawn()
			.with_context(|| format!("the peer {command:?} does not start"))?;
		let to = child.stdin.take().context("no pipe to the peer")?;
		let from = BufReader::new(child.stdout.take().context("no pipe from the peer")?);
		Ok(Some(Self { child, to, from }))
	}

	fn ask(&mut self, message: &Value) -> Result<Answer> {
		writeln!(self.to, "{message}").context("the peer has ended")?;
		self.to.flush()?;
		let mut line = String::new();
		if self.from.read_line(&mut line)? == 0 {
			return Err(anyhow!("the peer has ended"));
		}
		serde_json::from_str(&line).with_context(|| format!("the peer said: {line}"))
	}

	/// Prepares a case: the peer's name for how it does it, or why it does not.
	///
	/// # Errors
	/// If the peer has ended.
	pub fn prepare(&mut self, case: &Value) -> Result<Result<String, String>> {
		let answer = self.ask(&json!({ "prepare": case }))?;
		Ok(answer.name.ok_or(answer.refused.unwrap_or_default()))
	}

	/// Seconds of one repetition.
	///
	/// # Errors
	/// If the peer has ended or refuses.
	pub fn run(&mut self) -> Result<f64> {
		let answer = self.ask(&json!({ "run": 1 }))?;
		answer.seconds.ok_or_else(|| anyhow!("the peer refused: {:?}", answer.refused))
	}
}

impl Drop for Peer {
	fn drop(&mut self) {
		// It has nothing to lose, and a failure only means that it has ended by itself.
		let _ = self.child.kill();
		let _ = self.child.wait();
	}
}
