# SPDX-License-Identifier: Apache-2.0
"""Cases of products, windows, data movement and training, and of whole programs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from case import Case, Cases, run
from format import Op, Window
from ops import i8, i32
from pointwise import HALVING, MAX, MIN


def products() -> Iterator[Cases]:
    """MatMul and Conv2d."""
    c = Cases("MatMul")
    c.add("example", i8([[1, 2]]), i8([[3, 4], [5, -6]]), expect=i32([[11, -7]]))
    c.add("K = 1", i8([[-128], [127]]), i8([[-128], [127], [0]]))
    c.add("all -128", i8(np.full((2, 300), -128)), i8(np.full((3, 300), -128)))
    c.add("-128 by 127, K odd", i8(np.full((1, 63), 127)), i8(np.full((2, 63), -128)))
    c.add("K beyond a tile", c.i8(3, 130), c.i8(2, 130))
    c.add("beyond a tile both ways", c.i8(65, 2, low=-1, high=1), c.i8(66, 2, low=-1, high=1))
    c.add("shared", c.i8(2, 2, 3, 5), c.i8(4, 5))
    c.add("one for each matrix", c.i8(2, 3, 1, 7), c.i8(2, 3, 2, 7))
    yield c

    c = Cases("Conv2d")
    example = {"window": Window((1, 2), pad=(0, 1, 0, 0)), "groups": 1, "zero": 5}
    left = i32([[[[51], [12], [23]]]])
    c.add("example", i8([[[[1], [2], [3]]]]), i8([[10, 1]]), **example, expect=left)
    c.add("3x3", c.i8(1, 5, 4, 2), c.i8(3, 18), window=Window((3, 3)), groups=1, zero=0)
    c.add(
        "stride 2, padded",
        c.i8(2, 5, 6, 3),
        c.i8(2, 27),
        window=Window((3, 3), (2, 2), (1, 1, 1, 1)),
        groups=1,
        zero=-128,
    )
    c.add(
        "all different",
        c.i8(1, 9, 8, 4),
        c.i8(6, 12),
        window=Window((3, 2), (2, 3), (2, 1, 0, 3), (3, 2)),
        groups=2,
        zero=7,
    )
    depthwise = Window((3, 3), (1, 1), (1, 1, 1, 1))
    c.add("depthwise", c.i8(1, 4, 4, 5), c.i8(5, 9), window=depthwise, groups=5, zero=-3)
    c.add(
        "two outputs a channel",
        c.i8(1, 3, 3, 3),
        c.i8(6, 4),
        window=Window((2, 2)),
        groups=3,
        zero=0,
    )
    outside = Window((2, 2), (3, 3), (4, 4, 4, 4))
    c.add(
        "windows outside altogether",
        c.i8(1, 2, 2, 1),
        c.i8(2, 4),
        window=outside,
        groups=1,
        zero=11,
    )
    c.add(
        "all -128",
        i8(np.full((1, 3, 3, 70), -128)),
        i8(np.full((1, 630), -128)),
        window=Window((3, 3)),
        groups=1,
        zero=0,
    )
    c.add(
        "1x1, channels beyond a tile",
        c.i8(1, 1, 3, 3),
        c.i8(65, 3),
        window=Window((1, 1)),
        groups=1,
        zero=0,
    )
    c.add(
        "columns beyond a tile",
        c.i8(1, 1, 65, 1),
        c.i8(2, 3),
        window=Window((1, 3)),
        groups=1,
        zero=0,
    )
    yield c


def windows() -> Iterator[Cases]:
    """Poolings and UpsampleNearest."""
    pair = Window((1, 2))
    c = Cases("MaxPool2d")
    c.add("example", i8([[[[1], [5], [3]]]]), window=pair, expect=i8([[[[5], [5]]]]))
    _poolings(c)
    c.add("all MIN", i32(np.full((1, 2, 3, 2), MIN)), window=pair)
    yield c

    c = Cases("SumPool2d")
    c.add("example", i8([[[[1], [5], [3]]]]), window=pair, expect=i32([[[[6], [8]]]]))
    _poolings(c)
    c.add("wraps", i32(np.full((1, 2, 3, 2), MIN)), window=pair)
    yield c

    c = Cases("UpsampleNearest")
    doubled = i8([[[[1], [1], [2], [2]]]])
    c.add("example", i8([[[[1], [2]]]]), factor=(1, 2), expect=doubled)
    c.add("both ways", c.i32(2, 2, 3, 2), factor=(3, 2))
    c.add("by one", c.i8(1, 2, 2, 3), factor=(1, 1))
    c.add("beyond a tile", c.i8(1, 1, 33, 2), factor=(2, 2))
    yield c


def _poolings(c: Cases) -> None:
    c.add("2x2, stride 2", c.i8(2, 4, 5, 3), window=Window((2, 2), (2, 2)))
    c.add("padded, i32", c.i32(1, 3, 4, 2), window=Window((3, 3), (2, 1), (1, 1, 1, 1)))
    c.add("all different", c.i8(1, 9, 8, 2), window=Window((3, 2), (2, 3), (2, 1, 0, 3), (3, 2)))
    c.add(
        "windows outside altogether", c.i8(1, 2, 2, 1), window=Window((2, 2), (3, 3), (4, 4, 4, 4))
    )
    c.add(
        "negative, padded", i8(np.full((1, 2, 2, 1), -128)), window=Window((2, 2), pad=(1, 1, 1, 1))
    )
    c.add("beyond a tile", c.i8(1, 1, 66, 2), window=Window((1, 2)))
    c.add("whole image", c.i8(1, 7, 7, 3), window=Window((7, 7)))


def movement() -> Iterator[Cases]:
    """The operations that only move elements."""
    c = Cases("Transpose")
    counted = i32([[1, 2, 3], [4, 5, 6]])
    c.add("example", counted, perm=[1, 0], expect=i32([[1, 4], [2, 5], [3, 6]]))
    for perm in ([0, 1, 2], [0, 2, 1], [1, 0, 2]):
        c.add(f"rank 3 by {perm}", c.i8(2, 3, 4), perm=perm)
    for perm in ([0, 1, 3, 2], [2, 0, 1, 3], [1, 2, 0, 3]):
        c.add(f"rank 4 by {perm}", c.i32(2, 3, 4, 2, low=-9, high=9), perm=perm)
    c.add("beyond a tile", c.i8(65, 3), perm=[1, 0])
    c.add("rows beyond a tile", c.i8(2, 65, 2), perm=[1, 0, 2])
    yield c

    c = Cases("Reshape")
    c.add("example", i32([1, 2, 3, 4, 5, 6]), dims=[2, 3], expect=counted)
    c.add("across tiles", c.i8(65, 4), dims=[2, 130])
    c.add("to rank 4", c.i8(24), dims=[2, 1, 3, 4])
    c.add("to rank 1", c.i32(1, 2, 3, 1), dims=[6])
    yield c

    c = Cases("Gather")
    rows = i32([[3, 4], [1, 2], [3, 4]])
    c.add("example", i32([[1, 2], [3, 4]]), i32([1, -9, 7]), expect=rows)
    c.add("extremes", c.i8(3, 2), i32([MIN, -1, 0, 2, 3, MAX]))
    c.add("index of rank 3", c.i8(5, 3), c.i32(2, 1, 4, low=-1, high=6))
    c.add("index of rank 2, beyond a tile", c.i32(70, 2), i32([[69, 64, 63], [0, 1, 65]]))
    c.add("long rows", c.i8(2, 66), i32([1, 0, 1]))
    yield c

    c = Cases("Slice")
    c.add("example", counted, start=[0, 1], dims=[2, 2], expect=i32([[2, 3], [5, 6]]))
    c.add("all of it", c.i8(2, 3), start=[0, 0], dims=[2, 3])
    c.add("across tiles", c.i8(2, 140), start=[1, 60], dims=[1, 70])
    c.add("rows across tiles", c.i8(130, 2), start=[63, 1], dims=[66, 1])
    c.add("rank 4", c.i32(3, 3, 4, 4, low=-99, high=99), start=[1, 0, 2, 1], dims=[2, 2, 1, 3])
    c.add("rank 1", c.i8(9), start=[8], dims=[1])
    yield c

    c = Cases("Concat")
    one, other = i32([[1], [2]]), i32([[3], [4]])
    c.add("example", one, other, axis=1, expect=i32([[1, 3], [2, 4]]))
    c.add("along the first", c.i8(2, 3), c.i8(1, 3), axis=0)
    c.add("columns across tiles", c.i8(2, 63), c.i8(2, 3), axis=1)
    c.add("rows across tiles", c.i8(63, 2), c.i8(3, 2), axis=0)
    for axis, dims in enumerate([(2, 2, 2, 3), (1, 1, 2, 3), (1, 2, 5, 3), (1, 2, 2, 1)]):
        c.add(f"rank 4 along {axis}", c.i8(1, 2, 2, 3), c.i8(*dims), axis=axis)
    c.add("rank 1", c.i32(3), c.i32(2), axis=0)
    yield c

    c = Cases("Pad")
    padded = i32([9, 1, 2, 9, 9])
    c.add("example", i32([1, 2]), before=[1], after=[2], value=9, expect=padded)
    c.add("nothing", c.i8(2, 2), before=[0, 0], after=[0, 0], value=0)
    c.add("extreme value", c.i32(1, 2), before=[1, 0], after=[0, 1], value=MIN)
    c.add("across tiles", c.i8(2, 60), before=[0, 3], after=[1, 3], value=-128)
    c.add("rows across tiles", c.i8(60, 1), before=[3, 0], after=[3, 1], value=127)
    c.add("rank 4", c.i8(1, 2, 2, 2), before=[1, 0, 2, 0], after=[0, 1, 0, 3], value=-1)
    yield c


def training() -> Iterator[Cases]:
    """OneHot and SgdStep; CrossEntropyGrad stands with the rows."""
    c = Cases("OneHot")
    hot = i8([[0, 0, 127], [127, 0, 0], [0, 0, 0]])
    c.add("example", i32([2, 0, 7]), classes=3, on=127, expect=hot)
    c.add("no classes", i32([MIN, -1, 3, MAX]), classes=3, on=-128)
    c.add("one class", i32([0, 1]), classes=1, on=1)
    c.add("rank 3, beyond a tile", c.i32(1, 2, 2, low=60, high=66), classes=66, on=-1)
    c.add("rank 2", i32([[0, 3], [2, 9]]), classes=4, on=0)
    yield c

    seed, step = i32([1, 2]), i32([3])
    c = Cases("SgdStep")
    c.add("example", i32([5]), i32([7]), seed, step, shift=0, expect=i32([-2]))
    c.add("shift 31, no gradient", c.i32(9), i32([0] * 9), seed, step, shift=31)
    c.add("shift 1", c.i32(2, 5, low=-9, high=9), c.i32(2, 5, low=-9, high=9), seed, step, shift=1)
    extremes = i32([[MIN, MIN, MIN, -1, 0, 1, MAX, MAX, MAX]])
    gradients = i32([[MIN, MAX, 1, MIN, MIN, MAX, -1, MIN, MAX]])
    # A gradient near the greatest wraps when the random bits are added.
    for shift in (0, 1, 16, 31):
        c.add(f"extremes by {shift}", extremes, gradients, i32([MIN, -1]), i32([MAX]), shift=shift)
    c.add("another step", extremes, gradients, i32([MIN, -1]), i32([-1]), shift=16)
    c.add("another seed", extremes, gradients, i32([0, 0]), i32([-1]), shift=16)
    c.add("random bits alone", i32([0] * 13), i32([0] * 13), i32([0, 0]), i32([0]), shift=20)
    c.add("beyond a tile", i32(np.zeros((65, 3))), c.i32(65, 3), seed, step, shift=12)
    c.add("stacked", c.i32(2, 2, 3, 3), c.i32(2, 2, 3, 3), seed, step, shift=7)
    yield c


def programs() -> list[Case]:
    """Several operations, constants beside inputs, several outputs."""
    c = Cases("MatMul")
    perceptron = run(
        "two layers",
        [c.i8(3, 70)],
        [c.i8(66, 70), c.i32(66, low=-5000, high=5000), c.i8(4, 66)],
        [
            Op("MatMul", a=0, b=1),
            Op("Bias", x=4, bias=2),
            Op("Requant", x=5, zero=0, scales=[(1 << 30, 39)]),
            Op("Relu", x=6),
            Op("MatMul", a=7, b=3),
            Op("ArgMax", x=8),
        ],
        # Not in the order of their numbers, and one that is read again.
        [9, 8, 7],
    )
    step = run(
        "one step of training",
        [
            c.i8(5, 6),
            i32([0, 2, 1, 2, 0]),
            c.i32(3, 6, low=-4000, high=4000),
            i32([9, -9]),
            i32([1]),
        ],
        [],
        [
            Op("Requant", x=2, zero=0, scales=[(1, 5)]),
            Op("MatMul", a=0, b=5),
            Op("Requant", x=6, zero=0, scales=[(1, 8)]),
            Op("OneHot", x=1, classes=3, on=127),
            Op("CrossEntropyGrad", x=7, target=8, table=HALVING),
            Op("Requant", x=9, zero=0, scales=[(1, 8)]),
            Op("Transpose", x=10, perm=[1, 0]),
            Op("Transpose", x=0, perm=[1, 0]),
            Op("MatMul", a=11, b=12),
            Op("SgdStep", w=2, g=13, seed=3, step=4, shift=6),
        ],
        [14],
    )
    return [perceptron, step]
