// SPDX-License-Identifier: Apache-2.0
//! Every lie can be proved, and nothing else can.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	reason = "tests may panic"
)]

use calor_tensor::{
	bounds::worst,
	commit::{leaf, tile_bytes, tile_leaves, trace_root, tree_root, typed_root},
	kernels::compute_tile,
	proof::{judge, work, FraudProof, Known, OpenedTensor, ProofError, MAX_PROOF},
	prove::{prove, Lie},
	referee::{InputTile, RefereeError},
	reference::{self, Held},
	testing::{edge_cases, random_case, single, Case, Choice},
	tree::{siblings, Descent},
	Data, Hash, Op, Program, Scale, Tensor, TensorId, TensorType, Validated,
};
use codec::{Decode, Encode};
use std::collections::BTreeSet;

/// What somebody holds who ran a program, or says so: all tensors, and the leaf hashes of them.
#[derive(Clone)]
struct Ran {
	held: Held,
	leaves: Vec<Vec<Hash>>,
}

impl Ran {
	fn of(tensors: Vec<Tensor>) -> Self {
		let leaves = tensors.iter().map(tile_leaves).collect();
		Self { held: Held(tensors), leaves }
	}

	fn honest(program: &Validated, operands: &[Tensor]) -> Self {
		let defined = reference::trace(program, operands.to_vec()).unwrap();
		Self::of(operands.iter().cloned().chain(defined).collect())
	}

	fn root(&self, program: &Validated, id: usize) -> Hash {
		typed_root(&program.tensors()[id].0, &tree_root(&self.leaves[id]))
	}

	fn roots(&self, program: &Validated) -> Vec<Hash> {
		(program.program().leaves()..program.tensors().len())
			.map(|id| self.root(program, id))
			.collect()
	}

	/// What it is bound to, all asked for.
	fn known(&self, program: &Validated) -> Known {
		let outputs = &program.program().outputs;
		Known {
			operands: (0..program.program().leaves()).map(|id| self.root(program, id)).collect(),
			outputs: outputs.iter().map(|&id| self.root(program, id.into())).collect(),
			trace: Some(trace_root(&self.roots(program))),
		}
	}

	/// Computes operation `op` from what is held.
	fn compute(&self, program: &Validated, op: usize) -> Tensor {
		let (ty, layout) = &program.tensors()[program.program().leaves() + op];
		let mut tensor = Tensor::zeros(ty.clone()).unwrap();
		for tile in layout.iter() {
			let data = compute_tile(program, op as u16, &tile, &self.held).unwrap();
			for (row, at) in (tile.row..).take(tile.rows as usize).zip(0..) {
				let to = layout.element(tile.matrix, row, tile.col) as usize;
				let cols = tile.cols as usize;
				match (tensor.data_mut(), &data) {
					(Data::I8(to_), Data::I8(from)) => {
						to_[to..to + cols].copy_from_slice(&from[at * cols..(at + 1) * cols]);
					},
					(Data::I32(to_), Data::I32(from)) => {
						to_[to..to + cols].copy_from_slice(&from[at * cols..(at + 1) * cols]);
					},
					_ => unreachable!(),
				}
			}
		}
		tensor
	}

	/// Replaces a tensor.
	fn put(&mut self, id: usize, tensor: Tensor) {
		self.leaves[id] = tile_leaves(&tensor);
		self.held.0[id] = tensor;
	}
}

/// Another value for one element.
fn flip(choice: &mut Choice, tensor: &mut Tensor, at: usize) {
	match tensor.data_mut() {
		Data::I8(v) => v[at] ^= choice.within(1, 255) as u8 as i8,
		Data::I32(v) => v[at] ^= 1 << choice.within(0, 31),
	}
}

