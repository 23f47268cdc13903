# SPDX-License-Identifier: Apache-2.0
"""The peer on CPUs: onnxruntime, on as many threads as the other side, with int8 models of the same shapes.

Activations are uint8 and weights int8: that is the path that its kernels are made for.
"""

from __future__ import annotations

import itertools
import sys
import time
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

import encoder
from protocol import Run, serve

NAME = f"onnxruntime {ort.__version__}"
RANDOM = np.random.RandomState(1)
ZERO = 128
"""What stands for 0 in an unsigned activation."""


def session(spec: dict[str, Any], model: onnx.ModelProto | str) -> ort.InferenceSession:
    """A session with `spec["threads"]` threads, which do not go on spinning while the other side is measured."""
    options = ort.SessionOptions()
    # The calling thread is one of them. Without this there would be one for each physical core.
    options.intra_op_num_threads = spec["threads"]
    options.log_severity_level = 3
    options.add_session_config_entry("session.force_spinning_stop", "1")
    source = model if isinstance(model, str) else model.SerializeToString()
    return ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def model(
    nodes: list[onnx.NodeProto],
    constants: dict[str, Any],
    x: tuple[int, list[int]],
    result: int,
) -> onnx.ModelProto:
    """A model from input `x` to output `y`."""
    graph = helper.make_graph(
        nodes,
        "case",
        [helper.make_tensor_value_info("x", *x)],
        [helper.make_tensor_value_info("y", result, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def bytes_(*dims: int) -> np.ndarray:
    """Random activations."""
    return RANDOM.randint(0, 256, dims).astype(np.uint8)


def weights(*dims: int) -> np.ndarray:
    """Random weights."""
    return RANDOM.randint(-127, 128, dims).astype(np.int8)


def gemm(spec: dict[str, Any]) -> tuple[str, Run]:
    """u8[m, k] by s8[k, n] gives i32; the right side is a constant, so that it is packed once."""
    m, n, k = spec["m"], spec["n"], spec["k"]
    node = helper.make_node("MatMulInteger", ["x", "w", "zero"], ["y"])
    constants = {"w": weights(k, n), "zero": np.uint8(ZERO)}
    source = (TensorProto.UINT8, [m, k])
    s = session(spec, model([node], constants, source, TensorProto.INT32))
    x = bytes_(m, k)
    return f"{NAME} MatMulInteger u8s8", lambda: s.run(None, {"x": x})


def conv(spec: dict[str, Any]) -> tuple[str, Run]:
    """NHWC convolution with bias, requantised to u8 with a scale a channel."""
    h, w, c, o = spec["h"], spec["w"], spec["c"], spec["o"]
    size, stride, groups = spec["size"], spec["stride"], spec["groups"]
    pad = spec["pad"]
    inputs = ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "bias"]
    node = helper.make_node(
        "QLinearConv",
        inputs,
        ["y"],
        domain="com.microsoft",
        channels_last=1,
        kernel_shape=[size, size],
        strides=[stride, stride],
        pads=pad,
        group=groups,
    )
    terms = size * size * c // groups
    constants = {
        "xs": np.float32(1),
        "xz": np.uint8(ZERO),
        "w": weights(o, c // groups, size, size),
        "ws": np.full(o, 0.01 / terms**0.5, np.float32),
        "wz": np.zeros(o, np.int8),
        "ys": np.float32(1),
        "yz": np.uint8(ZERO),
        "bias": RANDOM.randint(-1000, 1000, o).astype(np.int32),
    }
    source = (TensorProto.UINT8, [1, h, w, c])
    s = session(spec, model([node], constants, source, TensorProto.UINT8))
    x = bytes_(1, h, w, c)
    return f"{NAME} QLinearConv u8s8 NHWC", lambda: s.run(None, {"x": x})


def digits(spec: dict[str, Any]) -> tuple[str, Run]:
    """The multi-layer perceptron of examples/digits: QGemm, then ArgMax. Saturation at 0 rectifies."""
    layers = spec["layers"]
    nodes, constants, x = [], {"one": np.float32(1), "zero": np.uint8(0)}, "x"
    for i, (inputs, outputs) in enumerate(itertools.pairwise(layers)):
        constants[f"w{i}"] = weights(outputs, inputs)
        constants[f"s{i}"] = np.full(outputs, 0.01, np.float32)
        constants[f"z{i}"] = np.zeros(outputs, np.int8)
        constants[f"b{i}"] = RANDOM.randint(-1000, 1000, outputs).astype(np.int32)
        operands = [x, "one", "zero", f"w{i}", f"s{i}", f"z{i}", f"b{i}", "one", "zero"]
        x = f"h{i}"
        nodes.append(helper.make_node("QGemm", operands, [x], domain="com.microsoft", transB=1))
    nodes.append(helper.make_node("ArgMax", [x], ["y"], axis=1))
    source = (TensorProto.UINT8, [spec["batch"], layers[0]])
    s = session(spec, model(nodes, constants, source, TensorProto.INT64))
    images = bytes_(spec["batch"], layers[0])
    return f"{NAME} QGemm u8s8", lambda: s.run(None, {"x": images})


def transformer(spec: dict[str, Any]) -> tuple[str, Run]:
    """An encoder, quantised in each way that there is; the fastest is the peer."""
    shape = [spec["batch"], spec["tokens"], spec["width"]]
    x = RANDOM.standard_normal(shape).astype(np.float32)
    best: tuple[float, str, Run] | None = None
    with encoder.quantised(spec, x) as files:
        for way, file in files.items():
            s = session(spec, file)
            seconds = min(_timed(s, x) for _ in range(3))
            print(f"{way}: {seconds:.4f} s", file=sys.stderr)
            if best is None or seconds < best[0]:
                best = (seconds, way, lambda s=s: s.run(None, {"x": x}))
    if best is None:
        raise RuntimeError("no model was made")
    return f"{NAME} {best[1]}", best[2]


def _timed(s: ort.InferenceSession, x: np.ndarray) -> float:
    start = time.perf_counter()
    s.run(None, {"x": x})
    return time.perf_counter() - start


if __name__ == "__main__":
    serve({"gemm": gemm, "conv": conv, "digits": digits, "encoder": transformer})
