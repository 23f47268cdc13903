# SPDX-License-Identifier: Apache-2.0
"""Cases of the operations that work element by element, and of those over rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from case import Cases
from ops import i8, i32

MIN, MAX = -(2**31), 2**31 - 1
HALVING = [2 ** max(15 - d, 0) if d < 16 else 0 for d in range(256)]
"""The table of the worked examples."""
EXTREMES = i32([[MIN, MIN + 1, -1, 0, 1, MAX - 1, MAX]])
SHIFTS: list[tuple[int, int]] = [(MAX, s) for s in range(1, 63)]


def exponentials(scale: float, top: int) -> list[int]:
    """`top * exp(-d * scale)` for each d, rounded; `math.exp` differs nowhere enough to matter."""
    return [round(top * math.exp(-d * scale)) for d in range(256)]


def pointwise() -> Iterator[Cases]:
    """Bias to MaxI8, in the order of the specification."""
    c = Cases("Bias")
    c.add("example", i32([[1, 2], [3, 4]]), i32([10, 20]), expect=i32([[11, 22], [13, 24]]))
    c.add("wraps", i32([[MIN, MAX], [-1, 0]]), i32([-1, 1]))
    c.add("rank 1", EXTREMES[0], EXTREMES[0][::-1])
    c.add("beyond a tile", c.i32(2, 65, low=-999, high=999), c.i32(65))
    c.add("stacked", c.i32(2, 1, 3, 5), c.i32(5))
    yield c

    for name, expect in [("AddI32", [MIN, -2]), ("SubI32", [MAX, -2]), ("MulI32", [0, -35])]:
        c = Cases(name)
        a, b = {
            "AddI32": ([MAX, 5], [1, -7]),
            "SubI32": ([MIN, 5], [1, 7]),
            "MulI32": ([65536, 5], [65536, -7]),
        }[name]
        c.add("example", i32(a), i32(b), expect=i32(expect))
        c.add("every extreme with every other", EXTREMES.T.repeat(7, 1), EXTREMES.repeat(7, 0))
        c.add("one row for all", EXTREMES.T.repeat(7, 1), EXTREMES[0])
        c.add("same shape, beyond a tile", c.i32(65, 2), c.i32(65, 2))
        c.add("one row, stacked", c.i32(2, 2, 3, 5), c.i32(5))
        yield c

    c = Cases("Requant")
    c.add("example", i32([100]), zero=1, scales=[(3, 2)], expect=i8([76]))
    for multiplier, shift in [(0, 1), (1, 1), (MAX, 1), (MAX, 31), (MAX, 62), (1, 62), (3, 32)]:
        name = f"extremes by {multiplier} / 2^{shift}"
        c.add(name, EXTREMES, zero=-3, scales=[(multiplier, shift)])
    c.add("halves go up", i32([range(-9, 10)]), zero=0, scales=[(1, 1)])
    c.add("zero -128", i32([range(-9, 10)]), zero=-128, scales=[(1, 1)])
    c.add("every shift", i32([[MAX] * 62, [MIN] * 62, [-1] * 62]), zero=127, scales=SHIFTS)
    c.add("a scale a column, beyond a tile", c.i32(3, 65), zero=5, scales=_scales(c, 65))
    yield c

    c = Cases("Relu")
    c.add("example", i32([-3, 4]), expect=i32([0, 4]))
    c.add("example, i8", i8([-3, 4]), expect=i8([0, 4]))
    c.add("extremes", EXTREMES)
    c.add("all -128", i8(np.full((3, 65), -128)))
    c.add("beyond a tile", c.i8(2, 3, 66))
    yield c

    c = Cases("Clamp")
    c.add("example", i32([-3, 4, 9]), low=-1, high=6, expect=i32([-1, 4, 6]))
    c.add("to the least", EXTREMES, low=MIN, high=MIN)
    c.add("to all", EXTREMES, low=MIN, high=MAX)
    c.add("i8 to its bounds", i8([-128, -127, 0, 126, 127]), low=-128, high=127)
    c.add("i8, beyond a tile", c.i8(66, 3), low=-7, high=-7)
    yield c

    c = Cases("Lut256")
    falling = [127 - i for i in range(256)]
    c.add("example", i8([-128, 0]), table=falling, expect=i8([127, -1]))
    c.add("every element", i8(np.arange(-128, 128).reshape(4, 64)), table=c.i8(256).tolist())
    c.add("beyond a tile", c.i8(1, 65, 1, 2), table=c.i8(256).tolist())
    yield c

    c = Cases("Rescale")
    c.add("example", i32([-100]), scales=[(3, 2)], expect=i32([-75]))
    for multiplier, shift in [(0, 1), (1, 1), (MAX, 1), (MAX, 30), (MAX, 62), (3, 33)]:
        c.add(f"extremes by {multiplier} / 2^{shift}", EXTREMES, scales=[(multiplier, shift)])
    c.add("i8 to i32", i8([-128, -1, 0, 1, 127]), scales=[(MAX, 8)])
    c.add("every shift", i32([[MAX] * 62, [MIN] * 62, [-1] * 62]), scales=SHIFTS)
    c.add("a scale a column, beyond a tile", c.i8(3, 65), scales=_scales(c, 65))
    yield c

    c = Cases("MaxI8")
    c.add("example", i8([1, -5]), i8([0, 7]), expect=i8([1, 7]))
    c.add("one row for all", c.i8(3, 70), c.i8(70))
    c.add("same shape, beyond a tile", c.i8(2, 65, 2), c.i8(2, 65, 2))
    c.add("all -128", i8(np.full((2, 3), -128)), i8([-128, -128, -128]))
    yield c


def rows() -> Iterator[Cases]:
    """The operations whose result depends on a whole row."""
    c = Cases("RowMax")
    c.add("example", i32([[3, 9, 9]]), expect=i32([[9]]))
    c.add("all MIN", i32(np.full((2, 65), MIN)))
    c.add("rows of one", c.i8(66, 1))
    c.add("the greatest in the last tile", i8([[0] * 129 + [1]]))
    c.add("rank 1", i8([-128, -127]))
    c.add("stacked", c.i32(2, 2, 3, 5))
    yield c

    c = Cases("ArgMax")
    c.add("example", i32([[3, 9, 9]]), expect=i32([[1]]))
    c.add("all equal", i8(np.full((3, 130), -128)))
    c.add("equals in two tiles", i8([[0] * 63 + [5] + [0] * 5 + [5]]))
    c.add("rank 1, growing", i32(MIN + np.arange(67)))
    c.add("stacked", c.i8(2, 2, 3, 5))
    yield c

    c = Cases("RowSum")
    c.add("example", i32([[3, 9, -2]]), expect=i32([[10]]))
    c.add("example, i8", i8([[3, 9, -2]]), expect=i32([[10]]))
    c.add("wraps", i32([[MIN, MIN, -1], [MAX, MAX, MAX]]))
    c.add("all -128, several tiles", i8(np.full((2, 200), -128)))
    c.add("rows of one", c.i32(66, 1))
    c.add("rank 1", c.i8(65))
    yield c

    flat = [1] * 256
    steep = [65535] + [0] * 255
    c = Cases("SoftmaxI8")
    c.add("example", i8([[0, -1]]), table=HALVING, expect=i8([[85, 42]]))
    c.add("rows of one", i8([[-128], [0], [127]]), table=HALVING)
    c.add("all equal", i8(np.full((1, 100), -128)), table=[1] + [0] * 255)
    c.add("only the greatest counts", i8([[127, -128, 5], [7, 7, 6]]), table=steep)
    c.add("the least table", c.i8(1, 130), table=flat)
    # The weights need not fall.
    c.add("a rising table", i8([[127, -128]]), table=[1] + [0] * 254 + [65535])
    c.add("exponentials, beyond a tile", c.i8(3, 70), table=exponentials(1 / 16, 65535))
    c.add("stacked", c.i8(2, 2, 2, 5), table=exponentials(1 / 8, 4096))
    yield c

    unit = [(1, 9)]
    c = Cases("RmsNormI8")
    c.add("example", i8([[3, -4]]), eps=1, zero=0, scales=unit, expect=i8([[38, -50]]))
    _norms(c)
    yield c

    c = Cases("LayerNormI8")
    c.add("example", i8([[3, -4]]), eps=1, zero=0, scales=unit, expect=i8([[63, -63]]))
    _norms(c)
    yield c

    c = Cases("CrossEntropyGrad")
    half = i32([[-10837, 10837]])
    c.add("example", i8([[0, -1]]), i8([[127, 0]]), table=HALVING, expect=half)
    c.add("the largest products", i8([[5]]), i8([[-128]]), table=steep)
    c.add("a rising table", i8([[127, -128]]), i8([[0, 127]]), table=[1] + [0] * 254 + [65535])
    c.add("all equal", i8(np.full((1, 100), -128)), c.i8(1, 100), table=[65535] * 256)
    c.add("beyond a tile", c.i8(3, 66), c.i8(3, 66), table=exponentials(1 / 16, 65535))
    yield c


def _norms(c: Cases) -> None:
    plain = [(1, 9)]
    c.add("all zero", i8(np.zeros((2, 3))), eps=1, zero=-7, scales=plain)
    c.add("all -128", i8(np.full((1, 100), -128)), eps=1, zero=0, scales=plain)
    c.add("rows of one", i8([[-128], [0], [127]]), eps=1, zero=3, scales=plain)
    c.add("the greatest eps", c.i8(2, 5), eps=2**32 - 1, zero=0, scales=[(MAX, 31)])
    # z is even, so a sum of squares just below, at and above a power of four.
    for eps in (2, 3, 4, 5, 15, 16, 17):
        c.add(f"zeros and one, eps {eps}", i8([[0, 1]]), eps=eps, zero=0, scales=[(1, 10)])
    c.add("one stands out", i8([[127] + [0] * 199]), eps=1, zero=0, scales=[(3, 14)])
    c.add("a scale a column, beyond a tile", c.i8(3, 65), eps=77, zero=9, scales=_scales(c, 65))
    c.add("long rows", c.i8(1, 400), eps=1000, zero=0, scales=[(45, 15)])
    c.add("stacked", c.i8(2, 2, 2, 7), eps=1, zero=0, scales=[(5, 10)])


def _scales(c: Cases, count: int) -> Sequence[tuple[int, int]]:
    """Factors of all sizes."""
    multipliers, shifts = c.i32(count, low=0), c.i8(count, low=1, high=62)
    return list(zip(multipliers.tolist(), shifts.tolist(), strict=True))
