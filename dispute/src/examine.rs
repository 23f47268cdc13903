// SPDX-License-Identifier: Apache-2.0
//! Right, or wrong and where: by computing it again, or for less if the claimed outputs are at hand.

use crate::{Error, Subject};
use calor_blobs::Fetcher;
use calor_cpu::{Engine, Options};
use calor_tensor::{Hash, Tensor};
use calor_verify::{check, Keep, Run};
use std::sync::Arc;
use tokio::task::block_in_place;

/// How a verdict was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
	/// Large products that are outputs were checked by Freivalds' method, all else was computed again.
	Checked,
	/// Everything was computed again.
	Computed,
}

/// What is to be said about a result.
pub enum Verdict {
	/// It is what the program gives.
	Right(Method),
	/// It is not.
	Wrong {
		/// What is right.
		run: Box<Run>,
		/// Places of the outputs that are wrong.
		outputs: Vec<u16>,
	},
}

/// Runs programs on the CPU to check results.
pub struct Examiner {
	/// The engine.
	pub engine: Arc<Engine>,
	/// Fetches operands and outputs.
	pub fetcher: Fetcher,
}

impl Examiner {
	/// An examiner with all cores of this machine; fetches from private addresses too if `allow_private`.
	///
	/// # Errors
	/// If threads or connections cannot be made.
	pub fn new(allow_private: bool) -> Result<Self, Error> {
		let fetcher = Fetcher::new(allow_private).map_err(Error::Thread)?;
		Ok(Self { engine: Arc::new(Engine::new(&Options::default())?), fetcher })
	}

	/// Examines a revealed result.
	///
	/// # Errors
	/// If an operand cannot be had, or the program not be run.
	pub async fn examine(&self, subject: &Subject) -> Result<Verdict, Error> {
		let operands = subject.fetch(&self.fetcher).await?;
		match subject.fetch_outputs(&self.fetcher).await {
			Ok(claimed) => {
				let check = || check::outputs(&self.engine, &subject.program, &operands, &claimed);
				if block_in_place(check)?.is_none() {
					return Ok(Verdict::Right(Method::Checked));
				}
			},
			Err(error) => tracing::info!(job_id = subject.job, "not from its outputs: {error}"),
		}
		let run = block_in_place(|| self.run(subject, operands))?;
		let outputs = differing(&run.output_roots(), &subject.output_roots);
		Ok(match outputs.is_empty() {
			true => Verdict::Right(Method::Computed),
			false => Verdict::Wrong { run: Box::new(run), outputs },
		})
	}

	/// Runs a subject's program on its operands, whatever it claims. Takes as long as that does, on the calling thread.
	///
	/// # Errors
	/// If it cannot be run.
	pub fn run(&self, subject: &Subject, operands: Vec<Tensor>) -> Result<Run, Error> {
		run(&self.engine, subject, operands)
	}
}

/// Runs a subject's program on its operands.
///
/// # Errors
/// If it cannot be run.
pub fn run(engine: &Engine, subject: &Subject, operands: Vec<Tensor>) -> Result<Run, Error> {
	Ok(Run::trace(engine, subject.program.clone(), operands, Keep::Outputs)?)
}

/// Places at which two lists of roots differ.
pub fn differing(right: &[Hash], claimed: &[Hash]) -> Vec<u16> {
	let longest = u16::try_from(right.len().max(claimed.len())).unwrap_or(u16::MAX);
	(0..longest).filter(|at| right.get(usize::from(*at)) != claimed.get(usize::from(*at))).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn outputs_that_lack_differ() {
		let roots = [[1; 32], [2; 32], [3; 32]];
		assert_eq!(differing(&roots, &roots), Vec::<u16>::new());
		assert_eq!(differing(&roots, &[[1; 32], [9; 32], [3; 32]]), [1]);
		assert_eq!(differing(&roots, &roots[..1]), [1, 2]);
	}
}
