// SPDX-License-Identifier: Apache-2.0
//! Registering and removing programs.

use calor_mock::*;
use calor_primitives::H256;
use calor_tensor::{testing, Op, Rule};
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use pallet_programs::{evaluate, Error};

#[test]
fn a_program_is_validated_and_its_deposit_comes_back() {
	Story::tell(|_| {
		let code: pallet_programs::Code = program(0).encode().try_into().unwrap();
		let alice = by(&account("alice"));
		let before = free("alice");
		assert_ok!(Programs::register(alice.clone(), code.clone()));
		assert!(free("alice") < before);
		let again = Programs::register(by(&account("bob")), code.clone());
		assert_noop!(again, Error::<Runtime>::AlreadyRegistered);
		let id = H256(calor_tensor::program_id(&code));
		let stranger = Programs::remove(by(&account("bob")), id);
		assert_noop!(stranger, Error::<Runtime>::NotOwner);
		assert_ok!(Programs::remove(alice.clone(), id));
		assert_eq!(free("alice"), before);
		assert_noop!(Programs::remove(alice, id), Error::<Runtime>::UnknownProgram);
	});
}

#[test]
fn errors_name_the_operation_and_the_rule() {
	Story::tell(|_| {
		let alice = by(&account("alice"));
		let mut bad = program(2);
		bad.ops[1] = Op::Relu { x: 77 };
		let code = bad.encode();
		let refused = Programs::register(alice.clone(), code.clone().try_into().unwrap());
		let rule = Rule::UndefinedOperand as u8;
		assert_noop!(refused, Error::<Runtime>::InvalidOp(1, rule));
		let words = String::from_utf8(evaluate::check(&code).unwrap_err()).unwrap();
		assert_eq!(words, "op 1 (Relu): an operand must be defined before it is used");
		let garbage = Programs::register(alice, vec![1, 2, 3].try_into().unwrap());
		assert_noop!(garbage, Error::<Runtime>::InvalidProgram(Rule::Malformed as u8));
	});
}

#[test]
fn evaluation_agrees_with_the_reference_and_refuses_what_is_too_large() {
	for seed in 0..20 {
		let case = testing::random_case(seed);
		let program = testing::validated(&case).unwrap();
		let blobs: Vec<Vec<u8>> = case.operands.iter().map(|t| t.to_bytes()).collect();
		let expected = calor_tensor::reference::op_roots(&program, case.operands).unwrap();
		let roots = evaluate::op_roots(&case.program.encode(), &blobs).unwrap();
		assert_eq!(roots, expected.into_iter().map(H256).collect::<Vec<_>>());
	}
	let large = program_of(2_000_000_000).encode();
	assert!(evaluate::op_roots(&large, &[]).is_err());
	assert!(evaluate::op_roots(&program(0).encode(), &[vec![0; 256]]).is_err());
	assert!(evaluate::op_roots(&program(0).encode(), &vec![vec![0; 256]; 3]).is_err());
}