/// The first lie of `liar` that `honest` finds by questions: in the trace, then from the root down.
fn descend(program: &Validated, honest: &Ran, liar: &Ran) -> Option<Lie> {
	let leaves = program.program().leaves();
	let (mine, theirs) = (honest.roots(program), liar.roots(program));
	let op = mine.iter().zip(&theirs).position(|(a, b)| a != b)?;
	let (ty, layout) = &program.tensors()[leaves + op];
	let descent = Descent::of(layout);
	let (mine, liars) = (&honest.leaves[leaves + op], &liar.leaves[leaves + op]);
	let (expected, upper) = (descent.upper(mine), descent.upper(liars));
	assert_eq!(typed_root(ty, &descent.upper_root(&upper)?), theirs[op], "answers the question");
	let node = expected.iter().zip(&upper).position(|(a, b)| a != b)? as u32;
	let (tile, claimed, lower) = match descent.is_deep() {
		true => {
			let (expected, lower) = (descent.lower(node, mine)?, descent.lower(node, liars)?);
			assert_eq!(descent.lower_root(node, lower), Some(upper[node as usize]));
			let place = expected.iter().zip(lower).position(|(a, b)| a != b)?;
			(descent.tile(node, place as u32)?, lower[place], lower)
		},
		false => (node, upper[node as usize], &[][..]),
	};
	let path = descent.tile_path(tile, &upper, lower)?;
	Some(Lie { op: op as u16, tile, claimed, path })
}

/// The proof of a lie, by what the honest one holds and the liar has shown.
fn proof(program: &Validated, honest: &Ran, liar: &Ran, lie: Lie) -> FraudProof {
	let leaves = |id: TensorId| honest.leaves.get(usize::from(id)).map(Vec::as_slice);
	prove(program, lie, &honest.held, leaves, &liar.roots(program)).unwrap()
}

/// A lie about a tile that is none.
fn truth(ran: &Ran, program: &Validated, op: u16, tile: u32) -> Lie {
	let leaves = &ran.leaves[program.program().leaves() + usize::from(op)];
	let path = siblings(leaves, &[tile]).unwrap();
	Lie { op, tile, claimed: leaves[tile as usize], path }
}

/// Finds and proves the lie, and that it is the first.
fn convict(program: &Validated, honest: &Ran, liar: &Ran, what: &str) -> FraudProof {
	let lie = descend(program, honest, liar).unwrap_or_else(|| panic!("no lie found: {what}"));
	let op = &program.program().ops[usize::from(lie.op)];
	let found = proof(program, honest, liar, lie);
	assert_eq!(judge(program, &liar.known(program), &found), Ok(()), "{what}");
	// It says nothing about who told the truth.
	let honest = judge(program, &honest.known(program), &found);
	assert!(matches!(honest, Err(ProofError::WrongPath(_))), "{what}: {honest:?}");
	// What weighs most are the tiles, which registration bounds.
	let layout = program.op_layout(found.op).unwrap();
	let bound = worst(op, program.tensors(), layout).unwrap();
	assert!(found.bytes() <= bound.bytes + (1 << 14) && found.bytes() <= MAX_PROOF);
	assert_eq!(work(program, found.op), Some(bound.mac));
	found
}

/// Flips elements of what each operation defines. The liar computes on with them or not.
fn every_operation_can_be_proved(
	case: &Case,
	choice: &mut Choice,
	flips: usize,
) -> Vec<&'static str> {
	let program = case.program.clone().validate().unwrap_or_else(|e| panic!("{}: {e}", case.name));
	let honest = Ran::honest(&program, &case.operands);
	assert_eq!(descend(&program, &honest, &honest), None);
	let leaves = program.program().leaves();
	let ops = program.program().ops.len();
	for op in 0..ops {
		let elements = honest.held.0[leaves + op].data().len();
		let drawn = choice.within(0, elements as u64 - 1) as usize;
		for at in [drawn, elements - 1, 0].into_iter().take(flips) {
			let mut liar = honest.clone();
			let mut tensor = liar.held.0[leaves + op].clone();
			flip(choice, &mut tensor, at);
			liar.put(leaves + op, tensor);
			if choice.within(0, 1) == 0 {
				for later in op + 1..ops {
					let tensor = liar.compute(&program, later);
					liar.put(leaves + later, tensor);
				}
			}
			let what = format!("element {at} of op {op} of {:?}", case.program);
			let found = convict(&program, &honest, &liar, &what);
			assert_eq!(usize::from(found.op), op, "{what}");
		}
	}
	program.program().ops.iter().map(Op::name).collect()
}

