// SPDX-License-Identifier: Apache-2.0
//! Writes the seeds of the corpus into the folder that is given: small random programs and the edges, encoded.

use calor_tensor::testing::{edge_cases, random_case};
use codec::Encode;

fn main() -> std::io::Result<()> {
	let folder = std::env::args().nth(1).expect("usage: corpus FOLDER");
	std::fs::create_dir_all(&folder)?;
	let mut kinds = std::collections::BTreeSet::new();
	let cases = edge_cases().into_iter().chain((0..400).map(random_case));
	for (i, case) in cases.enumerate() {
		let bytes = case.program.encode();
		// A seed for each new combination of operations.
		let names: Vec<_> = case.program.ops.iter().map(|op| op.name()).collect();
		if bytes.len() <= 600 && names.len() <= 6 && kinds.insert(names) {
			std::fs::write(format!("{folder}/seed-{i:03}"), bytes)?;
		}
	}
	Ok(())
}
