// SPDX-License-Identifier: Apache-2.0
//! Executes one step.

use crate::{
	buffer::{Out, Shared, View},
	conv::{depthwise, Depthwise, Taps},
	gemm::{pack, product, Left, Packed, Product, Scratch},
	kind::{dims, elements, last, nest, op, Kind, Planned, ProductPlan},
	level::Cpu,
	movement,
	pointwise::pointwise,
	pool::Pool,
	post::Live,
	rows, sgd, Error,
};
use calor_tensor::{Op, TensorId, Validated};
use std::sync::Mutex;

/// Weights in the layout of their kernel.
#[derive(Clone)]
pub(crate) enum Weights {
	Packed(Packed),
	Taps(Taps),
}

/// Memory that steps use one after another.
pub(crate) struct Workspace {
	/// For right operands that are no constants.
	pub(crate) right: Packed,
	/// For each thread.
	pub(crate) threads: Vec<Mutex<Scratch>>,
}

/// What every step of a run shares.
pub(crate) struct Context<'a> {
	pub(crate) cpu: Cpu,
	pub(crate) pool: &'a Pool,
	pub(crate) program: &'a Validated,
}

impl Context<'_> {
	/// Executes `step` on the tensors that `view` knows. `weights` are the step's constant weights, if it has any.
	pub(crate) fn run<'v>(
		&self,
		step: &'v Planned,
		view: impl Fn(TensorId) -> View<'v> + Sync,
		weights: Option<&Weights>,
		workspace: &mut Workspace,
		out: Out<'_>,
	) -> Result<(), Error> {
		let (cpu, pool) = (self.cpu, self.pool);
		let posts: Vec<Live<'_>> = step.posts.iter().map(|post| Live::new(post, &view)).collect();
		let width = |x: TensorId| last(self.program, x);
		match &step.kind {
			Kind::Product(plan) => {
				let views = [view(plan.a), view(plan.b)];
				self.product(plan, views, weights, &posts, workspace, &Shared::new(out));
			},
			Kind::Depthwise { x, weights: w, windows, zero, pixels } => {
				let made;
				let taps = match weights {
					Some(Weights::Taps(taps)) => taps,
					_ => {
						made = Taps::new(view(*w).i8s(), windows.channels);
						&made
					},
				};
				let (x, zero, pixels) = (view(*x).i8s(), *zero, *pixels);
				let work = Depthwise { windows, x, zero, taps, pixels, posts: &posts };
				depthwise(cpu, pool, &work, &Shared::new(out));
			},
			Kind::Pointwise { x, width } => {
				pointwise(cpu, pool, view(*x), *width, &posts, &Shared::new(out));
			},
			Kind::MaxPool(x, windows) => windows.max(cpu, pool, view(*x), out),
			Kind::SumPool(x, windows) => windows.sum(cpu, pool, view(*x), out),
			Kind::Softmax(x, table) => {
				rows::softmax(cpu, pool, view(*x).i8s(), width(*x)?, table, out.i8s());
			},
			Kind::CrossEntropyGrad([x, target], table) => {
				let both = [view(*x).i8s(), view(*target).i8s()];
				rows::cross_entropy_grad(cpu, pool, both, width(*x)?, table, out.i32s());
			},
			Kind::Norm(x, norm) => norm.run(cpu, pool, view(*x).i8s(), width(*x)?, out.i8s()),
			Kind::Plain => self.plain(op(self.program, step.op)?, step.result, view, out)?,
		}
		Ok(())
	}

	fn product(
		&self,
		plan: &ProductPlan,
		[a, b]: [View<'_>; 2],
		weights: Option<&Weights>,
		posts: &[Live<'_>],
		workspace: &mut Workspace,
		out: &Shared<'_>,
	) {
		let right = match weights {
			Some(Weights::Packed(packed)) => packed,
			_ => {
				pack(self.cpu, self.pool, b.i8s(), plan.panels, &mut workspace.right);
				&workspace.right
			},
		};
		let made = plan.rows(a.i8s());
		let left = match &made {
			Some(made) => Left::Made(made),
			None => Left::Rows(a.i8s()),
		};
		let work = Product {
			matrices: plan.matrices,
			m: plan.m,
			left,
			right,
			panels: plan.panels,
			width: plan.width,
			row_step: plan.row_step,
			col_step: plan.col_step,
			posts,
		};
		product(self.cpu, self.pool, &workspace.threads, &work, out);
	}

	/// Operations that need no preparation.
	fn plain<'v>(
		&self,
		op: &Op,
		result: TensorId,
		view: impl Fn(TensorId) -> View<'v>,
		out: Out<'_>,
	) -> Result<(), Error> {
		let (cpu, pool, program) = (self.cpu, self.pool, self.program);
		let width = |x: TensorId| last(program, x);
		if let Some(nest) = nest(program, op) {
			let x = op.operands().next().ok_or(Error::Internal("an operand is missing"))?;
			nest.copy(pool, view(x), out);
			return Ok(());
		}
		match op {
			Op::RowMax { x } => rows::row_max(cpu, pool, view(*x), width(*x)?, out),
			Op::ArgMax { x } => rows::arg_max(cpu, pool, view(*x), width(*x)?, out),
			Op::RowSum { x } => rows::row_sum(cpu, pool, view(*x), width(*x)?, out),
			Op::Reshape { x, .. } => movement::copy(pool, view(*x), out),
			Op::Transpose { x, .. } => {
				let (rows, cols) = (width(result)?, width(*x)?);
				movement::swap(pool, view(*x), [rows, cols], out);
			},
			Op::Gather { table, index } => {
				movement::gather(pool, view(*table), view(*index).i32s(), width(*table)?, out);
			},
			Op::Concat { a, b, axis } => {
				let part = |x: TensorId| {
					let dims = dims(program, x)?.iter().skip(usize::from(*axis));
					Ok::<usize, Error>(dims.map(|&d| d as usize).product())
				};
				movement::concat(pool, [view(*a), view(*b)], [part(*a)?, part(*b)?], out);
			},
			Op::Pad { x, before, after, value } => {
				movement::pad(pool, view(*x), dims(program, *x)?, [before, after], *value, out);
			},
			Op::UpsampleNearest { x, factor } => {
				let &[_, h, w, c] = dims(program, *x)? else {
					return Err(Error::Internal("an image is not of rank 4"));
				};
				let image = [h, w, c].map(|d| d as usize);
				movement::upsample(pool, view(*x), image, *factor, out);
			},
			Op::OneHot { x, classes, on } => {
				movement::one_hot(pool, view(*x).i32s(), *classes as usize, *on, out.i8s());
			},
			Op::SgdStep { w, g, seed, step, shift } => {
				let operands = [*w, *g, *seed, *step].map(|x| view(x).i32s());
				sgd::sgd_step(cpu, pool, operands, *shift, out.i32s());
			},
			_ => return Err(Error::Internal("an operation has no kernel")),
		}
		Ok(())
	}
}

/// A result's elements, not yet computed.
pub(crate) fn blank(program: &Validated, id: TensorId) -> Result<calor_tensor::Data, Error> {
	let n = elements(program, id)?;
	let (ty, _) = program.tensor(id).ok_or(Error::Internal("a tensor is missing"))?;
	Ok(match ty.dtype {
		calor_tensor::DType::I8 => calor_tensor::Data::I8(vec![0; n]),
		calor_tensor::DType::I32 => calor_tensor::Data::I32(vec![0; n]),
	})
}
