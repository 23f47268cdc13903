# SPDX-License-Identifier: Apache-2.0
"""SCALE, the encoding of Substrate, as far as tensor programs use it.

A `Codec` pairs an encoder with a decoder; `vec`, `struct` and `enum` build large ones from small.

>>> vec(U16).encode([1, 2]).hex()
'0801000200'
>>> [COMPACT.encode(n).hex() for n in (0, 63, 64, 16383, 16384, 2**30 - 1, 2**30)]
['00', 'fc', '0101', 'fdff', '02000100', 'feffffff', '0300000040']
>>> edges = (0, 63, 64, 16383, 16384, 2**30 - 1, 2**30, 2**64)
>>> all(decode_all(COMPACT, COMPACT.encode(n)) == n for n in edges)
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Reader:
    """Bytes that are read once, from front to back."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, n: int) -> bytes:
        """The next `n` bytes."""
        if n > self.left():
            raise ValueError(f"wanted {n} bytes at offset {self._at}, have {self.left()}")
        self._at += n
        return self._data[self._at - n : self._at]

    def left(self) -> int:
        """How many bytes have not been read."""
        return len(self._data) - self._at


@dataclass(frozen=True)
class Codec(Generic[T]):
    """How values of one type turn into bytes and back."""

    encode: Callable[[T], bytes]
    decode: Callable[[Reader], T]


def decode_all(codec: Codec[T], data: bytes) -> T:
    """Decodes exactly one value; refuses trailing bytes, as the chain's `decode_all` does."""
    reader = Reader(data)
    value = codec.decode(reader)
    if reader.left():
        raise ValueError(f"{reader.left()} trailing bytes")
    return value


def _fixed(size: int, signed: bool) -> Codec[int]:
    return Codec(
        encode=lambda n: n.to_bytes(size, "little", signed=signed),
        decode=lambda r: int.from_bytes(r.take(size), "little", signed=signed),
    )


U8 = _fixed(1, signed=False)
U16 = _fixed(2, signed=False)
U32 = _fixed(4, signed=False)
I8 = _fixed(1, signed=True)
I32 = _fixed(4, signed=True)


def _encode_compact(n: int) -> bytes:
    if n < 0:
        raise ValueError(f"{n} is negative")
    for mode, size in enumerate((1, 2, 4)):
        if n < 1 << (8 * size - 2):
            return (n << 2 | mode).to_bytes(size, "little")
    size = (n.bit_length() + 7) // 8
    return bytes([(size - 4) << 2 | 3]) + n.to_bytes(size, "little")


def _decode_compact(reader: Reader) -> int:
    head = reader.take(1)
    mode = head[0] & 3
    if mode == 3:
        return int.from_bytes(reader.take((head[0] >> 2) + 4), "little")
    return int.from_bytes(head + reader.take((1 << mode) - 1), "little") >> 2


COMPACT = Codec(_encode_compact, _decode_compact)


def vec(item: Codec[T]) -> Codec[tuple[T, ...]]:
    """`Vec<item>`: a compact length, then the items."""

    def encode(values: Sequence[T]) -> bytes:
        return COMPACT.encode(len(values)) + b"".join(map(item.encode, values))

    def decode(reader: Reader) -> tuple[T, ...]:
        return tuple(item.decode(reader) for _ in range(COMPACT.decode(reader)))

    return Codec(encode, decode)


def struct(cls: type[T], *codecs: Codec[Any]) -> Codec[T]:
    """A dataclass: its fields in the order of their declaration, one codec for each."""
    names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
    if len(names) != len(codecs):
        raise TypeError(f"{cls.__name__} has {len(names)} fields, got {len(codecs)} codecs")

    def encode(value: T) -> bytes:
        return b"".join(c.encode(getattr(value, n)) for n, c in zip(names, codecs, strict=True))

    def decode(reader: Reader) -> T:
        return cls(*[codec.decode(reader) for codec in codecs])

    return Codec(encode, decode)


def enum(*variants: tuple[type, Codec[Any]]) -> Codec[Any]:
    """An enum: the variant's index as one byte, then its fields."""
    index = {cls: i for i, (cls, _) in enumerate(variants)}

    def encode(value: object) -> bytes:
        i = index[type(value)]
        return bytes([i]) + variants[i][1].encode(value)

    def decode(reader: Reader) -> object:
        i = U8.decode(reader)
        if i >= len(variants):
            raise ValueError(f"no variant {i}")
        return variants[i][1].decode(reader)

    return Codec(encode, decode)
