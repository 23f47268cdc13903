// SPDX-License-Identifier: Apache-2.0
//! Products on cooperative matrices: the tensor cores of a GPU.
//!
//! WGSL knows cooperative matrices of floating point only, so this kernel is SPIR-V, put together here instruction by
//! instruction and handed to the driver as it is. It multiplies i8 by i8 into i32 in blocks of 16 x 16 x 32, which is
//! what VK_KHR_cooperative_matrix offers on NVIDIA. A workgroup of eight subgroups computes 128 x 128 elements, a subgroup
//! 64 x 32 of them; 16 quads of K are staged at once in rows of 20 words, so that rows begin in different banks, and the
//! next are fetched meanwhile. Rows and columns beyond the matrix are fetched as those before or as zeros, and sums go
//! through workgroup memory, as only whole blocks can be stored.
//!
//! Parameters and bindings are those of all products. Posts have a kernel of their own behind it.
//!
//! SPIRV-Tools' validator accepts the module for Vulkan 1.2 and 1.3; no hardware that has such blocks was at hand to run
//! it. So it is off unless [`crate::Caps::cooperative`] asks for it, and even then an engine uses it only after it gave
//! the reference's products on that very device.

mod emit;
mod stage;
mod store;

use crate::error::Error;
use emit::{bind, global, storage};
use rspirv::{
	binary::Assemble,
	dr::{self, Builder, Operand},
	spirv::{
		AddressingModel, BuiltIn, Capability, CooperativeMatrixLayout, CooperativeMatrixOperands,
		CooperativeMatrixUse, Decoration, ExecutionMode, ExecutionModel, FunctionControl,
		LoopControl, MemoryAccess, MemoryModel, Scope, StorageClass, Word,
	},
};

/// Rows and columns of a workgroup.
pub(super) const TILE: u32 = 128;
/// Bytes of workgroup memory.
pub(crate) const STAGED_BYTES: u32 = (2 * TILE * PITCH + SUBGROUPS * BLOCK * BLOCK) * 4;
/// Invocations of a workgroup, and of a subgroup.
pub(crate) const LANES: u32 = 256;
pub(crate) const SUBGROUP: u32 = 32;

const SUBGROUPS: u32 = LANES / SUBGROUP;
/// Rows and columns of a block.
const BLOCK: u32 = 16;
/// Blocks of a subgroup, down and across.
const OWN: [u32; 2] = [4, 2];
/// Quads of K that are staged at once, and words from one staged row to the next.
const DEPTH: u32 = 16;
const PITCH: u32 = 20;
/// Words of K in a block.
const STEP: u32 = 8;
/// Rows, or columns, that the workgroup fetches at once.
const LINES: u32 = LANES / (DEPTH / 4);

/// Fields of `Params` in matmul_params.wgsl.
const FIELDS: u32 = 20;
#[derive(Clone, Copy)]
enum Field {
	Rows = 0,
	Cols = 1,
	KQuads = 2,
	AAt = 4,
	BAt = 5,
	ResultAt = 6,
	ResultQuads = 7,
	AStep = 8,
	BStep = 9,
	ResultStep = 10,
}

/// The kernel's words.
pub(super) fn assemble() -> Result<Vec<u32>, Error> {
	Kernel::build().map_err(|e| Error::Internal(format!("cooperative matrices: {e}")))
}

/// One side of the product while it is staged.
struct Side {
	buffer: Word,
	/// For each fetch: the row's first quad, and whether the row is in the matrix if the rest must be zero.
	lines: Vec<(Word, Option<Word>)>,
	/// What was fetched for the next round.
	next: Vec<Word>,
	/// The first staged word.
	staged: u32,
}

struct Kernel {
	b: Builder,
	void: Word,
	bool: Word,
	u32: Word,
	i32: Word,
	u32x4: Word,
	i32x4: Word,
	/// Pointers to one element of the staged operands, the staged sums, the operands, the result, and parameters.
	to_staged: Word,
	to_sum: Word,
	to_operand: Word,
	to_result: Word,
	to_param: Word,
	/// Matrices of a, b and sums.
	matrices: [Word; 3],
	params: Word,
	result: Word,
	staged: Word,
	sums: Word,
	zero4: Word,
}

