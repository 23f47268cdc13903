// SPDX-License-Identifier: Apache-2.0
//! From steps to dispatches and buffers, before anything is allocated.
//!
//! Recording turns each step into dispatches over pieces ([`crate::tape`]); then each piece gets a slot
//! ([`crate::slots`]).

use crate::{
	device::Limits,
	error::Error,
	kernels::{hash, lower_step, Choices, PostOp},
	slots::Slots,
	storage::Grid,
	tape::{Dispatch, Origin, Tape, View},
};
use calor_graph::{Graph, Step};
use calor_tensor::{Op, TensorId, Validated};
use std::{collections::BTreeSet, ops::Range};

/// Bytes that go to or from the device at once, unless a single row has more.
pub(crate) const STAGING_BYTES: u64 = 32 << 20;

/// Of which tensors a schedule computes the roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commit {
	/// Of none.
	Nothing,
	/// Of the outputs, behind all steps.
	Outputs,
	/// Of the result of each step, in it.
	Steps,
}

/// What a session executes.
#[derive(Debug)]
pub(crate) struct Schedule {
	pub program: Validated,
	/// Every tensor of the program; without shards if it is never stored.
	pub views: Vec<View>,
	pub slots: Slots,
	/// What runs when constants are loaded.
	pub prologue: Vec<Dispatch>,
	/// The dispatches of each step.
	pub steps: Vec<Range<usize>>,
	/// Those of all steps, and then those that compute roots of outputs.
	pub dispatches: Vec<Dispatch>,
	/// The roots of the trees over the tiles of tensors, one a row.
	pub roots: Option<View>,
	pub params: Vec<u8>,
	pub side: Vec<u32>,
	/// Bytes of the buffer through which results are read.
	pub staging: u64,
}

impl Schedule {
	pub fn new(
		program: &Validated,
		graph: &Graph,
		limits: Limits,
		choices: Choices,
		commit: Commit,
	) -> Result<Self, Error> {
		let recorded = Recording::of(program, graph, Tape::new(limits, choices), commit)?;
		let Recording { views, tape, steps, roots } = recorded;
		let Tape { lives, prologue, dispatches, params, side, .. } = tape;
		let slots = Slots::allocate(&lives, steps.len() + 1);
		// What crosses between host and device: operands and outputs, or any operation's tensor in a trace.
		let crossing = views.iter().chain(&roots);
		let shards = crossing.flat_map(|view| view.shards.iter().map(move |s| (view, s)));
		let bytes =
			shards.map(|(view, s)| u64::from(s.rows.end - s.rows.start) * view.grid.row_bytes());
		let row = views.iter().map(|view| view.grid.row_bytes()).max().unwrap_or_default();
		let staging = bytes.max().unwrap_or_default().min(STAGING_BYTES).max(row);
		let program = program.clone();
		let this = Self {
			program,
			views,
			slots,
			prologue,
			steps,
			dispatches,
			roots,
			params,
			side,
			staging,
		};
		let need = this.peak_bytes();
		if need > limits.memory_bytes {
			let what = format!("the program with {} buffers", this.slots.bytes.len());
			return Err(Error::TooLarge { what, need, limit: limits.memory_bytes });
		}
		Ok(this)
	}

	/// Bytes of all buffers.
	pub fn resident_bytes(&self) -> u64 {
		let tables = self.params.len() as u64 + self.side.len() as u64 * 4 + self.staging;
		self.slots.bytes.iter().fold(tables, |sum, &slot| sum.saturating_add(slot))
	}

	/// Bytes of all buffers, and of what goes in at once.
	pub fn peak_bytes(&self) -> u64 {
		let program = self.program.program();
		let (inputs, rest) = self.views.split_at(program.inputs.len().min(self.views.len()));
		let constants = &rest[..program.constants.len().min(rest.len())];
		let bytes = |views: &[View]| -> u64 {
			views.iter().map(|v| v.grid.row_bytes() * u64::from(v.grid.total_rows())).sum()
		};
		let going_in = bytes(inputs).max(bytes(constants)).min(STAGING_BYTES.max(self.staging));
		self.resident_bytes().saturating_add(going_in)
	}

	/// The view of a tensor of the program.
	pub fn view(&self, id: usize) -> Result<&View, Error> {
		self.views.get(id).ok_or_else(|| Error::Internal(format!("no tensor {id}")))
	}

	/// The dispatches of all steps, without those that compute roots of outputs.
	pub fn step_dispatches(&self) -> Range<usize> {
		0..self.steps.last().map_or(0, |span| span.end)
	}

	pub fn kernels(&self) -> BTreeSet<String> {
		let all = self.prologue.iter().chain(&self.dispatches[self.step_dispatches()]);
		all.map(|dispatch| dispatch.shader.name().to_string()).collect()
	}

