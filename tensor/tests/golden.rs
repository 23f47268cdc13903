// SPDX-License-Identifier: Apache-2.0
//! The reference against vectors that an independent implementation computed; see `golden/README.md`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use calor_tensor::{
	commit::{program_id, tensor_root, trace_root},
	reference,
	testing::golden::golden,
	Data, Tensor, Validated,
};
use codec::Encode;
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(s: &str) -> Vec<u8> {
	let digits: Vec<_> = s.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
	digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// The files' cases under the names that they have in `golden.scale`.
fn json_cases() -> Vec<(String, Value)> {
	let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
	let mut cases = Vec::new();
	for entry in fs::read_dir(folder).unwrap() {
		let path = entry.unwrap().path();
		if path.extension().is_some_and(|e| e == "json") {
			let group = path.file_stem().unwrap().to_str().unwrap().to_string();
			let file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
			for case in file.as_array().unwrap() {
				let name = format!("{group}: {}", case["name"].as_str().unwrap());
				cases.push((name, case.clone()));
			}
		}
	}
	cases
}

/// Type, elements and root as the files say them.
fn assert_tensor(expected: &Value, actual: &Tensor, what: &str) {
	let elements: Vec<i64> = match actual.data() {
		Data::I8(v) => v.iter().map(|&x| x.into()).collect(),
		Data::I32(v) => v.iter().map(|&x| x.into()).collect(),
	};
	assert_eq!(expected["type"], actual.ty().to_string(), "{what}");
	assert_eq!(expected["elements"], Value::from(elements), "{what}");
	assert_eq!(expected["root"], hex(&tensor_root(actual)), "{what}");
}

fn assert_tensors(expected: &Value, actual: &[Tensor], what: &str) {
	let expected = expected.as_array().unwrap();
	assert_eq!(expected.len(), actual.len(), "{what}");
	for (i, (expected, actual)) in expected.iter().zip(actual).enumerate() {
		assert_tensor(expected, actual, &format!("{what} {i}"));
	}
}

#[test]
fn the_reference_reproduces_every_vector() {
	let cases = json_cases();
	let embedded = golden().unwrap();
	assert_eq!(cases.len(), embedded.len());
	for (name, case) in cases {
		let vector = embedded.iter().find(|v| v.case.name == name).unwrap();
		let bytes = unhex(case["program"].as_str().unwrap());
		assert_eq!(vector.case.program.encode(), bytes, "{name}: encoding");
		assert_eq!(case["program_id"], hex(&program_id(&bytes)), "{name}: program id");
		let program = Validated::from_bytes(&bytes).unwrap();
		assert_eq!(program.id(), program_id(&bytes), "{name}");
		assert_tensors(&case["operands"], &vector.case.operands, &format!("{name}: operand"));
		assert_tensors(&case["outputs"], &vector.outputs, &format!("{name}: expected output"));

		let outputs = reference::run(&program, vector.case.operands.clone()).unwrap();
		assert_tensors(&case["outputs"], &outputs, &format!("{name}: output"));
		let roots = reference::op_roots(&program, vector.case.operands.clone()).unwrap();
		let expected: Vec<_> = roots.iter().map(|root| hex(root)).collect();
		assert_eq!(case["op_roots"], Value::from(expected), "{name}: roots");
		assert_eq!(trace_root(&roots), vector.trace_root, "{name}: trace root");
		assert_eq!(case["trace_root"], hex(&vector.trace_root), "{name}: trace root");
	}
}

#[test]
fn every_operation_has_vectors() {
	let vectors = golden().unwrap();
	let names: BTreeSet<_> =
		vectors.iter().flat_map(|v| &v.case.program.ops).map(|op| op.name()).collect();
	assert_eq!(names.len(), 30, "{names:?}");
}
