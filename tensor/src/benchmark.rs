// SPDX-License-Identifier: Apache-2.0
//! The standard benchmark: the program by which a machine proves what it can do.
//!
//! Two small random inputs are unfolded into a square matrix `B` and a stack of square matrices `X_0`, all filled with
//! numbers that look random. With `step(x, b) = sbox(requant(x . b^T))`:
//!
//! ```text
//! there   X_(j+1) = step(X_j, B)                         j = 0 .. rounds - kept
//! back    Y_0 = X_(rounds - kept), Y_(i+1) = step(Y_i, X_(order(i)))     i = 0 .. kept
//! result  the sums of the rows of Y_kept
//! ```
//!
//! Each step needs every element of the one before, and nothing of it is known sooner. On the way back states of the way
//! there are needed again, scattered over it, so whoever keeps only one of every `c` computes `(c - 1) / 2` steps more for
//! each on average: memory can be replaced by work, but no work by anything. A few times on the way back, blocks of rows
//! change places between the matrices of a stack, or one matrix after the other could be taken there and back in the
//! memory of one. The requantisation keeps elements from
//! running into the bounds of i8; the S-box, that of AES, keeps products of the same matrices from running into a
//! single direction, and from being taken together.

#![allow(
	clippy::arithmetic_side_effects,
	reason = "sides are at most 2^14, batches 2^20, rounds 640, and memory 2^52 bytes: products fit 64 bits where they are taken"
)]

use crate::{
	commit::{program_id, Hash},
	infer::MAX_K,
	kernels::philox,
	layout::{MAX_TILES, TILE},
	program::{Op, Program, Scale, TensorId, VERSION},
	types::TensorType,
};
use alloc::{vec, vec::Vec};

/// Most steps of a benchmark: as many as a program has room for with a table in each.
pub const MAX_ROUNDS: u32 = 640;
/// Steps that it has if nothing speaks for more or fewer: so many that the states kept fill the memory that is claimed
/// but for a twentieth, in a program of some 70 KiB.
const ROUNDS: u64 = 256;
/// Fewest steps, where the work allows: their number says how much work there is, to one part in twice as many.
const FEW: u64 = 32;
/// Columns of the inputs once they are unfolded: the rank from which all else is drawn.
const RANK: u32 = 16;
/// What elements deviate by from zero after a requantisation: 97 % lie within the bounds of i8.
const SPREAD: u64 = 60;
/// Square of what uniformly distributed i8 deviate by: `(256^2 - 1) / 12`.
const VARIANCE: u64 = 5_461;
/// Shift of all scales.
const SHIFT: u8 = 38;
/// How often blocks of rows change places between the matrices of a stack.
///
/// Taking them there and back one by one then costs a way there for each time.
const SHUFFLES: u32 = 8;
/// Matrices of one side that are drawn from the inputs besides the stack: two for `B`, one for the stack.
const BESIDES: u64 = 3;

/// How large a benchmark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
	/// Rows and columns of each matrix: a multiple of 64, at most 16,384.
	pub side: u32,
	/// Matrices that are computed side by side.
	pub batch: u32,
	/// Steps, there and back.
	pub rounds: u32,
	/// States of the way there that are needed on the way back, and steps of it: at most half of all.
	pub kept: u32,
}

/// The largest number whose cube is at most `n`.
fn cube_root(n: u64) -> u64 {
	let (mut low, mut high) = (0u64, 1 << 21);
	while low + 1 < high {
		let middle = (low + high) / 2;
		if middle * middle * middle <= n {
			low = middle;
		} else {
			high = middle;
		}
	}
	low
}

/// The largest number of whole tiles that is at most `n`, at least one.
fn whole_tiles(n: u64) -> u64 {
	let tile = u64::from(TILE);
	(n / tile * tile).max(tile)
}

/// The benchmark that keeps a machine of that throughput at work for so many seconds, and needs that much memory if the
/// work and the format allow it.
///
/// A machine with little memory for its throughput gets less work than that: [`Params::mac`] says how much.
pub fn params_for(mac_per_second: u64, memory_mib: u32, seconds: u32) -> Params {
	let target = mac_per_second.saturating_mul(seconds.into()).max(1);
	let memory = u64::from(memory_mib) << 20;
	// Products of small matrices measure memory, not arithmetic: 256 for a laptop's 10^10, 11,900 for 10^15.
	let busy = cube_root(mac_per_second / 596);
	// With this side, states of half the steps fill the memory.
	let filling = target / (2 * memory.max(1));
	// The product of one step alone takes four times what its operands do, and there are some steps at least.
	let most = u64::from(MAX_K).min(cube_root(target / FEW)).min((memory / 8).isqrt());
	let side = whole_tiles(busy.max(filling).min(most));

	let square = side * side;
	let step = step_mac(side, 1);
	let by_tiles = MAX_TILES / (square / u64::from(TILE * TILE)).max(1);
	let by_memory = memory.saturating_sub(square) / (6 * square);
	let batch = (target / step).div_ceil(ROUNDS).min(by_tiles).min(by_memory).max(1);

	let step = step_mac(side, batch);
	let work = target.saturating_sub(setup_mac(side, batch));
	let rounds = (work.saturating_add(step / 2) / step).clamp(2, MAX_ROUNDS.into());
	let fitting = memory.saturating_sub(square) / (square * batch);
	let kept = fitting.saturating_sub(5).clamp(1, rounds / 2);
	let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
	Params { side: narrow(side), batch: narrow(batch), rounds: narrow(rounds), kept: narrow(kept) }
}

