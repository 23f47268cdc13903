// SPDX-License-Identifier: Apache-2.0
//! Writes the seeds of the corpora into the folder that is given: `program`, small random programs and the edges, encoded;
//! `proof`, what would prove a tile wrong if it were.

#[allow(dead_code, reason = "the fuzz target judges, this only makes")]
mod honest;

use calor_tensor::testing::{edge_cases, random_case};
use codec::Encode;
use honest::{Honest, Short, SEEDS};
use std::{collections::BTreeSet, fs, io, path::Path};

fn main() -> io::Result<()> {
	let folder = std::env::args().nth(1).expect("usage: corpus FOLDER");
	programs(&Path::new(&folder).join("program"))?;
	proofs(&Path::new(&folder).join("proof"))
}

fn programs(folder: &Path) -> io::Result<()> {
	fs::create_dir_all(folder)?;
	let mut kinds = BTreeSet::new();
	let cases = edge_cases().into_iter().chain((0..400).map(random_case));
	for (i, case) in cases.enumerate() {
		let bytes = case.program.encode();
		// A seed for each new combination of operations.
		let names: Vec<_> = case.program.ops.iter().map(|op| op.name()).collect();
		if bytes.len() <= 600 && names.len() <= 6 && kinds.insert(names) {
			fs::write(folder.join(format!("seed-{i:03}")), bytes)?;
		}
	}
	Ok(())
}

fn proofs(folder: &Path) -> io::Result<()> {
	fs::create_dir_all(folder)?;
	for (worker, seed) in (0u8..).zip(SEEDS) {
		let honest = Honest::new(seed);
		for op in 0..honest.op_roots.len() as u16 {
			let tile = (honest.program.op_layout(op).expect("defined").tiles() - 1).min(3);
			let proof = honest.proof(op, tile);
			let short = Short::of(&honest, &proof);
			assert_eq!(short.clone().at_length(&honest), proof);
			let short = (worker, short).encode();
			if short.len() <= 1_000 {
				fs::write(folder.join(format!("seed-{worker}-{op}")), short)?;
			}
			let whole = (worker | 0x80, &proof).encode();
			if op == 0 && whole.len() <= 10_000 {
				fs::write(folder.join(format!("whole-{worker}-{op}")), whole)?;
			}
		}
	}
	Ok(())
}
