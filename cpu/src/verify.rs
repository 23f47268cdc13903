// SPDX-License-Identifier: Apache-2.0
//! Checks claimed results for less than it costs to compute them.
//!
//! Freivalds' check compares `C r` with `A (B^T r)` for a random vector `r`: three passes over the operands instead of a
//! product. Ours computes modulo 2^64, with elements of `r` drawn from `0 .. 2^31`, for two vectors.
//!
//! *Error.* Let a row of `C` differ from the product's in column `j` by `d`. Both are i32, and a product's sums are below
//! `2^28 + 1` in size, so `0 < |d| < 2^32`, and `d = 2^t * odd` with `t < 32`. Whatever the other elements of `r` are, the
//! check can pass only if `d * r_j` has one certain value modulo 2^64, which fixes `r_j` modulo `2^(64 - t)`: at most one of
//! its `2^31` values. Two independent vectors let a wrong product pass with probability at most `2^-62`, over the choice of
//! `r`. (Modulo the prime `2^31 - 1`, often used for this, a claim that is wrong by just that number would always pass.)
//!
//! The vectors come from Philox4x32-10 under the caller's seed, which must be chosen at random after the claim was made:
//! whoever knows it beforehand can make a wrong claim that passes.

use crate::{
	buffer::{Out, View},
	exec::{blank, Context, Workspace},
	gemm::{Left, Panels},
	kind::{Kind, Planned, ProductPlan},
	level::{leveled, Cpu},
	philox::philox,
	pool::Pool,
	Engine, Error,
};
use calor_graph::Graph;
use calor_tensor::{reference::check_operands, Data, Tensor, TensorId, Validated};
use std::sync::atomic::{AtomicBool, Ordering};

/// Vectors of a check.
const VECTORS: usize = 2;
/// Rows of the product that are checked at a time.
const ROWS: usize = 64;
/// Multiply-accumulates for each element of operands and result from which on a check is cheaper than the product.
const WORTH: u64 = 128;

/// A product as it is claimed.
struct Claim<'a> {
	/// Left matrices.
	matrices: usize,
	/// Rows of each.
	m: usize,
	left: Left<'a>,
	right: &'a [i8],
	panels: Panels,
	/// As in [`crate::gemm::Product`].
	width: usize,
	row_step: usize,
	col_step: usize,
	claimed: &'a [i32],
}

/// Whether `c: i32[.., M, N]` is the product of `a: i8[.., M, K]` and `b: i8[.., N, K]` as MatMul defines it, `K <= 16,384`.
///
/// Always true for the product; for anything else true with probability at most 2^-62 over `seed`, which must be unknown
/// to whoever made the claim. False if the types do not go together.
pub fn product(a: &Tensor, b: &Tensor, c: &Tensor, seed: u64) -> bool {
	let (Ok(cpu), Ok(pool)) = (Cpu::detect(None), Pool::new(Some(1))) else { return false };
	let (Data::I8(left), Data::I8(right), Data::I32(claimed)) = (a.data(), b.data(), c.data())
	else {
		return false;
	};
	let (Some((&k, [a_lead @ .., m])), Some((&kb, [b_lead @ .., n]))) =
		(a.ty().dims.split_last(), b.ty().dims.split_last())
	else {
		return false;
	};
	let shared = b_lead.is_empty();
	let dims: Vec<u32> = a_lead.iter().chain([m, n]).copied().collect();
	if k != kb || k > calor_tensor::MAX_K || !(shared || a_lead == b_lead) || dims != c.ty().dims {
		return false;
	}
	let (n, k) = (*n as usize, k as usize);
	let matrices = right.len() / (n * k);
	let m = left.len() / k / matrices;
	let panels = Panels { matrices, n, k };
	let (row_step, left) = (m, Left::Rows(left));
	let claim =
		Claim { matrices, m, left, right, panels, width: n, row_step, col_step: 0, claimed };
	claim.holds(cpu, &pool, seed, 0)
}

