# SPDX-License-Identifier: Apache-2.0
"""Runs tensor programs in numpy: a third implementation, for comparison with the Rust and the GPU.

Sums are taken in int64, where they cannot overflow, and then truncated to int32, which is what
wrapping means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from commit import Tensor, type_of
from program import (
    AddI32,
    ArgMax,
    Bias,
    Clamp,
    Lut256,
    MatMul,
    Op,
    Program,
    Relu,
    Requant,
    Reshape,
    RowMax,
    Transpose,
)


def run(program: Program, inputs: Sequence[Tensor], constants: Sequence[Tensor]) -> list[Tensor]:
    """All tensors of the program by number.

    Raises `ValueError` when inputs or constants have other types than the program declares. That
    the program itself is valid is not checked.
    """
    tensors = [*inputs, *constants]
    declared = [*program.inputs, *program.constants]
    if (given := [type_of(t) for t in tensors]) != declared:
        raise ValueError(f"operands {list(map(str, given))}, want {list(map(str, declared))}")
    for op in program.ops:
        tensors.append(apply(op, tensors))
    return tensors


def apply(op: Op, t: Sequence[Tensor]) -> Tensor:
    """The result of one operation on tensors that are numbered by their place in `t`."""
    result: Tensor
    match op:
        case MatMul(a, b):
            result = _wrap(_wide(t[a]) @ _wide(t[b]).swapaxes(-1, -2))
        case Bias(a, b) | AddI32(a, b):
            result = _wrap(_wide(t[a]) + _wide(t[b]))
        case Requant(x, zero, scales):
            m = np.array([s.multiplier for s in scales], np.int64)
            s = np.array([s.shift for s in scales], np.int64)
            # |x| <= 2^31, m < 2^31 and the rounding term is at most 2^61: the sum fits int64.
            scaled = (_wide(t[x]) * m + (np.int64(1) << (s - 1))) >> s
            result = np.clip(zero + scaled, -128, 127).astype(np.int8)
        case Relu(x):
            result = np.maximum(t[x], 0)
        case Clamp(x, low, high):
            result = np.clip(t[x], low, high)
        case Lut256(x, table):
            result = np.array(table, np.int8)[_wide(t[x]) + 128]
        case RowMax(x):
            result = t[x].max(axis=-1, keepdims=True)
        case ArgMax(x):
            result = t[x].argmax(axis=-1, keepdims=True).astype(np.int32)
        case Transpose(x, perm):
            result = t[x].transpose(perm)
        case Reshape(x, dims):
            result = t[x].reshape(dims)
    return result


def mac(program: Program, tensors: Sequence[Tensor]) -> list[int]:
    """Cost of each operation in MAC: the terms of MatMul, one per element read or written for all others, and for each
    at least as many as its result's tiles have elements with their padding."""
    leaves = len(program.inputs) + len(program.constants)
    costs = []
    for op, result in zip(program.ops, tensors[leaves:], strict=True):
        match op:
            case MatMul(a, _):
                costs.append(math.prod(result.shape) * tensors[a].shape[-1])
            case Bias(a, b) | AddI32(a, b):
                costs.append(tensors[a].size + tensors[b].size + result.size)
            case _:
                costs.append(tensors[op.x].size + result.size)
        costs[-1] = max(costs[-1], 64 * 64 * _tiles(result))
    return costs


def _tiles(tensor: Tensor) -> int:
    """How many tiles of 64 x 64 a tensor is cut into."""
    *stack, rows, cols = (1, *tensor.shape)
    return math.prod(stack) * -(-rows // 64) * -(-cols // 64)


def _wide(tensor: Tensor) -> npt.NDArray[np.int64]:
    return tensor.astype(np.int64)


def _wrap(tensor: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    return tensor.astype(np.int32)