fn long() -> bool {
	std::env::var_os("CALOR_LONG").is_some()
}

#[test]
fn a_lie_at_every_edge_is_proved() {
	let mut choice = Choice::new(1);
	for case in edge_cases() {
		every_operation_can_be_proved(&case, &mut choice, 3);
	}
}

#[test]
fn a_lie_in_any_random_program_is_proved() {
	let (mut choice, mut kinds) = (Choice::new(2), BTreeSet::new());
	for seed in 0..if long() { 2_000 } else { 60 } {
		let flips = if long() { 3 } else { 1 };
		kinds.extend(every_operation_can_be_proved(&random_case(seed), &mut choice, flips));
	}
	assert_eq!(kinds.len(), 30, "every operation: {kinds:?}");
}

#[test]
fn a_lie_about_any_element_is_proved() {
	let (program, operands) = chain();
	let honest = Ran::honest(&program, &operands);
	let mut choice = Choice::new(10);
	for id in 2..5 {
		for at in 0..honest.held.0[id].data().len() {
			let mut liar = honest.clone();
			let mut tensor = liar.held.0[id].clone();
			flip(&mut choice, &mut tensor, at);
			liar.put(id, tensor);
			let found = convict(&program, &honest, &liar, "any");
			let cols = program.tensors()[id].0.last() as usize;
			assert_eq!((found.op as usize, found.tile as usize), (id - 2, at / cols / 64));
		}
	}
}

/// The same program on other inputs, and another program on the same.
#[test]
fn a_proof_is_about_one_job() {
	let (program, operands) = chain();
	let mut others = operands.clone();
	match others[0].data_mut() {
		// Passes through all three operations.
		Data::I32(v) => v[349] += 1,
		Data::I8(_) => unreachable!(),
	}
	let lie = |program: &Validated, operands: &[Tensor], id: usize| {
		let honest = Ran::honest(program, operands);
		let mut liar = honest.clone();
		let mut tensor = liar.held.0[id].clone();
		flip(&mut Choice::new(id as u64), &mut tensor, 69);
		liar.put(id, tensor);
		(honest, liar)
	};
	let mut other = program.program().clone();
	other.ops[0] = Op::Clamp { x: 0, low: 0, high: 9 };
	let other = other.validate().unwrap();
	for id in 2..5 {
		let (honest, liar) = lie(&program, &operands, id);
		let found = convict(&program, &honest, &liar, "one");
		for (program, operands) in [(&program, &others), (&other, &operands)] {
			let (honest, liar) = lie(program, operands, id);
			for ran in [honest, liar] {
				let verdict = judge(program, &ran.known(program), &found);
				assert!(matches!(verdict, Err(ProofError::WrongPath(_))), "{verdict:?}");
			}
		}
	}
}

/// Changes something in a proof, in whatever way.
fn mutate(choice: &mut Choice, proof: &mut FraudProof, other: &FraudProof) {
	let hash = |choice: &mut Choice| [choice.bits() as u8; 32];
	let which = choice.within(0, u64::MAX - 1) as usize % proof.inputs.len().max(1);
	let from = choice.bits() as usize % other.inputs.len().max(1);
	match (choice.within(0, 18), proof.inputs.get_mut(which)) {
		(0, _) => proof.op = proof.op.wrapping_add(choice.within(1, 3) as u16),
		(1, _) => proof.tile ^= 1 << choice.within(0, 4),
		(2, _) => proof.claimed = hash(choice),
		(3, _) => proof.claimed = other.claimed,
		(4, _) => proof.path.push(hash(choice)),
		(5, _) => drop(proof.path.pop()),
		(6, _) => proof.in_trace = other.in_trace.clone(),
		(7, _) => proof.in_trace.push(hash(choice)),
		(8, _) => drop(proof.in_trace.pop()),
		(9, _) => proof.inputs.reverse(),
		(10, Some(input)) => {
			if let Some((_, bytes)) = input.tiles.first_mut() {
				let at = choice.bits() as usize % bytes.len().max(1);
				if let Some(byte) = bytes.get_mut(at) {
					*byte ^= 1 << choice.within(0, 7);
				}
			}
		},
		(11, Some(input)) => drop(input.tiles.pop()),
		(12, Some(input)) => input.tiles.extend(input.tiles.clone()),
		(13, Some(input)) => drop(input.siblings.pop()),
		(14, Some(input)) => input.siblings.push(hash(choice)),
		(15, Some(input)) => input.tensor = input.tensor.wrapping_add(choice.within(1, 2) as u16),
		(16, Some(input)) => {
			input.tiles.iter_mut().for_each(|(tile, _)| *tile = tile.wrapping_add(1))
		},
		(17, Some(input)) => {
			if let Some(from) = other.inputs.get(from) {
				*input = from.clone();
			}
		},
		_ => {
			proof.inputs.extend(other.inputs.get(from).cloned());
			proof.inputs.sort_by_key(|input| input.tensor);
		},
	}
}

