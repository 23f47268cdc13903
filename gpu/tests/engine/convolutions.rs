// SPDX-License-Identifier: Apache-2.0
//! Convolutions of every kind of window and group.

use crate::{assert_like_reference, engine, open};
use calor_gpu::{Caps, Engine, Tuning};
use calor_tensor::{
	program::{Window, VERSION},
	testing::{Case, Choice},
	Op, Program, Scale, TensorType,
};
use std::sync::OnceLock;

fn window(size: [u16; 2], stride: [u16; 2], pad: [u16; 4], dilation: [u16; 2]) -> Window {
	Window { size, stride, pad, dilation }
}

/// A convolution of `x` to `out` channels; as a constant or as an input, bare or with what usually follows.
fn case(
	x: [u32; 4],
	out: u32,
	window: Window,
	groups: u32,
	constant: bool,
	followed: bool,
) -> Case {
	let mut choice = Choice::new(41);
	let taps = u32::from(window.size[0]) * u32::from(window.size[1]);
	let image = TensorType::i8(&x);
	let weights = TensorType::i8(&[out, taps * x[3] / groups]);
	let row = TensorType::i32(&[out]);
	let (inputs, constants) = match constant {
		true => (vec![image], vec![weights, row]),
		false => (vec![image, weights], vec![row]),
	};
	let operands = inputs.iter().chain(&constants).map(|ty| choice.tensor(ty).unwrap()).collect();
	let mut ops = vec![Op::Conv2d { x: 0, weights: 1, window, groups, zero: -7 }];
	if followed {
		let scales = (0..out).map(|i| Scale { multiplier: (1 << 30) + i, shift: 40 }).collect();
		ops.push(Op::Bias { x: 3, bias: 2 });
		ops.push(Op::Requant { x: 4, zero: 5, scales });
		ops.push(Op::Clamp { x: 5, low: -100, high: 100 });
	}
	let outputs = vec![2 + ops.len() as u16];
	let program = Program { version: VERSION, inputs, constants, ops, outputs };
	Case { name: format!("conv {x:?} {out} {groups}"), program, operands }
}

/// Images, channels out, window, groups.
fn kinds() -> Vec<([u32; 4], u32, Window, u32)> {
	let same = window([3, 3], [1, 1], [1, 1, 1, 1], [1, 1]);
	let odd = window([2, 3], [2, 1], [0, 2, 3, 1], [2, 3]);
	vec![
		// First layers, with few channels.
		([1, 9, 8, 3], 16, same, 1),
		([2, 7, 9, 1], 5, odd, 1),
		// Quads, chunks and neither.
		([2, 8, 7, 4], 9, same, 1),
		([1, 10, 6, 16], 33, same, 1),
		([1, 6, 10, 32], 40, odd, 1),
		([1, 6, 6, 18], 8, odd, 1),
		// A pixel with each filter.
		([2, 5, 5, 24], 70, window([1, 1], [1, 1], [0; 4], [1, 1]), 1),
		([1, 5, 6, 16], 3, window([1, 1], [2, 3], [0, 1, 0, 0], [1, 1]), 1),
		// Depthwise, with one and with several filters for a channel.
		([1, 9, 9, 32], 32, same, 32),
		([2, 5, 6, 7], 7, odd, 7),
		([1, 70, 3, 70], 70, window([3, 1], [2, 1], [1, 0, 1, 0], [1, 1]), 70),
		([1, 6, 6, 5], 10, same, 5),
		// Groups of whole quads, and of parts of them.
		([1, 7, 6, 16], 8, same, 2),
		([1, 6, 6, 64], 96, odd, 4),
		([1, 6, 5, 12], 6, same, 2),
		([1, 6, 5, 12], 8, odd, 4),
		([1, 5, 5, 6], 9, same, 3),
		// Windows that lie outside altogether.
		([1, 3, 3, 8], 8, window([2, 2], [1, 1], [5, 5, 5, 5], [1, 1]), 1),
		([1, 3, 3, 8], 8, window([2, 2], [3, 3], [5, 5, 5, 5], [2, 2]), 8),
	]
}

#[test]
fn every_kind_is_like_the_reference() {
	for (x, out, window, groups) in kinds() {
		for (constant, followed) in [(true, true), (false, true), (true, false), (false, false)] {
			assert_like_reference(engine(), &case(x, out, window, groups, constant, followed));
		}
	}
}

#[test]
fn what_follows_is_fused() {
	for (x, out, window, groups) in kinds() {
		let program = case(x, out, window, groups, true, true).program.validate().unwrap();
		let plan = engine().plan(&program).unwrap();
		assert_eq!((plan.steps(), plan.dispatches()), (1, 1), "{:?}", plan.run_kernels());
	}
}

#[test]
fn every_way_gives_the_same_convolutions() {
	let same = window([3, 3], [1, 1], [1, 1, 1, 1], [1, 1]);
	// Splitting K is looked at with products.
	for way in engine().product_ways().iter().filter(|way| way.ends_with("/1")) {
		let tuning = Tuning { product: Some(way.clone()), ..Default::default() };
		let engine = open(Caps { tuning, ..Default::default() });
		for (x, out, groups) in [([1, 13, 12, 48], 135, 1), ([1, 13, 11, 24], 72, 2)] {
			assert_like_reference(&engine, &case(x, out, same, groups, true, true));
		}
	}
}

/// Shards of 3,000 bytes: a few lines of pixels.
fn sharded() -> &'static Engine {
	static ENGINE: OnceLock<Engine> = OnceLock::new();
	ENGINE.get_or_init(|| open(Caps { shard_bytes: Some(3_000), ..Default::default() }))
}

#[test]
fn shards_of_images_add_up() {
	let same = window([3, 3], [1, 1], [1, 1, 1, 1], [1, 1]);
	let far = window([3, 2], [2, 1], [4, 1, 9, 1], [5, 2]);
	for (x, out, window, groups) in [
		([2, 40, 9, 8], 5, same, 1),
		([3, 21, 10, 16], 6, far, 1),
		([1, 30, 11, 12], 12, far, 12),
		([1, 30, 11, 12], 6, same, 3),
		([1, 30, 11, 16], 8, same, 2),
		([1, 4, 150, 16], 4, same, 1),
		([1, 13, 7, 4], 100, same, 1),
		([1, 48, 9, 7], 7, window([7, 7], [1, 1], [3, 3, 3, 3], [1, 1]), 1),
	] {
		for (constant, followed) in [(true, true), (false, false)] {
			let case = case(x, out, window, groups, constant, followed);
			let program = case.program.clone().validate().unwrap();
			let cut = sharded().plan(&program).unwrap().dispatches();
			assert!(cut > engine().plan(&program).unwrap().dispatches(), "{}", case.name);
			assert_like_reference(sharded(), &case);
		}
	}
}
