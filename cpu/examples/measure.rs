// SPDX-License-Identifier: Apache-2.0
//! Prints how fast the engine is: `cargo run --release -p calor-cpu --example measure [threads [level]]`, on an otherwise idle machine.

use calor_cpu::{verify, Engine, Level, Options};
use calor_tensor::{
	program::{Window, VERSION},
	testing::Choice,
	Data, Op, Program, Scale, Tensor, TensorId, TensorType, Validated,
};
use std::time::{Duration, Instant};

/// A program under construction.
#[derive(Default)]
struct Builder {
	inputs: Vec<TensorType>,
	constants: Vec<TensorType>,
	ops: Vec<Op>,
	/// Constants are numbered once all are known.
	leaves: TensorId,
}

impl Builder {
	fn new(inputs: &[TensorType], constants: usize) -> Self {
		let leaves = (inputs.len() + constants) as TensorId;
		Self { inputs: inputs.to_vec(), leaves, ..Self::default() }
	}

	fn constant(&mut self, ty: TensorType) -> TensorId {
		self.constants.push(ty);
		(self.inputs.len() + self.constants.len() - 1) as TensorId
	}

	fn op(&mut self, op: Op) -> TensorId {
		self.ops.push(op);
		self.leaves + self.ops.len() as TensorId - 1
	}

	fn dense(&mut self, x: TensorId, n: u32, k: u32) -> TensorId {
		let (w, bias) =
			(self.constant(TensorType::i8(&[n, k])), self.constant(TensorType::i32(&[n])));
		let product = self.op(Op::MatMul { a: x, b: w });
		self.op(Op::Bias { x: product, bias })
	}

	fn requant(&mut self, x: TensorId) -> TensorId {
		let scales = vec![Scale { multiplier: 1 << 30, shift: 41 }];
		self.op(Op::Requant { x, zero: 0, scales })
	}

	fn finish(self, output: TensorId) -> Validated {
		let leaves = (self.inputs.len() + self.constants.len()) as TensorId;
		assert_eq!(self.leaves, leaves, "constants were counted");
		let program = Program {
			version: VERSION,
			inputs: self.inputs,
			constants: self.constants,
			ops: self.ops,
			outputs: vec![output],
		};
		program.validate().expect("a valid program")
	}
}

fn matmul(m: u32, n: u32, k: u32) -> Validated {
	let mut b = Builder::new(&[TensorType::i8(&[m, k])], 1);
	let w = b.constant(TensorType::i8(&[n, k]));
	let y = b.op(Op::MatMul { a: 0, b: w });
	b.finish(y)
}

/// Part of an attention of so many heads: products, or the softmax of their results.
fn attention(heads: u32, softmax: bool) -> Validated {
	if softmax {
		let mut b = Builder::new(&[TensorType::i8(&[heads, 128, 128])], 0);
		let table = (0..256).map(|d| 40_000 >> (d / 16)).collect();
		let y = b.op(Op::SoftmaxI8 { x: 0, table });
		return b.finish(y);
	}
	let rows = TensorType::i8(&[heads, 128, 32]);
	let mut b = Builder::new(&[rows.clone(), rows], 0);
	let y = b.op(Op::MatMul { a: 0, b: 1 });
	let y = b.requant(y);
	b.finish(y)
}

