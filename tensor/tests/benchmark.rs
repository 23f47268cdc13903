// SPDX-License-Identifier: Apache-2.0
//! The standard benchmark: that it takes the work and the memory that it is asked for, at any size, and that nothing in
//! it degenerates.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	clippy::expect_used,
	reason = "tests may panic"
)]

use calor_tensor::{
	benchmark::{inputs, params_for, program, Params, MAX_ROUNDS},
	program::MAX_BYTES,
	reference::{run, trace},
	Data, Op, Tensor, Validated,
};
use codec::Encode;
use std::collections::BTreeSet;

const MIB: u64 = 1 << 20;
const TINY: Params = Params { side: 64, batch: 2, rounds: 12, kept: 5 };

fn validated(params: &Params) -> Validated {
	program(params).validate().unwrap_or_else(|fault| panic!("{params:?}: {fault}"))
}

fn operands(program: &Validated, seed: u8, worker: u8, params: &Params) -> Vec<Tensor> {
	let types = program.program().inputs.iter();
	let blobs = inputs(&[seed; 32], &[worker; 32], params);
	assert_eq!(blobs.len(), types.len());
	types.zip(blobs).map(|(ty, blob)| Tensor::from_bytes(ty.clone(), &blob).unwrap()).collect()
}

fn i8s(tensor: &Tensor) -> &[i8] {
	match tensor.data() {
		Data::I8(v) => v,
		Data::I32(_) => panic!("an i8 tensor"),
	}
}

/// Mean, deviation from it, and entropy in bits.
fn spread(values: &[i8]) -> (f64, f64, f64) {
	let n = values.len() as f64;
	let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
	let variance = values.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / n;
	let mut counts = [0u32; 256];
	values.iter().for_each(|v| counts[usize::from(*v as u8)] += 1);
	let parts = counts.iter().filter(|c| **c > 0).map(|c| f64::from(*c) / n);
	(mean, variance.sqrt(), parts.map(|p| -p * p.log2()).sum())
}

/// What machines claim: a CPU in a test, a laptop, a desktop, a server's accelerator, four of them.
const MACHINES: [(u64, u32); 8] = [
	(100_000_000, 1_024),
	(1_000_000_000, 4_096),
	(10_000_000_000, 2_048),
	(300_000_000_000, 8_192),
	(2_000_000_000_000, 12_288),
	(30_000_000_000_000, 24_576),
	(200_000_000_000_000, 81_920),
	(1_000_000_000_000_000, 141_312),
];

#[test]
fn it_takes_the_work_that_it_is_asked_for() {
	for (mac_per_second, memory_mib) in MACHINES {
		// More than 45 seconds of 10^15 do not fit the format.
		for seconds in [5, 20, 40, 45] {
			let params = params_for(mac_per_second, memory_mib, seconds);
			let program = validated(&params);
			assert_eq!(program.mac(), params.mac(), "{params:?}: the closed form is exact");
			let target = mac_per_second * u64::from(seconds);
			let off = params.mac().abs_diff(target) as f64 / target as f64;
			assert!(
				off < 0.05,
				"{mac_per_second} MAC/s for {seconds} s: {params:?} is {off:.3} off"
			);
			assert!(params.rounds <= MAX_ROUNDS && params.kept * 2 <= params.rounds);
			assert!(program.program().encode().len() < MAX_BYTES);
		}
	}
}

#[test]
fn it_takes_the_memory_that_is_claimed_where_there_is_work_for_it() {
	let mut filled = 0;
	for (mac_per_second, memory_mib) in MACHINES {
		let params = params_for(mac_per_second, memory_mib, 40);
		let (claimed, needed) = (u64::from(memory_mib) * MIB, validated(&params).memory());
		assert!(needed <= claimed, "{params:?} needs {needed} of {claimed}");
		let off = needed.abs_diff(params.memory()) as f64 / needed as f64;
		assert!(off < 0.3, "{params:?}: {needed} is not near {}", params.memory());
		// Fewer states than could be read again: memory was the limit.
		if params.kept * 2 + 1 < params.rounds {
			filled += 1;
			assert!(needed * 100 >= claimed * 85, "{params:?} needs {needed} of {claimed}");
		}
	}
	assert!(filled >= 4, "only {filled} machines are filled");
	// Twice the memory is used if it is claimed.
	let [some, more] = [8_192, 16_384].map(|mib| params_for(10_000_000_000_000, mib, 40));
	let [some, more] = [some, more].map(|params| validated(&params).memory());
	assert!(more * 10 > some * 18, "{some} and {more}");
}

