// SPDX-License-Identifier: Apache-2.0
//! Honest workers, and proofs against them in a form that a fuzzer can get right: hashes and tiles by number.

use calor_tensor::{
	commit::{tile_bytes, tile_leaves, trace_root, tree_root, typed_root},
	proof::{FraudProof, Known, OpenedTensor},
	prove::{prove, Lie},
	reference::{self, Held},
	testing::{random_case, validated},
	tree::siblings,
	Hash, TensorId, Validated,
};
use codec::{Decode, Encode};

/// Small programs that reach gathers, products, convolutions and chains of operations between them.
pub const SEEDS: [u64; 8] = [0, 3, 5, 8, 13, 21, 34, 55];

/// One who ran a program.
pub struct Honest {
	pub program: Validated,
	pub held: Held,
	/// Of all tensors.
	pub leaves: Vec<Vec<Hash>>,
	pub op_roots: Vec<Hash>,
	pub known: Known,
	/// Every hash that an honest proof could need, and some that it could not.
	pub hashes: Vec<Hash>,
}

impl Honest {
	pub fn new(seed: u64) -> Self {
		let case = random_case(seed);
		let program = validated(&case).expect("a valid case");
		let defined = reference::trace(&program, case.operands.clone()).expect("it runs");
		let held = Held(case.operands.into_iter().chain(defined).collect());
		let leaves: Vec<Vec<Hash>> = held.0.iter().map(tile_leaves).collect();
		let roots: Vec<Hash> =
			held.0.iter().zip(&leaves).map(|(t, l)| typed_root(t.ty(), &tree_root(l))).collect();
		let (operands, op_roots) = roots.split_at(program.program().leaves());
		let outputs = program.program().outputs.iter().map(|&id| roots[usize::from(id)]).collect();
		let trace = Some(trace_root(op_roots));
		let known = Known { operands: operands.to_vec(), outputs, trace };
		let op_roots = op_roots.to_vec();
		let mut hashes = vec![[0; 32], [0xff; 32]];
		hashes.extend(&roots);
		let mut honest = Self { program, held, leaves, op_roots, known, hashes };
		for op in 0..honest.op_roots.len() as u16 {
			for tile in 0..honest.program.op_layout(op).expect("defined").tiles().min(4) {
				let proof = honest.proof(op, tile);
				let opened =
					proof.inputs.into_iter().flat_map(|i| [i.in_trace, i.siblings].concat());
				let all = [proof.path, proof.in_trace, vec![proof.claimed]].concat();
				honest.hashes.extend(all.into_iter().chain(opened));
			}
		}
		honest.hashes.sort_unstable();
		honest.hashes.dedup();
		honest
	}

	/// What would be a proof if the tile were wrong.
	pub fn proof(&self, op: u16, tile: u32) -> FraudProof {
		let leaves = &self.leaves[self.program.program().leaves() + usize::from(op)];
		let path = siblings(leaves, &[tile]).expect("a tile");
		let lie = Lie { op, tile, claimed: leaves[tile as usize], path };
		let leaves = |id: TensorId| self.leaves.get(usize::from(id)).map(Vec::as_slice);
		prove(&self.program, lie, &self.held, leaves, &self.op_roots).expect("all is held")
	}

	fn hash(&self, number: u16) -> Hash {
		self.hashes[usize::from(number) % self.hashes.len()]
	}
}

/// A [`FraudProof`] with hashes by number.
#[derive(Clone, Debug, Encode, Decode)]
pub struct Short {
	op: u16,
	tile: u32,
	claimed: u16,
	path: Vec<u16>,
	in_trace: Vec<u16>,
	inputs: Vec<ShortTensor>,
}

#[derive(Clone, Debug, Encode, Decode)]
struct ShortTensor {
	tensor: TensorId,
	in_trace: Vec<u16>,
	tiles: Vec<(u32, ShortTile)>,
	siblings: Vec<u16>,
}

#[derive(Clone, Debug, Encode, Decode)]
enum ShortTile {
	/// The tile that stands there, some bytes of it changed.
	Like(TensorId, u32, Vec<(u16, u8)>),
	/// These bytes.
	Bytes(Vec<u8>),
}

impl Short {
	pub fn of(honest: &Honest, proof: &FraudProof) -> Self {
		let number = |hash: &Hash| honest.hashes.iter().position(|h| h == hash).unwrap_or(0) as u16;
		let numbers = |hashes: &[Hash]| hashes.iter().map(number).collect::<Vec<u16>>();
		let tensor = |open: &OpenedTensor| ShortTensor {
			tensor: open.tensor,
			in_trace: numbers(&open.in_trace),
			tiles: open
				.tiles
				.iter()
				.map(|(tile, _)| (*tile, ShortTile::Like(open.tensor, *tile, vec![])))
				.collect(),
			siblings: numbers(&open.siblings),
		};
		Self {
			op: proof.op,
			tile: proof.tile,
			claimed: number(&proof.claimed),
			path: numbers(&proof.path),
			in_trace: numbers(&proof.in_trace),
			inputs: proof.inputs.iter().map(tensor).collect(),
		}
	}

	pub fn at_length(self, honest: &Honest) -> FraudProof {
		let hashes = |numbers: Vec<u16>| numbers.into_iter().map(|n| honest.hash(n)).collect();
		let bytes = |tile: ShortTile| match tile {
			ShortTile::Bytes(bytes) => bytes,
			ShortTile::Like(tensor, tile, changes) => {
				let Some(tensor) = honest.held.0.get(usize::from(tensor)) else { return vec![] };
				let Some(tile) = tensor.layout().tile(tile) else { return vec![] };
				let mut bytes = tile_bytes(tensor, &tile);
				for (at, change) in changes {
					let at = usize::from(at) % bytes.len();
					bytes[at] ^= change;
				}
				bytes
			},
		};
		FraudProof {
			op: self.op,
			tile: self.tile,
			claimed: honest.hash(self.claimed),
			path: hashes(self.path),
			in_trace: hashes(self.in_trace),
			inputs: self
				.inputs
				.into_iter()
				.map(|open| OpenedTensor {
					tensor: open.tensor,
					in_trace: hashes(open.in_trace),
					// As many as a proof of that size could have.
					tiles: open
						.tiles
						.into_iter()
						.take(600)
						.map(|(at, tile)| (at, bytes(tile)))
						.collect(),
					siblings: hashes(open.siblings),
				})
				.collect(),
		}
	}
}