/// An encoder of MiniLM-L6's shape.
fn encoder(batch: u32) -> Validated {
	let (tokens, width, heads, inner, layers) = (128, 384, 12, 1536, 6);
	let mut b = Builder::new(&[TensorType::i8(&[batch * tokens, width])], layers * 12);
	let mut x = 0;
	let table: Vec<u16> =
		(0..256).map(|d| (65_535.0 * f64::from(-d).exp2().powf(0.06)) as u16).collect();
	let gelu: Vec<i8> = (-128..128).map(|x| (x as i8).max(x as i8 / 8)).collect();
	let scale = |shift| vec![Scale { multiplier: 1 << 30, shift }];
	for _ in 0..layers {
		let head = width / heads;
		let split = |b: &mut Builder, x: TensorId, n: u32| {
			let y = b.dense(x, n, n);
			let y = b.requant(y);
			let y = b.op(Op::Reshape { x: y, dims: vec![batch, tokens, heads, head] });
			let y = b.op(Op::Transpose { x: y, perm: vec![0, 2, 1, 3] });
			b.op(Op::Reshape { x: y, dims: vec![batch * heads, tokens, head] })
		};
		let (q, k, v) = (split(&mut b, x, width), split(&mut b, x, width), split(&mut b, x, width));
		let scores = b.op(Op::MatMul { a: q, b: k });
		let scores = b.op(Op::Requant { x: scores, zero: 0, scales: scale(40) });
		let weights = b.op(Op::SoftmaxI8 { x: scores, table: table.clone() });
		let turned = b.op(Op::Transpose { x: v, perm: vec![0, 2, 1] });
		let mixed = b.op(Op::MatMul { a: weights, b: turned });
		let mixed = b.op(Op::Requant { x: mixed, zero: 0, scales: scale(37) });
		let mixed = b.op(Op::Reshape { x: mixed, dims: vec![batch, heads, tokens, head] });
		let mixed = b.op(Op::Transpose { x: mixed, perm: vec![0, 2, 1, 3] });
		let mixed = b.op(Op::Reshape { x: mixed, dims: vec![batch * tokens, width] });
		let norm = |b: &mut Builder, x: TensorId, y: TensorId| {
			let rest = b.op(Op::Rescale { x, scales: scale(24) });
			let sum = b.op(Op::AddI32 { a: y, b: rest });
			let sum = b.requant(sum);
			let scales: Vec<Scale> =
				(0..width).map(|i| Scale { multiplier: (1 << 30) + i, shift: 39 }).collect();
			b.op(Op::LayerNormI8 { x: sum, eps: 64, zero: 0, scales })
		};
		let y = b.dense(mixed, width, width);
		let y = norm(&mut b, x, y);
		let z = b.dense(y, inner, width);
		let z = b.requant(z);
		let z = b.op(Op::Lut256 { x: z, table: gelu.clone() });
		let z = b.dense(z, width, inner);
		x = norm(&mut b, y, z);
	}
	b.finish(x)
}

fn conv(image: [u32; 3], outputs: u32, size: u16, stride: u16, groups: u32) -> Validated {
	let [h, w, c] = image;
	let mut b = Builder::new(&[TensorType::i8(&[1, h, w, c])], 1);
	let taps = u32::from(size) * u32::from(size) * c / groups;
	let weights = b.constant(TensorType::i8(&[outputs, taps]));
	let window =
		Window { size: [size; 2], stride: [stride; 2], pad: [size / 2; 4], dilation: [1; 2] };
	let y = b.op(Op::Conv2d { x: 0, weights, window, groups, zero: 3 });
	let y = b.requant(y);
	let y = b.op(Op::Relu { x: y });
	b.finish(y)
}

fn operands(types: &[TensorType]) -> Vec<Tensor> {
	let mut choice = Choice::new(1);
	let fill = |ty: &TensorType| {
		let n = ty.elements() as usize;
		let data = match ty.dtype {
			calor_tensor::DType::I8 => Data::I8((0..n).map(|_| choice.bits() as i8).collect()),
			calor_tensor::DType::I32 => {
				Data::I32((0..n).map(|_| choice.bits() as i32 >> 16).collect())
			},
		};
		Tensor::from_data(ty.clone(), data).expect("a valid type")
	};
	types.iter().map(fill).collect()
}

/// Time that all threads of this process have computed: what a run costs when other programs take turns. Zero where the
/// system does not tell.
fn busy() -> Duration {
	let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
	let times = tasks.filter_map(|task| {
		let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
		text.split_whitespace().next()?.parse::<u64>().ok()
	});
	Duration::from_nanos(times.sum())
}

