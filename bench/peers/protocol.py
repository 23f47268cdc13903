# SPDX-License-Identifier: Apache-2.0
"""How the benchmark talks with a peer: JSON, one line a message, over stdin and stdout.

    {"prepare": {"kind": "gemm", "m": 512, ..}}   ->  {"name": "..."} or {"refused": "why"}
    {"run": 1}                                    ->  {"seconds": 0.0012}

One repetition a request, so that the benchmark can interleave them with its own. Every case has `repeats`, the
computations of one repetition, and on CPUs `threads`, those of the benchmark's own engine.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

Run = Callable[[], Any]
"""One repetition; it returns when the result is there."""


def serve(kinds: dict[str, Callable[[dict[str, Any]], tuple[str, Run]]]) -> None:
    """Answers until stdin ends. Each of `kinds` prepares a case: the peer's name, and what to time."""
    answers, sys.stdout = sys.stdout, sys.stderr
    run: Run | None = None
    for line in sys.stdin:
        message = json.loads(line)
        if "prepare" in message:
            # What the last case held is dropped before the next is made.
            run = None
            answer, run = _prepare(kinds, message["prepare"])
        elif run is None:
            answer = {"refused": "nothing is prepared"}
        else:
            start = time.perf_counter()
            run()
            answer = {"seconds": time.perf_counter() - start}
        print(json.dumps(answer), file=answers, flush=True)


def _prepare(
    kinds: dict[str, Callable[[dict[str, Any]], tuple[str, Run]]], spec: dict[str, Any]
) -> tuple[dict[str, Any], Run | None]:
    prepare = kinds.get(spec["kind"])
    if prepare is None:
        return {"refused": f"does no {spec['kind']}"}, None
    try:
        name, run = prepare(spec)
        run()
    except Exception as error:  # noqa: BLE001 - a peer that cannot do a case must not end the benchmark
        return {"refused": f"{type(error).__name__}: {error}"}, None
    return {"name": name}, run