type Built<T = Word> = Result<T, dr::Error>;

impl Kernel {
	fn build() -> Built<Vec<u32>> {
		let mut b = Builder::new();
		b.set_version(1, 5);
		for capability in [
			Capability::Shader,
			Capability::Int8,
			Capability::GroupNonUniform,
			Capability::VulkanMemoryModel,
			Capability::CooperativeMatrixKHR,
		] {
			b.capability(capability);
		}
		b.extension("SPV_KHR_cooperative_matrix");
		b.memory_model(AddressingModel::Logical, MemoryModel::Vulkan);

		let (void, bool) = (b.type_void(), b.type_bool());
		let (i8, u32, i32) = (b.type_int(8, 1), b.type_int(32, 0), b.type_int(32, 1));
		let (u32x3, u32x4) = (b.type_vector(u32, 3), b.type_vector(u32, 4));
		let i32x4 = b.type_vector(i32, 4);
		let mut number = |n: u32| b.constant_bit32(u32, n);
		let (scope, sixteen, thirty_two) =
			(number(Scope::Subgroup as u32), number(BLOCK), number(STEP * 4));
		let uses = [
			CooperativeMatrixUse::MatrixAKHR,
			CooperativeMatrixUse::MatrixBKHR,
			CooperativeMatrixUse::MatrixAccumulatorKHR,
		]
		.map(|usage| number(usage as u32));
		let (staged_words, sum_words) =
			(number(2 * TILE * PITCH), number(SUBGROUPS * BLOCK * BLOCK));
		let matrices = [
			b.type_cooperative_matrix_khr(i8, scope, sixteen, thirty_two, uses[0]),
			b.type_cooperative_matrix_khr(i8, scope, thirty_two, sixteen, uses[1]),
			b.type_cooperative_matrix_khr(i32, scope, sixteen, sixteen, uses[2]),
		];

		let fields = b.type_struct((0..FIELDS).map(|_| u32));
		b.decorate(fields, Decoration::Block, []);
		for field in 0..FIELDS {
			let offset = [Operand::LiteralBit32(field * 4)];
			b.member_decorate(fields, field, Decoration::Offset, offset);
		}
		let params = global(&mut b, fields, StorageClass::Uniform);
		bind(&mut b, params, crate::device::BINDING_PARAMS);
		let operands = storage(&mut b, u32x4);
		let [first, second, ..] = crate::device::BINDING_READS;
		let [a, other] = [first, second].map(|binding| {
			let buffer = global(&mut b, operands, StorageClass::StorageBuffer);
			bind(&mut b, buffer, binding);
			b.decorate(buffer, Decoration::NonWritable, []);
			buffer
		});
		let results = storage(&mut b, i32x4);
		let result = global(&mut b, results, StorageClass::StorageBuffer);
		bind(&mut b, result, crate::device::BINDING_OUT);
		let staged_array = b.type_array(u32, staged_words);
		let sums_array = b.type_array(i32, sum_words);
		let staged = global(&mut b, staged_array, StorageClass::Workgroup);
		let sums = global(&mut b, sums_array, StorageClass::Workgroup);
		let builtins = [
			(u32x3, BuiltIn::WorkgroupId),
			(u32, BuiltIn::LocalInvocationIndex),
			(u32, BuiltIn::SubgroupId),
			(u32, BuiltIn::SubgroupLocalInvocationId),
		]
		.map(|(ty, builtin)| {
			let variable = global(&mut b, ty, StorageClass::Input);
			b.decorate(variable, Decoration::BuiltIn, [Operand::BuiltIn(builtin)]);
			variable
		});
		let mut pointer = |class, ty| b.type_pointer(None, class, ty);
		let (to_staged, to_sum) =
			(pointer(StorageClass::Workgroup, u32), pointer(StorageClass::Workgroup, i32));
		let to_operand = pointer(StorageClass::StorageBuffer, u32x4);
		let to_result = pointer(StorageClass::StorageBuffer, i32x4);
		let to_param = pointer(StorageClass::Uniform, u32);
		let zero4 = b.constant_null(u32x4);

		let mut this = Self {
			b,
			void,
			bool,
			u32,
			i32,
			u32x4,
			i32x4,
			to_staged,
			to_sum,
			to_operand,
			to_result,
			to_param,
			matrices,
			params,
			result,
			staged,
			sums,
			zero4,
		};
		let main = this.main(a, other, u32x3, builtins)?;
		let mut interface = vec![params, a, other, result, staged, sums];
		interface.extend(builtins);
		this.b.entry_point(ExecutionModel::GLCompute, main, "main", interface);
		this.b.execution_mode(main, ExecutionMode::LocalSize, [LANES, 1, 1]);
		Ok(this.b.module().assemble())
	}

