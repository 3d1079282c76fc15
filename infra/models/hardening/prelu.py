"""PRelu as a rectifier beside a scaled copy: operators that onnxruntime keeps in its blocked layout and vectorises.

For a slope a ≤ 1, a·x and x being what is returned below and above 0,

    PRelu(x) = relu((1 − a)·x) + a·x = relu(x') + a / (1 − a) · x'   with x' = (1 − a)·x,

and the factor 1 − a goes into the Conv that makes x. For a > 1 the function is concave: −PRelu(x) is written
that way, and the minus goes into the weights of what reads it.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from infra.models.hardening.graph import Weights
from infra.models.hardening.nodes import maker, readers, replace

LEAST_FACTOR = 1e-3  # of 1 − a: a slope of 1 is taken as 0.999 or 1.001

Floats = NDArray[np.float64]


def replace_prelu(model: onnx.ModelProto, values: Weights) -> None:
    """Rewrite every PRelu with one slope per channel, between a Conv that only it reads and one Conv or none.

    A channel of a slope above 1 needs a Conv after it; where there is none, that PRelu stays.
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
    """Multiply what each output channel of a Conv with a bias comes to."""
    weight, bias = conv.input[1:3]
    for name, shape in ((weight, (-1, 1, 1, 1)), (bias, (-1,))):
        _scale(values, name, factor.reshape(shape))


def _scale_inputs(conv: onnx.NodeProto, values: Weights, factor: Floats) -> None:
    """Multiply what each input channel of a Conv, depthwise or with all channels, is weighted by."""
    depthwise = values[conv.input[1]].shape[1] == 1
    _scale(values, conv.input[1], factor.reshape((-1, 1, 1, 1) if depthwise else (1, -1, 1, 1)))


def _scale(values: Weights, name: str, factor: Floats) -> None:
    """In float64, rounded once."""
    values[name] = (values[name].astype(np.float64) * factor).astype(np.float32)
