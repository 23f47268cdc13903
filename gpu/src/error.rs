// SPDX-License-Identifier: Apache-2.0
//! What can go wrong between a program and its result.
//!
//! Every variant says what to do about it. After [`Error::DeviceLost`] or [`Error::Timeout`] the engine is of no further
//! use, and dropping it may block on a hung driver: end the process that holds it.

use calor_tensor::{reference::RunError, tensor::TensorError};

/// Why the engine could not be made or could not run a program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// No adapter exists, or none fits the selection.
	#[error(
		"no GPU adapter {wanted}; found: {found}. Install a Vulkan driver, or for a CPU one \
		 (development only) the package mesa-vulkan-drivers"
	)]
	NoAdapter {
		/// What was asked for.
		wanted: String,
		/// Names of all adapters.
		found: String,
	},
	/// Only CPU adapters fit, and those are for development.
	#[error(
		"'{name}' is a CPU adapter: slow, for development only; pass --allow-cpu-adapter to use it"
	)]
	CpuAdapterNotAllowed {
		/// Name of the best of them.
		name: String,
	},
	/// The adapter would not give a device.
	#[error("the adapter '{adapter}' refused a device: {reason}")]
	NoDevice {
		/// Name of the adapter.
		adapter: String,
		/// The driver's words.
		reason: String,
	},
	/// The program needs more than this adapter can hold; found before anything was allocated.
	#[error("{what} needs {need} bytes, this adapter takes {limit}; use one with more memory")]
	TooLarge {
		/// What does not fit.
		what: String,
		/// Bytes it needs.
		need: u64,
		/// Bytes there may be.
		limit: u64,
	},
	/// The program is beyond what kernels can count, on whatever adapter.
	#[error("{what} takes {need} {unit}, and there may be {limit}; split the program")]
	TooLong {
		/// What is too long.
		what: String,
		/// What is counted, in the plural.
		unit: &'static str,
		/// How many it takes.
		need: u64,
		/// How many there may be.
		limit: u64,
	},
	/// The tuning asks for a way to compute products that this adapter does not know.
	#[error("'{name}' is no way to compute products on this adapter; there are: {ways}")]
	UnknownProduct {
		/// What was asked for.
		name: String,
		/// Names of all ways.
		ways: String,
	},
	/// The adapter ran out of memory.
	#[error("the adapter ran out of memory; close what else uses it, or use one with more")]
	OutOfMemory,
	/// The device is gone.
	#[error("the device was lost: {0}; start a new process")]
	DeviceLost(String),
	/// The device did not finish a bounded piece of work in time.
	#[error(
		"the device did not answer within {seconds} s; start a new process, and suspect the driver"
	)]
	Timeout {
		/// How long it was waited for.
		seconds: u64,
	},
	/// The operands are not what the program declares.
	#[error("wrong operands: {0}")]
	Operand(#[from] RunError),
	/// The plan was made under other limits than this engine's.
	#[error("the plan was made for another adapter; plan again on this one")]
	ForeignPlan,
	/// A shader or a command was refused: a bug in this crate or in the driver.
	#[error("the driver refused a command: {0}")]
	Shader(String),
	/// This adapter computes something else than the reference: it must not be used.
	#[error(
		"'{adapter}' with driver {driver} is wrong in '{case}': op {op}, kernels {kernels}; update \
		 the driver, and do not use this adapter until the self-test passes"
	)]
	Mismatch {
		/// The case of the self-test.
		case: String,
		/// Index and name of the operation.
		op: String,
		/// The kernels that computed it.
		kernels: String,
		/// Name of the adapter.
		adapter: String,
		/// The driver and its version.
		driver: String,
	},
	/// Something that cannot be unless this crate is wrong.
	#[error("internal: {0}")]
	Internal(String),
}

impl From<TensorError> for Error {
	fn from(error: TensorError) -> Self {
		Self::Internal(error.to_string())
	}
}
