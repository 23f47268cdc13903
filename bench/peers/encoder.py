# SPDX-License-Identifier: Apache-2.0
"""A transformer encoder as an ONNX model with random weights, quantised as onnxruntime quantises models.

Dynamic: products with constant weights are int8 with scales found at each run; products of two
activations, softmax, normalisation and GELU stay float32. The attention is left in parts, or is
onnxruntime's fused one. Static: all products are int8 between QuantizeLinear and DequantizeLinear
with scales from calibration, which onnxruntime fuses where it has kernels for it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import quantization


@contextmanager
def quantised(spec: dict[str, Any], x: np.ndarray) -> Iterator[dict[str, str]]:
    """Files of the models by the way they were quantised; they last as long as the context."""
    logging.getLogger().setLevel(logging.ERROR)
    weights = quantization.QuantType.QInt8
    with TemporaryDirectory() as folder:
        parts, fused = (
            _prepared(build(spec, f), Path(folder) / f"float{f}") for f in (False, True)
        )
        files = {
            way: str(Path(folder) / f"{way}.onnx")
            for way in ("dynamic", "dynamic, fused attention", "static")
        }
        for source, way in ((parts, "dynamic"), (fused, "dynamic, fused attention")):
            quantization.quantize_dynamic(
                source,
                files[way],
                per_channel=True,
                weight_type=weights,
                # The type behind a fused attention, which ONNX's own shape inference does not know.
                extra_options={"DefaultTensorType": TensorProto.FLOAT},
            )
        quantization.quantize_static(
            parts,
            files["static"],
            _OneBatch(x),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=weights,
        )
        yield files


def _prepared(model: onnx.ModelProto, at: Path) -> str:
    source, prepared = f"{at}.onnx", f"{at}-prepared.onnx"
    onnx.save(model, source)
    # Its optimiser would make Gemm of MatMul and Add; the session optimises what is left anyway.
    quantization.quant_pre_process(
        source, prepared, skip_symbolic_shape=True, skip_optimization=True
    )
    return prepared


class _OneBatch(quantization.CalibrationDataReader):  # type: ignore[misc]
    """One batch to calibrate with: speed does not depend on how good the scales are."""

    def __init__(self, x: np.ndarray) -> None:
        self._batches = iter([{"x": x}])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._batches, None)


def build(spec: dict[str, Any], fused: bool) -> onnx.ModelProto:
    """`float32[batch, tokens, width]` to the same, post-normalised as BERT."""
    batch, tokens, width = spec["batch"], spec["tokens"], spec["width"]
    heads, inner = spec["heads"], spec["inner"]
    random = np.random.RandomState(2)
    nodes: list[onnx.NodeProto] = []
    constants: dict[str, np.ndarray] = {
        "split": np.array([batch, tokens, heads, width // heads], np.int64),
        "join": np.array([batch, tokens, width], np.int64),
        "temper": np.array((width / heads) ** 0.5, np.float32),
        "gamma": np.ones(width, np.float32),
        "beta": np.zeros(width, np.float32),
    }

    def node(kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{kind}{len(nodes)}"
        nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def linear(x: str, source: int, target: int) -> str:
        at = len(nodes)
        constants[f"w{at}"] = random.normal(0, source**-0.5, (source, target)).astype(np.float32)
        constants[f"b{at}"] = random.normal(0, 0.1, target).astype(np.float32)
        return node("Add", node("MatMul", x, f"w{at}"), f"b{at}")

    def by_head(x: str, perm: list[int]) -> str:
        return node("Transpose", node("Reshape", x, "split"), perm=perm)

    def normalised(x: str, residual: str) -> str:
        return node("LayerNormalization", node("Add", x, residual), "gamma", "beta")

    def attention(x: str) -> str:
        q, k, v = (linear(x, width, width) for _ in range(3))
        scores = node("MatMul", by_head(q, [0, 2, 1, 3]), by_head(k, [0, 2, 3, 1]))
        odds = node("Softmax", node("Div", scores, "temper"), axis=-1)
        seen = node("MatMul", odds, by_head(v, [0, 2, 1, 3]))
        return node("Reshape", node("Transpose", seen, perm=[0, 2, 1, 3]), "join")

    def fused_attention(x: str) -> str:
        w, b = f"w{len(nodes)}", f"b{len(nodes)}"
        constants[w] = random.normal(0, width**-0.5, (width, 3 * width)).astype(np.float32)
        constants[b] = random.normal(0, 0.1, 3 * width).astype(np.float32)
        return node("Attention", x, w, b, domain="com.microsoft", num_heads=heads)

    x = "x"
    for _ in range(spec["layers"]):
        seen = fused_attention(x) if fused else attention(x)
        x = normalised(linear(seen, width, width), x)
        hidden = node("Gelu", linear(x, width, inner))
        x = normalised(linear(hidden, inner, width), x)
    nodes[-1].output[0] = "y"

    shape = [batch, tokens, width]
    graph = helper.make_graph(
        nodes,
        "encoder",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)
