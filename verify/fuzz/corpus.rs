// SPDX-License-Identifier: Apache-2.0
//! Writes the seeds of the corpus into the folder that is given: honest answers, short and whole, and what questions show.

#[allow(dead_code, reason = "the fuzz target judges, this only makes")]
mod honest;

use calor_primitives::{
	dispute::{Question, Shown},
	H256,
};
use calor_tensor::{prove::path_in_trace, tree::Descent, TensorId};
use codec::Encode;
use honest::{Changed, Honest};
use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
	let folder = std::env::args().nth(1).expect("usage: corpus FOLDER");
	let folder = Path::new(&folder).join("answer");
	fs::create_dir_all(&folder)?;
	for (worker, honest) in (0u8..).zip(Honest::all()) {
		let run = &honest.run;
		let leaves = run.operands().len();
		let mut questions = vec![Question::Trace];
		for op in 0..run.op_roots().len() as u16 {
			questions.extend([Question::Upper { op }, Question::Lower { op, node: 649 }]);
		}
		for tensor in 0..(leaves + run.op_roots().len()) as TensorId {
			questions.push(Question::Chunk { tensor, chunk: 0 });
		}
		for (i, question) in questions.into_iter().enumerate() {
			let Ok(answer) = run.answer(question) else { continue };
			let changed = Changed { question, changes: vec![], cut: 0, more: vec![] };
			fs::write(folder.join(format!("seed-{worker}-{i}")), (worker, changed).encode())?;
			let whole = (worker | 0x80, question, answer).encode();
			if whole.len() <= 600 {
				fs::write(folder.join(format!("whole-{worker}-{i}")), whole)?;
			}
		}
		for op in 0..run.op_roots().len() as u16 {
			let id = leaves as TensorId + op;
			let (_, layout) = run.program().tensor(id).expect("a tensor");
			let descent = Descent::of(layout);
			let upper = descent.upper(run.leaves(id).expect("a tensor"));
			let node = descent.upper_len() - 1;
			let hashes = |hashes: Vec<_>| hashes.into_iter().map(H256).collect::<Vec<_>>();
			let path = descent.node_path(node, &upper).expect("a node");
			let in_trace = path_in_trace(run.program(), id, run.op_roots()).expect("a path");
			let shown = Shown {
				root: H256(run.root(id).expect("a root")),
				in_trace: hashes(in_trace).try_into().expect("short"),
				node: Some((H256(upper[node as usize]), hashes(path).try_into().expect("short"))),
			};
			let bytes = (worker | 0xc0, op, node, shown).encode();
			fs::write(folder.join(format!("shown-{worker}-{op}")), bytes)?;
		}
	}
	Ok(())
}
