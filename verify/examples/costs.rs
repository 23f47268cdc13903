// SPDX-License-Identifier: Apache-2.0
//! What a dispute puts on chain, in bytes, for a few programs and at worst.
//!
//! `cargo run --release -p calor-verify --example costs [PROGRAM]..` prints a table in Markdown; further programs are given
//! as files, such as `examples/digits/digits.program`. Sizes depend on shapes, hardly on elements: all elements here are
//! zero, and no program is run. Each row has two figures for proofs: the largest over all operations that was built, for
//! the first, the middle and the last tile of each, and what registration allows for these operations.

use calor_primitives::{
	dispute::{Answer, Question, Shown, MAX_HASHES, NODE_PATH, TRACE_PATH},
	H256,
};
use calor_tensor::{
	bounds::{worst, MAX_TILE_MAC, MAX_WITNESS},
	kernels::{Segment, Source},
	program::{Window, VERSION},
	proof::MAX_PROOF,
	prove::{prove, Lie},
	tree::{height, Descent, WIDTH},
	DType, Hash, Layout, Op, Program, Scale, TensorId, TensorType, Validated, TILE,
};
use codec::Encode;

/// Bytes of a signed transaction beside its call: address, signature, era, nonce, tip, and the call's two indices.
const SIGNED: u64 = 110;
/// Bytes of a job's number, of a salt, and of a commitment to a proof.
const JOB: u64 = 8;
const SALT: u64 = 32;

fn main() -> Result<(), Box<dyn std::error::Error>> {
	println!(
		"| program | ops | tiles | trace | upper | lower | proof | proof, bound | whole dispute |"
	);
	println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
	for path in std::env::args().skip(1) {
		let program = Validated::from_bytes(&std::fs::read(&path)?)?;
		row(path.rsplit('/').next().unwrap_or(&path), &program)?;
	}
	for (name, program) in [
		("128 ops of 1,024 tiles, K = 1,024", layers()),
		("heads of attention: 512 tokens, 12 heads of 64", heads()),
		("product, K = 16,384", product()),
		("convolution with the largest proof", convolution()),
	] {
		row(name, &program.validate()?)?;
	}
	let hashes = |count: u32| {
		Answer::Hashes(vec![H256([0; 32]); count as usize].try_into().unwrap_or_default())
	};
	let [trace, level] = [MAX_HASHES, WIDTH].map(|count| hashes(count).encode().len() as u64);
	let whole = dispute(trace, level, level, MAX_PROOF, TRACE_PATH, NODE_PATH);
	println!(
		"| the worst that is admitted | 4,096 | 1,048,576 | {} | {} | {} | | {} | {} |",
		thousands(trace),
		thousands(level),
		thousands(level),
		thousands(MAX_PROOF),
		thousands(whole),
	);
	Ok(())
}

fn row(name: &str, program: &Validated) -> Result<(), Box<dyn std::error::Error>> {
	let ops = program.program().ops.len() as u32;
	let of = |count: u32| -> Result<u64, Box<dyn std::error::Error>> {
		let hashes: Result<_, _> = vec![H256([0; 32]); count as usize].try_into();
		Ok(Answer::Hashes(hashes.map_err(|_| "more hashes than an answer holds")?).encode().len()
			as u64)
	};
	let trace = of(ops)?;
	let (mut upper, mut lower, mut proof, mut bound, mut tiles, mut nodes) = (0, 0, 0, 0, 0, 0);
	for (op, what) in (0..).zip(&program.program().ops) {
		let layout = program.op_layout(op).ok_or("an operation without a result")?;
		let descent = Descent::of(layout);
		tiles = tiles.max(layout.tiles());
		upper = upper.max(of(descent.upper_len())?);
		if let Some(len) = descent.lower_len(0) {
			lower = lower.max(of(len)?);
			nodes = nodes.max(height(descent.upper_len()));
		}
		let last = layout.tiles() - 1;
		for tile in [0, last / 2, last] {
			proof = proof.max(built(program, op, tile)?);
		}
		let worst =
			worst(what, program.tensors(), layout).ok_or("an operation without operands")?;
		// Beside the tiles: paths of the claimed leaf and of roots in the trace, and a few numbers for each tile.
		let paths = height(layout.tiles()) + height(ops) * (1 + what.operands().count() as u32);
		bound = bound.max(worst.bytes + u64::from(32 * paths) + 8 * worst.tiles + 64);
	}
	println!(
		"| {name} | {} | {} | {} | {} | {} | {} | {} | {} |",
		thousands(ops.into()),
		thousands(tiles.into()),
		thousands(trace),
		thousands(upper),
		if lower > 0 { thousands(lower) } else { String::new() },
		thousands(proof),
		thousands(bound),
		thousands(dispute(trace, upper, lower, proof.max(bound), height(ops), nodes)),
	);
	Ok(())
}

/// Bytes of all transactions of a dispute: questions, answers, the commitment to a proof and the proof.
fn dispute(trace: u64, upper: u64, lower: u64, proof: u64, in_trace: u32, nodes: u32) -> u64 {
	let path = |count: u32| vec![H256([0; 32]); count as usize];
	let shown = |node: Option<u32>| Shown {
		root: H256([0; 32]),
		in_trace: path(in_trace).try_into().unwrap_or_default(),
		node: node.map(|count| (H256([0; 32]), path(count).try_into().unwrap_or_default())),
	};
	let question = |question: Question, shown: Option<Shown>, answer: u64| {
		let asked = (question, shown).encode().len() as u64;
		// The answer names its question again.
		2 * (SIGNED + JOB) + asked + question.encode().len() as u64 + answer
	};
	let deeper = match lower {
		0 => 0,
		_ => question(Question::Lower { op: 0, node: 0 }, Some(shown(Some(nodes))), lower),
	};
	question(Question::Trace, None, trace)
		+ question(Question::Upper { op: 0 }, Some(shown(None)), upper)
		+ deeper
		+ 2 * (SIGNED + JOB)
		+ 2 * SALT
		+ proof
}

