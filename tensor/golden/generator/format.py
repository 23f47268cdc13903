# SPDX-License-Identifier: Apache-2.0
"""Tensor programs and their SCALE encoding, written from the text of `tensor/src/program.rs`.

An operation here is a name and its fields; `OPERATIONS` says in which order they are encoded.

>>> relu = Program([Type(I32, (3,))], [], [Op("Relu", x=0)], [1])
>>> relu.encode().hex()
'01040104030000000004040000040100'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

I8, I32 = 0, 1
"""Element types, by the byte that stands for them."""

Encoder = Callable[[Any], bytes]


def compact(n: int) -> bytes:
    """A length as SCALE writes it: one, two or four bytes, the mode in the low two bits."""
    for mode, size in enumerate((1, 2, 4)):
        if n < 1 << (8 * size - 2):
            return (n << 2 | mode).to_bytes(size, "little")
    raise ValueError(f"a length of {n} cannot be in a program")


def fixed(size: int, *, signed: bool = False) -> Encoder:
    """An integer of so many bytes, little-endian."""
    return lambda n: int(n).to_bytes(size, "little", signed=signed)


def array(item: Encoder) -> Encoder:
    """`[item; n]`: the items alone."""
    return lambda items: b"".join(map(item, items))


def vec(item: Encoder) -> Encoder:
    """`Vec<item>`: the length, then the items."""
    return lambda items: compact(len(items)) + array(item)(items)


def text(s: str) -> bytes:
    """`String`."""
    return vec(fixed(1))(s.encode())


U8, U16, U32, I8_, I32_ = fixed(1), fixed(2), fixed(4), fixed(1, signed=True), fixed(4, signed=True)
ID = U16


@dataclass(frozen=True)
class Window:
    """Where a convolution or a pooling looks; padding at top, left, bottom and right."""

    size: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    pad: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilation: tuple[int, int] = (1, 1)

    def encode(self) -> bytes:
        """Four arrays of u16."""
        return array(U16)([*self.size, *self.stride, *self.pad, *self.dilation])


def _scale(scale: tuple[int, int]) -> bytes:
    multiplier, shift = scale
    return U32(multiplier) + U8(shift)


_SCALES = vec(_scale)

_FIELDS: list[tuple[str, list[tuple[str, Encoder]]]] = [
    ("MatMul", [("a", ID), ("b", ID)]),
    ("Bias", [("x", ID), ("bias", ID)]),
    ("AddI32", [("a", ID), ("b", ID)]),
    ("Requant", [("x", ID), ("zero", I8_), ("scales", _SCALES)]),
    ("Relu", [("x", ID)]),
    ("Clamp", [("x", ID), ("low", I32_), ("high", I32_)]),
    ("Lut256", [("x", ID), ("table", vec(I8_))]),
    ("RowMax", [("x", ID)]),
    ("ArgMax", [("x", ID)]),
    ("Transpose", [("x", ID), ("perm", vec(U8))]),
    ("Reshape", [("x", ID), ("dims", vec(U32))]),
    (
        "Conv2d",
        [("x", ID), ("weights", ID), ("window", Window.encode), ("groups", U32), ("zero", I8_)],
    ),
    ("SubI32", [("a", ID), ("b", ID)]),
    ("MulI32", [("a", ID), ("b", ID)]),
    ("Rescale", [("x", ID), ("scales", _SCALES)]),
    ("MaxI8", [("a", ID), ("b", ID)]),
    ("MaxPool2d", [("x", ID), ("window", Window.encode)]),
    ("SumPool2d", [("x", ID), ("window", Window.encode)]),
    ("RowSum", [("x", ID)]),
    ("SoftmaxI8", [("x", ID), ("table", vec(U16))]),
    ("RmsNormI8", [("x", ID), ("eps", U32), ("zero", I8_), ("scales", _SCALES)]),
    ("LayerNormI8", [("x", ID), ("eps", U32), ("zero", I8_), ("scales", _SCALES)]),
    ("Gather", [("table", ID), ("index", ID)]),
    ("Slice", [("x", ID), ("start", vec(U32)), ("dims", vec(U32))]),
    ("Concat", [("a", ID), ("b", ID), ("axis", U8)]),
    ("Pad", [("x", ID), ("before", vec(U32)), ("after", vec(U32)), ("value", I32_)]),
    ("UpsampleNearest", [("x", ID), ("factor", array(U16))]),
    ("OneHot", [("x", ID), ("classes", U32), ("on", I8_)]),
    ("CrossEntropyGrad", [("x", ID), ("target", ID), ("table", vec(U16))]),
    ("SgdStep", [("w", ID), ("g", ID), ("seed", ID), ("step", ID), ("shift", U8)]),
]
OPERATIONS = {name: (index, fields) for index, (name, fields) in enumerate(_FIELDS)}
"""Every operation: its index and its fields in the order of their encoding."""


class Op:
    """One operation: its name and its fields."""

    def __init__(self, name: str, **fields: Any) -> None:
        expected = {field for field, _ in OPERATIONS[name][1]}
        if set(fields) != expected:
            raise TypeError(f"{name} has the fields {sorted(expected)}, got {sorted(fields)}")
        self.name, self.fields = name, fields

    def operands(self) -> Iterable[int]:
        """The numbers of the tensors that it reads, in order."""
        return (self.fields[field] for field, codec in OPERATIONS[self.name][1] if codec is ID)

    def parameters(self) -> dict[str, Any]:
        """What it is given besides tensors."""
        fields = OPERATIONS[self.name][1]
        return {field: self.fields[field] for field, codec in fields if codec is not ID}

    def encode(self) -> bytes:
        """The variant's index, then the fields."""
        index, fields = OPERATIONS[self.name]
        return U8(index) + b"".join(codec(self.fields[field]) for field, codec in fields)


@dataclass(frozen=True)
class Type:
    """Element type and dimensions, outermost first."""

    dtype: int
    dims: tuple[int, ...]

    def encode(self) -> bytes:
        """The type's byte, then the dimensions."""
        return U8(self.dtype) + vec(U32)(self.dims)

    def __str__(self) -> str:
        return f"{('i8', 'i32')[self.dtype]}[{','.join(map(str, self.dims))}]"


@dataclass(frozen=True)
class Program:
    """A tensor program. Tensors are numbered: inputs, constants, then one for each operation."""

    inputs: Sequence[Type]
    constants: Sequence[Type]
    ops: Sequence[Op]
    outputs: Sequence[int]

    def encode(self) -> bytes:
        """Version 1, then the fields in order."""
        types = vec(Type.encode)
        return b"".join(
            [
                U8(1),
                types(self.inputs),
                types(self.constants),
                vec(Op.encode)(self.ops),
                vec(ID)(self.outputs),
            ]
        )