	fn main(&mut self, a: Word, b: Word, u32x3: Word, builtins: [Word; 4]) -> Built {
		let ty = self.b.type_function(self.void, []);
		let main = self.b.begin_function(self.void, None, FunctionControl::NONE, ty)?;
		self.b.begin_block(None)?;
		let k = self.local(self.u32);
		let next: Vec<Word> = (0..4).map(|_| self.local(self.u32x4)).collect();
		let [own_rows, own_cols] = OWN;
		let sums: Vec<Word> =
			(0..own_rows * own_cols).map(|_| self.local(self.matrices[2])).collect();

		let [group, lane, subgroup, sublane] = builtins;
		let group = self.b.load(u32x3, None, group, None, [])?;
		let [lane, subgroup, sublane] =
			[self.read(lane)?, self.read(subgroup)?, self.read(sublane)?];
		let across = self.b.composite_extract(self.u32, None, group, [0])?;
		let down = self.b.composite_extract(self.u32, None, group, [1])?;
		let matrix = self.b.composite_extract(self.u32, None, group, [2])?;
		let tile = self.number(TILE);
		let (first_row, first_col) = (self.mul(down, tile)?, self.mul(across, tile)?);
		let end = self.param(Field::KQuads)?;
		let (two, three) = (self.number(2), self.number(3));
		let chunk = self.b.bitwise_and(self.u32, None, lane, three)?;
		let place = self.b.shift_right_logical(self.u32, None, lane, two)?;
		let own_quad = self.b.shift_left_logical(self.u32, None, chunk, two)?;
		let pitch = self.number(PITCH);
		let put = self.mul(place, pitch)?;
		let put = self.add(put, own_quad)?;

		let mut sides = [
			self.side(
				a,
				[Field::AAt, Field::AStep, Field::Rows],
				matrix,
				first_row,
				place,
				end,
				0,
			)?,
			self.side(
				b,
				[Field::BAt, Field::BStep, Field::Cols],
				matrix,
				first_col,
				place,
				end,
				1,
			)?,
		];
		sides[0].next = next[..2].to_vec();
		sides[1].next = next[2..].to_vec();
		let none = self.b.constant_null(self.matrices[2]);
		for &sum in &sums {
			self.b.store(sum, none, None, [])?;
		}
		let zero = self.number(0);
		self.b.store(k, zero, None, [])?;
		for side in &sides {
			self.fetch(side, own_quad, end)?;
		}

		let [head, test, body, more, done] = std::array::from_fn(|_| self.b.id());
		self.b.branch(head)?;
		self.b.begin_block(Some(head))?;
		self.b.loop_merge(done, more, LoopControl::NONE, [])?;
		self.b.branch(test)?;
		self.b.begin_block(Some(test))?;
		let now = self.read(k)?;
		let going = self.b.u_less_than(self.bool, None, now, end)?;
		self.b.branch_conditional(going, body, done, [])?;
		self.b.begin_block(Some(body))?;
		for side in &sides {
			self.stage(side, put)?;
		}
		self.barrier(Scope::Workgroup)?;
		let depth = self.number(DEPTH);
		let ahead = self.add(now, depth)?;
		let ahead = self.add(ahead, own_quad)?;
		for side in &sides {
			self.fetch(side, ahead, end)?;
		}
		// Subgroups stand in two rows of four.
		let sub_row = self.b.shift_right_logical(self.u32, None, subgroup, two)?;
		let sub_col = self.b.bitwise_and(self.u32, None, subgroup, three)?;
		let (rows, cols) = (self.number(own_rows * BLOCK), self.number(own_cols * BLOCK));
		let (sub_row, sub_col) = (self.mul(sub_row, rows)?, self.mul(sub_col, cols)?);
		self.multiply(sub_row, sub_col, &sums)?;
		self.barrier(Scope::Workgroup)?;
		self.b.branch(more)?;
		self.b.begin_block(Some(more))?;
		let next_k = self.add(now, depth)?;
		self.b.store(k, next_k, None, [])?;
		self.b.branch(head)?;
		self.b.begin_block(Some(done))?;

		let sub_row = self.b.shift_right_logical(self.u32, None, subgroup, two)?;
		let sub_col = self.b.bitwise_and(self.u32, None, subgroup, three)?;
		let (sub_row, sub_col) = (self.mul(sub_row, rows)?, self.mul(sub_col, cols)?);
		let (row, col) = (self.add(first_row, sub_row)?, self.add(first_col, sub_col)?);
		self.store_all(matrix, row, col, subgroup, sublane, &sums)?;
		self.b.ret()?;
		self.b.end_function()?;
		Ok(main)
	}

