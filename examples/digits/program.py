# SPDX-License-Identifier: Apache-2.0
"""The tensor program format, version 1: the types of `tensor/src/program.rs` and their encoding.

Tensors are numbered: inputs, constants, then one per operation. Fields stand in the order in which
they are encoded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import scale

VERSION = 1


class DType(IntEnum):
    """Element type; the value is its byte in programs and tensor roots."""

    I8 = 0
    I32 = 1


@dataclass(frozen=True)
class TensorType:
    """Element type and dimensions, outermost first."""

    dtype: DType
    dims: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.dtype.name.lower()}[{','.join(map(str, self.dims))}]"


@dataclass(frozen=True)
class Scale:
    """Fixed-point factor `multiplier / 2^shift`: 31 unsigned bits, shift 1 to 62."""

    multiplier: int
    shift: int


@dataclass(frozen=True)
class MatMul:
    """`a: i8[.., M, K]` times `b: i8[.., N, K]` gives `i32[.., M, N]`."""

    a: int
    b: int


@dataclass(frozen=True)
class Bias:
    """`x: i32[.., N]` plus `bias: i32[N]`, wrapping."""

    x: int
    bias: int


@dataclass(frozen=True)
class AddI32:
    """`a + b`, wrapping; `b` of `a`'s dimensions or one row."""

    a: int
    b: int


@dataclass(frozen=True)
class Requant:
    """i32 to i8 by one factor, or one for each index of the last dimension."""

    x: int
    zero: int
    scales: tuple[Scale, ...]


@dataclass(frozen=True)
class Relu:
    """`max(x, 0)`."""

    x: int


@dataclass(frozen=True)
class Clamp:
    """`min(max(x, low), high)`."""

    x: int
    low: int
    high: int


@dataclass(frozen=True)
class Lut256:
    """`table[x + 128]` on i8."""

    x: int
    table: tuple[int, ...]


@dataclass(frozen=True)
class RowMax:
    """Greatest element of each row."""

    x: int


@dataclass(frozen=True)
class ArgMax:
    """i32 index of the greatest element of each row, the lowest among equals."""

    x: int


@dataclass(frozen=True)
class Transpose:
    """Dimension `i` of the result is dimension `perm[i]` of `x`."""

    x: int
    perm: tuple[int, ...]


@dataclass(frozen=True)
class Reshape:
    """The same elements under other dimensions."""

    x: int
    dims: tuple[int, ...]


Op = (
    MatMul | Bias | AddI32 | Requant | Relu | Clamp | Lut256 | RowMax | ArgMax | Transpose | Reshape
)


@dataclass(frozen=True)
class Program:
    """A tensor program as it is registered and executed."""

    version: int
    inputs: tuple[TensorType, ...]
    constants: tuple[TensorType, ...]
    ops: tuple[Op, ...]
    outputs: tuple[int, ...]

    def to_bytes(self) -> bytes:
        """The SCALE encoding, of which the program id is the hash."""
        return _PROGRAM.encode(self)

    @staticmethod
    def from_bytes(data: bytes) -> Program:
        """Decodes exactly one program; raises `ValueError` otherwise."""
        return scale.decode_all(_PROGRAM, data)


_ID = scale.U16
_DTYPE = scale.Codec(scale.U8.encode, lambda r: DType(scale.U8.decode(r)))
_TYPE = scale.struct(TensorType, _DTYPE, scale.vec(scale.U32))
_SCALE = scale.struct(Scale, scale.U32, scale.U8)
_OP = scale.enum(
    (MatMul, scale.struct(MatMul, _ID, _ID)),
    (Bias, scale.struct(Bias, _ID, _ID)),
    (AddI32, scale.struct(AddI32, _ID, _ID)),
    (Requant, scale.struct(Requant, _ID, scale.I8, scale.vec(_SCALE))),
    (Relu, scale.struct(Relu, _ID)),
    (Clamp, scale.struct(Clamp, _ID, scale.I32, scale.I32)),
    (Lut256, scale.struct(Lut256, _ID, scale.vec(scale.I8))),
    (RowMax, scale.struct(RowMax, _ID)),
    (ArgMax, scale.struct(ArgMax, _ID)),
    (Transpose, scale.struct(Transpose, _ID, scale.vec(scale.U8))),
    (Reshape, scale.struct(Reshape, _ID, scale.vec(scale.U32))),
)
_PROGRAM = scale.struct(
    Program, scale.U8, scale.vec(_TYPE), scale.vec(_TYPE), scale.vec(_OP), scale.vec(_ID)
)