/// Bytes of a proof about a tile.
fn built(program: &Validated, op: u16, tile: u32) -> Result<u64, Box<dyn std::error::Error>> {
	let layout = program.op_layout(op).ok_or("no such operation")?;
	let path = vec![[0; 32]; height(layout.tiles()) as usize];
	let lie = Lie { op, tile, claimed: [0; 32], path };
	let most = program.tensors().iter().map(|(_, layout)| layout.tiles()).max().unwrap_or_default();
	let hashes: Vec<Hash> = vec![[0; 32]; most as usize];
	let leaves = |id: TensorId| hashes.get(..program.tensor(id)?.1.tiles() as usize);
	let roots = vec![[0; 32]; program.program().ops.len()];
	Ok(prove(program, lie, &Zeros(program), leaves, &roots)?.bytes())
}

/// All tensors of a program, zero throughout.
struct Zeros<'a>(&'a Validated);

impl Source for Zeros<'_> {
	fn segment(&self, id: TensorId, _: u32, _: u32, tile_col: u32) -> Option<Segment<'_>> {
		let (ty, layout) = self.0.tensor(id)?;
		let len = layout.cols.checked_sub(tile_col.checked_mul(TILE)?)?.min(TILE) as usize;
		match ty.dtype {
			DType::I8 => [0; TILE as usize].as_slice().get(..len).map(Segment::I8),
			DType::I32 => [0; TILE as usize].as_slice().get(..len).map(Segment::I32),
		}
	}
}

fn scales() -> Vec<Scale> {
	vec![Scale { multiplier: 1 << 30, shift: 40 }]
}

/// Products of 4,096 rows by weights of 1,024 x 1,024, each requantised.
fn layers() -> Program {
	let (inputs, mut ops) = (vec![TensorType::i8(&[4_096, 1_024])], Vec::new());
	let constants = vec![TensorType::i8(&[1_024, 1_024]); 64];
	let mut x = 0;
	for layer in 0..64 {
		ops.push(Op::MatMul { a: x, b: 1 + layer });
		ops.push(Op::Requant { x: 65 + 2 * layer, zero: 0, scales: scales() });
		x = 66 + 2 * layer;
	}
	Program { version: VERSION, inputs, constants, ops, outputs: vec![x] }
}

/// Movement, whose tiles come from many tiles each.
fn heads() -> Program {
	Program {
		version: VERSION,
		inputs: vec![TensorType::i8(&[8, 512, 768])],
		constants: vec![],
		ops: vec![
			Op::Reshape { x: 0, dims: vec![8, 512, 12, 64] },
			Op::Transpose { x: 1, perm: vec![0, 2, 1, 3] },
			Op::Transpose { x: 2, perm: vec![0, 2, 1, 3] },
			Op::Reshape { x: 3, dims: vec![8, 512, 768] },
		],
		outputs: vec![4],
	}
}

/// The longest product.
fn product() -> Program {
	Program {
		version: VERSION,
		inputs: vec![TensorType::i8(&[2_048, 16_384])],
		constants: vec![TensorType::i8(&[16_384, 16_384])],
		ops: vec![Op::MatMul { a: 0, b: 1 }],
		outputs: vec![2],
	}
}

/// Of all square windows and channels, the convolution whose tiles need most.
fn convolution() -> Program {
	let of = |size: u16, stride: u16, channels: u32| {
		let pad = [size / 2; 4];
		let window = Window { size: [size; 2], stride: [stride; 2], pad, dilation: [1, 1] };
		let k = u32::from(size) * u32::from(size) * channels;
		Program {
			version: VERSION,
			inputs: vec![TensorType::i8(&[1, 128, 128, channels])],
			constants: vec![TensorType::i8(&[64, k])],
			ops: vec![Op::Conv2d { x: 0, weights: 1, window, groups: 1, zero: 0 }],
			outputs: vec![2],
		}
	};
	let bytes = |program: &Program| {
		let tensors: Vec<_> = program.inputs.iter().chain(&program.constants).cloned().collect();
		let tensors: Option<Vec<_>> =
			tensors.into_iter().map(|ty| Layout::of(&ty).map(|layout| (ty, layout))).collect();
		let validated = program.clone().validate().ok()?;
		let worst = worst(program.ops.first()?, &tensors?, validated.op_layout(0)?)?;
		(worst.bytes <= MAX_WITNESS && worst.mac <= MAX_TILE_MAC).then_some(worst.bytes)
	};
	let all = (1..=11).flat_map(|size| (1..=3).map(move |stride| (size, stride)));
	let all = all.flat_map(|(size, stride)| {
		(1..=16_384 / (u32::from(size) * u32::from(size)))
			.step_by(8)
			.map(move |c| (size, stride, c))
	});
	let all = all.map(|(size, stride, channels)| of(size, stride, channels));
	all.max_by_key(bytes).unwrap_or_else(|| of(3, 1, 64))
}

fn thousands(n: u64) -> String {
	let digits = n.to_string();
	let mut text = String::new();
	for (i, digit) in digits.chars().enumerate() {
		if i > 0 && (digits.len() - i).is_multiple_of(3) {
			text.push(',');
		}
		text.push(digit);
	}
	text
}
