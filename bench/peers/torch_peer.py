# SPDX-License-Identifier: Apache-2.0
"""The peer on NVIDIA machines: torch's int8 product, which is cuBLASLt's on tensor cores."""

from __future__ import annotations

import sys
from typing import Any

import torch

from protocol import Run, serve


def gemm(spec: dict[str, Any]) -> tuple[str, Run]:
    """s8[m, k] by s8[k, n] gives i32, as often as the other side computes it in one run."""
    m, n, k = spec["m"], spec["n"], spec["k"]
    a = torch.randint(-128, 128, (m, k), dtype=torch.int8, device="cuda")
    # Contiguous in k, as ours is.
    b = torch.randint(-128, 128, (n, k), dtype=torch.int8, device="cuda").t()

    def run() -> None:
        for _ in range(spec["repeats"]):
            torch._int_mm(a, b)
        torch.cuda.synchronize()

    return f"torch {torch.__version__} _int_mm (cuBLASLt)", run


if __name__ == "__main__":
    if not torch.cuda.is_available():
        sys.exit("torch sees no CUDA device")
    serve({"gemm": gemm})
