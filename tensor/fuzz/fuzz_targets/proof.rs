// SPDX-License-Identifier: Apache-2.0
//! Any bytes as a fraud proof against a worker who told the truth: nothing is ever proved, and judging does not panic.
//!
//! The first byte chooses the worker, and whether the rest is an encoded proof or one whose hashes and tiles are named by
//! number, so that the fuzzer gets beyond the first hash. `cargo fuzz run proof`, or `scripts/fuzz.sh proof`.

#![no_main]

#[path = "../honest.rs"]
mod honest;

use calor_tensor::proof::{judge, FraudProof, Known};
use codec::{Decode, Encode};
use honest::{Honest, Short, SEEDS};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static WORKERS: LazyLock<Vec<Honest>> = LazyLock::new(|| SEEDS.map(Honest::new).into());

fuzz_target!(|bytes: &[u8]| {
	let Some((first, mut rest)) = bytes.split_first() else { return };
	let worker = &WORKERS[usize::from(*first) % WORKERS.len()];
	let proof = if first & 0x80 == 0 {
		Short::decode(&mut rest).map(|short| short.at_length(worker))
	} else {
		FraudProof::decode(&mut rest)
	};
	let Ok(proof) = proof else { return };
	assert_eq!(proof.bytes(), proof.encode().len() as u64);
	assert!(judge(&worker.program, &worker.known, &proof).is_err());
	let before = Known { trace: None, ..worker.known.clone() };
	assert!(judge(&worker.program, &before, &proof).is_err());
});
