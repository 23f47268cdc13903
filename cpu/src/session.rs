// SPDX-License-Identifier: Apache-2.0
//! A loaded program: its weights in place, its memory at hand.

use crate::{
	buffer::{Buffer, Out, View},
	conv::Taps,
	exec::{Context, Weights, Workspace},
	gemm::{pack, Packed, Scratch},
	kind::{elements, Kind},
	plan::{Home, Plan, Schedule},
	pool::Pool,
	Error,
};
use calor_tensor::{reference::RunError, DType, Data, Tensor, TensorId, TensorType, Validated};
use std::{ops::ControlFlow, sync::Mutex};

/// A program with its constants, to be run again and again.
///
/// It owns all memory that a run needs but for inputs and outputs: [`Plan::bytes`].
pub struct Session {
	plan: Plan,
	pool: Pool,
	memory: Memory,
}

impl std::fmt::Debug for Session {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Session").field("bytes", &self.plan.bytes()).finish_non_exhaustive()
	}
}

impl Session {
	pub(crate) fn new(plan: &Plan, pool: &Pool, constants: &[Tensor]) -> Result<Self, Error> {
		let given = constants.iter().map(Tensor::ty);
		let declared = &plan.program.program().constants;
		check(plan.program.program().inputs.len(), declared, given)?;
		let memory = Memory::new(plan, &plan.schedule, pool, constants)?;
		Ok(Self { plan: plan.clone(), pool: pool.clone(), memory })
	}

	/// Runs the program on `inputs` and returns its outputs in order.
	///
	/// # Errors
	/// [`Error::Operand`] if the inputs are not what the program declares.
	pub fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, Error> {
		let mut outputs = Vec::new();
		self.run_into(inputs, &mut outputs)?;
		Ok(outputs)
	}

	/// As [`Self::run`], and replaces `outputs` by the program's. Those of the run before are written over where they are,
	/// which spares large ones the time in which the system finds and clears memory. Whatever else is in `outputs` is
	/// dropped; after an error they are empty.
	///
	/// # Errors
	/// As [`Self::run`].
	pub fn run_into(&mut self, inputs: &[Tensor], outputs: &mut Vec<Tensor>) -> Result<(), Error> {
		let spent = std::mem::take(outputs);
		check(0, &self.plan.program.program().inputs, inputs.iter().map(Tensor::ty))?;
		let (plan, memory) = (&self.plan, &mut self.memory);
		let pool = &self.pool;
		*outputs = pool.enter(|| {
			memory.run(plan, &plan.schedule, pool, inputs, spent, |_, _| ControlFlow::Continue(()))
		})?;
		Ok(())
	}
}

/// Checks operands against what a program declares; `first` is the number of the first.
fn check<'a>(
	first: usize,
	declared: &[TensorType],
	given: impl ExactSizeIterator<Item = &'a TensorType>,
) -> Result<(), Error> {
	let (expected, actual) = (declared.len(), given.len());
	if expected != actual {
		return Err(Error::Operand(RunError::OperandCount { expected, actual }));
	}
	for (id, (expected, actual)) in (first..).zip(declared.iter().zip(given)) {
		if expected != actual {
			return Err(Error::Operand(RunError::OperandType {
				id: id as TensorId,
				expected: expected.clone(),
				actual: actual.clone(),
			}));
		}
	}
	Ok(())
}

/// What a schedule's steps work with.
pub(crate) struct Memory {
	/// Constants that are read as they are.
	constants: Vec<Option<Tensor>>,
	/// For each step, its constant weights.
	weights: Vec<Option<Weights>>,
	slots: Vec<Buffer>,
	workspace: Workspace,
}

impl Workspace {
	/// What the steps of a schedule need.
	pub(crate) fn new(plan: &Plan, schedule: &Schedule) -> Self {
		let (left, row) = schedule.scratch;
		Self {
			right: Packed::room(&schedule.packed, plan.cpu),
			threads: (0..plan.threads).map(|_| Mutex::new(Scratch::new(left, row))).collect(),
		}
	}
}

impl Memory {
	pub(crate) fn new(
		plan: &Plan,
		schedule: &Schedule,
		pool: &Pool,
		constants: &[Tensor],
	) -> Result<Self, Error> {
		let mut weights = Vec::with_capacity(schedule.steps.len());
		for (i, step) in schedule.steps.iter().enumerate() {
			let constant = schedule.weights(i).and_then(|c| constants.get(c)).map(View::of);
			let made = match (step.as_ref().map(|step| &step.kind), constant) {
				(Some(Kind::Product(product)), Some(b)) => {
					let mut packed = Packed::room(&[product.panels], plan.cpu);
					pack(plan.cpu, pool, b.i8s(), product.panels, &mut packed);
					Some(Weights::Packed(packed))
				},
				(Some(Kind::Depthwise { windows, .. }), Some(w)) => {
					Some(Weights::Taps(Taps::new(w.i8s(), windows.channels)))
				},
				_ => None,
			};
			weights.push(made);
		}
		let kept = constants.iter().zip(&schedule.kept);
		Ok(Self {
			constants: kept.map(|(tensor, &kept)| kept.then(|| tensor.clone())).collect(),
			weights,
			slots: schedule.slots.iter().map(|&bytes| Buffer::new(bytes as usize)).collect(),
			workspace: Workspace::new(plan, schedule),
		})
	}

