// SPDX-License-Identifier: Apache-2.0
//! All measurements of one device.

use crate::{
	cases::{cases, encoder_case, mini_lm, Case, Extent},
	conformance,
	device::{Device, Loaded},
	limits::Limits,
	measure::{medians, Effort},
	peer::Peer,
	report::Row,
};
use anyhow::Result;
use calor_tensor::{testing::Choice, Data, Program, Tensor, TensorType};
use serde_json::json;
use std::time::Duration;

/// Operations of one run on a device apart: about 10 ms of the fastest.
const RESIDENT_OPERATIONS: f64 = 1e12;
/// Computations of one run on a device apart, at most.
const MOST_REPEATS: u32 = 128;

/// A device and what it is held against.
pub struct Suite {
	device: Device,
	name: String,
	extent: Extent,
	peer: Option<Peer>,
	limits: Option<Limits>,
	effort: Effort,
	failed: usize,
}

impl Suite {
	/// Measures the device's limits first.
	pub fn new(device: Device, extent: Extent, peer: Option<Peer>) -> Self {
		let effort = match extent {
			Extent::Full => Effort { least: 5, most: 400, time: Duration::from_secs(3) },
			_ => Effort { least: 3, most: 100, time: Duration::from_millis(500) },
		};
		let (name, limits) = (device.name(), Limits::of(&device));
		Self { device, name, extent, peer, limits, effort, failed: 0 }
	}

	/// Runs the cases whose name `wanted` admits and prints each line as it comes. A case that fails is counted, and its
	/// error goes to stderr.
	pub fn run(&mut self, wanted: impl Fn(&str) -> bool) -> Vec<Row> {
		println!("\n{}", self.name);
		if let Some(limits) = &self.limits {
			println!("limits, {}", limits.source);
		}
		println!("\n{}", Row::head());
		let mut rows = Vec::new();
		for case in cases(self.extent).iter().filter(|case| wanted(&case.name)) {
			let row = self.case(case);
			self.keep(&mut rows, &case.name, row);
		}
		if wanted("conformance") {
			let row = self.conformance();
			self.keep(&mut rows, "conformance", row);
		}
		if wanted("commit") && self.extent != Extent::Tiny {
			let row = self.commit();
			self.keep(&mut rows, "commit", row);
		}
		rows
	}

	/// Prints a row, or why there is none.
	fn keep(&mut self, rows: &mut Vec<Row>, case: &str, row: Result<Row>) {
		match row {
			Ok(row) => {
				println!("{}", row.line());
				rows.push(row);
			},
			Err(error) => {
				eprintln!("error: {case} on {}: {error:#}", self.name);
				self.failed += 1;
			},
		}
	}

	/// Cases of which there is no row.
	pub fn failed(&self) -> usize {
		self.failed
	}

	/// A case ready to be run: the computation as it is, or on a device apart so many in one run that moving operands and
	/// results there and back does not count. Also the inputs, and how many computations it is.
	fn loaded(&self, case: &Case) -> Result<(Loaded, Vec<Tensor>, u32)> {
		let repeats = match self.extent {
			Extent::Tiny => 1,
			_ => (RESIDENT_OPERATIONS / case.operations).clamp(1.0, MOST_REPEATS.into()) as u32,
		};
		let (program, repeats) = match self.device.is_apart() {
			true => case.body.resident_within(repeats)?,
			false => (case.body.program().validate()?, 1),
		};
		let (inputs, constants) = operands(program.program())?;
		Ok((self.device.load(&program, &constants)?, inputs, repeats))
	}

	fn case(&mut self, case: &Case) -> Result<Row> {
		let (mut session, inputs, repeats) = self.loaded(case)?;
		let mut spec = case.peer.clone();
		spec["repeats"] = json!(repeats);
		if let Some(threads) = self.device.threads() {
			spec["threads"] = json!(threads);
		}
		let prepared = self.peer.as_mut().map(|peer| peer.prepare(&spec)).transpose()?;
		let (peer, name) = match prepared {
			Some(Ok(name)) => (self.peer.as_mut(), Some(name)),
			Some(Err(refused)) => (None, Some(format!("none: {refused}"))),
			None => (None, None),
		};
		let mut outputs = Vec::new();
		let (ours, peer) = medians(self.effort, || session.run(&inputs, &mut outputs), peer)?;

		let each = |seconds: f64| case.figure.of(case.operations, seconds / f64::from(repeats));
		let least = self.limits.as_ref().map(|l| l.seconds(case.operations, case.bytes()));
		Ok(Row::rate(case.name.clone(), each(ours), &case.figure.unit(), &self.name)
			.beside(peer.map(each), name)
			.under(least.map(|seconds| case.figure.of(case.operations, seconds))))
	}

	/// Seconds to show that the device computes what is defined.
	fn conformance(&self) -> Result<Row> {
		let (programs, seconds) = conformance::seconds(&self.device)?;
		let name = format!("conformance, {programs} programs");
		Ok(Row::rate(name, seconds, "s", &self.name))
	}

	/// What committing costs: the roots of an encoder's outputs, in per cent of the time that the device computes.
	fn commit(&self) -> Result<Row> {
		let case = encoder_case(mini_lm(if self.extent == Extent::Full { 32 } else { 1 }));
		let (mut session, inputs, repeats) = self.loaded(&case)?;
		let mut outputs = Vec::new();
		let (run, _) = medians(self.effort, || session.run(&inputs, &mut outputs), None)?;
		// What computes many times over has no outputs of its own.
		drop(session);
		let program = case.body.program();
		let (inputs, constants) = operands(&program)?;
		let mut session = self.device.load(&program.validate()?, &constants)?;
		let share = session.commit_seconds(&inputs, self.effort)? * f64::from(repeats) / run;
		Ok(Row::rate(format!("commit, {}", case.name), 100.0 * share, "% of a run", &self.name))
	}
}

/// Operands for a program: i8 of all sizes, and i32 such as biases are.
fn operands(program: &Program) -> Result<(Vec<Tensor>, Vec<Tensor>)> {
	let mut choice = Choice::new(1);
	let mut draw = |ty: &TensorType| {
		let n = ty.elements() as usize;
		let data = match ty.dtype {
			calor_tensor::DType::I8 => Data::I8((0..n).map(|_| choice.bits() as i8).collect()),
			calor_tensor::DType::I32 => {
				Data::I32((0..n).map(|_| i32::from(choice.bits() as i16 >> 4)).collect())
			},
		};
		Tensor::from_data(ty.clone(), data)
	};
	let inputs = program.inputs.iter().map(&mut draw).collect::<Result<_, _>>()?;
	let constants = program.constants.iter().map(&mut draw).collect::<Result<_, _>>()?;
	Ok((inputs, constants))
}