/// Cost of a step: the product, and a requantisation and a table that each read and write every element.
fn step_mac(side: u64, batch: u64) -> u64 {
	(batch * side * side).saturating_mul(side + 4)
}

/// Rows and columns of the pool from which all matrices are drawn: whole tiles, with room for their rows of 64.
fn pool_side(side: u64, batch: u64) -> u64 {
	let rows = (batch + BESIDES) * side;
	let root = (rows * u64::from(TILE)).isqrt();
	whole_tiles(root + u64::from(TILE))
}

/// Cost of everything but the steps.
fn setup_mac(side: u64, batch: u64) -> u64 {
	let tile = u64::from(TILE);
	let (pool, stack, square) = (pool_side(side, batch), batch * side * side, side * side);
	// Unfolding the inputs, whose tiles are padded; the product, its requantisation and table, and its reshape.
	let pooling = 2 * pool * tile + pool * pool * (u64::from(RANK) + 2 + 2 + 2);
	let drawing = 2 * (batch + BESIDES) * side * tile + 2 * batch * side * tile;
	let products = (stack + square) * (tile + 2 + 2);
	let sums = stack + batch * side;
	pooling + drawing + products + sums
}

impl Params {
	fn sizes(&self) -> (u64, u64) {
		(self.side.into(), self.batch.into())
	}

	/// Cost in multiply-accumulates: exactly that of the program.
	pub fn mac(&self) -> u64 {
		let (side, batch) = self.sizes();
		let shuffles = (0..self.kept).filter(|i| self.shuffles_before(*i)).count() as u64;
		u64::from(self.rounds)
			.saturating_mul(step_mac(side, batch))
			.saturating_add(setup_mac(side, batch))
			// Two reshapes and a transpose, each of which reads and writes every element.
			.saturating_add(shuffles * 6 * batch * side * side)
	}

	/// Memory in bytes that a run needs at once on the way back.
	pub fn memory(&self) -> u64 {
		let (side, batch) = self.sizes();
		// The states kept, the one before, and a product of i32.
		(u64::from(self.kept) + 5) * batch * side * side
	}

	/// Type of both inputs.
	fn input(&self) -> TensorType {
		let (side, batch) = self.sizes();
		let pool = pool_side(side, batch) as u32;
		TensorType::i8(&[pool / (TILE / RANK), TILE])
	}

	/// Steps on the way there.
	fn there(&self) -> u32 {
		self.rounds.saturating_sub(self.kept)
	}

	/// Which state of the way there is kept as number `k`: they lie evenly over it, and the last one is none of them.
	fn state(&self, k: u32) -> u32 {
		(u64::from(k) * u64::from(self.there()) / u64::from(self.kept.max(1))) as u32
	}

	/// Whether blocks of rows change places before step `i` of the way back.
	fn shuffles_before(&self, i: u32) -> bool {
		let every = self.kept.div_ceil(SHUFFLES).max(1);
		self.batch > 1 && i.is_multiple_of(every)
	}

	/// Which of the states kept is read by step `i` of the way back: each once, neighbours far apart.
	fn order(&self, i: u32) -> u32 {
		let kept = u64::from(self.kept.max(1));
		// The golden section, and from there on the first stride that has no divisor with their number.
		let stride = (kept * 618 / 1_000..=kept).find(|s| *s > 0 && are_coprime(*s, kept));
		(u64::from(i) * stride.unwrap_or(1) % kept) as u32
	}
}

fn are_coprime(a: u64, b: u64) -> bool {
	let (mut a, mut b) = (a, b);
	while b > 0 {
		(a, b) = (b, a % b);
	}
	a == 1
}

/// The S-box of AES: without linear relations, and as fast as any other table.
fn sbox() -> Vec<i8> {
	let mut table = vec![0u8; 256];
	let (mut p, mut q) = (1u8, 1u8);
	loop {
		// p runs through all powers of 3 in the field, q through their inverses.
		p ^= (p << 1) ^ if p & 0x80 == 0 { 0 } else { 0x1b };
		q ^= q << 1;
		q ^= q << 2;
		q ^= q << 4;
		q ^= if q & 0x80 == 0 { 0 } else { 0x09 };
		let image = [1, 2, 3, 4].iter().fold(q, |sum, by| sum ^ q.rotate_left(*by));
		if let Some(entry) = table.get_mut(usize::from(p)) {
			*entry = image ^ 0x63;
		}
		if p == 1 {
			break;
		}
	}
	if let Some(zero) = table.first_mut() {
		*zero = 0x63;
	}
	// The table of an operation begins with -128.
	table.rotate_left(128);
	table.into_iter().map(|byte| byte as i8).collect()
}