#[test]
fn nothing_proves_an_honest_worker_wrong() {
	let mut choice = Choice::new(3);
	let mut refused = [0u32; 6];
	let mut before: Option<FraudProof> = None;
	for seed in 0..if long() { 1_000 } else { 60 } {
		let case = random_case(seed);
		let program = case.program.clone().validate().unwrap();
		let honest = Ran::honest(&program, &case.operands);
		let known = honest.known(&program);
		let op = choice.within(0, case.program.ops.len() as u64 - 1) as u16;
		let tile = u64::from(program.op_layout(op).unwrap().tiles()) - 1;
		let tile = choice.within(0, tile) as u32;
		let right = proof(&program, &honest, &honest, truth(&honest, &program, op, tile));
		assert_eq!(judge(&program, &known, &right), Err(ProofError::TileIsRight));
		// One from another program, and one that convicts a liar of this one.
		let other = before.replace(right.clone()).unwrap_or_else(|| right.clone());
		assert!(judge(&program, &known, &other).is_err());
		let mut liar = honest.clone();
		let id = program.program().leaves() + usize::from(op);
		let mut tensor = liar.held.0[id].clone();
		flip(&mut choice, &mut tensor, 0);
		liar.put(id, tensor);
		let real = convict(&program, &honest, &liar, "the liar");
		for round in 0..60 {
			let mut made = if round % 2 == 0 { right.clone() } else { real.clone() };
			for _ in 0..choice.within(1, 3) {
				mutate(&mut choice, &mut made, [&other, &real][round % 2]);
			}
			let verdict = judge(&program, &known, &made);
			refused[match verdict {
				Err(ProofError::Referee(_)) => 0,
				Err(ProofError::TooLarge) => 1,
				Err(ProofError::NotInOrder(_)) => 2,
				Err(ProofError::NoTrace(_)) => 3,
				Err(ProofError::WrongPath(_)) => 4,
				Err(ProofError::TileIsRight) => 5,
				Ok(()) => panic!("seed {seed}: {made:?}"),
			}] += 1;
		}
		// As bytes: changed, cut and longer.
		let bytes = right.encode();
		for round in 0..60 {
			let mut bytes = bytes.clone();
			let at = choice.within(0, bytes.len() as u64 - 1) as usize;
			match round % 3 {
				0 => bytes[at] ^= 1 << choice.within(0, 7),
				1 => bytes.truncate(at),
				_ => bytes.insert(at, choice.bits() as u8),
			}
			if let Ok(made) = FraudProof::decode(&mut bytes.as_slice()) {
				assert!(judge(&program, &known, &made).is_err(), "seed {seed}");
			}
		}
	}
	let [referee, _, order, _, path, right] = refused;
	assert!([referee, order, path, right].iter().all(|&n| n > 0), "{refused:?}");
}

/// A chain of three operations on two tiles each, the last two of them outputs, in another order.
fn chain() -> (Validated, Vec<Tensor>) {
	let program = Program {
		version: 1,
		inputs: vec![TensorType::i32(&[70, 5])],
		constants: vec![TensorType::i32(&[5])],
		ops: vec![Op::Relu { x: 0 }, Op::Bias { x: 2, bias: 1 }, Op::RowMax { x: 3 }],
		outputs: vec![4, 3],
	};
	let operands = vec![
		Tensor::from_data(TensorType::i32(&[70, 5]), Data::I32((-150..200).collect())).unwrap(),
		Tensor::from_data(TensorType::i32(&[5]), Data::I32(vec![1, 2, 3, 4, 5])).unwrap(),
	];
	(program.validate().unwrap(), operands)
}

