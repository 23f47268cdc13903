# SPDX-License-Identifier: Apache-2.0
"""Writes the images to train on, or with --check compares them with what stands in data/.

Needs the packages of ../digits/requirements.txt, and takes split, seed and grey levels from there.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "digits"))

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from quantise import pixels
from train import SEED, TEST, TRAIN


def main() -> int:
    """Exit code 0: done; 1: a file differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    args = parser.parse_args()
    differ = []
    for name, content in files().items():
        path = HERE / "data" / name
        if not args.check:
            path.write_bytes(content)
        elif path.read_bytes() != content:
            differ.append(name)
    if differ:
        print("these files differ:", *differ, file=sys.stderr)
    return 1 if differ else 0


def files() -> dict[str, bytes]:
    """Images `i8[1198, 64]` and labels `u8[1198]`, none of which is among those held out."""
    data = load_digits()
    images, held_out, labels, _ = train_test_split(
        data.data,
        data.target,
        train_size=TRAIN,
        test_size=TEST,
        stratify=data.target,
        random_state=SEED,
    )
    if pixels(held_out).tobytes() != (HERE.parent / "digits" / "held-out.bin").read_bytes():
        raise AssertionError("another split than that of ../digits")
    return {"images.bin": pixels(images).tobytes(), "labels.bin": labels.astype(np.uint8).tobytes()}


if __name__ == "__main__":
    sys.exit(main())
