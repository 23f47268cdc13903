# SPDX-License-Identifier: Apache-2.0
"""Turns a trained multi-layer perceptron into an int8 tensor program.

All zero points are 0. An i8 value `q` of scale `s` stands for the real number `q * s`. Weights have
one scale per output channel in the hidden layers and a single one in the last, because argmax
compares the logits of different channels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

import program as p
from commit import Tensor, type_of

Real = npt.NDArray[np.float64]
Layer = tuple[Real, Real]
"""Weights `[out, in]` and biases `[out]`."""

PIXEL_STEP = 7
"""i8 steps per grey level: the 17 levels 0..16 become 0..112, exactly."""
INPUT_SCALE = 1 / (16 * PIXEL_STEP)
"""The real network sees pixels as 0..1."""


@dataclass(frozen=True)
class Quantised:
    """A program with the outputs classes `i32[batch, 1]` and logits `i32[batch, classes]`."""

    program: p.Program
    constants: list[Tensor]
    """Weights and biases of each layer in turn."""


def pixels(images: Real) -> Tensor:
    """Images of grey levels 0..16 as the program's i8 input."""
    return (images * PIXEL_STEP).astype(np.int8)


def quantise(layers: list[Layer], calibration: Real, batch: int) -> Quantised:
    """Quantises `layers` for inputs `i8[batch, in]`.

    `calibration`: real inputs `[any, in]`; the greatest activation that they cause in a hidden
    layer becomes 127.
    """
    constants: list[Tensor] = []
    ops: list[p.Op] = []
    leaves = 1 + 2 * len(layers)

    def emit(op: p.Op) -> int:
        ops.append(op)
        return leaves + len(ops) - 1

    x, x_scale, real = 0, INPUT_SCALE, calibration
    for i, (weight, bias) in enumerate(layers):
        last = i == len(layers) - 1
        peak = np.abs(weight).max() if last else np.abs(weight).max(axis=1)
        w_scale = np.broadcast_to(peak / 127, bias.shape)
        w_id = 1 + len(constants)
        constants.append(np.rint(weight / w_scale[:, None]).astype(np.int8))
        constants.append(np.rint(bias / (x_scale * w_scale)).astype(np.int32))
        x = emit(p.MatMul(x, w_id))
        x = emit(p.Bias(x, w_id + 1))
        if not last:
            real = np.maximum(real @ weight.T + bias, 0)
            y_scale = float(real.max()) / 127
            scales = tuple(fixed_point(float(r)) for r in x_scale * w_scale / y_scale)
            x = emit(p.Requant(x, 0, scales))
            x = emit(p.Relu(x))
            x_scale = y_scale
    classes = emit(p.ArgMax(x))

    inputs = (p.TensorType(p.DType.I8, (batch, layers[0][0].shape[1])),)
    types = tuple(type_of(c) for c in constants)
    return Quantised(p.Program(p.VERSION, inputs, types, tuple(ops), (classes, x)), constants)


def fixed_point(ratio: float) -> p.Scale:
    """The nearest `multiplier / 2^shift` that uses all 31 bits of the multiplier.

    >>> fixed_point(0.75), fixed_point(1 - 2**-40)
    (Scale(multiplier=1610612736, shift=31), Scale(multiplier=1073741824, shift=30))
    """
    fraction, exponent = math.frexp(ratio)
    multiplier = round(fraction * 2**31)
    if multiplier == 2**31:
        multiplier, exponent = 2**30, exponent + 1
    shift = 31 - exponent
    if not 1 <= shift <= 62:
        raise ValueError(f"ratio {ratio} needs shift {shift}, which is outside 1 to 62")
    return p.Scale(multiplier, shift)
