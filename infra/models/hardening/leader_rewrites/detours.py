"""LEADER, part 1: replaces operator chains that the conversion from TensorFlow wrote by single operators."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper

from infra.models.hardening import graph, nodes

PREFIX = "functional_1/"
DILATIONS = {"stem0_dilated_conv_1": 2, "stem1_dilated_conv_1": 2, "attention_conv_d3_1": 3, "attention_conv_d6_1": 6}


def remove(model: onnx.ModelProto, values: graph.Weights) -> None:
    """Do all rewrites in place; raises KeyError if a layer is missing."""
    for layer, dilation in DILATIONS.items():
        _dilate(model, values, layer, dilation)
    _join_attention(model)
    _resize(model, values)
    _gelu(model)
    nodes.prune(model)


def _dilate(model: onnx.ModelProto, values: graph.Weights, layer: str, dilation: int) -> None:
    """Rewrite space-to-batch, convolution, batch-to-space as one dilated convolution, channels in the second axis."""
    conv = nodes.maker(model, f"{PREFIX}{layer}/convolution:0")
    biased = nodes.maker(model, f"{PREFIX}{layer}/BiasAdd:0")
    bias = f"{layer}_bias"
    values[bias] = values[biased.input[1]].reshape(-1)
    source = _source(model, layer)
    side = values[conv.input[1]].shape[2]
    padding = dilation * (side - 1) // 2
    output = biased.output[0]
    transposed = [node for node in nodes.readers(model, output) if node.op_type == "Transpose"]
    nodes.replace(
        model,
        output,
        helper.make_node("Conv", [source, conv.input[1], bias], [output], dilations=[dilation] * 2, pads=[padding] * 4),
    )
    if layer.startswith("stem"):
        graph.remove_node(model, transposed[0], output)


def _source(model: onnx.ModelProto, layer: str) -> str:
    """The input of a dilated layer: that of the parallel plain layer."""
    plain = layer.replace("_dilated", "").replace("_d3_", "_d1_").replace("_d6_", "_d1_")
    return str(nodes.maker(model, f"{PREFIX}{plain}/BiasAdd:0").input[0])


def _join_attention(model: onnx.ModelProto) -> None:
    """Concatenate the three attention layers with channels in the second axis, as the dilated ones now have them."""
    joined = nodes.maker(model, f"{PREFIX}attention_dconc_1/concat:0")
    transposed = nodes.readers(model, joined.output[0])[0]
    inputs = [f"{PREFIX}attention_conv_d{d}_1/Gelu/mul_3:0" for d in (1, 3, 6)]
    node = helper.make_node("Concat", inputs, [transposed.output[0]], axis=1)
    nodes.replace(model, transposed.output[0], node)


def _resize(model: onnx.ModelProto, values: graph.Weights) -> None:
    """Rewrite tile, transpose, reshape as Resize, nearest, by 2."""
    values["double"] = np.array([1, 1, 2, 2], np.float32)
    for layer in nodes.layers(model, "/Repeat/ExpandDims:0"):
        source = nodes.maker(model, f"{layer}/Repeat/ExpandDims:0").input[0]
        output = nodes.readers(model, f"{layer}/Repeat_1/Reshape_1:0")[0].output[0]
        attributes = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        nodes.replace(model, output, helper.make_node("Resize", [source, "", "double"], [output], **attributes))


def _gelu(model: onnx.ModelProto) -> None:
    """Rewrite x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))) as Gelu, approximate="tanh" (ONNX operators, version 20).

    onnxruntime keeps its blocked channel layout through this operator, but not through its own FastGelu.
    """
    for layer in nodes.layers(model, "/Gelu/mul_3:0"):
        source = nodes.maker(model, f"{layer}/Gelu/mul:0").input[1]
        output = f"{layer}/Gelu/mul_3:0"
        nodes.replace(model, output, helper.make_node("Gelu", [source], [output], approximate="tanh"))
