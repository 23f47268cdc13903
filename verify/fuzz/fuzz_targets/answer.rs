// SPDX-License-Identifier: Apache-2.0
//! Any bytes as an answer to a question about an honest worker's result, or as what a question shows of it: only what the
//! worker itself would say is taken, and nothing panics.
//!
//! The first byte chooses the worker and how the rest is read: as an encoded answer, as changes to the right one, or as
//! what a question shows. `cargo fuzz run answer`, or `scripts/fuzz.sh answer`.

#![no_main]

#[path = "../honest.rs"]
mod honest;

use calor_primitives::dispute::{Answer, Question, Shown};
use calor_tensor::{
	commit::{trace_leaf, trace_root, typed_root},
	tree::{fold, height, Descent},
	Hash, TensorId,
};
use codec::{Decode, Encode};
use honest::{Changed, Honest};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static WORKERS: LazyLock<Vec<Honest>> = LazyLock::new(Honest::all);

fuzz_target!(|bytes: &[u8]| {
	let Some((first, mut rest)) = bytes.split_first() else { return };
	let worker = &WORKERS[usize::from(*first) % WORKERS.len()];
	match first >> 6 {
		0 | 1 => {
			let Ok(changed) = Changed::decode(&mut rest) else { return };
			let Some(answer) = changed.answer(&worker.run) else { return };
			take(worker, changed.question, &answer);
		},
		2 => {
			let Ok((question, answer)) = <(Question, Answer)>::decode(&mut rest) else { return };
			take(worker, question, &answer);
		},
		_ => {
			let Ok((op, node, shown)) = <(u16, u32, Shown)>::decode(&mut rest) else { return };
			show(worker, op, node, &shown);
		},
	}
});

/// An answer is taken if and only if it is the worker's.
fn take(worker: &Honest, question: Question, answer: &Answer) {
	assert!(answer.bytes() as usize <= answer.encode().len());
	let taken = worker.claimed.clone().take(worker.run.program(), question, answer).is_ok();
	let same = worker.run.answer(question).is_ok_and(|right| right == *answer);
	assert_eq!(taken, same, "{question:?}");
}

/// What a question shows leads to the worker's trace if and only if it is the worker's.
fn show(worker: &Honest, op: u16, node: u32, shown: &Shown) {
	let (run, program) = (&worker.run, worker.run.program());
	let hashes =
		|hashes: &[calor_primitives::H256]| hashes.iter().map(|h| h.0).collect::<Vec<Hash>>();
	let ops = run.op_roots();
	let leaf = [(u32::from(op), trace_leaf(&shown.root.0))];
	let trace = fold(&leaf, height(ops.len() as u32), &hashes(&shown.in_trace));
	let known = trace == Some(trace_root(ops));
	let right = ops.get(usize::from(op)) == Some(&shown.root.0);
	assert!(!known || right, "a root that the worker does not have");
	let id = program.program().leaves().saturating_add(op.into());
	let (Some(&(ref ty, layout)), Some((hash, path))) = (program.tensors().get(id), &shown.node)
	else {
		return;
	};
	let descent = Descent::of(&layout);
	let tree = descent.root_of_node(node, &hash.0, &hashes(path));
	if tree.map(|tree| typed_root(ty, &tree)) == run.root(id as TensorId) {
		let upper = descent.upper(run.leaves(id as TensorId).expect("a tensor"));
		assert_eq!(upper.get(node as usize), Some(&hash.0), "a node that the worker does not have");
	}
}