	/// Adds the products of the staged slab.
	fn multiply(&mut self, sub_row: Word, sub_col: Word, sums: &[Word]) -> Built<()> {
		let [own_rows, own_cols] = OWN;
		let [a_type, b_type, sum_type] = self.matrices;
		let pitch = self.number(PITCH);
		let (rows, cols) = (self.mul(sub_row, pitch)?, self.mul(sub_col, pitch)?);
		let signed = CooperativeMatrixOperands::MATRIX_A_SIGNED_COMPONENTS_KHR
			| CooperativeMatrixOperands::MATRIX_B_SIGNED_COMPONENTS_KHR
			| CooperativeMatrixOperands::MATRIX_C_SIGNED_COMPONENTS_KHR
			| CooperativeMatrixOperands::MATRIX_RESULT_SIGNED_COMPONENTS_KHR;
		for step in 0..DEPTH / STEP {
			let mut lefts = Vec::new();
			for i in 0..own_rows {
				let offset = i * BLOCK * PITCH + step * STEP;
				lefts.push(self.block(
					a_type,
					rows,
					offset,
					CooperativeMatrixLayout::RowMajorKHR,
				)?);
			}
			for j in 0..own_cols {
				let offset = (TILE + j * BLOCK) * PITCH + step * STEP;
				let layout = CooperativeMatrixLayout::ColumnMajorKHR;
				let right = self.block(b_type, cols, offset, layout)?;
				for (i, &left) in lefts.iter().enumerate() {
					let sum = sums[i * own_cols as usize + j as usize];
					let before = self.b.load(sum_type, None, sum, None, [])?;
					let after = self.b.cooperative_matrix_mul_add_khr(
						sum_type,
						None,
						left,
						right,
						before,
						Some(signed),
					)?;
					self.b.store(sum, after, None, [])?;
				}
			}
		}
		Ok(())
	}

	/// A staged block.
	fn block(&mut self, ty: Word, at: Word, offset: u32, layout: CooperativeMatrixLayout) -> Built {
		let offset = self.number(offset);
		let at = self.add(at, offset)?;
		let pointer = self.b.access_chain(self.to_staged, None, self.staged, [at])?;
		let (layout, pitch) = (self.number(layout as u32), self.number(PITCH));
		let (access, scope) = self.made(MemoryAccess::MAKE_POINTER_VISIBLE);
		self.b.cooperative_matrix_load_khr(
			ty,
			None,
			pointer,
			layout,
			Some(pitch),
			Some(access),
			[scope],
		)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_module_is_well_formed() {
		let words = assemble().unwrap();
		let module = dr::load_words(&words).unwrap();
		assert_eq!(module.entry_points.len(), 1);
		assert_eq!(module.assemble(), words);
		// For a validator that knows the extension: CALOR_SPIRV=FILE keeps the module.
		if let Some(file) = std::env::var_os("CALOR_SPIRV") {
			std::fs::write(file, bytemuck::cast_slice::<u32, u8>(&words)).unwrap();
		}
	}
}
