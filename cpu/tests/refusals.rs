// SPDX-License-Identifier: Apache-2.0
//! What an engine does not do, and how much memory it takes.

use calor_cpu::{Engine, Error, Level, Options};
use calor_tensor::{program::VERSION, Op, Program, Scale, Tensor, TensorId, TensorType, Validated};

/// So many layers of `x = requant(x * w)` with one matrix for all of them.
fn layers(count: u16) -> Validated {
	let ops = (0..count).flat_map(|layer| {
		let x = if layer == 0 { 0 } else { 2 * layer + 1 };
		let scales = vec![Scale { multiplier: 1 << 30, shift: 40 }];
		[Op::MatMul { a: x, b: 1 }, Op::Requant { x: 2 * layer + 2, zero: 0, scales }]
	});
	Program {
		version: VERSION,
		inputs: vec![TensorType::i8(&[100, 200])],
		constants: vec![TensorType::i8(&[200, 200])],
		ops: ops.collect(),
		outputs: vec![(2 * count + 1) as TensorId],
	}
	.validate()
	.expect("a valid program")
}

fn engine(memory: Option<u64>) -> Engine {
	Engine::new(&Options { threads: Some(2), memory, level: None }).expect("an engine")
}

fn zeros(types: &[TensorType]) -> Vec<Tensor> {
	types.iter().map(|ty| Tensor::zeros(ty.clone()).expect("a tensor")).collect()
}

#[test]
fn memory_is_known_before_it_is_taken() {
	let program = layers(3);
	let need = engine(None).plan(&program).expect("a plan").bytes();
	let refused = engine(Some(need - 1)).plan(&program);
	assert!(
		matches!(refused, Err(Error::TooLarge { need: n, limit }) if n == need && limit == need - 1)
	);
	assert!(engine(Some(need)).plan(&program).is_ok());
}

#[test]
fn memory_is_used_again() {
	let bytes = |count| engine(None).plan(&layers(count)).expect("a plan").bytes();
	let weights = bytes(4) - bytes(3);
	// Each layer brings its packed weights and no tensor.
	assert_eq!(bytes(40) - bytes(39), weights);
	assert!(weights < 60_000, "{weights}");
}

#[test]
fn wrong_operands_are_refused() {
	let (engine, program) = (engine(None), layers(1));
	let plan = engine.plan(&program).expect("a plan");
	let right = zeros(&program.program().constants);
	let wrong = zeros(&[TensorType::i8(&[200, 100])]);
	assert!(matches!(engine.load(&plan, &wrong), Err(Error::Operand(_))));
	assert!(matches!(engine.load(&plan, &[]), Err(Error::Operand(_))));
	let mut session = engine.load(&plan, &right).expect("a session");
	assert!(matches!(session.run(&wrong), Err(Error::Operand(_))));
	assert!(matches!(session.run(&[]), Err(Error::Operand(_))));
	assert!(matches!(engine.run(&plan, &right), Err(Error::Operand(_))));
	assert_eq!(session.run(&zeros(&program.program().inputs)).expect("outputs").len(), 1);
}

#[test]
fn a_plan_belongs_to_engines_of_the_same_kind() {
	let program = layers(1);
	let other =
		Engine::new(&Options { threads: Some(1), ..Options::default() }).expect("an engine");
	let plan = other.plan(&program).expect("a plan");
	let constants = zeros(&program.program().constants);
	assert!(matches!(engine(None).load(&plan, &constants), Err(Error::ForeignPlan)));
}

#[test]
fn a_level_that_the_machine_lacks_is_refused() {
	for level in [Level::Portable, Level::Avx2, Level::AvxVnni, Level::Avx512] {
		let engine = Engine::new(&Options { level: Some(level), ..Options::default() });
		match engine {
			Ok(engine) => assert!(engine.level() == level && Level::available().contains(&level)),
			Err(Error::NoSuchLevel { wanted, available }) => {
				assert!(wanted == level && !available.contains(&level));
			},
			Err(other) => panic!("{other}"),
		}
	}
}
