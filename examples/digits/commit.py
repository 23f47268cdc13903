# SPDX-License-Identifier: Apache-2.0
"""Program ids and tensor roots (design section 3), written from the text and not from the Rust."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b, sha256

import numpy as np
import numpy.typing as npt

from program import DType, TensorType

TILE = 64
"""Rows and columns of a tile."""

DTYPES: dict[DType, np.dtype[np.signedinteger]] = {
    DType.I8: np.dtype("<i1"),
    DType.I32: np.dtype("<i4"),
}
"""How elements lie in blobs and tiles: little-endian."""

Tensor = npt.NDArray[np.signedinteger]


def type_of(tensor: Tensor) -> TensorType:
    """The tensor type of an array of int8 or int32."""
    for code, dtype in DTYPES.items():
        if tensor.dtype == dtype:
            return TensorType(code, tensor.shape)
    raise TypeError(f"{tensor.dtype} is no element type")


def blob(tensor: Tensor) -> bytes:
    """The dense row-major little-endian bytes of a tensor."""
    return tensor.astype(DTYPES[type_of(tensor).dtype]).tobytes()


def from_blob(data: bytes, ty: TensorType) -> Tensor:
    """The inverse of `blob`; raises `ValueError` when the size does not fit the type."""
    return np.frombuffer(data, DTYPES[ty.dtype]).reshape(ty.dims)


def program_id(program: bytes) -> bytes:
    """blake2_256 of an encoded program."""
    return blake2b(program, digest_size=32).digest()


def tensor_root(tensor: Tensor) -> bytes:
    """The 32 bytes by which a tensor is known on chain."""
    ty = type_of(tensor)
    head = bytes([2, ty.dtype, len(ty.dims)]) + b"".join(d.to_bytes(4, "little") for d in ty.dims)
    leaves = [sha256(b"\0" + tile.tobytes()).digest() for tile in _tiles(tensor)]
    return sha256(head + _tree_root(leaves)).digest()


def _tiles(tensor: Tensor) -> Iterator[Tensor]:
    """The 64x64 tiles in order, zero-padded: matrix by matrix, row-major within."""
    rows, cols = (1, *tensor.shape)[-2:]
    stack = tensor.astype(DTYPES[type_of(tensor).dtype]).reshape(-1, rows, cols)
    stack = np.pad(stack, ((0, 0), (0, -rows % TILE), (0, -cols % TILE)))
    for matrix in stack:
        for row in range(0, rows, TILE):
            for col in range(0, cols, TILE):
                yield matrix[row : row + TILE, col : col + TILE]


def _tree_root(leaves: list[bytes]) -> bytes:
    """Root over leaves padded to a power of two; a single leaf is its own root."""
    level = leaves + [bytes(32)] * ((1 << (len(leaves) - 1).bit_length()) - len(leaves))
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [sha256(b"\1" + left + right).digest() for left, right in pairs]
    return level[0]