fn measure(engine: &Engine, name: &str, program: &Validated) {
	let plan = engine.plan(program).expect("a plan");
	let inputs = operands(&program.program().inputs);
	let mut session =
		engine.load(&plan, &operands(&program.program().constants)).expect("a session");
	let mut best = Duration::MAX;
	let (mut runs, work) = (0, busy());
	let start = Instant::now();
	while start.elapsed() < Duration::from_millis(1500) {
		let begin = Instant::now();
		session.run(&inputs).expect("a run");
		best = best.min(begin.elapsed());
		runs += 1;
	}
	let mean = (busy() - work) / runs;
	let mac: u64 = program
		.program()
		.ops
		.iter()
		.zip(program.costs())
		.filter(|(op, _)| matches!(op, Op::MatMul { .. } | Op::Conv2d { .. }))
		.map(|(_, c)| c)
		.sum();
	let rate = |time: Duration| mac as f64 / time.as_secs_f64() / 1e9;
	println!(
		"{name:28} {:9.3} ms {:7.1} GMAC/s; busy {:9.3} ms, {:6.1} GMAC/s a core; {:6.1} MiB",
		best.as_secs_f64() * 1e3,
		rate(best),
		mean.as_secs_f64() * 1e3,
		rate(mean),
		plan.bytes() as f64 / 1048576.0
	);
}

/// How long checking a square product takes, beside computing it.
fn check(n: u32) {
	let program = matmul(n, n, n);
	let operands = operands(&[TensorType::i8(&[n, n]), TensorType::i8(&[n, n])]);
	let engine =
		Engine::new(&Options { threads: Some(1), ..Options::default() }).expect("an engine");
	let plan = engine.plan(&program).expect("a plan");
	let start = Instant::now();
	let product = engine.run(&plan, &operands).expect("a product").remove(0);
	let computed = start.elapsed();
	let start = Instant::now();
	assert!(verify::product(&operands[0], &operands[1], &product, 1));
	let checked = start.elapsed();
	println!("{n}^3 on one thread: computed in {computed:.1?}, checked in {checked:.1?}");
}

fn main() {
	let threads = std::env::args().nth(1).and_then(|n| n.parse().ok());
	let only = std::env::args().nth(2);
	for level in Level::available().into_iter().rev() {
		let name = format!("{level:?}");
		if only.as_ref().is_some_and(|only| *only != name) {
			continue;
		}
		let engine =
			Engine::new(&Options { threads, level: Some(level), memory: None }).expect("an engine");
		println!("{engine:?}");
		for n in [512, 1024, 2048] {
			measure(&engine, &format!("matmul {n}^3"), &matmul(n, n, n));
		}
		measure(&engine, "matmul 1 x 4096 x 4096", &matmul(1, 4096, 4096));
		measure(&engine, "matmul 128 x 384 x 384", &matmul(128, 384, 384));
		measure(&engine, "matmul 8192 x 64 x 4096", &matmul(8192, 64, 4096));
		measure(&engine, "12 x 128 x 128 x 32", &attention(12, false));
		measure(&engine, "softmax 12 x 128 x 128", &attention(12, true));
		measure(&engine, "encoder, batch 1", &encoder(1));
		measure(&engine, "encoder, batch 32", &encoder(32));
		measure(&engine, "conv 3x3 56x56x64 -> 64", &conv([56, 56, 64], 64, 3, 1, 1));
		measure(&engine, "conv 1x1 56x56x24 -> 144", &conv([56, 56, 24], 144, 1, 1, 1));
		measure(&engine, "conv 3x3/2 224x224x3 -> 32", &conv([224, 224, 3], 32, 3, 2, 1));
		measure(&engine, "depthwise 3x3 56x56x144", &conv([56, 56, 144], 144, 3, 1, 144));
	}
	check(2048);
	check(4096);
}