#[test]
fn who_claims_little_memory_gets_little_work_and_no_more_memory() {
	for memory_mib in [0, 1, 2, 16, 100] {
		for mac_per_second in [1_000_000, 1_000_000_000_000_000, u64::MAX] {
			let params = params_for(mac_per_second, memory_mib, 40);
			let needed = validated(&params).memory();
			// The smallest benchmark that there is.
			let claimed = (u64::from(memory_mib) * MIB).max(MIB / 4);
			assert!(needed <= claimed, "{params:?} needs {needed} of {claimed}");
		}
	}
	let starved = params_for(1_000_000_000_000_000, 16, 40);
	assert!(starved.mac() < 1_000_000_000_000_000, "{starved:?}");
}

#[test]
fn extremes_are_valid_programs() {
	for (mac_per_second, memory_mib, seconds) in [
		(0, 0, 0),
		(1, 1, 1),
		(u64::MAX, u32::MAX, u32::MAX),
		(4_000_000_000_000_000, u32::MAX, 60),
		(1, u32::MAX, 1),
		(u64::MAX, 1, 1),
	] {
		let params = params_for(mac_per_second, memory_mib, seconds);
		assert_eq!(validated(&params).mac(), params.mac());
		let blobs = inputs(&[1; 32], &[2; 32], &params);
		assert!(blobs.iter().map(Vec::len).sum::<usize>() <= 256 * 1_024, "{params:?}");
	}
}

#[test]
fn states_look_random_to_the_end() {
	for params in [
		TINY,
		Params { side: 128, batch: 3, rounds: 5, kept: 2 },
		Params { side: 64, batch: 1, rounds: 80, kept: 40 },
		Params { side: 128, batch: 1, rounds: 9, kept: 2 },
	] {
		let program = validated(&params);
		let traced = trace(&program, operands(&program, 1, 2, &params)).unwrap();
		let mut rows = BTreeSet::new();
		let mut tables = 0;
		for (op, tensor) in program.program().ops.iter().zip(&traced) {
			match op {
				Op::Requant { .. } => {
					let values = i8s(tensor);
					let at_bounds = values.iter().filter(|v| matches!(v, -128 | 127)).count();
					let (_, deviation, _) = spread(values);
					assert!((45.0..75.0).contains(&deviation), "{params:?}: {deviation}");
					assert!(at_bounds * 100 < values.len() * 9, "{params:?}: {at_bounds}");
				},
				Op::Lut256 { .. } => {
					tables += 1;
					let (mean, deviation, entropy) = spread(i8s(tensor));
					assert!(mean.abs() < 12.0, "{params:?}, table {tables}: mean {mean}");
					assert!((65.0..85.0).contains(&deviation), "{params:?}: {deviation}");
					assert!(entropy > 7.5, "{params:?}, table {tables}: {entropy} bits");
					// No two rows of all states are the same, nor is any column one.
					let side = tensor.ty().last() as usize;
					for line in i8s(tensor).chunks(side) {
						assert!(rows.insert(line.to_vec()), "{params:?}: a row comes twice");
					}
					for col in 0..side.min(8) {
						let column: Vec<i8> =
							i8s(tensor).chunks(side).take(side).map(|line| line[col]).collect();
						assert!(!rows.contains(&column), "{params:?}: a column is a row");
					}
				},
				_ => {},
			}
		}
		assert_eq!(tables, params.rounds + 3);
	}
}

#[test]
fn directions_do_not_run_together() {
	// Rows of the last state are as uncorrelated as random ones: products of the same matrices did not drive them into one
	// direction.
	let params = Params { side: 64, batch: 1, rounds: 60, kept: 30 };
	let program = validated(&params);
	let traced = trace(&program, operands(&program, 3, 4, &params)).unwrap();
	let last = i8s(&traced[traced.len() - 2]);
	let rows: Vec<Vec<f64>> = last
		.chunks(64)
		.map(|row| {
			let (mean, deviation, _) = spread(row);
			row.iter().map(|v| (f64::from(*v) - mean) / deviation).collect()
		})
		.collect();
	let mut worst = 0f64;
	for (i, a) in rows.iter().enumerate() {
		for b in rows.iter().skip(i + 1) {
			let correlation = a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / 64.0;
			worst = worst.max(correlation.abs());
		}
	}
	// Of 2,016 pairs of 64 random elements each, with a deviation of an eighth: 5 deviations.
	assert!(worst < 5.0 / 8.0, "{worst}");
}

