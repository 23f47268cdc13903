// SPDX-License-Identifier: Apache-2.0
//! The images: 1,198 to learn from, and the 599 of `examples/digits` that no training sees.

use anyhow::Result;
use calor_tensor::{Data, Tensor, TensorType};

/// Pixels of an image.
pub const PIXELS: u32 = 64;
/// Images to learn from.
pub const IMAGES: u32 = 1_198;
/// Images held out.
pub const HELD_OUT: u32 = 599;

static TRAIN_IMAGES: &[u8] = include_bytes!("../data/images.bin");
static TRAIN_LABELS: &[u8] = include_bytes!("../data/labels.bin");
static HELD_OUT_IMAGES: &[u8] = include_bytes!("../../digits/held-out.bin");
static HELD_OUT_LABELS: &[u8] = include_bytes!("../../digits/labels.bin");

/// `i8[1198, 64]`, grey levels 0 to 16 times 7.
///
/// # Errors
/// If the file has another size.
pub fn images() -> Result<Tensor> {
	Ok(Tensor::from_bytes(TensorType::i8(&[IMAGES, PIXELS]), TRAIN_IMAGES)?)
}

/// `i32[1198, 1]`, 0 to 9: a table to gather from.
///
/// # Errors
/// If the file has another size.
pub fn labels() -> Result<Tensor> {
	let labels = TRAIN_LABELS.iter().map(|&label| label.into()).collect();
	Ok(Tensor::from_data(TensorType::i32(&[IMAGES, 1]), Data::I32(labels))?)
}

/// `i8[599, 64]`.
///
/// # Errors
/// If the file has another size.
pub fn held_out() -> Result<Tensor> {
	Ok(Tensor::from_bytes(TensorType::i8(&[HELD_OUT, PIXELS]), HELD_OUT_IMAGES)?)
}

/// What the images held out show.
pub fn held_out_labels() -> &'static [u8] {
	HELD_OUT_LABELS
}
