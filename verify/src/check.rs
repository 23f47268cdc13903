// SPDX-License-Identifier: Apache-2.0
//! Checks claimed tensors that are at hand, for less than it costs to compute them where that can be.
//!
//! Large products and convolutions are checked by [`calor_cpu::verify`] with vectors that the operating system draws after
//! the claim was made; all else is computed again and compared. Right claims always pass. A wrong one passes with a
//! probability of at most 2^-62 for each product.

use crate::Error;
use calor_cpu::{verify, Engine};
use calor_tensor::{
	program::{MAX_INPUTS, MAX_OUTPUTS, VERSION},
	reference::check_operands,
	Op, Program, Tensor, TensorId, Validated,
};
use std::collections::{BTreeMap, BTreeSet};

/// Multiply-accumulates for each element of operands and result from which on a check is cheaper than the product.
const WORTH: u64 = 128;

/// The first operation whose claimed tensor is not what the program gives for the claimed tensors before it; `None` if all
/// are right. `operands` are the inputs, then the constants; `claimed` has one tensor for each operation.
///
/// # Errors
/// [`Error::Engine`] if operands or claims are not as many and of the types that the program has.
pub fn trace(
	engine: &Engine,
	program: &Validated,
	operands: &[Tensor],
	claimed: &[Tensor],
) -> Result<Option<u16>, Error> {
	Ok(verify::trace(engine, program, operands, claimed, getrandom::u64()?)?)
}

/// The place of a claimed output that is not what the program gives, or `None` if all are right. `operands` are the inputs,
/// then the constants; `claimed` the outputs in the program's order.
///
/// # Errors
/// [`Error::Operand`], [`Error::Count`] or [`Error::Engine`].
pub fn outputs(
	engine: &Engine,
	program: &Validated,
	operands: &[Tensor],
	claimed: &[Tensor],
) -> Result<Option<u16>, Error> {
	check_operands(program, operands.iter().map(Tensor::ty))?;
	let (expected, actual) = (program.program().outputs.len(), claimed.len());
	if expected != actual {
		return Err(Error::Count { what: "outputs", expected, actual });
	}
	let mut types = (0u16..).zip(program.output_types().zip(claimed));
	if let Some((place, _)) = types.find(|(_, (ty, tensor))| *ty != tensor.ty()) {
		return Ok(Some(place));
	}
	let spared = spared(program);
	let rest = Rest::new(program, &spared).or_else(|| Rest::new(program, &BTreeSet::new()));
	let rest = rest.ok_or(Error::Count { what: "outputs", expected, actual: 0 })?;
	let results = rest.run(engine, program, operands, claimed)?;
	let held = |id: TensorId| {
		let place = || program.program().outputs.iter().position(|output| *output == id);
		let given = if rest.spared.contains(&id) { claimed.get(place()?) } else { None };
		operands.get(usize::from(id)).or(given).or_else(|| results.get(&id))
	};
	// In the order of the operations: what a check reads was itself found right before.
	let mut outputs: Vec<_> = (0u16..).zip(&program.program().outputs).collect();
	outputs.sort_by_key(|(_, id)| **id);
	for (place, &id) in outputs {
		let Some(claim) = claimed.get(usize::from(place)) else { continue };
		let right = if rest.spared.contains(&id) {
			product_holds(engine, program, id, held, claim)?
		} else {
			results.get(&id) == Some(claim)
		};
		if !right {
			return Ok(Some(place));
		}
	}
	Ok(None)
}

/// The operation that defines a tensor.
fn definition(program: &Validated, id: TensorId) -> Option<&Op> {
	program.program().ops.get(usize::from(id).checked_sub(program.program().leaves())?)
}

/// Outputs that are checked rather than computed.
fn spared(program: &Validated) -> BTreeSet<TensorId> {
	let elements = |id: TensorId| program.tensor(id).map_or(0, |(ty, _)| ty.elements());
	let large = |id: &TensorId| {
		let Some(op @ (Op::MatMul { .. } | Op::Conv2d { .. })) = definition(program, *id) else {
			return false;
		};
		let read = op.operands().map(elements).fold(elements(*id), u64::saturating_add);
		let at = usize::from(*id).saturating_sub(program.program().leaves());
		program.costs().get(at).is_some_and(|mac| *mac > WORTH.saturating_mul(read))
	};
	program.program().outputs.iter().copied().filter(large).collect()
}

