# SPDX-License-Identifier: Apache-2.0
"""Trains a network on handwritten digits and writes it as an int8 tensor program; see README.md.

train.py            train and write the files
train.py --check    train nothing; verify that the files agree with their manifest
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

import bundle
from quantise import Layer, Real, pixels, quantise

SEED = 1797
TRAIN, TEST = 1198, 599
HIDDEN = (128, 64)
EPOCHS = 100
BATCH = 64
LEARNING_RATE = 3e-3
"""Peak of Adam's step, falling to 0 along a cosine."""
WEIGHT_DECAY = 0.03
SHIFTED = 0.5
"""Share of the training images that are moved by up to one pixel, anew in each epoch."""

Ints = npt.NDArray[np.int64]


def main() -> int:
    """Exit code 0: done; 1: the check failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="verify the files, without training")
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(__file__).parent,
        help="where the files are (default: here)",
    )
    args = parser.parse_args()
    if not args.check:
        build(args.folder)
    try:
        print(bundle.check(args.folder))
    except (bundle.CheckFailed, OSError) as error:
        print(f"check failed: {error}", file=sys.stderr)
        return 1
    print(bundle.table(args.folder))
    return 0


def build(folder: Path) -> None:
    """Trains, quantises and writes all files to `folder`."""
    from sklearn.datasets import load_digits  # type: ignore[import-untyped]
    from sklearn.model_selection import train_test_split  # type: ignore[import-untyped]
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    data = load_digits()
    # Grey levels 0..16 as float64, one image a row. Held-out images touch neither training nor
    # calibration.
    images, held_out, labels, held_out_labels = train_test_split(
        data.data,
        data.target,
        train_size=TRAIN,
        test_size=TEST,
        stratify=data.target,
        random_state=SEED,
    )
    # One thread, because the order of a sum decides its last bit.
    with threadpool_limits(1):
        layers = train(images / 16, labels)
        right = int((forward(layers, held_out / 16)[-1].argmax(axis=1) == held_out_labels).sum())
        net = quantise(layers, images / 16, TEST)
    bundle.write(folder, net, pixels(held_out), held_out_labels.astype(np.uint8), right)


def train(images: Real, labels: Ints) -> list[Layer]:
    """A multi-layer perceptron fitted to `images` `[n, 64]` in 0..1.

    By Adam with decoupled weight decay and the cross entropy as loss.
    """
    rng = np.random.default_rng(SEED)
    layers: list[Layer] = [
        (rng.normal(0, np.sqrt(2 / i), (o, i)), np.zeros(o))
        for i, o in zip((64, *HIDDEN), (*HIDDEN, 10), strict=True)
    ]
    params = [array for layer in layers for array in layer]
    first = [np.zeros_like(a) for a in params]
    second = [np.zeros_like(a) for a in params]
    steps = EPOCHS * -(-len(images) // BATCH)
    step = 0
    for _ in range(EPOCHS):
        order = rng.permutation(len(images))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            batch = images[chosen]
            move = rng.random(len(batch)) < SHIFTED
            batch = np.where(move[:, None], shift(batch, rng), batch)
            rate = LEARNING_RATE * (1 + np.cos(np.pi * step / steps)) / 2
            step += 1
            for a, m, v, g in zip(
                params, first, second, gradients(layers, batch, labels[chosen]), strict=True
            ):
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                if a.ndim == 2:
                    a -= rate * WEIGHT_DECAY * a
                a -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    return layers


def forward(layers: list[Layer], x: Real) -> list[Real]:
    """`x`, the hidden activations, and last the logits."""
    activations = [x]
    for i, (weight, bias) in enumerate(layers):
        x = x @ weight.T + bias
        if i < len(layers) - 1:
            x = np.maximum(x, 0)
        activations.append(x)
    return activations


def gradients(layers: list[Layer], x: Real, labels: Ints) -> list[Real]:
    """Gradients of the mean cross entropy: weights and biases of each layer in turn."""
    activations = forward(layers, x)
    logits = activations.pop()
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    delta = odds / odds.sum(axis=1, keepdims=True)
    delta[np.arange(len(labels)), labels] -= 1
    delta /= len(labels)
    result: list[Real] = []
    for (weight, _), a in zip(reversed(layers), reversed(activations), strict=True):
        result = [delta.T @ a, delta.sum(axis=0), *result]
        delta = (delta @ weight) * (a > 0)
    return result


def shift(images: Real, rng: np.random.Generator) -> Real:
    """Each 8x8 image moved by -1, 0 or 1 pixel in both directions; what enters is empty."""
    n = len(images)
    padded = np.pad(images.reshape(n, 8, 8), ((0, 0), (1, 1), (1, 1)))
    rows = rng.integers(0, 3, (n, 1)) + np.arange(8)
    cols = rng.integers(0, 3, (n, 1)) + np.arange(8)
    moved: Real = padded[np.arange(n)[:, None, None], rows[:, :, None], cols[:, None, :]]
    return moved.reshape(n, 64)


if __name__ == "__main__":
    sys.exit(main())
