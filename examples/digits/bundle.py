# SPDX-License-Identifier: Apache-2.0
"""The files of the example: writing them, and checking that they agree with their manifest.

The manifest holds nothing that cannot be computed from the other files, except the accuracy before
quantisation. So a check rebuilds the manifest and compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from commit import Tensor, blob, from_blob, program_id, tensor_root, type_of
from integer import mac, run
from program import Program
from quantise import Quantised

PROGRAM = "digits.program"
HELD_OUT = "held-out.bin"
LABELS = "labels.bin"
MANIFEST = "manifest.json"
CONSTANTS = tuple(
    f"constants/{i}-{name}.bin"
    for i, name in enumerate(("weight1", "bias1", "weight2", "bias2", "weight3", "bias3"))
)
OUTPUTS = ("class", "logits")
LEAST_ACCURACY = 0.95

Labels = np.ndarray[tuple[int], np.dtype[np.uint8]]


class CheckFailed(Exception):
    """The files do not agree with each other; the message says which and how."""


def write(folder: Path, net: Quantised, images: Tensor, labels: Labels, float_right: int) -> None:
    """Writes all files. `float_right`: how many held-out images the real network gets right."""
    files = {
        PROGRAM: net.program.to_bytes(),
        HELD_OUT: blob(images),
        LABELS: labels.tobytes(),
        **{name: blob(c) for name, c in zip(CONSTANTS, net.constants, strict=True)},
    }
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / MANIFEST).write_text(_to_text(_manifest(folder, float_right)))


def check(folder: Path) -> str:
    """Recomputes everything from the files of `folder` and returns a summary for people.

    Raises `CheckFailed` or `OSError` when a file is missing, superfluous, or not what the manifest
    says.
    """
    found = {f.relative_to(folder).as_posix() for f in (folder / "constants").iterdir()}
    if strays := found - set(CONSTANTS):
        raise CheckFailed(f"not named by the manifest: {', '.join(sorted(strays))}")
    try:
        text = (folder / MANIFEST).read_text()
        stored = json.loads(text)
        rebuilt = _manifest(folder, stored["accuracy"]["float"]["correct"])
    except (ValueError, LookupError, TypeError) as error:
        raise CheckFailed(f"unreadable: {error!r}") from error
    if differences := list(_differences(stored, rebuilt)):
        raise CheckFailed("\n".join(differences))
    if text != _to_text(rebuilt):
        raise CheckFailed(f"{MANIFEST}: same content, but not formatted as train.py writes it")
    accuracy = stored["accuracy"]
    if accuracy["integer"]["share"] < LEAST_ACCURACY:
        raise CheckFailed(f"accuracy {accuracy['integer']} is below {LEAST_ACCURACY:.0%}")
    lines = [f"program {stored['program']['id']}"]
    lines += [
        f"{kind} accuracy {a['correct']}/{a['of']} = {a['share']:.4f}"
        for kind, a in accuracy.items()
    ]
    return "\n".join(lines)


def table(folder: Path) -> str:
    """The operations with their result types and MACs, as the README shows them."""
    program, tensors, _ = _load(folder)
    leaves = len(program.inputs) + len(program.constants)
    costs = mac(program, tensors)
    lines = [
        f"| {leaves + i} | {type(op).__name__} | {type_of(tensors[leaves + i])} | {cost:,} |"
        for i, (op, cost) in enumerate(zip(program.ops, costs, strict=True))
    ]
    return "\n".join([*lines, f"| | total | | {sum(costs):,} |"])


def _load(folder: Path) -> tuple[Program, list[Tensor], Labels]:
    """The program, all its tensors as it computes them, and the labels."""
    data = (folder / PROGRAM).read_bytes()
    program = Program.from_bytes(data)
    if program.to_bytes() != data:
        raise CheckFailed(f"{PROGRAM}: not in canonical encoding")
    names = (HELD_OUT, *CONSTANTS)
    types = (*program.inputs, *program.constants)
    if len(names) != len(types):
        raise CheckFailed(f"{PROGRAM}: {len(types)} inputs and constants, but {len(names)} files")
    leaves = [from_blob((folder / n).read_bytes(), ty) for n, ty in zip(names, types, strict=True)]
    labels: Labels = np.frombuffer((folder / LABELS).read_bytes(), np.uint8)
    return program, run(program, leaves[:1], leaves[1:]), labels


def _manifest(folder: Path, float_right: int) -> dict[str, Any]:
    program, tensors, labels = _load(folder)
    encoded = (folder / PROGRAM).read_bytes()
    classes = tensors[program.outputs[0]].ravel()
    if classes.shape != labels.shape:
        raise CheckFailed(f"{LABELS}: {labels.size} labels for {classes.size} images")

    def entry(index: int) -> dict[str, Any]:
        ty = type_of(tensors[index])
        root = tensor_root(tensors[index])
        return {"dtype": ty.dtype.name.lower(), "dims": list(ty.dims), "root": _hex(root)}

    def share(correct: int) -> dict[str, Any]:
        return {
            "correct": correct,
            "of": labels.size,
            "share": round(correct / labels.size, 6),
        }

    return {
        "program": {"file": PROGRAM, "bytes": len(encoded), "id": _hex(program_id(encoded))},
        "inputs": [{"file": HELD_OUT, **entry(0)}],
        "constants": [{"file": name, **entry(1 + i)} for i, name in enumerate(CONSTANTS)],
        "outputs": [
            {"name": name, "tensor": index, **entry(index)}
            for name, index in zip(OUTPUTS, program.outputs, strict=True)
        ],
        "labels": {
            "file": LABELS,
            "count": labels.size,
            "sha256": _hex(sha256(labels.tobytes()).digest()),
        },
        "accuracy": {
            "float": share(float_right),
            "integer": share(int((classes == labels).sum())),
        },
    }


def _differences(stored: Any, rebuilt: Any, path: str = MANIFEST) -> Iterator[str]:
    """One line for each leaf in which two JSON values differ."""
    if isinstance(stored, dict) and isinstance(rebuilt, dict) and stored.keys() == rebuilt.keys():
        for key in rebuilt:
            yield from _differences(stored[key], rebuilt[key], f"{path}.{key}")
    elif isinstance(stored, list) and isinstance(rebuilt, list) and len(stored) == len(rebuilt):
        for i, (a, b) in enumerate(zip(stored, rebuilt, strict=True)):
            yield from _differences(a, b, f"{path}[{i}]")
    elif stored != rebuilt:
        yield f"{path}: manifest says {stored!r}, files say {rebuilt!r}"


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _to_text(manifest: dict[str, Any]) -> str:
    return json.dumps(manifest, indent=2) + "\n"