	pub fn step_kernels(&self, step: usize) -> Vec<String> {
		let span = self.steps.get(step).cloned().unwrap_or_default();
		let names: BTreeSet<_> =
			self.dispatches[span].iter().map(|d| d.shader.name().to_string()).collect();
		names.into_iter().collect()
	}
}

struct Recording {
	views: Vec<View>,
	tape: Tape,
	steps: Vec<Range<usize>>,
	roots: Option<View>,
}

impl Recording {
	fn of(validated: &Validated, graph: &Graph, tape: Tape, commit: Commit) -> Result<Self, Error> {
		let program = validated.program();
		let views = validated.tensors().iter().map(|(ty, layout)| View {
			dims: ty.dims.clone(),
			grid: Grid::new(ty, layout),
			shards: Vec::new(),
			constant: None,
		});
		let mut this = Self { views: views.collect(), tape, steps: Vec::new(), roots: None };
		let inputs = program.inputs.len();
		for (id, view) in this.views.iter_mut().enumerate().take(program.leaves()) {
			view.constant = id.checked_sub(inputs);
			let origin = view.constant.map(|constant| Origin { constant, packing: "rows".into() });
			this.tape.now = usize::from(origin.is_none());
			this.tape.store(view, origin)?;
		}
		for (i, step) in graph.steps.iter().enumerate() {
			this.tape.now = i + 1;
			let begin = this.tape.dispatches.len();
			let view = this.step(&program.ops, step)?;
			// A result stands at least until its step is done, also if nothing reads it: a trace does.
			this.tape.keep(&view);
			if commit == Commit::Steps {
				this.root(&view, i, graph.steps.len())?;
			}
			this.views[usize::from(step.result)] = view;
			this.steps.push(begin..this.tape.dispatches.len());
		}
		this.tape.now = graph.steps.len() + 1;
		for (i, &id) in program.outputs.iter().enumerate() {
			let view = this.view(id)?.clone();
			this.tape.keep(&view);
			if commit == Commit::Outputs {
				this.root(&view, i, program.outputs.len())?;
			}
		}
		if let Some(roots) = &this.roots {
			this.tape.keep(roots);
		}
		Ok(this)
	}

	/// Records the root of a tensor, the `nth` of `of`.
	fn root(&mut self, view: &View, nth: usize, of: usize) -> Result<(), Error> {
		let roots = match self.roots.take() {
			Some(roots) => roots,
			None => hash::room(of, &mut self.tape)?,
		};
		let row = u32::try_from(nth).map_err(|e| Error::Internal(e.to_string()))?;
		let done = hash::root(view, &roots, row, &mut self.tape);
		self.roots = Some(roots);
		done
	}

	/// Records a step and returns its result.
	fn step(&mut self, ops: &[Op], step: &Step) -> Result<View, Error> {
		let op = |i: u16| {
			ops.get(usize::from(i)).ok_or_else(|| Error::Internal(format!("no operation {i}")))
		};
		let anchor = op(step.op)?;
		let mut view = self.unstored(step.result)?.clone();
		if let Some(renamed) = self.renamed(anchor, step, &view)? {
			return Ok(renamed);
		}
		self.tape.store(&mut view, None)?;
		let operands =
			anchor.operands().map(|id| stored(&self.views, id)).collect::<Result<Vec<_>, _>>()?;
		let posts = step.post.iter().map(|post| {
			let other = post.other.map(|id| stored(&self.views, id)).transpose()?;
			Ok(PostOp { op: op(post.op)?, other })
		});
		let posts = posts.collect::<Result<Vec<_>, Error>>()?;
		lower_step(anchor, &operands, &posts, &view, &mut self.tape)?;
		Ok(view)
	}

	fn unstored(&self, id: TensorId) -> Result<&View, Error> {
		let view = self.views.get(usize::from(id));
		view.ok_or_else(|| Error::Internal(format!("no tensor {id}")))
	}

	fn view(&self, id: TensorId) -> Result<&View, Error> {
		stored(&self.views, id)
	}

	/// A reshape that leaves every byte where it is shares its operand's storage.
	fn renamed(&self, op: &Op, step: &Step, result: &View) -> Result<Option<View>, Error> {
		let Op::Reshape { x, .. } = op else { return Ok(None) };
		let a = self.view(*x)?;
		let ([shard], [], true) = (&a.shards[..], &step.post[..], result.grid.lies_like(&a.grid))
		else {
			return Ok(None);
		};
		let mut view = result.clone();
		view.shards.push(crate::tape::Shard { rows: view.rows(), piece: shard.piece });
		Ok(Some(view))
	}
}

/// The view of a tensor that an operation reads.
fn stored(views: &[View], id: TensorId) -> Result<&View, Error> {
	let view = views.get(usize::from(id)).filter(|view| !view.shards.is_empty());
	view.ok_or_else(|| Error::Internal(format!("tensor {id} is read before it is defined")))
}