/// The first operation whose claimed tensor is not what the program gives for the claimed tensors before it; `None` if
/// there is none, and then every output is right.
///
/// `operands` are the inputs, then the constants; `claimed` has one tensor for each operation. Large products and
/// convolutions are checked as by [`product`], everything else is computed again; a wrong large product passes with
/// probability at most 2^-62. A tensor of another type than the program's counts as wrong.
///
/// # Errors
/// [`Error::Operand`] or [`Error::Count`] if operands or claims are not as many and of the types that the program has, or
/// as [`Engine::plan`].
pub fn trace(
	engine: &Engine,
	program: &Validated,
	operands: &[Tensor],
	claimed: &[Tensor],
	seed: u64,
) -> Result<Option<u16>, Error> {
	check_operands(program, operands.iter().map(Tensor::ty))?;
	let (expected, actual) = (program.program().ops.len(), claimed.len());
	if expected != actual {
		return Err(Error::Count { what: "claimed tensors", expected, actual });
	}
	let plan = engine.planned(program, Graph::plain(program))?;
	let mut workspace = Workspace::new(&plan, &plan.schedule);
	let context = Context { cpu: engine.cpu, pool: &engine.pool, program };
	let declared = program.tensors().iter().skip(operands.len());
	for (op, ((ty, _), (tensor, step))) in
		(0u16..).zip(declared.zip(claimed.iter().zip(&plan.schedule.graph.steps)))
	{
		if tensor.ty() != ty {
			return Ok(Some(op));
		}
		let view = |id: TensorId| {
			let id = usize::from(id);
			let tensor = operands.get(id).or_else(|| claimed.get(id.checked_sub(operands.len())?));
			tensor.map_or(View::I8(&[]), View::of)
		};
		let planned = Planned::new(program, step)?;
		let cost = program.costs().get(usize::from(op)).copied().unwrap_or_default();
		let right = match &planned.kind {
			Kind::Product(product) if product.is_large(cost) => {
				let claimed = View::of(tensor).i32s();
				let a = view(product.a).i8s();
				let made = product.rows(a);
				let left = match &made {
					Some(made) => Left::Made(made),
					None => Left::Rows(a),
				};
				let claim = product.claim(left, view(product.b).i8s(), claimed);
				engine.pool.enter(|| claim.holds(engine.cpu, &engine.pool, seed, op))
			},
			_ => {
				let mut again = blank(program, step.result)?;
				let out = match &mut again {
					Data::I8(v) => Out::I8(v),
					Data::I32(v) => Out::I32(v),
				};
				engine.pool.enter(|| context.run(&planned, view, None, &mut workspace, out))?;
				again == *tensor.data()
			},
		};
		if !right {
			return Ok(Some(op));
		}
	}
	Ok(None)
}

impl ProductPlan {
	/// Whether checking is cheaper than computing.
	fn is_large(&self, mac: u64) -> bool {
		let Self { matrices, m, panels: Panels { n, k, .. }, .. } = *self;
		let elements = matrices as u64 * (m * k + n * k + m * n) as u64;
		mac > WORTH.saturating_mul(elements)
	}

	fn claim<'a>(&self, left: Left<'a>, right: &'a [i8], claimed: &'a [i32]) -> Claim<'a> {
		Claim {
			matrices: self.matrices,
			m: self.m,
			left,
			right,
			panels: self.panels,
			width: self.width,
			row_step: self.row_step,
			col_step: self.col_step,
			claimed,
		}
	}
}

impl Claim<'_> {
	/// Checks every matrix; `salt` keeps apart the vectors of several claims under one seed.
	fn holds(&self, cpu: Cpu, pool: &Pool, seed: u64, salt: u16) -> bool {
		let Panels { n, k, .. } = self.panels;
		let wrong = AtomicBool::new(false);
		let mut columns = [vec![0u64; k], vec![0u64; k]];
		for matrix in 0..self.matrices {
			let random: [Vec<i32>; VECTORS] =
				std::array::from_fn(|v| vector(seed, [v as u32, matrix as u32, salt.into()], n));
			let right = &self.right[matrix * n * k..(matrix + 1) * n * k];
			for (column, random) in columns.iter_mut().zip(&random) {
				pool.rows(column, 1, n, |first, column| {
					column.fill(0);
					for (row, &r) in right.chunks_exact(k).zip(random) {
						add_scaled(cpu, column, &row[first..first + column.len()], r);
					}
				});
			}
			pool.tasks(self.m.div_ceil(ROWS), |block| {
				let mut made = vec![0; k];
				for row in block * ROWS..self.m.min((block + 1) * ROWS) {
					if wrong.load(Ordering::Relaxed) {
						return;
					}
					let left: &[i8] = match &self.left {
						Left::Rows(a) => &a[(matrix * self.m + row) * k..][..k],
						Left::Made(fill) => {
							fill(matrix, row, &mut made);
							&made
						},
					};
					let at = (matrix * self.row_step + row) * self.width + matrix * self.col_step;
					let claimed = &self.claimed[at..at + n];
					let same = columns.iter().zip(&random).all(|(column, random)| {
						dot8(cpu, left, column) == dot32(cpu, claimed, random)
					});
					if !same {
						wrong.store(true, Ordering::Relaxed);
					}
				}
			});
		}
		!wrong.into_inner()
	}
}

/// `n` numbers below 2^31 that depend on the seed and on which vector it is.
fn vector(seed: u64, which: [u32; 3], n: usize) -> Vec<i32> {
	let key = [seed as u32, (seed >> 32) as u32];
	let [vector, matrix, salt] = which;
	let words = (0u32..).flat_map(|i| philox(key, [i, vector, matrix, salt]));
	words.map(|word| (word >> 1) as i32).take(n).collect()
}

leveled! {
	/// `to += from * factor`, wrapping.
	fn add_scaled(to: &mut [u64], from: &[i8], factor: i32) {
		for (y, x) in to.iter_mut().zip(from) {
			*y = y.wrapping_add((i64::from(*x) * i64::from(factor)) as u64);
		}
	}
}

leveled! {
	fn dot8(a: &[i8], b: &[u64]) -> u64 {
		a.iter().zip(b).fold(0, |sum: u64, (x, y)| sum.wrapping_add((i64::from(*x) as u64).wrapping_mul(*y)))
	}
}

leveled! {
	fn dot32(a: &[i32], b: &[i32]) -> u64 {
		a.iter().zip(b).fold(0, |sum: u64, (x, y)| sum.wrapping_add((i64::from(*x) * i64::from(*y)) as u64))
	}
}
