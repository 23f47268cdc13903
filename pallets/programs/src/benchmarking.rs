// SPDX-License-Identifier: Apache-2.0
//! Cost of each call at its worst.

use crate::{Call, Code, Config, Pallet, Programs};
use alloc::{vec, vec::Vec};
use calor_primitives::H256;
use calor_tensor::{
	program::{MAX_BYTES, MAX_OPS, VERSION},
	Op, Program, Scale, TensorType,
};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::traits::{Consideration, Footprint};
use frame_system::RawOrigin;

/// A valid program of at most that many bytes that is as dear to check as a program of its length can be: as many
/// operations as there may be, of two bytes and more each, then scales of which each is checked.
fn program_of(bytes: usize) -> Code {
	let mut ops = Vec::new();
	let mut left = bytes.saturating_sub(64);
	while left >= 8 && ops.len() < MAX_OPS - 1 {
		ops.push(Op::Relu { x: 0 });
		left -= 3;
	}
	let scales = (left / 5).clamp(1, 60_000) as u32;
	let x = TensorType::i32(&[1, scales]);
	let scale = Scale { multiplier: 1, shift: 1 };
	ops.push(Op::Requant { x: 0, zero: 0, scales: vec![scale; scales as usize] });
	let outputs = vec![ops.len() as u16];
	let program = Program { version: VERSION, inputs: vec![x], constants: vec![], ops, outputs };
	Code::truncate_from(program.encode())
}

fn fund<T: Config>(who: &calor_primitives::AccountId) {
	T::Consideration::ensure_successful(who, Footprint::from_parts(1, 2 * MAX_BYTES));
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register(b: Linear<64, { MAX_BYTES as u32 }>) {
		let caller: calor_primitives::AccountId = whitelisted_caller();
		fund::<T>(&caller);
		let code = program_of(b as usize);
		let id = H256(calor_tensor::program_id(&code));
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), code);
		assert!(Programs::<T>::contains_key(id));
	}

	#[benchmark]
	fn remove() {
		let caller: calor_primitives::AccountId = whitelisted_caller();
		fund::<T>(&caller);
		let code = program_of(MAX_BYTES);
		let id = Pallet::<T>::do_register(caller.clone(), code).expect("valid and funded");
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), id);
		assert!(!Programs::<T>::contains_key(id));
	}
}
