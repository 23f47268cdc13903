// SPDX-License-Identifier: Apache-2.0
//! Where each tensor of a program lives, and what a run takes.

use crate::{
	buffer::Buffer,
	conv::Taps,
	gemm::{Panels, Scratch},
	kind::{Kind, Planned},
	level::Cpu,
	Error,
};
use calor_graph::Graph;
use calor_tensor::{Op, TensorId, Validated};
use std::sync::Arc;

/// Where a tensor's elements are during a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
	/// Never stored.
	Nowhere,
	Input(usize),
	Constant(usize),
	/// A buffer that other tensors use before and after.
	Slot(usize),
	/// Handed to the caller.
	Output(usize),
}

/// A program ready to be executed.
#[derive(Debug)]
pub(crate) struct Schedule {
	pub(crate) graph: Graph,
	/// For each step of the graph what it does; `None` for a Reshape, whose result has the operand's home.
	pub(crate) steps: Vec<Option<Planned>>,
	/// For each tensor.
	pub(crate) homes: Vec<Home>,
	/// Bytes of each slot.
	pub(crate) slots: Vec<u64>,
	/// For each constant, whether it is read as it is.
	pub(crate) kept: Vec<bool>,
	/// Right operands that are packed at every run.
	pub(crate) packed: Vec<Panels>,
	/// Bytes that each thread needs for left operands, and the longest of their rows.
	pub(crate) scratch: (usize, usize),
	/// Bytes that a session takes beside the inputs: all of the above, constants, packed weights and outputs.
	pub(crate) bytes: u64,
}

impl Schedule {
	pub(crate) fn new(
		program: &Validated,
		graph: Graph,
		cpu: Cpu,
		threads: usize,
	) -> Result<Self, Error> {
		let mut schedule = Self {
			homes: leaves(program),
			steps: Vec::with_capacity(graph.steps.len()),
			slots: Vec::new(),
			kept: vec![false; program.program().constants.len()],
			packed: Vec::new(),
			scratch: (0, 0),
			bytes: 0,
			graph,
		};
		schedule.settle(program)?;
		let mut bytes: u64 = schedule.slots.iter().copied().map(Buffer::footprint).sum();
		bytes += program.output_types().map(|ty| ty.bytes()).sum::<u64>();
		for step in 0..schedule.steps.len() {
			bytes += schedule.weigh(program, step, cpu, threads);
		}
		let constants = program.program().constants.iter().zip(&schedule.kept);
		bytes += constants.filter(|(_, &kept)| kept).map(|(ty, _)| ty.bytes()).sum::<u64>();
		bytes += schedule.packed.iter().map(|p| p.bytes(cpu)).max().unwrap_or(0);
		let (left, row) = schedule.scratch;
		bytes += threads as u64 * (Buffer::footprint(left as u64) + row as u64);
		schedule.bytes = bytes;
		Ok(schedule)
	}

	pub(crate) fn home(&self, id: TensorId) -> Home {
		self.homes.get(usize::from(id)).copied().unwrap_or(Home::Nowhere)
	}

	/// The constant, by index, that step `step` takes its weights from, if it is one.
	pub(crate) fn weights(&self, step: usize) -> Option<usize> {
		let id = match &self.steps.get(step)?.as_ref()?.kind {
			Kind::Product(plan) => plan.b,
			Kind::Depthwise { weights, .. } => *weights,
			_ => return None,
		};
		match self.home(id) {
			Home::Constant(i) => Some(i),
			_ => None,
		}
	}

	/// Gives every stored tensor a home.
	fn settle(&mut self, program: &Validated) -> Result<(), Error> {
		let outputs = &program.program().outputs;
		// How many tensors live in each slot.
		let mut users: Vec<u32> = Vec::new();
		for (i, step) in self.graph.steps.iter().enumerate() {
			let output = outputs.iter().position(|&id| id == step.result);
			let op = crate::kind::op(program, step.op)?;
			let mut planned = None;
			let home = match (op, output) {
				(_, Some(output)) => {
					planned = Some(Planned::new(program, step)?);
					Home::Output(output)
				},
				(Op::Reshape { x, .. }, None) => {
					self.homes.get(usize::from(*x)).copied().unwrap_or(Home::Nowhere)
				},
				_ => {
					planned = Some(Planned::new(program, step)?);
					let (ty, _) = program
						.tensor(step.result)
						.ok_or(Error::Internal("a result is missing"))?;
					Home::Slot(choose(&mut self.slots, &mut users, ty.bytes()))
				},
			};
			if let Home::Slot(slot) = home {
				users[slot] += 1;
			}
			if let Some(to) = self.homes.get_mut(usize::from(step.result)) {
				*to = home;
			}
			self.steps.push(planned);
			for &id in self.graph.dying(i) {
				if let Some(&Home::Slot(slot)) = self.homes.get(usize::from(id)) {
					users[slot] -= 1;
				}
			}
		}
		Ok(())
	}

