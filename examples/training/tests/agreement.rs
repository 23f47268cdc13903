// SPDX-License-Identifier: Apache-2.0
//! The network learns, and every engine learns the same bits.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use calor_tensor::program::{MAX_BYTES, MAX_OPS};
use calor_training::{
	program::{classifier, epoch},
	training::EPOCHS,
	Engine, Training,
};
use codec::Encode;

#[test]
fn an_epoch_is_a_valid_program_within_the_bounds() {
	let program = epoch(5);
	assert!(program.ops.len() <= MAX_OPS);
	assert!(program.encode().len() <= MAX_BYTES);
	program.validate().unwrap();
	classifier().validate().unwrap();
}

#[test]
fn it_learns_to_read() {
	for seed in [1, 2, 3] {
		let mut training = Training::new(seed).unwrap();
		for _ in 0..EPOCHS {
			training.advance(&Engine::Reference).unwrap();
		}
		let right = training.right(&Engine::Reference).unwrap();
		assert!(right * 100 >= 599 * 95, "seed {seed}: {right} of 599");
	}
}

/// Trains on an engine beside the reference and compares every link of the chain.
fn learns_the_same(engine: &Engine, epochs: u32) {
	let (mut ours, mut theirs) = (Training::new(1).unwrap(), Training::new(1).unwrap());
	for epoch in 1..=epochs {
		let (ours, theirs) =
			(ours.advance(engine).unwrap(), theirs.advance(&Engine::Reference).unwrap());
		assert_eq!(ours, theirs, "epoch {epoch} on {}", engine.name());
	}
	assert_eq!(ours.right(engine).unwrap(), theirs.right(&Engine::Reference).unwrap());
}

#[test]
fn the_cpu_engine_learns_the_same() {
	learns_the_same(&Engine::cpu().unwrap(), EPOCHS);
}

#[test]
fn a_gpu_learns_the_same() {
	learns_the_same(&Engine::gpu(true).unwrap(), EPOCHS);
}
