// SPDX-License-Identifier: Apache-2.0
//! Programs of many sizes, so that a job can stand for as much work as is asked for.

use calor_mock::{account, by, Programs};
use calor_primitives::{
	assurance::Assurance,
	job::{HardwareClass, Input, JobSpec, ParentStage},
	tensor_ref::{TensorRef, TypeRef},
	Balance, ProgramId, H256,
};
use calor_tensor::{program::VERSION, Op, Program, TensorType};
use codec::Encode;
use frame_support::assert_ok;

/// Columns of both operands of a product.
const COLUMNS: u32 = 4_096;
/// MAC of one row of the product.
const MAC_PER_ROW: u64 = COLUMNS as u64 * COLUMNS as u64;
/// Most rows of a product: its result has 2^20 tiles then.
const MOST_ROWS: u64 = 1 << 20;
/// Sizes of the smallest and the largest program, in MAC.
const SIZES: std::ops::Range<f64> = 1e12..2.4e16;
/// By what a program is larger than the one before.
const RATIO: f64 = 1.1;
/// Deadline of jobs beside the least one, in blocks.
const SLACK: u32 = 400;

/// A registered program.
#[derive(Clone, Debug)]
pub struct Listed {
	/// Its cost.
	pub mac: u64,
	id: ProgramId,
	program: Program,
}

/// Registered programs, from the smallest to the largest.
#[derive(Clone, Debug, Default)]
pub struct Library(Vec<Listed>);

/// A program of about so many MAC: products of the same two operands, as many as it takes.
fn program_of(mac: f64) -> (u64, Program) {
	let products = (mac / (MOST_ROWS * MAC_PER_ROW) as f64).ceil().max(1.0) as u64;
	let rows = ((mac / (products * MAC_PER_ROW) as f64) as u64).clamp(1, MOST_ROWS);
	let program = Program {
		version: VERSION,
		inputs: vec![TensorType::i8(&[rows as u32, COLUMNS])],
		constants: vec![TensorType::i8(&[COLUMNS, COLUMNS])],
		ops: vec![Op::MatMul { a: 0, b: 1 }; products as usize],
		outputs: vec![2],
	};
	(products * rows * MAC_PER_ROW, program)
}

impl Library {
	/// Registers all of them by an account that can pay the deposits.
	pub fn register(librarian: &str) -> Self {
		let mut all = Vec::new();
		let mut size = SIZES.start;
		while size < SIZES.end {
			let (mac, program) = program_of(size);
			let code = program.encode();
			let id = H256(calor_tensor::program_id(&code));
			let code = code.try_into().expect("a few KiB");
			assert_ok!(Programs::register(by(&account(librarian)), code));
			all.push(Listed { mac, id, program });
			size *= RATIO;
		}
		Self(all)
	}

	/// The largest program of at most so many MAC, or the smallest.
	pub fn at_most(&self, mac: u64) -> &Listed {
		let above = self.0.partition_point(|listed| listed.mac <= mac);
		&self.0[above.saturating_sub(1)]
	}
}

impl Listed {
	/// What a client submits to run it.
	pub fn spec(&self, class: HardwareClass, tip: Balance) -> JobSpec {
		let tensor = |ty: &TensorType| TensorRef {
			ty: TypeRef::try_from(ty).expect("rank at most 4"),
			root: H256::repeat_byte(7),
			uris: vec![b"http://10.0.0.2/x".to_vec().try_into().expect("short")]
				.try_into()
				.expect("one"),
		};
		let constants: Vec<_> = self.program.constants.iter().map(tensor).collect();
		let inputs: Vec<_> = self.program.inputs.iter().map(|ty| Input::Blob(tensor(ty))).collect();
		let least = pallet_jobs::CurrentWindows::<calor_mock::Runtime>::get();
		JobSpec {
			program: self.id,
			constants: constants.try_into().expect("one"),
			inputs: inputs.try_into().expect("one"),
			class,
			max_price: Balance::MAX,
			tip,
			assurance: Assurance::Optimistic,
			value_at_risk: 0,
			start_on: ParentStage::Settled,
			deliver_within: (least.least_delivery(self.mac) + SLACK).min(least.deliver_max),
			reference: None,
		}
	}
}
