// SPDX-License-Identifier: Apache-2.0
//! How much work it takes in all to have a result that is checked, over what the bare computation takes.
//!
//! `cargo run --release -p calor-verify --example overhead` times runs and the roots of their outputs, and reckons how many
//! audits a result has: from the thresholds by which the chain draws, at most two claims a result. Prints a table in
//! Markdown; ends with code 1 if any figure is above 1.15.

use calor_cpu::{Engine, Options};
use calor_primitives::{assurance::Assurance, lottery::threshold};
use calor_tensor::{
	program::VERSION, tensor_root, Op, Program, Scale, Tensor, TensorId, TensorType,
};
use std::time::{Duration, Instant};

/// Products one after the other, each with its requantisation.
const LAYERS: u16 = 12;
/// Tokens and width, as of a small transformer.
const ROWS: u32 = 256;
const WIDTH: u32 = 1_024;
/// Timed runs of each kind.
const RUNS: usize = 15;
/// Most that the design allows.
const MOST: f64 = 1.15;

fn layers() -> Program {
	let leaves = 1 + LAYERS;
	let mut ops = Vec::new();
	let mut x: TensorId = 0;
	for layer in 0..LAYERS {
		let product = leaves + 2 * layer;
		ops.push(Op::MatMul { a: x, b: 1 + layer });
		let scales = vec![Scale { multiplier: 1 << 20, shift: 34 }];
		ops.push(Op::Requant { x: product, zero: 0, scales });
		x = product + 1;
	}
	Program {
		version: VERSION,
		inputs: vec![TensorType::i8(&[ROWS, WIDTH])],
		constants: vec![TensorType::i8(&[WIDTH, WIDTH]); LAYERS.into()],
		ops,
		outputs: vec![x],
	}
}

/// Numbers without a pattern that a product could profit by.
fn filled(ty: TensorType, seed: u32) -> Result<Tensor, Box<dyn std::error::Error>> {
	let mut state = seed | 1;
	let bytes: Vec<u8> = (0..ty.bytes())
		.map(|_| {
			state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
			(state >> 24) as u8
		})
		.collect();
	Ok(Tensor::from_bytes(ty, &bytes)?)
}

/// Audits that a result has on average, if `auditors` with equal stake all claim what they draw.
fn audits(auditors: u32) -> f64 {
	let limit = threshold(Assurance::Optimistic.audit_rate(), 1, auditors.into());
	let drawn = limit as f64 / 2f64.powi(64);
	let n = f64::from(auditors);
	let none = (1.0 - drawn).powf(n);
	let one = n * drawn * (1.0 - drawn).powf(n - 1.0);
	one + 2.0 * (1.0 - none - one)
}

fn median(mut times: Vec<Duration>) -> f64 {
	times.sort_unstable();
	times[times.len() / 2].as_secs_f64()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
	let program = layers().validate()?;
	let engine = Engine::new(&Options::default())?;
	let plan = engine.plan(&program)?;
	let declared = program.tensors().iter().take(program.program().leaves());
	let operands = (0..)
		.zip(declared)
		.map(|(i, (ty, _))| filled(ty.clone(), i))
		.collect::<Result<Vec<_>, _>>()?;
	let (inputs, constants) = operands.split_at(1);
	let mut session = engine.load(&plan, constants)?;
	let mut committed = None;
	let (mut runs, mut hashes) = (Vec::new(), Vec::new());
	// The first of each is thrown away.
	for _ in 0..=RUNS {
		let begun = Instant::now();
		let outputs = session.run(inputs)?;
		runs.push(begun.elapsed());
		let begun = Instant::now();
		let roots: Vec<_> = outputs.iter().map(tensor_root).collect();
		hashes.push(begun.elapsed());
		if *committed.get_or_insert_with(|| roots.clone()) != roots {
			return Err("two runs gave different results".into());
		}
	}
	let (bare, hashed) = (median(runs.split_off(1)), median(hashes.split_off(1)));
	// Everyone who runs the job hashes what it puts out.
	let run = 1.0 + hashed / bare;
	println!(
		"{} MAC on {} threads: {:.2} ms bare, {:.2} ms for the roots of its outputs: {run:.4}x\n",
		program.mac(),
		engine.threads(),
		bare * 1e3,
		hashed * 1e3,
	);
	println!("| auditors | audits of a result | work in all, over the bare run |\n|--:|--:|--:|");
	let mut within = true;
	for auditors in [1, 3, 10, 100, 10_000] {
		let audits = audits(auditors);
		let total = (1.0 + audits) * run;
		within &= total <= MOST;
		println!("| {auditors} | {audits:.4} | {total:.4} |");
	}
	if within {
		Ok(())
	} else {
		Err(format!("more than {MOST} times the bare run").into())
	}
}
