// SPDX-License-Identifier: Apache-2.0
//! How long each stored tensor is needed.

use crate::{reads, Step};
use calor_tensor::{TensorId, Validated};

/// For each tensor its last use, and for each step the tensors that nothing needs after it.
pub(crate) fn lives(
	program: &Validated,
	steps: &[Step],
) -> (Vec<Option<usize>>, Vec<Vec<TensorId>>) {
	let mut last_use: Vec<Option<usize>> = vec![None; program.tensors().len()];
	let mut set = |id: TensorId, step: usize| {
		if let Some(last) = last_use.get_mut(usize::from(id)) {
			*last = Some(step);
		}
	};
	for (i, step) in steps.iter().enumerate() {
		set(step.result, i);
		reads(program, step).for_each(|id| set(id, i));
	}
	for &id in &program.program().outputs {
		set(id, steps.len());
	}
	let mut dying = vec![Vec::new(); steps.len()];
	for (id, last) in (0..).zip(&last_use) {
		if let Some(ids) = last.and_then(|last| dying.get_mut(last)) {
			ids.push(id);
		}
	}
	(last_use, dying)
}
