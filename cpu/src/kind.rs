// SPDX-License-Identifier: Apache-2.0
//! What a step does, with everything that depends on the program alone.

use crate::{
	gemm::Panels,
	movement::Nest,
	post::{Other, Post},
	rows::Norm,
	scales::Scales,
	table::Weights,
	window::Windows,
	Error,
};
use calor_graph::{pointwise, Step};
use calor_tensor::{Op, TensorId, Validated};

/// A product: of matrices, or of what windows show with weights.
#[derive(Clone, Debug)]
pub(crate) struct ProductPlan {
	pub(crate) a: TensorId,
	pub(crate) b: TensorId,
	pub(crate) matrices: usize,
	pub(crate) m: usize,
	pub(crate) panels: Panels,
	pub(crate) width: usize,
	pub(crate) row_step: usize,
	pub(crate) col_step: usize,
	/// Windows, and what stands outside the image; none if the rows of `a` are the left operand.
	pub(crate) windows: Option<(Windows, i8)>,
}

impl ProductPlan {
	/// What writes the rows of the left operand if they are what windows show of `x`.
	pub(crate) fn rows<'x>(
		&self,
		x: &'x [i8],
	) -> Option<impl Fn(usize, usize, &mut [i8]) + Sync + 'x> {
		let k = self.panels.k;
		self.windows.map(|(windows, zero)| {
			let per = k / (windows.down.size * windows.across.size);
			move |group: usize, pixel: usize, to: &mut [i8]| {
				windows.gather(x, zero, pixel, [group * per, per], to);
			}
		})
	}
}

/// What the anchor of a step does.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
	Product(ProductPlan),
	/// Operands, windows, what stands outside, and pixels of the result.
	Depthwise {
		x: TensorId,
		weights: TensorId,
		windows: Windows,
		zero: i8,
		pixels: usize,
	},
	/// The anchor is the first post; rows of `width` elements.
	Pointwise {
		x: TensorId,
		width: usize,
	},
	MaxPool(TensorId, Windows),
	SumPool(TensorId, Windows),
	Softmax(TensorId, Box<Weights>),
	CrossEntropyGrad([TensorId; 2], Box<Weights>),
	Norm(TensorId, Norm),
	/// Any other operation, executed as it stands in the program.
	Plain,
}

/// A step as it is executed.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
	/// The anchor.
	pub(crate) op: u16,
	pub(crate) result: TensorId,
	pub(crate) kind: Kind,
	pub(crate) posts: Vec<Post>,
}

/// Dimensions of a tensor.
pub(crate) fn dims(program: &Validated, id: TensorId) -> Result<&[u32], Error> {
	let tensor = program.tensor(id).ok_or(Error::Internal("a tensor is missing"))?;
	Ok(&tensor.0.dims)
}

/// The last dimension.
pub(crate) fn last(program: &Validated, id: TensorId) -> Result<usize, Error> {
	Ok(dims(program, id)?.last().copied().unwrap_or(1) as usize)
}

/// Elements of a tensor.
pub(crate) fn elements(program: &Validated, id: TensorId) -> Result<usize, Error> {
	Ok(dims(program, id)?.iter().map(|&d| d as usize).product())
}

impl Planned {
	pub(crate) fn new(program: &Validated, step: &Step) -> Result<Self, Error> {
		let op = op(program, step.op)?;
		let mut posts = Vec::new();
		let mut add = |index: u16, other: Option<TensorId>| {
			let of = crate::kind::op(program, index)?;
			let other = match other {
				Some(id) => {
					let row = dims(program, id)? != dims(program, step.result)?;
					Some(Other { id, row })
				},
				None => None,
			};
			posts.push(Post::new(of, other).ok_or(Error::Internal("a post is not pointwise"))?);
			Ok::<_, Error>(())
		};
		let anchor = pointwise(op);
		if let Some(anchor) = anchor {
			add(step.op, anchor.other)?;
		}
		for post in &step.post {
			add(post.op, post.other)?;
		}
		let kind = match anchor {
			Some(anchor) => {
				let flat = posts.iter().all(|post| !post.per_column());
				let of = if flat { elements } else { last };
				Kind::Pointwise { x: anchor.x, width: of(program, step.result)? }
			},
			None => kind(program, op, step.result)?,
		};
		Ok(Self { op: step.op, result: step.result, kind, posts })
	}