	/// Runs every step and calls `visit(step, its result)` after each, until that breaks off. Returns the outputs, or
	/// none after a break. Output `i` is written over `spent[i]` if that has its type.
	pub(crate) fn run(
		&mut self,
		plan: &Plan,
		schedule: &Schedule,
		pool: &Pool,
		inputs: &[Tensor],
		spent: Vec<Tensor>,
		mut visit: impl FnMut(usize, View<'_>) -> ControlFlow<()>,
	) -> Result<Vec<Tensor>, Error> {
		let program: &Validated = &plan.program;
		let context = Context { cpu: plan.cpu, pool, program };
		let mut outputs: Vec<Option<Tensor>> = vec![None; program.program().outputs.len()];
		let mut spent: Vec<Option<Tensor>> = spent.into_iter().map(Some).collect();
		for (i, step) in schedule.graph.steps.iter().enumerate() {
			let home = schedule.home(step.result);
			if let Some(planned) = schedule.steps.get(i).and_then(Option::as_ref) {
				// The result is written while other tensors are read: it leaves its place for the time.
				let mut slot = match home {
					Home::Slot(slot) => self.slots.get_mut(slot).map(std::mem::take),
					_ => None,
				};
				let mut output = match home {
					Home::Output(at) => {
						let (ty, _) = program
							.tensor(step.result)
							.ok_or(Error::Internal("a result is missing"))?;
						let spent = spent.get_mut(at).and_then(Option::take);
						Some(match spent.filter(|spent| spent.ty() == ty) {
							Some(spent) => spent,
							None => Tensor::zeros(ty.clone())?,
						})
					},
					_ => None,
				};
				let out = match (&mut slot, output.as_mut().map(Tensor::data_mut)) {
					(_, Some(Data::I8(v))) => Out::I8(v),
					(_, Some(Data::I32(v))) => Out::I32(v),
					(Some(slot), None) => {
						let n = elements(program, step.result)?;
						match program.tensor(step.result).map(|(ty, _)| ty.dtype) {
							Some(DType::I8) => Out::I8(&mut slot.i8s_mut()[..n]),
							_ => Out::I32(&mut slot.i32s_mut()[..n]),
						}
					},
					(None, None) => return Err(Error::Internal("a result has no home")),
				};
				let view = |id| {
					find(
						program,
						schedule.home(id),
						id,
						inputs,
						&self.constants,
						&self.slots,
						&outputs,
					)
				};
				let weights = self.weights.get(i).and_then(Option::as_ref);
				context.run(planned, view, weights, &mut self.workspace, out)?;
				if let (Home::Slot(at), Some(buffer)) = (home, slot) {
					if let Some(place) = self.slots.get_mut(at) {
						*place = buffer;
					}
				}
				if let (Home::Output(at), Some(_)) = (home, &output) {
					if let Some(place) = outputs.get_mut(at) {
						*place = output;
					}
				}
			}
			let id = step.result;
			if visit(i, find(program, home, id, inputs, &self.constants, &self.slots, &outputs))
				.is_break()
			{
				return Ok(Vec::new());
			}
		}
		let outputs = outputs.into_iter().collect::<Option<_>>();
		outputs.ok_or(Error::Internal("an output was not computed"))
	}
}

/// The elements of a tensor; none of one that is not stored.
fn find<'a>(
	program: &Validated,
	home: Home,
	id: TensorId,
	inputs: &'a [Tensor],
	constants: &'a [Option<Tensor>],
	slots: &'a [Buffer],
	outputs: &'a [Option<Tensor>],
) -> View<'a> {
	let nothing = View::I8(&[]);
	match home {
		Home::Nowhere => nothing,
		Home::Input(i) => inputs.get(i).map_or(nothing, View::of),
		Home::Constant(i) => constants.get(i).and_then(Option::as_ref).map_or(nothing, View::of),
		Home::Slot(i) => {
			let (Some(slot), Some((ty, _))) = (slots.get(i), program.tensor(id)) else {
				return nothing;
			};
			let n = ty.elements() as usize;
			match ty.dtype {
				DType::I8 => View::I8(slot.i8s().get(..n).unwrap_or_default()),
				DType::I32 => View::I32(slot.i32s().get(..n).unwrap_or_default()),
			}
		},
		Home::Output(i) => outputs.get(i).and_then(Option::as_ref).map_or(nothing, View::of),
	}
}