#[test]
fn padding_that_is_not_zero_is_a_lie() {
	let (program, operands) = chain();
	let honest = Ran::honest(&program, &operands);
	for id in 2..5 {
		let tensor = &honest.held.0[id];
		for index in 0..2 {
			let mut liar = honest.clone();
			let mut bytes = tile_bytes(tensor, &tensor.layout().tile(index).unwrap());
			*bytes.last_mut().unwrap() = 1;
			liar.leaves[id][index as usize] = leaf(&bytes);
			let found = convict(&program, &honest, &liar, "padding");
			assert_eq!((found.op, found.tile), (id as u16 - 2, index));
		}
	}
}

#[test]
fn what_stands_beyond_the_last_tile_proves_nothing_and_cannot_be_answered_for() {
	let ty = TensorType::i8(&[3, 1, 1]);
	let tensor = Tensor::from_data(ty.clone(), Data::I8(vec![-1, 2, 3])).unwrap();
	let case = single("", Op::Relu { x: 0 }, vec![tensor]);
	let program = case.program.validate().unwrap();
	let honest = Ran::honest(&program, &case.operands);
	let mut padded = honest.leaves[1].clone();
	padded.push(leaf(b"garbage"));
	let root = typed_root(&ty, &tree_root(&padded));
	let known =
		Known { outputs: vec![root], trace: Some(trace_root(&[root])), ..honest.known(&program) };
	// The liar's root is another, so it is asked for its tiles.
	let descent = Descent::of(program.op_layout(0).unwrap());
	assert_eq!(descent.upper_root(&padded), None);
	let answer = descent.upper_root(&honest.leaves[1]).unwrap();
	assert_ne!(typed_root(&ty, &answer), root);
	let lie = Lie { op: 0, tile: 3, claimed: padded[3], path: siblings(&padded, &[3]).unwrap() };
	let leaves = |id: TensorId| honest.leaves.get(usize::from(id)).map(Vec::as_slice);
	let unknown = RefereeError::UnknownTile(InputTile { tensor: 1, tile: 3 });
	assert!(prove(&program, lie.clone(), &honest.held, leaves, &[]).is_err());
	let made = FraudProof {
		op: 0,
		tile: 3,
		claimed: lie.claimed,
		path: lie.path,
		in_trace: vec![],
		inputs: proof(&program, &honest, &honest, truth(&honest, &program, 0, 2)).inputs,
	};
	assert_eq!(judge(&program, &known, &made), Err(ProofError::Referee(unknown)));
}

/// More tiles than one answer holds, of which the last nodes are not full.
#[test]
fn lies_in_deep_tensors_are_proved() {
	let ty = TensorType::i8(&[2_051, 1, 1]);
	let program = Program {
		version: 1,
		inputs: vec![ty.clone()],
		constants: vec![],
		ops: vec![Op::Clamp { x: 0, low: -3, high: 50 }, Op::Relu { x: 1 }],
		outputs: vec![2],
	};
	let program = program.validate().unwrap();
	let x = Tensor::from_data(ty, Data::I8((0..2_051).map(|i| i as i8).collect())).unwrap();
	let honest = Ran::honest(&program, &[x]);
	let mut choice = Choice::new(5);
	for at in [0, 1_023, 1_024, 2_047, 2_048, 2_050] {
		for id in [1, 2] {
			let mut liar = honest.clone();
			match liar.held.0[id].data_mut() {
				Data::I8(v) => v[at] ^= choice.within(1, 255) as u8 as i8,
				Data::I32(_) => unreachable!(),
			}
			let tensor = &liar.held.0[id];
			let tile = tensor.layout().tile(at as u32).unwrap();
			liar.leaves[id][at] = leaf(&tile_bytes(tensor, &tile));
			let found = convict(&program, &honest, &liar, "deep");
			assert_eq!((found.op, found.tile, found.path.len()), (id as u16 - 1, at as u32, 12));
		}
	}
}