	/// Bytes of tables that it holds.
	pub(crate) fn bytes(&self) -> u64 {
		let own = match &self.kind {
			Kind::Softmax(..) | Kind::CrossEntropyGrad(..) => 1024,
			Kind::Norm(_, norm) => norm.scales.bytes(),
			_ => 0,
		};
		self.posts.iter().map(Post::bytes).sum::<u64>() + own
	}
}

/// An operation of the program.
pub(crate) fn op(program: &Validated, index: u16) -> Result<&Op, Error> {
	program.program().ops.get(usize::from(index)).ok_or(Error::Internal("an operation is missing"))
}

fn kind(program: &Validated, op: &Op, result: TensorId) -> Result<Kind, Error> {
	let to = dims(program, result)?;
	let windows = |window, x: TensorId| {
		let windows = Windows::new(window, dims(program, x)?, to);
		windows.ok_or(Error::Internal("an image is not of rank 4"))
	};
	let norm = |x: TensorId, centred, eps: u32, zero: i8, scales: &[_]| {
		Kind::Norm(x, Norm { centred, eps, zero, scales: Scales::new(scales) })
	};
	Ok(match op {
		Op::MatMul { a, b } => {
			let k = last(program, *a)?;
			let n = to.last().copied().unwrap_or(1) as usize;
			let rows = elements(program, *a)? / k;
			let stack = elements(program, *b)? / (n * k);
			// One right operand for all: the left matrices are one tall one.
			let matrices = stack;
			let panels = Panels { matrices, n, k };
			let m = rows / matrices;
			Kind::Product(ProductPlan {
				a: *a,
				b: *b,
				matrices,
				m,
				panels,
				width: n,
				row_step: m,
				col_step: 0,
				windows: None,
			})
		},
		Op::Conv2d { x, weights, window, groups, zero } => {
			let windows = windows(window, *x)?;
			let groups = *groups as usize;
			let outputs = to.last().copied().unwrap_or(1) as usize;
			let m = elements(program, result)? / outputs;
			if groups == windows.channels && groups == outputs {
				let (weights, zero) = (*weights, *zero);
				return Ok(Kind::Depthwise { x: *x, weights, windows, zero, pixels: m });
			}
			let k = last(program, *weights)?;
			let n = outputs / groups;
			let direct = groups == 1 && windows.is_pointwise();
			Kind::Product(ProductPlan {
				a: *x,
				b: *weights,
				matrices: groups,
				m,
				panels: Panels { matrices: groups, n, k },
				width: outputs,
				row_step: 0,
				col_step: n,
				windows: (!direct).then_some((windows, *zero)),
			})
		},
		Op::MaxPool2d { x, window } => Kind::MaxPool(*x, windows(window, *x)?),
		Op::SumPool2d { x, window } => Kind::SumPool(*x, windows(window, *x)?),
		Op::SoftmaxI8 { x, table } => Kind::Softmax(*x, Box::new(Weights::new(table))),
		Op::CrossEntropyGrad { x, target, table } => {
			Kind::CrossEntropyGrad([*x, *target], Box::new(Weights::new(table)))
		},
		Op::RmsNormI8 { x, eps, zero, scales } => norm(*x, false, *eps, *zero, scales),
		Op::LayerNormI8 { x, eps, zero, scales } => norm(*x, true, *eps, *zero, scales),
		_ => Kind::Plain,
	})
}

/// How the elements of a Slice or of a Transpose that keeps the last dimension are found; `None` for other operations.
pub(crate) fn nest(program: &Validated, op: &Op) -> Option<Nest> {
	match op {
		Op::Slice { x, start, dims: to } => Some(Nest::block(dims(program, *x).ok()?, start, to)),
		Op::Transpose { x, perm } => {
			let keeps = perm.last().map(|&d| usize::from(d) + 1) == Some(perm.len());
			keeps.then(|| Some(Nest::permuted(dims(program, *x).ok()?, perm))).flatten()
		},
		_ => None,
	}
}
