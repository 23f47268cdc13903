// SPDX-License-Identifier: Apache-2.0
//! The rules that a program can break, and which part of it does.

use core::fmt;

/// A rule that a program can break. The numbers are stable: the chain reports them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Rule {
	/// The bytes are not one SCALE-encoded program.
	Malformed = 0,
	/// The version is not one that this code knows.
	UnknownVersion = 1,
	/// The encoded program is longer than 256 KiB.
	TooLong = 2,
	/// More than 4,096 operations, or none.
	OpCount = 3,
	/// More than 16 inputs.
	InputCount = 4,
	/// More than 256 constants.
	ConstantCount = 5,
	/// More than 16 outputs, or none.
	OutputCount = 6,
	/// A rank below 1 or above 4.
	Rank = 7,
	/// A dimension of zero.
	ZeroDimension = 8,
	/// More than 2^20 tiles.
	TooManyTiles = 9,
	/// An operand that is not defined before this operation.
	UndefinedOperand = 10,
	/// An operand of the wrong element type.
	ElementType = 11,
	/// Operands whose dimensions do not go together.
	Shape = 12,
	/// A sum over more than 16,384 elements.
	SumTooLong = 13,
	/// A multiplier of 2^31 or more.
	Multiplier = 14,
	/// A shift outside 1 to 62.
	Shift = 15,
	/// Neither one scale nor one for each index of the last dimension.
	ScaleCount = 16,
	/// A lower bound above the upper, or a bound that the element type cannot hold.
	Bounds = 17,
	/// A table that has not 256 entries.
	TableLength = 18,
	/// Not a permutation, or one that moves the last dimension other than by swapping the last two.
	Permutation = 19,
	/// A reshape to another number of elements.
	ElementCount = 20,
	/// An output that no operation defines; inputs and constants are not results.
	OutputNotComputed = 21,
	/// An output named twice.
	OutputRepeated = 22,
	/// A window of size, stride or dilation zero, or one that is larger than the padded image.
	Window = 23,
	/// Channels that cannot be divided into so many groups.
	Groups = 24,
	/// A row of more than 8,192 elements where an operation looks at whole rows in 32 bits.
	RowTooLong = 25,
	/// An epsilon of zero.
	Epsilon = 26,
	/// A softmax table whose first entry is zero.
	TableStart = 27,
	/// A block that reaches beyond its operand, or has another number of dimensions.
	Block = 28,
	/// An axis that the operands do not have.
	Axis = 29,
	/// A factor of zero.
	Factor = 30,
	/// The shift of a learning rate outside 0 to 31.
	RateShift = 31,
	/// An output tile that may need more input than a fraud proof can hold.
	WitnessTooLarge = 32,
	/// An output tile that takes longer to recompute than a block allows.
	TileTooCostly = 33,
}

impl Rule {
	/// What the rule asks for, in words.
	pub const fn describe(self) -> &'static str {
		match self {
			Self::Malformed => "the bytes must be exactly one SCALE-encoded program",
			Self::UnknownVersion => "the version must be 1",
			Self::TooLong => "the encoded program may have at most 256 KiB",
			Self::OpCount => "there must be 1 to 4,096 operations",
			Self::InputCount => "there may be at most 16 inputs",
			Self::ConstantCount => "there may be at most 256 constants",
			Self::OutputCount => "there must be 1 to 16 outputs",
			Self::Rank => "the rank must be 1 to 4",
			Self::ZeroDimension => "no dimension may be zero",
			Self::TooManyTiles => "a tensor may have at most 2^20 tiles of 64 x 64",
			Self::UndefinedOperand => "an operand must be defined before it is used",
			Self::ElementType => "an operand has the wrong element type",
			Self::Shape => "the operands' dimensions do not go together",
			Self::SumTooLong => "a sum may have at most 16,384 elements",
			Self::Multiplier => "a multiplier must be below 2^31",
			Self::Shift => "a shift must be 1 to 62",
			Self::ScaleCount => "there must be one scale, or one for each index of the last dimension",
			Self::Bounds => "the lower bound may not exceed the upper, and both must fit the element type",
			Self::TableLength => "a table must have 256 entries",
			Self::Permutation => {
				"the permutation must keep the last dimension, or swap the last two and keep the rest"
			},
			Self::ElementCount => "a reshape must keep the number of elements",
			Self::OutputNotComputed => "an output must be defined by an operation",
			Self::OutputRepeated => "an output may be named only once",
			Self::Window => {
				"sizes, strides and dilations must be at least 1, and the window must fit the padded image"
			},
			Self::Groups => "input and output channels must be multiples of the number of groups",
			Self::RowTooLong => "the last dimension may have at most 8,192 elements here",
			Self::Epsilon => "epsilon must be at least 1",
			Self::TableStart => "the first entry of a softmax table must be at least 1",
			Self::Block => "start, dimensions and margins must be as many as the operand has, and the block within it",
			Self::Axis => "the axis must be one of the operands' dimensions",
			Self::Factor => "a factor must be at least 1",
			Self::RateShift => "the shift of a learning rate must be below 32",
			Self::WitnessTooLarge => {
				"a tile of the result may need at most 2.25 MiB of inputs; cut the operation into smaller ones"
			},
			Self::TileTooCostly => {
				"a tile of the result may take at most 70 million multiply-accumulates"
			},
		}
	}
}

/// Which part of a program breaks which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
	/// The program as a whole.
	Program(Rule),
	/// The input of that index.
	Input(u16, Rule),
	/// The constant of that index.
	Constant(u16, Rule),
	/// The operation of that index.
	Op(u16, &'static str, Rule),
	/// The output of that index.
	Output(u16, Rule),
}

impl Fault {
	/// The rule that is broken.
	pub const fn rule(&self) -> Rule {
		match *self {
			Self::Program(rule)
			| Self::Input(_, rule)
			| Self::Constant(_, rule)
			| Self::Op(_, _, rule)
			| Self::Output(_, rule) => rule,
		}
	}
}

impl fmt::Display for Fault {
	/// `op 3 (MatMul): the operands' dimensions do not go together`
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Program(_) => f.write_str("program")?,
			Self::Input(i, _) => write!(f, "input {i}")?,
			Self::Constant(i, _) => write!(f, "constant {i}")?,
			Self::Op(i, name, _) => write!(f, "op {i} ({name})")?,
			Self::Output(i, _) => write!(f, "output {i}")?,
		}
		write!(f, ": {}", self.rule().describe())
	}
}

impl core::error::Error for Fault {}
