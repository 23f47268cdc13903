# SPDX-License-Identifier: Apache-2.0
"""A golden vector: a program on given operands, with everything that follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import commit
import ops
from format import ID, OPERATIONS, Op, Program, fixed, text, vec
from ops import Tensor


@dataclass(frozen=True)
class Case:
    """Operands are the inputs, then the constants; `results` has one tensor for each operation."""

    name: str
    program: Program
    operands: Sequence[Tensor]
    results: Sequence[Tensor]

    @property
    def outputs(self) -> list[Tensor]:
        """The program's outputs, in order."""
        return [self.results[i - len(self.operands)] for i in self.program.outputs]

    def as_json(self) -> dict[str, Any]:
        """The object that stands in the file; the README describes it."""
        encoded = self.program.encode()
        op_roots = list(map(commit.tensor_root, self.results))
        return {
            "name": self.name,
            "program": encoded.hex(),
            "program_id": commit.program_id(encoded).hex(),
            "operands": list(map(_tensor_json, self.operands)),
            "outputs": list(map(_tensor_json, self.outputs)),
            "op_roots": [root.hex() for root in op_roots],
            "trace_root": commit.trace_root(op_roots).hex(),
        }

    def as_scale(self, name: str) -> bytes:
        """The same case under that name, SCALE-encoded; the README describes it."""
        bytes_ = vec(fixed(1))
        blobs = vec(lambda tensor: bytes_(commit.blob(tensor)))
        trace = commit.trace_root(map(commit.tensor_root, self.results))
        parts = [text(name), bytes_(self.program.encode()), blobs(self.operands)]
        return b"".join([*parts, blobs(self.outputs), trace])


def _tensor_json(tensor: Tensor) -> dict[str, Any]:
    return {
        "type": str(commit.type_of(tensor)),
        "elements": tensor.ravel().tolist(),
        "root": commit.tensor_root(tensor).hex(),
    }


def run(
    name: str,
    inputs: Sequence[Tensor],
    constants: Sequence[Tensor],
    program_ops: Sequence[Op],
    outputs: Sequence[int],
) -> Case:
    """Computes a case."""
    known: list[Tensor] = [*inputs, *constants]
    for op in program_ops:
        operands = [known[i] for i in op.operands()]
        known.append(ops.OPERATIONS[op.name](*operands, **op.parameters()))
    program = Program(
        [commit.type_of(t) for t in inputs],
        [commit.type_of(t) for t in constants],
        program_ops,
        outputs,
    )
    leaves = len(inputs) + len(constants)
    return Case(name, program, known[:leaves], known[leaves:])


class Cases:
    """Collects the cases of one operation, whose operands are all inputs."""

    def __init__(self, op: str) -> None:
        self.op = op
        self.cases: list[Case] = []
        # RandomState's stream is frozen: every numpy draws the same.
        seed = sum(ord(letter) << (7 * i) for i, letter in enumerate(op)) % (1 << 32)
        self._random = np.random.RandomState(seed)

    def add(
        self, name: str, *operands: Tensor, expect: Tensor | None = None, **parameters: Any
    ) -> None:
        """Adds a case; `expect` is what the specification's worked example says."""
        ids = [field for field, codec in OPERATIONS[self.op][1] if codec is ID]
        fields = dict(zip(ids, range(len(operands)), strict=True))
        op = Op(self.op, **fields, **parameters)
        case = run(name, operands, [], [op], [len(operands)])
        if expect is not None:
            (result,) = case.outputs
            if result.dtype != expect.dtype or not np.array_equal(result, expect):
                raise AssertionError(f"{self.op}, {name}: {result.tolist()}")
        self.cases.append(case)

    def i8(self, *dims: int, low: int = -128, high: int = 127) -> Tensor:
        """Random elements from `low` to `high`."""
        return ops.i8(self._random.randint(low, high + 1, dims))

    def i32(self, *dims: int, low: int = -(2**31), high: int = 2**31 - 1) -> Tensor:
        """Random elements from `low` to `high`."""
        return ops.i32(self._random.randint(low, high + 1, dims, dtype=np.int64))
