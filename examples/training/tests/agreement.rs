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

#[test]
fn every_engine_learns_the_same() {
	let engines = [Engine::Reference, Engine::gpu(true).unwrap()];
	let mut runs = engines.map(|engine| (engine, Training::new(1).unwrap()));
	for link in 0..2 {
		let roots = runs.each_mut().map(|(engine, training)| training.advance(engine).unwrap());
		for (root, (engine, _)) in roots.iter().zip(&runs) {
			assert_eq!(root, &roots[0], "epoch {link} on {}", engine.name());
		}
	}
	let right = runs.each_ref().map(|(engine, training)| training.right(engine).unwrap());
	assert!(right.iter().all(|n| *n == right[0]), "{right:?}");
}
