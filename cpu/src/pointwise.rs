// SPDX-License-Identifier: Apache-2.0
//! Steps that begin with a pointwise operation.

use crate::{
	buffer::{Shared, View},
	level::Cpu,
	pool::Pool,
	post::Live,
	strip::{Place, Strip, LANES, LINES},
};

/// Elements of a task.
const TASK: usize = 16 * 1024;

/// Applies `posts` to `x`, seen as rows of `width` elements; when no post looks at columns, all of `x` is one row.
pub(crate) fn pointwise(
	cpu: Cpu,
	pool: &Pool,
	x: View<'_>,
	width: usize,
	posts: &[Live<'_>],
	out: &Shared<'_>,
) {
	let elements = match x {
		View::I8(x) => x.len(),
		View::I32(x) => x.len(),
	};
	let one = |strip: &mut Strip, place: &Place| {
		match x {
			View::I8(x) => place.read(&mut strip.narrow, x),
			View::I32(x) => place.read(&mut strip.wide, x),
		}
		strip.is_narrow = matches!(x, View::I8(_));
		for post in posts {
			post.apply(cpu, strip, place);
		}
		// SAFETY: each task and each strip has elements of its own.
		unsafe { place.store(strip, out) }
	};
	if width == elements {
		pool.tasks(elements.div_ceil(TASK), |task| {
			let mut strip = Strip::new();
			let last = elements.min((task + 1) * TASK);
			for col in (task * TASK..last).step_by(LANES * LINES) {
				let lines = (last - col).div_ceil(LANES).min(LINES);
				let place = Place { row: 0, col, lines, down: false, width, end: width };
				one(&mut strip, &place);
			}
		});
		return;
	}
	let rows = elements / width;
	let each = (TASK / width).next_multiple_of(LINES).max(LINES);
	pool.tasks(rows.div_ceil(each), |task| {
		let mut strip = Strip::new();
		let last = rows.min((task + 1) * each);
		for row in (task * each..last).step_by(LINES) {
			let lines = (last - row).min(LINES);
			for col in (0..width).step_by(LANES) {
				let place = Place { row, col, lines, down: true, width, end: width };
				one(&mut strip, &place);
			}
		}
	});
}
