// SPDX-License-Identifier: Apache-2.0
//! How products are computed must not show in the results.

use crate::{assert_like_reference, engine, open};
use calor_gpu::{Caps, Engine, Tuning};
use calor_tensor::{
	program::VERSION,
	testing::{single, Case, Choice},
	Op, Program, Scale, TensorType,
};
use std::{fs, path::PathBuf};

fn product(dims_a: &[u32], dims_b: &[u32]) -> Case {
	let mut choice = Choice::new(21);
	let inputs =
		[dims_a, dims_b].map(|dims| choice.tensor(&TensorType::i8(dims)).unwrap()).to_vec();
	single("product", Op::MatMul { a: 0, b: 1 }, inputs)
}

/// A layer: product, bias, requantisation with a scale a column, residual.
fn layer(rows: u32, cols: u32, k: u32) -> Case {
	let mut choice = Choice::new(22);
	let inputs = vec![TensorType::i8(&[rows, k]), TensorType::i32(&[rows, cols])];
	let constants = vec![TensorType::i8(&[cols, k]), TensorType::i32(&[cols])];
	let operands: Vec<_> =
		inputs.iter().chain(&constants).map(|ty| choice.tensor(ty).unwrap()).collect();
	let scales = (0..cols).map(|i| Scale { multiplier: (1 << 30) + i, shift: 38 }).collect();
	let ops = vec![
		Op::MatMul { a: 0, b: 2 },
		Op::Bias { x: 4, bias: 3 },
		Op::AddI32 { a: 1, b: 5 },
		Op::Requant { x: 6, zero: 3, scales },
		Op::Relu { x: 7 },
	];
	let program = Program { version: VERSION, inputs, constants, ops, outputs: vec![8] };
	Case { name: "layer".into(), program, operands }
}

fn forced(way: &str) -> Engine {
	let tuning = Tuning { product: Some(way.into()), ..Default::default() };
	open(Caps { tuning, ..Default::default() })
}

#[test]
fn every_way_gives_the_same_products() {
	for way in engine().product_ways() {
		let engine = forced(&way);
		for (a, b) in [
			(&[1, 1][..], &[1, 1][..]),
			(&[1, 100], &[70, 100]),
			(&[131, 271], &[135, 271]),
			(&[129, 160], &[257, 160]),
			(&[3, 33, 50], &[3, 34, 50]),
			(&[2, 3, 9, 640], &[5, 640]),
		] {
			let case = product(a, b);
			let program = case.program.clone().validate().unwrap();
			let plan = engine.plan(&program).unwrap();
			let wanted = calor_tensor::reference::run(&program, case.operands.clone()).unwrap();
			let outputs = engine.run(&plan, &case.operands).unwrap();
			assert_eq!(outputs, wanted, "{way} {a:?} {b:?}");
			// The way is really the one that was asked for.
			let shape = way.split('/').next().unwrap();
			let kernels = plan.run_kernels();
			assert!(kernels.iter().any(|k| k.contains(&format!(" {shape} "))), "{kernels:?}");
		}
		assert_like_reference(&engine, &layer(67, 99, 516));
	}
}

#[test]
fn a_layer_is_one_dispatch() {
	let program = layer(64, 64, 64).program.validate().unwrap();
	let plan = engine().plan(&program).unwrap();
	assert_eq!((plan.steps(), plan.dispatches()), (1, 1), "{:?}", plan.run_kernels());
}

#[test]
fn cooperative_matrices_are_used_only_where_they_are_right() {
	let engine = open(Caps { cooperative: true, ..Default::default() });
	let ways = engine.product_ways();
	assert_eq!(engine.is_cooperative(), ways.iter().any(|way| way == "cooperative"));
	let forced = |way: &str| {
		let tuning = Tuning { product: Some(way.into()), ..Default::default() };
		open(Caps { cooperative: true, tuning, ..Default::default() })
	};
	// A CPU adapter has none, and says so rather than compute in another way.
	if engine.is_cooperative() {
		assert_like_reference(&forced("cooperative"), &layer(131, 203, 528));
	} else {
		let tuning = Tuning { product: Some("cooperative".into()), ..Default::default() };
		let selection = calor_gpu::Selection { allow_cpu: true, ..Default::default() };
		let refused = Engine::capped(&selection, Caps { tuning, ..Default::default() });
		assert!(refused.unwrap_err().to_string().contains("cooperative"));
	}
}

#[test]
fn an_adapter_without_extras_gives_the_same() {
	let engine = open(Caps { portable: true, ..Default::default() });
	assert_like_reference(&engine, &layer(67, 99, 516));
	(0..40).for_each(|seed| {
		assert_like_reference(&engine, &calor_tensor::testing::random_case(seed));
	});
}

#[test]
fn measurements_are_kept_and_damaged_files_replaced() {
	let directory = scratch("tuning");
	let tuning =
		Tuning { directory: Some(directory.clone()), measure: Some(true), ..Default::default() };
	let caps = Caps { tuning, ..Default::default() };
	let case = product(&[40, 48], &[40, 48]);
	assert_like_reference(&open(caps.clone()), &case);
	let files: Vec<PathBuf> =
		fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
	let [file] = &files[..] else { panic!("{files:?}") };
	let text = fs::read_to_string(file).unwrap();
	assert!(text.contains(&engine().info().name) && text.lines().count() == 2, "{text}");
	// What the file says is done, even if it is not the fastest.
	let (header, line) = text.split_once('\n').unwrap();
	let (class, _) = line.split_once(' ').unwrap();
	fs::write(file, format!("{header}\n{class} few\n")).unwrap();
	let plan = open(caps.clone()).plan(&case.program.clone().validate().unwrap()).unwrap();
	assert!(plan.run_kernels().iter().any(|k| k.contains("few")), "{:?}", plan.run_kernels());
	for damage in [&b""[..], b"\xff\xfe", b"calor-gpu", &text.as_bytes()[..text.len() - 2]] {
		fs::write(file, damage).unwrap();
		assert_like_reference(&open(caps.clone()), &case);
		let again = fs::read_to_string(file).unwrap();
		assert!(again.starts_with(header) && again.lines().count() == 2, "{again}");
	}
	fs::remove_dir_all(directory).unwrap();
}

/// A directory of this test's own.
fn scratch(name: &str) -> PathBuf {
	let directory = std::env::temp_dir().join(format!("calor-{name}-{}", std::process::id()));
	let _ = fs::remove_dir_all(&directory);
	directory
}
