// SPDX-License-Identifier: Apache-2.0
//! The chain of epochs, and what has come of it.

use crate::{
	data,
	draw::Draw,
	program::{classifier, epoch, BATCH, BATCHES, LAYERS, WEIGHT_SHIFT},
	Engine,
};
use anyhow::{Context, Result};
use calor_tensor::{tensor_root, Data, Hash, Tensor, TensorType};

/// Epochs of a whole training.
pub const EPOCHS: u32 = 12;
/// Learning rate of the first epochs and of the last: `2^-5` and `2^-7` a unit.
const RATES: [u8; 2] = [5, 7];
/// Epochs at the first rate.
const FAST: u32 = 8;
/// The first weights of each layer lie between minus and plus this, in units of the forward pass: about
/// `sqrt(6 / inputs)`, as He et al. draw them.
const SPREAD: [u32; 3] = [20, 16, 24];

/// A network on its way.
#[derive(Clone, Debug)]
pub struct Training {
	/// Epochs done.
	done: u32,
	seed: Tensor,
	draw: Draw,
	/// The weights, then the step's number.
	state: Vec<Tensor>,
}

fn vector(elements: Vec<i32>) -> Result<Tensor> {
	let ty = TensorType::i32(&[elements.len().try_into()?]);
	Ok(Tensor::from_data(ty, Data::I32(elements))?)
}

impl Training {
	/// A network that has learnt nothing, drawn from `seed`.
	///
	/// # Errors
	/// None in practice.
	pub fn new(seed: u32) -> Result<Self> {
		let mut draw = Draw::new(seed.into());
		let mut state = Vec::new();
		for (pair, spread) in LAYERS.windows(2).zip(SPREAD) {
			let most = spread << WEIGHT_SHIFT;
			let weights = (0..pair[0] * pair[1])
				.map(|_| draw.below(2 * most + 1) as i32 - most as i32)
				.collect();
			let ty = TensorType::i32(&[pair[1], pair[0]]);
			state.push(Tensor::from_data(ty, Data::I32(weights))?);
		}
		state.push(vector(vec![0])?);
		Ok(Self { done: 0, seed: vector(vec![seed as i32, 0])?, draw, state })
	}

	/// Runs the next epoch on `engine` and returns the roots of its outputs: three weights and the step's number.
	///
	/// # Errors
	/// The engine's.
	pub fn advance(&mut self, engine: &Engine) -> Result<Vec<Hash>> {
		let rate = RATES[usize::from(self.done >= FAST)];
		let program = epoch(rate).validate()?;
		let mut order = self.draw.order(data::IMAGES);
		order.truncate((BATCHES * BATCH) as usize);
		let mut operands = self.state.clone();
		operands.extend([
			self.seed.clone(),
			vector(order.into_iter().map(|i| i as i32).collect())?,
			data::images()?,
			data::labels()?,
			vector(vec![1])?,
		]);
		self.state = engine.run(&program, &operands)?;
		self.done += 1;
		Ok(self.state.iter().map(tensor_root).collect())
	}

	/// How many of the 599 images held out the network reads rightly.
	///
	/// # Errors
	/// The engine's.
	pub fn right(&self, engine: &Engine) -> Result<usize> {
		let mut operands = vec![data::held_out()?];
		operands.extend(self.state.iter().take(LAYERS.len() - 1).cloned());
		let classes = engine.run(&classifier().validate()?, &operands)?;
		let Some(Data::I32(classes)) = classes.first().map(Tensor::data) else {
			return None.context("the classifier gives i32");
		};
		let pairs = classes.iter().zip(data::held_out_labels());
		Ok(pairs.filter(|(class, label)| **class == i32::from(**label)).count())
	}
}
