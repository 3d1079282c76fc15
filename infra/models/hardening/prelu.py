"""Rewrites PRelu as Relu plus a scaled copy: operators that onnxruntime keeps in its blocked layout and vectorises.

PRelu returns a·x below 0 and x above. For a slope a ≤ 1

    PRelu(x) = relu((1 − a)·x) + a·x = relu(x') + a / (1 − a) · x'   with x' = (1 − a)·x,

and the factor 1 − a is folded into the Conv that makes x. For a > 1 the function is concave: −PRelu(x) is written
that way, and the sign is folded into the weights of the next Conv.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from infra.models.hardening.graph import Weights
from infra.models.hardening.nodes import maker, readers, replace

LEAST_FACTOR = 1e-3  # of |1 − a|: a slope of 1 is treated as 0.999 or 1.001

Floats = NDArray[np.float64]


def replace_prelu(model: onnx.ModelProto, values: Weights) -> None:
    """Rewrite every PRelu with one slope per channel whose input is a Conv that nothing else reads.

    A slope above 1 also needs one Conv as the only reader of the output; without it, that PRelu stays.
    """
    for node in [each for each in model.graph.node if each.op_type == "PRelu"]:
        conv, after = maker(model, node.input[0]), readers(model, node.output[0])
        slopes = values[node.input[1]].astype(np.float64).ravel()
        sign = np.where(slopes > 1, -1.0, 1.0)
        follows = len(after) == 1 and after[0].op_type == "Conv"
        if conv.op_type != "Conv" or len(readers(model, conv.output[0])) != 1 or not (follows or (sign > 0).all()):
            continue
        factor = np.maximum(np.abs(1 - slopes), LEAST_FACTOR)
        _scale_outputs(conv, values, factor)
        if follows:
            _scale_inputs(after[0], values, sign)
        scale = f"{node.output[0]}_scale"
        values[scale] = (sign * slopes / factor).astype(np.float32).reshape(-1, 1, 1)
        replace(model, node.output[0], *_nodes(node.input[0], scale, node.output[0]))


def _nodes(x: str, scale: str, output: str) -> tuple[onnx.NodeProto, ...]:
    return (
        helper.make_node("Relu", [x], [f"{output}_above"]),
        helper.make_node("Mul", [x, scale], [f"{output}_below"]),
        helper.make_node("Add", [f"{output}_below", f"{output}_above"], [output]),
    )


def _scale_outputs(conv: onnx.NodeProto, values: Weights, factor: Floats) -> None:
    """Multiply each output channel of a Conv, weights and bias, by a factor."""
    weight, bias = conv.input[1:3]
    for name, shape in ((weight, (-1, 1, 1, 1)), (bias, (-1,))):
        _scale(values, name, factor.reshape(shape))


def _scale_inputs(conv: onnx.NodeProto, values: Weights, factor: Floats) -> None:
    """Multiply the weights of each input channel of a Conv, depthwise or full, by a factor."""
    depthwise = values[conv.input[1]].shape[1] == 1
    _scale(values, conv.input[1], factor.reshape((-1, 1, 1, 1) if depthwise else (1, -1, 1, 1)))


def _scale(values: Weights, name: str, factor: Floats) -> None:
    """Multiply in float64, rounded once."""
    values[name] = (values[name].astype(np.float64) * factor).astype(np.float32)