/// Whether a claimed product is that of its operands.
fn product_holds<'a>(
	engine: &Engine,
	program: &Validated,
	id: TensorId,
	held: impl Fn(TensorId) -> Option<&'a Tensor>,
	claim: &Tensor,
) -> Result<bool, Error> {
	let Some(op) = definition(program, id) else { return Ok(false) };
	let operands: Option<Vec<&Tensor>> = op.operands().map(&held).collect();
	let operands = operands.ok_or(Error::NotHeld(id))?;
	let seed = getrandom::u64()?;
	if let (Op::MatMul { .. }, [a, b]) = (op, operands.as_slice()) {
		return Ok(verify::product(a, b, claim, seed));
	}
	// The operation alone, as a program.
	let mut op = op.clone();
	op.operands_mut().zip(0..).for_each(|(operand, id)| *operand = id);
	let alone = Program {
		version: VERSION,
		inputs: operands.iter().map(|operand| operand.ty().clone()).collect(),
		constants: Vec::new(),
		ops: vec![op],
		outputs: vec![operands.len() as TensorId],
	};
	let alone = alone.validate().map_err(|fault| Error::Engine(Box::new(fault)))?;
	let operands: Vec<Tensor> = operands.into_iter().cloned().collect();
	Ok(verify::trace(engine, &alone, &operands, std::slice::from_ref(claim), seed)?.is_none())
}

/// What is left of a program when some outputs need not be computed.
struct Rest {
	spared: BTreeSet<TensorId>,
	/// Spared outputs that other operations read: they become inputs.
	given: Vec<TensorId>,
	/// Nothing if every output is spared and each is made of operands.
	program: Option<Validated>,
	/// By which number the program calls its outputs.
	results: Vec<TensorId>,
}

impl Rest {
	/// `None` if it has more inputs or outputs than a program may have.
	fn new(program: &Validated, spared: &BTreeSet<TensorId>) -> Option<Self> {
		let of = program.program();
		let leaves = of.leaves();
		// Outputs that are computed, and what the spared ones are made of.
		let made_of =
			spared.iter().filter_map(|id| definition(program, *id)).flat_map(Op::operands);
		let wanted = of.outputs.iter().copied().chain(made_of);
		let computed = |id: &TensorId| usize::from(*id) >= leaves && !spared.contains(id);
		let results: BTreeSet<TensorId> = wanted.filter(computed).collect();
		let mut needed = results.clone();
		let mut given = BTreeSet::new();
		for op in (0..of.ops.len()).rev() {
			let id = TensorId::try_from(leaves.checked_add(op)?).ok()?;
			if needed.contains(&id) {
				let operands = definition(program, id)?.operands();
				let (read, known): (Vec<_>, Vec<_>) = operands.partition(computed);
				needed.extend(read);
				given.extend(known.into_iter().filter(|id| spared.contains(id)));
			}
		}
		let given: Vec<TensorId> = given.into_iter().collect();
		let results: Vec<TensorId> = results.into_iter().collect();
		if of.inputs.len().checked_add(given.len())? > MAX_INPUTS || results.len() > MAX_OUTPUTS {
			return None;
		}
		let program = match results.is_empty() {
			true => None,
			false => Some(part(program, &given, &needed, &results)?),
		};
		Some(Self { spared: spared.clone(), given, program, results })
	}

	fn run(
		&self,
		engine: &Engine,
		whole: &Validated,
		operands: &[Tensor],
		claimed: &[Tensor],
	) -> Result<BTreeMap<TensorId, Tensor>, Error> {
		let Some(program) = &self.program else { return Ok(BTreeMap::new()) };
		let (inputs, constants) = operands.split_at(whole.program().inputs.len());
		let given = self.given.iter().filter_map(|id| {
			claimed.get(whole.program().outputs.iter().position(|output| output == id)?)
		});
		let inputs: Vec<Tensor> = inputs.iter().chain(given).cloned().collect();
		let results = engine.load(&engine.plan(program)?, constants)?.run(&inputs)?;
		Ok(self.results.iter().copied().zip(results).collect())
	}
}

/// The program that computes `results` through the operations that define `needed`, with `given` as further inputs.
fn part(
	program: &Validated,
	given: &[TensorId],
	needed: &BTreeSet<TensorId>,
	results: &[TensorId],
) -> Option<Validated> {
	let of = program.program();
	let ty = |id: &TensorId| program.tensor(*id).map(|(ty, _)| ty.clone());
	let inputs = 0..TensorId::try_from(of.inputs.len()).ok()?;
	let constants = inputs.end..TensorId::try_from(of.leaves()).ok()?;
	let old = inputs.chain(given.iter().copied()).chain(constants).chain(needed.iter().copied());
	let number: BTreeMap<TensorId, TensorId> = old.zip(0..).collect();
	let renumber = |id: &TensorId| {
		let mut op = definition(program, *id)?.clone();
		for operand in op.operands_mut() {
			*operand = *number.get(operand)?;
		}
		Some(op)
	};
	let part = Program {
		version: of.version,
		inputs: of
			.inputs
			.iter()
			.cloned()
			.map(Some)
			.chain(given.iter().map(ty))
			.collect::<Option<_>>()?,
		constants: of.constants.clone(),
		ops: needed.iter().map(renumber).collect::<Option<_>>()?,
		outputs: results.iter().map(|id| number.get(id).copied()).collect::<Option<_>>()?,
	};
	part.validate().ok()
}
