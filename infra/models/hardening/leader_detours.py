"""LEADER, first part: what the conversion from TensorFlow wrote in many operators, in one."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper

from infra.models.hardening import graph, nodes

PREFIX = "functional_1/"
DILATIONS = {"stem0_dilated_conv_1": 2, "stem1_dilated_conv_1": 2, "attention_conv_d3_1": 3, "attention_conv_d6_1": 6}


def remove(model: onnx.ModelProto, values: graph.Weights) -> None:
    """Do all three rewrites; KeyError where a layer is missing."""
    for layer, dilation in DILATIONS.items():
        _dilate(model, values, layer, dilation)
    _join_attention(model)
    _resize(model, values)
    _gelu(model)
    nodes.prune(model)


def _dilate(model: onnx.ModelProto, values: graph.Weights, layer: str, dilation: int) -> None:
    """Space-to-batch, convolution, batch-to-space = one dilated convolution, with the channels second."""
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
    """What a dilated layer reads: the same as the plain layer beside it."""
    plain = layer.replace("_dilated", "").replace("_d3_", "_d1_").replace("_d6_", "_d1_")
    return str(nodes.maker(model, f"{PREFIX}{plain}/BiasAdd:0").input[0])


def _join_attention(model: onnx.ModelProto) -> None:
    """Join the three attention layers with the channels second, as the dilated ones now have them."""
    joined = nodes.maker(model, f"{PREFIX}attention_dconc_1/concat:0")
    transposed = nodes.readers(model, joined.output[0])[0]
    inputs = [f"{PREFIX}attention_conv_d{d}_1/Gelu/mul_3:0" for d in (1, 3, 6)]
    node = helper.make_node("Concat", inputs, [transposed.output[0]], axis=1)
    nodes.replace(model, transposed.output[0], node)


def _resize(model: onnx.ModelProto, values: graph.Weights) -> None:
    """Tile, transpose, reshape = Resize, nearest, by 2."""
    values["double"] = np.array([1, 1, 2, 2], np.float32)
    for layer in nodes.layers(model, "/Repeat/ExpandDims:0"):
        source = nodes.maker(model, f"{layer}/Repeat/ExpandDims:0").input[0]
        output = nodes.readers(model, f"{layer}/Repeat_1/Reshape_1:0")[0].output[0]
        attributes = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        nodes.replace(model, output, helper.make_node("Resize", [source, "", "double"], [output], **attributes))


def _gelu(model: onnx.ModelProto) -> None:
    """x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))) = Gelu with approximate="tanh" (ONNX operators, version 20).

    onnxruntime keeps its blocked channel layout through this operator, and not through its own FastGelu.
    """
    for layer in nodes.layers(model, "/Gelu/mul_3:0"):
        source = nodes.maker(model, f"{layer}/Gelu/mul:0").input[1]
        output = f"{layer}/Gelu/mul_3:0"
        nodes.replace(model, output, helper.make_node("Gelu", [source], [output], approximate="tanh"))
