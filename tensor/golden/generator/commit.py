# SPDX-License-Identifier: Apache-2.0
"""Program ids, tensor roots and trace roots, written from the text of `tensor/src/commit.rs`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b, sha256

import numpy as np

from format import I8, I32, Type
from ops import Tensor

TILE = 64
"""Rows and columns of a tile."""


def type_of(tensor: Tensor) -> Type:
    """The type of an array of int8 or int32."""
    dtype = {np.dtype(np.int8): I8, np.dtype(np.int32): I32}[tensor.dtype]
    return Type(dtype, tensor.shape)


def blob(tensor: Tensor) -> bytes:
    """The dense row-major little-endian bytes."""
    return tensor.astype(tensor.dtype.newbyteorder("<")).tobytes()


def program_id(encoded: bytes) -> bytes:
    """BLAKE2b-256."""
    return blake2b(encoded, digest_size=32).digest()


def tensor_root(tensor: Tensor) -> bytes:
    """Binds elements, element type and dimensions."""
    head = bytes([2, type_of(tensor).dtype, tensor.ndim])
    head += b"".join(d.to_bytes(4, "little") for d in tensor.shape)
    return sha256(head + _tree_root(_leaf(blob(tile)) for tile in _tiles(tensor))).digest()


def trace_root(op_roots: Iterable[bytes]) -> bytes:
    """The tree over the roots of all operations' tensors."""
    return _tree_root(map(_leaf, op_roots))


def _tiles(tensor: Tensor) -> Iterator[Tensor]:
    """64x64 tiles, zero-padded: matrix by matrix, in row-major order."""
    rows, cols = (1, *tensor.shape)[-2:]
    for matrix in tensor.reshape(-1, rows, cols):
        for row in range(0, rows, TILE):
            for col in range(0, cols, TILE):
                part = matrix[row : row + TILE, col : col + TILE]
                tile = np.zeros((TILE, TILE), tensor.dtype)
                tile[: part.shape[0], : part.shape[1]] = part
                yield tile


def _leaf(data: bytes) -> bytes:
    return sha256(b"\0" + data).digest()


def _tree_root(leaves: Iterable[bytes]) -> bytes:
    level = list(leaves)
    while len(level) & (len(level) - 1):
        level.append(bytes(32))
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [sha256(b"\1" + left + right).digest() for left, right in pairs]
    return level[0]