#[test]
fn outputs_and_operands_are_known_without_a_trace() {
	let (program, operands) = chain();
	let honest = Ran::honest(&program, &operands);
	let mut choice = Choice::new(6);
	// Both operand and result of the last operation are outputs.
	for (id, expected) in
		[(4, Ok(())), (3, Err(ProofError::NoTrace(2))), (2, Err(ProofError::NoTrace(2)))]
	{
		let mut liar = honest.clone();
		let mut tensor = liar.held.0[id].clone();
		flip(&mut choice, &mut tensor, 69);
		liar.put(id, tensor);
		let found = convict(&program, &honest, &liar, "with a trace");
		let known = Known { trace: None, ..liar.known(&program) };
		assert_eq!(judge(&program, &known, &found), expected);
		// A path in the trace where none is due.
		if id == 4 {
			let mut longer = found.clone();
			longer.in_trace = vec![[0; 32]; 2];
			assert_eq!(judge(&program, &known, &longer), Err(ProofError::WrongPath(4)));
			let mut longer = found.clone();
			longer.inputs[0].in_trace = vec![[0; 32]; 2];
			assert_eq!(judge(&program, &known, &longer), Err(ProofError::WrongPath(3)));
		}
		// Bound to nothing, nobody lied.
		assert!(judge(&program, &Known::default(), &found).is_err());
		// Roots beyond those of operands are not those of results.
		let known = liar.known(&program);
		let roots = (0..5).map(|id| liar.root(&program, id)).collect();
		let more = Known { operands: roots, outputs: vec![], trace: None };
		assert!(judge(&program, &more, &found).is_err());
		assert_eq!(judge(&program, &known, &found), Ok(()));
	}
}

/// The same tensor on both sides, opened once.
#[test]
fn an_operand_read_twice_is_opened_once() {
	let x = Choice::new(7).tensor(&TensorType::i8(&[130, 70])).unwrap();
	let case = single("", Op::MatMul { a: 0, b: 0 }, vec![x]);
	let mut choice = Choice::new(8);
	every_operation_can_be_proved(&case, &mut choice, 3);
	let program = case.program.validate().unwrap();
	let honest = Ran::honest(&program, &case.operands);
	let mut liar = honest.clone();
	let mut tensor = liar.held.0[1].clone();
	// Rows 64.. by columns 0..: tiles of two rows of tiles.
	flip(&mut choice, &mut tensor, 64 * 130);
	liar.put(1, tensor);
	let found = convict(&program, &honest, &liar, "square");
	assert_eq!((found.tile, found.inputs.len(), found.inputs[0].tiles.len()), (3, 1, 4));
	let mut twice = found.clone();
	twice.inputs.push(found.inputs[0].clone());
	assert_eq!(judge(&program, &liar.known(&program), &twice), Err(ProofError::NotInOrder(0)));
}

#[test]
fn large_proofs_fit_and_larger_ones_are_refused() {
	// The longest product has the largest witness: 2 MiB of tiles.
	let mut choice = Choice::new(9);
	let mut matrix = || {
		let data = (0..16_384).map(|_| choice.bits() as i8).collect();
		Tensor::from_data(TensorType::i8(&[1, 16_384]), Data::I8(data)).unwrap()
	};
	let case = single("", Op::MatMul { a: 0, b: 1 }, vec![matrix(), matrix()]);
	let program = case.program.validate().unwrap();
	let honest = Ran::honest(&program, &case.operands);
	let mut liar = honest.clone();
	let mut tensor = liar.held.0[2].clone();
	flip(&mut Choice::new(1), &mut tensor, 0);
	liar.put(2, tensor);
	let found = convict(&program, &honest, &liar, "large");
	assert!((1 << 21..MAX_PROOF).contains(&found.bytes()), "{}", found.bytes());
	// Tiles that are not needed, until it is too large: nothing else is looked at.
	let mut larger = found.clone();
	let more = OpenedTensor {
		tensor: 2,
		in_trace: vec![[0; 32]; (MAX_PROOF - found.bytes()) as usize / 32 + 1],
		tiles: vec![],
		siblings: vec![],
	};
	larger.inputs.push(more);
	assert_eq!(judge(&program, &liar.known(&program), &larger), Err(ProofError::TooLarge));
	// Empty tiles are no way around.
	let mut larger = found;
	larger.inputs[1].tiles.extend(vec![(0, vec![]); (MAX_PROOF / 5) as usize]);
	assert_eq!(judge(&program, &liar.known(&program), &larger), Err(ProofError::TooLarge));
}

