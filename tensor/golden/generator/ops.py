# SPDX-License-Identifier: Apache-2.0
"""What each operation means, in numpy, written from the text of `tensor/src/program.rs`.

`OPERATIONS[name]` takes the operands as arrays of int8 or int32 and the parameters by name. It is
made to be read beside that text; it shares no code with the Rust and is not fast.

>>> OPERATIONS["SgdStep"](i32([5]), i32([7]), i32([1, 2]), i32([3]), shift=0)
array([-2], dtype=int32)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from format import Window

Tensor = npt.NDArray[np.signedinteger]
Wide = npt.NDArray[np.int64]
Scales = Sequence[tuple[int, int]]

OPERATIONS: dict[str, Callable[..., Tensor]] = {}


def operation(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Enters a function under its name: `max_i8` is `MaxI8`."""
    name = "".join(part.capitalize() for part in function.__name__.strip("_").split("_"))
    OPERATIONS[name] = function
    return function


def i8(elements: Any) -> Tensor:
    """An i8 tensor; raises if an element does not fit."""
    return _narrow(elements, np.int8)


def i32(elements: Any) -> Tensor:
    """An i32 tensor; raises if an element does not fit."""
    return _narrow(elements, np.int32)


def _narrow(elements: Any, dtype: type[np.signedinteger]) -> Tensor:
    wide = np.asarray(elements, np.int64)
    narrow = wide.astype(dtype)
    if not np.array_equal(wide, narrow):
        raise ValueError(f"an element does not fit {dtype.__name__}")
    return narrow


def _wide(x: Tensor) -> Wide:
    return x.astype(np.int64)


def _wrap(x: Wide) -> Tensor:
    """Modulo 2^32 into i32."""
    return (x & 0xFFFF_FFFF).astype(np.uint32).view(np.int32)


def _rows(x: Tensor) -> Tensor:
    return x.reshape(-1, x.shape[-1])


def _scaled(x: Wide, scales: Scales) -> Wide:
    """`(x * multiplier + 2^(shift-1)) >> shift`; numpy's shift of int64 is arithmetic."""
    multiplier = np.array([m for m, _ in scales], np.int64)
    shift = np.array([s for _, s in scales], np.int64)
    half = np.left_shift(np.int64(1), shift - 1)
    return (x * multiplier + half) >> shift


def _requant(x: Wide, zero: int, scales: Scales) -> Tensor:
    return i8(np.clip(zero + _scaled(x, scales), -128, 127))


@operation
def mat_mul(a: Tensor, b: Tensor) -> Tensor:
    return i32(_wide(a) @ np.swapaxes(_wide(b), -1, -2))


@operation
def bias(x: Tensor, row: Tensor) -> Tensor:
    return _wrap(_wide(x) + _wide(row))


@operation
def add_i32(a: Tensor, b: Tensor) -> Tensor:
    return _wrap(_wide(a) + _wide(b))


@operation
def sub_i32(a: Tensor, b: Tensor) -> Tensor:
    return _wrap(_wide(a) - _wide(b))


@operation
def mul_i32(a: Tensor, b: Tensor) -> Tensor:
    return _wrap(_wide(a) * _wide(b))


@operation
def max_i8(a: Tensor, b: Tensor) -> Tensor:
    return np.maximum(a, b)


@operation
def requant(x: Tensor, zero: int, scales: Scales) -> Tensor:
    return _requant(_wide(x), zero, scales)


@operation
def rescale(x: Tensor, scales: Scales) -> Tensor:
    return _wrap(_scaled(_wide(x), scales))


@operation
def relu(x: Tensor) -> Tensor:
    return np.where(x > 0, x, x.dtype.type(0))


@operation
def clamp(x: Tensor, low: int, high: int) -> Tensor:
    return np.minimum(np.maximum(_wide(x), low), high).astype(x.dtype)


@operation
def lut256(x: Tensor, table: Sequence[int]) -> Tensor:
    return i8(np.array(table)[_wide(x) + 128])


@operation
def row_max(x: Tensor) -> Tensor:
    greatest: Tensor = x.max(axis=-1, keepdims=True)
    return greatest


@operation
def row_sum(x: Tensor) -> Tensor:
    return _wrap(_wide(x).sum(axis=-1, keepdims=True))


@operation
def arg_max(x: Tensor) -> Tensor:
    # numpy promises the first of equals.
    return i32(x.argmax(axis=-1)[..., None])


@operation
def transpose(x: Tensor, perm: Sequence[int]) -> Tensor:
    return x.transpose(perm)


@operation
def reshape(x: Tensor, dims: Sequence[int]) -> Tensor:
    return x.reshape(dims)


@operation
def slice_(x: Tensor, start: Sequence[int], dims: Sequence[int]) -> Tensor:
    return x[tuple(slice(s, s + d) for s, d in zip(start, dims, strict=True))]


@operation
def concat(a: Tensor, b: Tensor, axis: int) -> Tensor:
    return np.concatenate([a, b], axis)


@operation
def pad(x: Tensor, before: Sequence[int], after: Sequence[int], value: int) -> Tensor:
    return np.pad(x, list(zip(before, after, strict=True)), constant_values=value)


@operation
def upsample_nearest(x: Tensor, factor: Sequence[int]) -> Tensor:
    return x.repeat(factor[0], axis=1).repeat(factor[1], axis=2)


@operation
def gather(table: Tensor, index: Tensor) -> Tensor:
    return table[np.clip(index, 0, len(table) - 1)]


@operation
def one_hot(x: Tensor, classes: int, on: int) -> Tensor:
    return i8(np.where(x[..., None] == np.arange(classes), on, 0))


