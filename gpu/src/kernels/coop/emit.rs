// SPDX-License-Identifier: Apache-2.0
//! Short forms of the instructions that the kernel has many of.

use super::{Built, Field, Kernel};
use rspirv::{
	dr::{Builder, Operand},
	spirv::{Decoration, MemoryAccess, MemorySemantics, Scope, StorageClass, Word},
};

impl Kernel {
	/// A variable of this function.
	pub(super) fn local(&mut self, ty: Word) -> Word {
		let pointer = self.b.type_pointer(None, StorageClass::Function, ty);
		self.b.variable(pointer, None, StorageClass::Function, None)
	}

	pub(super) fn number(&mut self, n: u32) -> Word {
		self.b.constant_bit32(self.u32, n)
	}

	pub(super) fn add(&mut self, x: Word, y: Word) -> Built {
		self.b.i_add(self.u32, None, x, y)
	}

	pub(super) fn mul(&mut self, x: Word, y: Word) -> Built {
		self.b.i_mul(self.u32, None, x, y)
	}

	pub(super) fn read(&mut self, variable: Word) -> Built {
		self.b.load(self.u32, None, variable, None, [])
	}

	pub(super) fn param(&mut self, field: Field) -> Built {
		let index = self.number(field as u32);
		let pointer = self.b.access_chain(self.to_param, None, self.params, [index])?;
		self.b.load(self.u32, None, pointer, None, [])
	}

	/// Workgroup memory is written and read by different invocations.
	pub(super) fn made(&mut self, which: MemoryAccess) -> (MemoryAccess, Operand) {
		let scope = self.number(Scope::Workgroup as u32);
		(which | MemoryAccess::NON_PRIVATE_POINTER, Operand::IdScope(scope))
	}

	pub(super) fn barrier(&mut self, among: Scope) -> Built<()> {
		let execution = self.number(among as u32);
		let memory = self.number(Scope::Workgroup as u32);
		let semantics = MemorySemantics::ACQUIRE_RELEASE | MemorySemantics::WORKGROUP_MEMORY;
		let semantics = self.number(semantics.bits());
		self.b.control_barrier(execution, memory, semantics)
	}
}

pub(super) fn global(b: &mut Builder, ty: Word, class: StorageClass) -> Word {
	let pointer = b.type_pointer(None, class, ty);
	b.variable(pointer, None, class, None)
}

pub(super) fn bind(b: &mut Builder, variable: Word, binding: u32) {
	b.decorate(variable, Decoration::DescriptorSet, [Operand::LiteralBit32(0)]);
	b.decorate(variable, Decoration::Binding, [Operand::LiteralBit32(binding)]);
}

/// A storage buffer of vectors of 16 bytes.
pub(super) fn storage(b: &mut Builder, element: Word) -> Word {
	let array = b.type_runtime_array(element);
	b.decorate(array, Decoration::ArrayStride, [Operand::LiteralBit32(16)]);
	// Two buffers of one type share it: the builder would else make a structure of the same members only once.
	let block = b.type_struct([array]);
	b.decorate(block, Decoration::Block, []);
	b.member_decorate(block, 0, Decoration::Offset, [Operand::LiteralBit32(0)]);
	block
}