#[test]
fn errors_say_what_is_wrong() {
	let (program, operands) = chain();
	let honest = Ran::honest(&program, &operands);
	let mut liar = honest.clone();
	let mut tensor = liar.held.0[3].clone();
	flip(&mut Choice::new(1), &mut tensor, 0);
	liar.put(3, tensor);
	let known = liar.known(&program);
	let found = convict(&program, &honest, &liar, "bias");
	let judged = |change: &dyn Fn(&mut FraudProof)| {
		let mut made = found.clone();
		change(&mut made);
		judge(&program, &known, &made).unwrap_err()
	};
	let wrong = |tensor| ProofError::WrongPath(tensor);
	assert_eq!(judged(&|p| p.claimed = honest.leaves[3][0]), wrong(3));
	assert_eq!(judged(&|p| p.path.push([0; 32])), wrong(3));
	assert_eq!(judged(&|p| p.path.clear()), wrong(3));
	assert_eq!(judged(&|p| p.inputs[0].tiles.clear()), wrong(1));
	assert_eq!(judged(&|p| p.inputs[1].in_trace.clear()), wrong(2));
	assert_eq!(judged(&|p| p.inputs[1].siblings[0][0] ^= 1), wrong(2));
	assert_eq!(judged(&|p| p.inputs.reverse()), ProofError::NotInOrder(1));
	assert_eq!(judged(&|p| p.inputs[1].tensor = 1), ProofError::NotInOrder(1));
	let twice = |p: &mut FraudProof| p.inputs[1].tiles = vec![p.inputs[1].tiles[0].clone(); 2];
	assert_eq!(judged(&twice), ProofError::NotInOrder(2));
	let referee = |error| ProofError::Referee(error);
	assert_eq!(judged(&|p| drop(p.inputs.pop())), referee(RefereeError::MissingInput));
	assert_eq!(judged(&|p| p.op = 3), referee(RefereeError::UnknownOp(3)));
	assert_eq!(judged(&|p| p.op = u16::MAX), referee(RefereeError::UnknownOp(u16::MAX)));
	let at = |tensor, tile| RefereeError::UnknownTile(InputTile { tensor, tile });
	assert_eq!(judged(&|p| p.tile = 2), referee(at(3, 2)));
	assert_eq!(judged(&|p| p.tile = u32::MAX), referee(at(3, u32::MAX)));
	assert_eq!(judged(&|p| p.inputs[1].tensor = 9), referee(at(9, 0)));
	assert_eq!(judged(&|p| p.inputs[1].tiles[0].0 = 2), referee(at(2, 2)));
	let tile = InputTile { tensor: 2, tile: 0 };
	let short = RefereeError::WrongLength { tile, expected: 16_384, actual: 0 };
	assert_eq!(judged(&|p| p.inputs[1].tiles[0].1.clear()), referee(short));
	assert_eq!(
		wrong(3).to_string(),
		"what is opened of tensor 3 is not what the worker is bound to"
	);
}

/// A scale for each of many channels makes the program long, not the proof.
#[test]
fn what_stands_in_the_program_is_not_in_the_proof() {
	let scales = vec![Scale { multiplier: 1 << 20, shift: 20 }; 1_000];
	let x = Choice::new(1).tensor(&TensorType::i32(&[3, 1_000])).unwrap();
	let case = single("", Op::Requant { x: 0, zero: 1, scales }, vec![x]);
	let program = case.program.validate().unwrap();
	let honest = Ran::honest(&program, &case.operands);
	let mut liar = honest.clone();
	let mut tensor = liar.held.0[1].clone();
	flip(&mut Choice::new(1), &mut tensor, 500);
	liar.put(1, tensor);
	assert!(convict(&program, &honest, &liar, "requant").bytes() < 17_000);
}