def _taps(x: Tensor, window: Window, outside: int) -> Wide:
    """`[N, H', W', Kh, Kw, C]`: what each output sees of `x: [N, H, W, C]`."""

    def places(axis: int, extent: int) -> npt.NDArray[np.int64]:
        """Rows (or columns) `[outputs, taps]` of the input, some of them outside."""
        size, stride, dilation = window.size[axis], window.stride[axis], window.dilation[axis]
        before, after = window.pad[axis], window.pad[axis + 2]
        outputs = (extent + before + after - dilation * (size - 1) - 1) // stride + 1
        at = np.arange(outputs)[:, None] * stride - before
        return at + np.arange(size) * dilation

    rows, cols = places(0, x.shape[1]), places(1, x.shape[2])
    seen = _wide(x)[
        :,
        np.clip(rows, 0, x.shape[1] - 1)[:, None, :, None],
        np.clip(cols, 0, x.shape[2] - 1)[None, :, None, :],
    ]
    row_inside = (rows >= 0) & (rows < x.shape[1])
    col_inside = (cols >= 0) & (cols < x.shape[2])
    inside = row_inside[:, None, :, None] & col_inside[None, :, None, :]
    return np.where(inside[None, ..., None], seen, outside)


@operation
def conv2d(x: Tensor, weights: Tensor, window: Window, groups: int, zero: int) -> Tensor:
    taps = _taps(x, window, zero)
    per_group, outputs = x.shape[3] // groups, len(weights) // groups
    parts = []
    for g in range(groups):
        seen = taps[..., g * per_group : (g + 1) * per_group]
        rows = _wide(weights[g * outputs : (g + 1) * outputs])
        parts.append(seen.reshape(*seen.shape[:3], -1) @ rows.T)
    return i32(np.concatenate(parts, axis=-1))


@operation
def max_pool2d(x: Tensor, window: Window) -> Tensor:
    least = np.iinfo(x.dtype).min
    greatest: Wide = _taps(x, window, least).max(axis=(3, 4))
    return greatest.astype(x.dtype)


@operation
def sum_pool2d(x: Tensor, window: Window) -> Tensor:
    return _wrap(_taps(x, window, 0).sum(axis=(3, 4)))


def _weights(x: Tensor, table: Sequence[int]) -> tuple[Wide, Wide]:
    """`e` and the rows' sums `S`."""
    e = np.array(table, np.int64)[_wide(x.max(axis=-1, keepdims=True)) - _wide(x)]
    return e, e.sum(axis=-1, keepdims=True)


@operation
def softmax_i8(x: Tensor, table: Sequence[int]) -> Tensor:
    e, total = _weights(x, table)
    return i8((e * 127 + total // 2) // total)


@operation
def cross_entropy_grad(x: Tensor, target: Tensor, table: Sequence[int]) -> Tensor:
    e, total = _weights(x, table)
    return i32((e * 32_512 + total // 2) // total - 256 * _wide(target))


def _over_root(c: Iterable[int], u: int) -> Iterator[int]:
    """The `t_i` of the normalisations: `c_i / sqrt(u)`, in units of 2^-15."""
    z = next(z for z in range(30, -64, -2) if 1 << 30 <= _shifted(u, z) < 1 << 32)
    r = (1 << 31) // isqrt(_shifted(u, z))
    s = 16 - z // 2
    return ((c_i * r + (1 << (s - 1))) >> s for c_i in c)


def _shifted(u: int, z: int) -> int:
    return u << z if z >= 0 else u >> -z


@operation
def rms_norm_i8(x: Tensor, eps: int, zero: int, scales: Scales) -> Tensor:
    t = [list(_over_root(row, sum(v * v for v in row) + eps)) for row in _rows(x).tolist()]
    return _requant(np.array(t, np.int64), zero, scales).reshape(x.shape)


@operation
def layer_norm_i8(x: Tensor, eps: int, zero: int, scales: Scales) -> Tensor:
    n = x.shape[-1]
    t = []
    for row in _rows(x).tolist():
        total = sum(row)
        u = n * sum(v * v for v in row) - total * total + eps
        t.append(list(_over_root((n * v - total for v in row), u)))
    return _requant(np.array(t, np.int64), zero, scales).reshape(x.shape)


def philox(key: Sequence[int], counter: Sequence[int]) -> tuple[int, int, int, int]:
    """Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011.

    The first is the known answer that comes with the authors' Random123 library.

    >>> [hex(word) for word in philox((0, 0), (0, 0, 0, 0))]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    mask = 0xFFFF_FFFF
    (k0, k1), (c0, c1, c2, c3) = key, counter
    for _ in range(10):
        p0, p1 = c0 * 0xD251_1F53, c2 * 0xCD9E_8D57
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & mask, (p0 >> 32) ^ c3 ^ k1, p0 & mask
        k0, k1 = (k0 + 0x9E37_79B9) & mask, (k1 + 0xBB67_AE85) & mask
    return c0, c1, c2, c3


@operation
def sgd_step(w: Tensor, g: Tensor, seed: Tensor, step: Tensor, shift: int) -> Tensor:
    key = [int(k) & 0xFFFF_FFFF for k in seed]
    at = int(step[0]) & 0xFFFF_FFFF
    words = [word for i in range(-(-w.size // 4)) for word in philox(key, (i, 0, at, 0))]
    r = np.array(words[: w.size], np.int64).reshape(w.shape) & ((1 << shift) - 1)
    # The sum wraps before the shift, as all arithmetic on i32 does.
    moved = _wide(_wrap(_wide(g) + r)) >> shift
    return _wrap(_wide(w) - moved)