/// The factor that makes sums of `terms` products of uniformly distributed i8 deviate by [`SPREAD`].
fn scale(terms: u32) -> Scale {
	let root = (u64::from(terms) << 16).isqrt();
	let multiplier = (SPREAD << (SHIFT + 8)) / VARIANCE / root.max(1);
	Scale { multiplier: multiplier as u32, shift: SHIFT }
}

/// A program as it grows.
struct Builder {
	ops: Vec<Op>,
	table: Vec<i8>,
}

impl Builder {
	/// Tensors before the first operation's.
	const LEAVES: usize = 2;

	fn add(&mut self, op: Op) -> TensorId {
		self.ops.push(op);
		(Self::LEAVES + self.ops.len() - 1) as TensorId
	}

	/// `sbox(requant(a . b^T))`, where rows have so many elements.
	fn step(&mut self, a: TensorId, b: TensorId, terms: u32) -> TensorId {
		let x = self.add(Op::MatMul { a, b });
		let x = self.add(Op::Requant { x, zero: 0, scales: vec![scale(terms)] });
		let table = self.table.clone();
		self.add(Op::Lut256 { x, table })
	}

	/// Blocks of 64 rows change places between the matrices of a stack, as cards do when they are dealt.
	fn shuffle(&mut self, x: TensorId, params: &Params) -> TensorId {
		let Params { side, batch, .. } = *params;
		let blocks = self.add(Op::Reshape { x, dims: vec![batch, side / TILE, TILE, side] });
		let dealt = self.add(Op::Transpose { x: blocks, perm: vec![1, 0, 2, 3] });
		self.add(Op::Reshape { x: dealt, dims: vec![batch, side, side] })
	}

	/// So many rows of the pool.
	fn draw(&mut self, pool: TensorId, from: u32, rows: u32) -> TensorId {
		self.add(Op::Slice { x: pool, start: vec![from, 0], dims: vec![rows, TILE] })
	}
}

/// The program. It takes two inputs and no constants, and has one output.
pub fn program(params: &Params) -> Program {
	let Params { side, batch, .. } = *params;
	let input = params.input();
	let pool = pool_side(side.into(), batch.into()) as u32;
	let mut it = Builder { ops: Vec::new(), table: sbox() };

	let unfold = |it: &mut Builder, x| it.add(Op::Reshape { x, dims: vec![pool, RANK] });
	let (left, right) = (unfold(&mut it, 0), unfold(&mut it, 1));
	let square = it.step(left, right, RANK);
	let rows = it.add(Op::Reshape { x: square, dims: vec![pool / TILE * pool, TILE] });
	let stack = it.draw(rows, 0, batch * side);
	let stack = it.add(Op::Reshape { x: stack, dims: vec![batch, side, TILE] });
	let [across, left, right] = [0, 1, 2].map(|i: u32| it.draw(rows, (batch + i) * side, side));
	let b = it.step(left, right, TILE);
	let mut x = it.step(stack, across, TILE);

	let mut states = vec![x];
	for _ in 0..params.there() {
		x = it.step(x, b, side);
		states.push(x);
	}
	for i in 0..params.kept {
		if params.shuffles_before(i) {
			x = it.shuffle(x, params);
		}
		let state = params.state(params.order(i));
		if let Some(kept) = states.get(state as usize) {
			x = it.step(x, *kept, side);
		}
	}
	let sums = it.add(Op::RowSum { x });
	Program {
		version: VERSION,
		inputs: vec![input.clone(), input],
		constants: Vec::new(),
		ops: it.ops,
		outputs: vec![sums],
	}
}

/// Blobs of the inputs that a provider has in a round: random numbers of Philox4x32-10 under a key and a counter that are
/// drawn from seed, owner account and input.
pub fn inputs(seed: &Hash, owner: &Hash, params: &Params) -> Vec<Vec<u8>> {
	let bytes = params.input().elements() as usize;
	[0u8, 1]
		.map(|input| {
			let drawn = program_id(&[b"calor/benchmark/1", &seed[..], owner, &[input]].concat());
			let word = |i: usize| {
				let bytes = drawn.get(i * 4..).and_then(|rest| rest.first_chunk::<4>());
				u32::from_le_bytes(bytes.copied().unwrap_or_default())
			};
			let blocks = 0..bytes.div_ceil(16) as u32;
			let mut blob: Vec<u8> = blocks
				.map(|i| philox([i, word(2), word(3), word(4)], [word(0), word(1)]))
				.flat_map(|block| block.into_iter().flat_map(u32::to_le_bytes))
				.collect();
			blob.truncate(bytes);
			blob
		})
		.into()
}