#[test]
fn every_state_kept_is_needed_once_and_neighbours_far_apart() {
	for kept in [1, 2, 3, 5, 40, 120, 128, 320] {
		let params = Params { side: 64, batch: 1, rounds: 2 * kept + 3, kept };
		let program = program(&params);
		let products: Vec<(u16, u16)> = program
			.ops
			.iter()
			.filter_map(|op| match op {
				Op::MatMul { a, b } => Some((*a, *b)),
				_ => None,
			})
			.collect();
		let back = &products[products.len() - kept as usize..];
		let read: BTreeSet<u16> = back.iter().map(|(_, b)| *b).collect();
		assert_eq!(read.len(), kept as usize, "each once");
		assert!(back.iter().all(|(a, b)| a != b), "nothing is multiplied with itself");
		if kept >= 40 {
			let near = back.windows(2).filter(|w| w[0].1.abs_diff(w[1].1) < 3 * kept as u16 / 4);
			assert_eq!(near.count(), 0, "{kept}");
		}
	}
}

#[test]
fn everything_changes_the_result() {
	let params = Params { side: 128, batch: 1, rounds: 6, kept: 3 };
	let program = validated(&params);
	let given = operands(&program, 1, 2, &params);
	let result = run(&program, given.clone()).unwrap();
	assert_eq!(result.len(), 1);
	assert_eq!(result[0].ty().dims, [1, 128, 1]);
	let again = operands(&program, 1, 2, &params);
	assert_eq!(run(&program, again).unwrap(), result, "always the same");
	for (seed, worker) in [(1, 3), (2, 2), (2, 1)] {
		let others = operands(&program, seed, worker, &params);
		assert_ne!(run(&program, others).unwrap(), result);
	}
	// One element of one input, and nearly every sum is another.
	for input in [0, 1] {
		let mut other = given.clone();
		match other[input].data_mut() {
			Data::I8(v) => v[77] ^= 1,
			Data::I32(_) => panic!("an i8 tensor"),
		}
		let Data::I32(changed) = run(&program, other).unwrap().remove(0).data().clone() else {
			panic!("sums are i32")
		};
		let Data::I32(sums) = result[0].data() else { panic!("sums are i32") };
		let same = sums.iter().zip(&changed).filter(|(a, b)| a == b).count();
		assert!(same <= 4, "input {input}: {same} sums did not change");
	}
}

#[test]
fn matrices_of_a_stack_cannot_be_taken_one_by_one() {
	let params = Params { side: 192, batch: 3, rounds: 80, kept: 40 };
	// Which matrix each block of rows has needed the states of, on the way back.
	let mut needed = vec![BTreeSet::new(); 9];
	let mut places: Vec<usize> = (0..9).collect();
	let mut deals = 0;
	for op in program(&params).ops {
		match op {
			Op::Transpose { perm, .. } => {
				assert_eq!(perm, [1, 0, 2, 3]);
				places = (0..9).map(|place| places[place % 3 * 3 + place / 3]).collect();
				deals += 1;
			},
			Op::MatMul { .. } if deals > 0 => {
				for (place, block) in places.iter().enumerate() {
					needed[*block].insert(place / 3);
				}
			},
			_ => {},
		}
	}
	assert_eq!(deals, 8);
	let moved = needed.iter().filter(|matrices| matrices.len() > 1).count();
	assert_eq!(moved, 6, "all but those on the diagonal: {needed:?}");
}

#[test]
fn inputs_are_random_and_nobody_elses() {
	let params = params_for(1_000_000_000_000, 8_192, 40);
	let mine = inputs(&[1; 32], &[2; 32], &params);
	let values: Vec<i8> = mine.concat().into_iter().map(|byte| byte as i8).collect();
	let (mean, deviation, entropy) = spread(&values);
	assert!(mean.abs() < 3.0 && (72.0..76.0).contains(&deviation) && entropy > 7.9);
	assert_ne!(mine[0], mine[1]);
	let others = inputs(&[1; 32], &[3; 32], &params);
	assert!(mine.iter().all(|blob| !others.contains(blob)));
}

#[test]
fn the_table_is_the_s_box_of_aes() {
	let table = program(&TINY).ops.into_iter().find_map(|op| match op {
		Op::Lut256 { table, .. } => Some(table),
		_ => None,
	});
	let table = table.expect("each step has one");
	// The table begins with -128, which is 0x80.
	let of = |byte: u8| table[usize::from(byte ^ 0x80)] as u8;
	assert_eq!([of(0x00), of(0x53), of(0x80), of(0xff)], [0x63, 0xed, 0xcd, 0x16]);
	assert_eq!(table.iter().collect::<BTreeSet<_>>().len(), 256, "a permutation");
}
