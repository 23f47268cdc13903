// SPDX-License-Identifier: Apache-2.0
//! Memory that holds tensors.

use calor_tensor::{Data, Tensor};

/// One cache line.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
struct CacheLine([u8; 64]);

/// Zeroed memory, aligned to cache lines.
#[derive(Clone, Default)]
pub(crate) struct Buffer(Vec<CacheLine>);

impl Buffer {
	/// At least `bytes` bytes.
	pub(crate) fn new(bytes: usize) -> Self {
		Self(vec![CacheLine([0; 64]); bytes.div_ceil(64)])
	}

	/// How many bytes [`Self::new`] takes for `bytes`.
	pub(crate) fn footprint(bytes: u64) -> u64 {
		bytes.div_ceil(64).saturating_mul(64)
	}

	pub(crate) fn i8s(&self) -> &[i8] {
		bytemuck::cast_slice(&self.0)
	}

	pub(crate) fn i32s(&self) -> &[i32] {
		bytemuck::cast_slice(&self.0)
	}

	pub(crate) fn i8s_mut(&mut self) -> &mut [i8] {
		bytemuck::cast_slice_mut(&mut self.0)
	}

	pub(crate) fn i32s_mut(&mut self) -> &mut [i32] {
		bytemuck::cast_slice_mut(&mut self.0)
	}

	pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
		bytemuck::cast_slice_mut(&mut self.0)
	}
}

/// Elements that an operation reads, in row-major order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum View<'a> {
	I8(&'a [i8]),
	I32(&'a [i32]),
}

impl<'a> View<'a> {
	pub(crate) fn of(tensor: &'a Tensor) -> Self {
		match tensor.data() {
			Data::I8(v) => Self::I8(v),
			Data::I32(v) => Self::I32(v),
		}
	}

	/// The elements of an i8 tensor; none of an i32 tensor, which validation keeps from where i8 is wanted.
	pub(crate) fn i8s(self) -> &'a [i8] {
		match self {
			Self::I8(v) => v,
			Self::I32(_) => &[],
		}
	}

	/// The elements of an i32 tensor, likewise.
	pub(crate) fn i32s(self) -> &'a [i32] {
		match self {
			Self::I32(v) => v,
			Self::I8(_) => &[],
		}
	}
}

/// Elements that an operation writes: all of them, whatever they were.
#[derive(Debug)]
pub(crate) enum Out<'a> {
	I8(&'a mut [i8]),
	I32(&'a mut [i32]),
}

impl<'a> Out<'a> {
	pub(crate) fn i8s(self) -> &'a mut [i8] {
		match self {
			Self::I8(v) => v,
			Self::I32(_) => &mut [],
		}
	}

	pub(crate) fn i32s(self) -> &'a mut [i32] {
		match self {
			Self::I32(v) => v,
			Self::I8(_) => &mut [],
		}
	}
}

/// A tensor under construction whose rectangles several threads write at the same time.
pub(crate) enum Shared<'a> {
	I8(Cells<'a, i8>),
	I32(Cells<'a, i32>),
}

impl<'a> Shared<'a> {
	pub(crate) fn new(out: Out<'a>) -> Self {
		match out {
			Out::I8(v) => Self::I8(Cells::new(v)),
			Out::I32(v) => Self::I32(Cells::new(v)),
		}
	}
}

/// Elements that may be written through a shared reference.
pub(crate) struct Cells<'a, T> {
	start: *mut T,
	len: usize,
	_life: std::marker::PhantomData<&'a mut [T]>,
}

// SAFETY: the elements are plain integers, and `write` asks its callers to keep apart.
unsafe impl<T: Send> Sync for Cells<'_, T> {}
// SAFETY: it is an exclusive reference otherwise.
unsafe impl<T: Send> Send for Cells<'_, T> {}

impl<'a, T: Copy> Cells<'a, T> {
	fn new(slice: &'a mut [T]) -> Self {
		Self { start: slice.as_mut_ptr(), len: slice.len(), _life: std::marker::PhantomData }
	}

	/// Copies `from` to the elements from index `at` on.
	///
	/// # Safety
	/// No other thread may write any of these elements before all threads have come together again.
	#[inline(always)]
	pub(crate) unsafe fn write(&self, at: usize, from: &[T]) {
		assert!(at <= self.len && from.len() <= self.len - at);
		// SAFETY: in bounds as asserted, alone by the caller's promise, and `from` is not part of what `self` borrows
		// exclusively.
		unsafe { self.start.add(at).copy_from_nonoverlapping(from.as_ptr(), from.len()) }
	}
}