	/// Notes what a step needs beside tensors, and returns the bytes of its weights and tables.
	fn weigh(&mut self, program: &Validated, step: usize, cpu: Cpu, threads: usize) -> u64 {
		let Some(Some(planned)) = self.steps.get(step) else {
			// A Reshape without a kernel: whoever visits its result reads the constant itself.
			if let Some(Home::Constant(i)) = self.graph.steps.get(step).map(|s| self.home(s.result))
			{
				if let Some(kept) = self.kept.get_mut(i) {
					*kept = true;
				}
			}
			return 0;
		};
		let mut bytes = planned.bytes();
		let constant = self.weights(step);
		match &planned.kind {
			Kind::Product(plan) => {
				let left = Scratch::bytes(cpu, threads, plan.matrices, plan.m, plan.panels);
				let (most, row) = self.scratch;
				let made = if plan.windows.is_some() { plan.panels.k } else { 0 };
				self.scratch = (most.max(left), row.max(made));
				match constant {
					Some(_) => bytes += plan.panels.bytes(cpu),
					None => self.packed.push(plan.panels),
				}
			},
			Kind::Depthwise { windows, .. } => {
				let taps = windows.down.size * windows.across.size;
				bytes += Taps::bytes(taps, windows.channels);
			},
			_ => {},
		}
		// Whatever a step reads is kept as it is, but for weights in another layout.
		let weights = match &planned.kind {
			Kind::Product(plan) => Some(plan.b),
			Kind::Depthwise { weights, .. } => Some(*weights),
			_ => None,
		};
		let read: Vec<TensorId> = self.graph.reads(program, step).collect();
		let also = weights.filter(|w| read.iter().filter(|id| *id == w).count() > 1);
		let read = read.into_iter().filter(|id| Some(*id) != weights).chain(also);
		let constants: Vec<Home> = read.map(|id| self.home(id)).collect();
		for home in constants {
			if let Home::Constant(i) = home {
				if let Some(kept) = self.kept.get_mut(i) {
					*kept = true;
				}
			}
		}
		bytes
	}
}

/// Homes of inputs and constants; nothing else has one yet.
fn leaves(program: &Validated) -> Vec<Home> {
	let inputs = program.program().inputs.len();
	let constants = program.program().constants.len();
	let mut homes = vec![Home::Nowhere; program.tensors().len()];
	let known = (0..inputs).map(Home::Input).chain((0..constants).map(Home::Constant));
	for (to, home) in homes.iter_mut().zip(known) {
		*to = home;
	}
	homes
}

/// A free slot for so many bytes: the smallest that holds them, else the largest, enlarged, else a new one.
fn choose(slots: &mut Vec<u64>, users: &mut Vec<u32>, bytes: u64) -> usize {
	let free = || (0..slots.len()).filter(|&slot| users[slot] == 0);
	let fits = free().filter(|&slot| slots[slot] >= bytes).min_by_key(|&slot| slots[slot]);
	match fits.or_else(|| free().max_by_key(|&slot| slots[slot])) {
		Some(slot) => {
			slots[slot] = slots[slot].max(bytes);
			slot
		},
		None => {
			slots.push(bytes);
			users.push(0);
			slots.len() - 1
		},
	}
}

/// A program planned for one engine; cheap to clone.
#[derive(Clone, Debug)]
pub struct Plan {
	pub(crate) program: Arc<Validated>,
	pub(crate) schedule: Arc<Schedule>,
	pub(crate) cpu: Cpu,
	pub(crate) threads: usize,
}

impl Plan {
	/// The program.
	pub fn program(&self) -> &Validated {
		&self.program
	}

	/// Bytes that a session of this plan takes while it runs, the outputs included, the inputs and the caller's own
	/// constants not.
	pub fn bytes(&self) -> u64 {
		self.schedule.bytes
	}
}
