# SPDX-License-Identifier: Apache-2.0
"""Writes the golden vectors, or with --check compares them with what stands in the folder."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pointwise
import products
from case import Case
from format import OPERATIONS, compact


def main() -> int:
    """Exit code 0: done; 1: a file differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent.parent)
    args = parser.parse_args()
    differ = []
    for name, content in files().items():
        path = args.folder / name
        if not args.check:
            path.write_bytes(content)
        elif not path.exists() or path.read_bytes() != content:
            differ.append(name)
    if differ:
        print("these files are not what the generator writes:", *differ, file=sys.stderr)
        return 1
    return 0


def files() -> dict[str, bytes]:
    """What stands in the folder."""
    groups = {
        cases.op: cases.cases
        for cases in chain(
            products.products(),
            pointwise.pointwise(),
            pointwise.rows(),
            products.windows(),
            products.movement(),
            products.training(),
        )
    }
    if set(groups) != set(OPERATIONS):
        raise AssertionError(f"no cases for {sorted(set(OPERATIONS) - set(groups))}")
    ordered: dict[str, Sequence[Case]] = {name: groups[name] for name in OPERATIONS}
    ordered["programs"] = products.programs()
    result = {f"{name}.json": to_json(cases) for name, cases in ordered.items()}
    flat = [(name, case) for name, cases in ordered.items() for case in cases]
    result["golden.scale"] = compact(len(flat)) + b"".join(
        case.as_scale(f"{group}: {case.name}") for group, case in flat
    )
    return result


def to_json(cases: Sequence[Case]) -> bytes:
    """An array with one case in a block of lines, one field a line."""
    blocks = []
    for case in cases:
        fields = (
            f"  {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}"
            for key, value in case.as_json().items()
        )
        blocks.append(" {\n" + ",\n".join(fields) + "\n }")
    return ("[\n" + ",\n".join(blocks) + "\n]\n").encode()


if __name__ == "__main__":
    sys.exit(main())
