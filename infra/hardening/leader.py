"""LEADER: the same function in about a third of the operators.

Cappelli, Ferrara, "LEADER: Lightweight End-to-End Attention-Gated Dual Autoencoder for Robust
Minutiae Extraction", arXiv 2602.15493, 2026. The packaged graph was converted from TensorFlow and
carries its detours. Rewritten, all by the layers' names:

1. Space-to-batch, convolution, batch-to-space → one dilated convolution.
2. Tile, transpose, reshape → Resize, nearest, by 2.
3. The ten nodes of a tanh-GELU → FastGelu (com.microsoft).
4. Layer normalisation over channels: moments by 1×1 convolutions instead of ReduceMean; centring, scale
   and offset folded into the convolutions before and after where there is one.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from biometrics.errors import ModelCorrupt
from infra.hardening import graph, nodes
from infra.onnx_model import OnnxModel

TOLERANCE = 2e-3  # of position, type and confidence, 0–1
DILATIONS = {"stem0_dilated_conv_1": 2, "stem1_dilated_conv_1": 2, "attention_conv_d3_1": 3, "attention_conv_d6_1": 6}
PREFIX = "functional_1/"
EPSILON = "const_fold_opt__6403"


def harden(original: bytes) -> bytes:
    """Rewrite the packaged model; input `input` (1, H, W, 1) and output `head_conc` (1, H, W, 4) stay.

    Raises:
        ModelCorrupt: the graph does not have the layers that are rewritten.
    """
    model = graph.parse(original)
    values = graph.weights(model)
    try:
        for layer, dilation in DILATIONS.items():
            _dilate(model, values, layer, dilation)
        _join_attention(model)
        _resize(model, values)
        _gelu(model)
        for layer in nodes.layers(model, "_ln_1/add_2:0"):
            _normalize(model, values, layer)
    except KeyError as error:
        raise ModelCorrupt(f"LEADER's graph has no {error}. Take the file that models.toml names.") from error
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    nodes.prune(model)
    return graph.to_bytes(model, values)


def check(original: bytes, hardened: bytes) -> None:
    """Compare the outputs on generated ridges, at two sizes.

    Raises:
        ModelCorrupt: a position, type or confidence differs by over 2e-3, or a direction at a minutia by
            over 2e-3 rad.
    """
    before, after = OnnxModel.from_bytes(original), OnnxModel.from_bytes(hardened)
    for height, width in ((128, 160), (192, 96)):
        ridges = _ridges(height, width)
        expected, actual = before.run(input=ridges)[0], after.run(input=ridges)[0]
        difference = np.abs(expected - actual)
        turn = np.abs((expected[..., 1] - actual[..., 1] + np.pi) % (2 * np.pi) - np.pi)
        worst = max(difference[..., [0, 2]].max(), turn[expected[..., 3] > 0.3].max(initial=0.0))
        if not worst <= TOLERANCE:
            raise ModelCorrupt(f"Hardened LEADER differs from the original by {worst:.2g}.")


def _dilate(model: onnx.ModelProto, values: graph.Weights, layer: str, dilation: int) -> None:
    """Rewrite 1: from the layer's input to its bias, which has the channels first there."""
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
        helper.make_node(
            "Conv",
            [source, conv.input[1], bias],
            [output],
            dilations=[dilation] * 2,
            kernel_shape=[side] * 2,
            pads=[padding] * 4,
        ),
    )
    if layer.startswith("stem"):
        graph.remove_node(model, transposed[0], output)


def _source(model: onnx.ModelProto, layer: str) -> str:
    """What a dilated layer reads: the same as the plain layer beside it."""
    plain = layer.replace("_dilated", "").replace("_d3_", "_d1_").replace("_d6_", "_d1_")
    return str(nodes.maker(model, f"{PREFIX}{plain}/BiasAdd:0").input[0])


def _join_attention(model: onnx.ModelProto) -> None:
    """Rewrite 1, the end: the three attention layers are joined with the channels second."""
    joined = nodes.maker(model, f"{PREFIX}attention_dconc_1/concat:0")
    transposed = nodes.readers(model, joined.output[0])[0]
    inputs = [f"{PREFIX}attention_conv_d{d}_1/Gelu/mul_3:0" for d in (1, 3, 6)]
    node = helper.make_node("Concat", inputs, [transposed.output[0]], axis=1)
    nodes.replace(model, transposed.output[0], node)


def _resize(model: onnx.ModelProto, values: graph.Weights) -> None:
    """Rewrite 2."""
    values["double"] = np.array([1, 1, 2, 2], np.float32)
    for layer in nodes.layers(model, "/Repeat/ExpandDims:0"):
        source = nodes.maker(model, f"{layer}/Repeat/ExpandDims:0").input[0]
        output = nodes.readers(model, f"{layer}/Repeat_1/Reshape_1:0")[0].output[0]
        attributes = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        nodes.replace(model, output, helper.make_node("Resize", [source, "", "double"], [output], **attributes))


def _gelu(model: onnx.ModelProto) -> None:
    """Rewrite 3: x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))."""
    for layer in nodes.layers(model, "/Gelu/mul_3:0"):
        source = nodes.maker(model, f"{layer}/Gelu/mul:0").input[1]
        output = f"{layer}/Gelu/mul_3:0"
        nodes.replace(model, output, helper.make_node("FastGelu", [source], [output], domain="com.microsoft"))


def _normalize(model: onnx.ModelProto, values: graph.Weights, layer: str) -> None:
    """Rewrite 4 of one layer: y = γ (x − mean) / √(variance + ε) + β over channels."""
    name = f"{layer}_ln_1/"
    x, y = nodes.maker(model, f"{name}moments/mean:0").input[0], f"{name}add_2:0"
    gamma = values[nodes.maker(model, f"{name}mul:0").input[1]].reshape(-1).astype(np.float64)
    beta = values[nodes.maker(model, f"{name}add_1:0").input[1]].reshape(-1).astype(np.float64)
    maker, readers = nodes.maker(model, x), [node for node in nodes.readers(model, y) if node.op_type == "Conv"]
    values[f"{name}share"] = np.full((1, len(gamma), 1, 1), 1 / len(gamma), np.float32)
    made: list[onnx.NodeProto] = []
    if maker.op_type == "Conv" and values[maker.input[1]].shape[1] > 1:
        nodes.centre_outputs(values, maker)
    else:
        made += [
            helper.make_node("Conv", [x, f"{name}share"], [f"{name}mean"]),
            helper.make_node("Sub", [x, f"{name}mean"], [f"{name}centred"]),
        ]
        x = f"{name}centred"
    made += _divided_by_deviation(x, name)
    if readers:
        nodes.scale_inputs(values, readers[0], gamma, beta)
    else:
        made += _affine(values, name, gamma, beta)
    made[-1].output[0] = y
    nodes.replace(model, y, *made)


def _divided_by_deviation(x: str, name: str) -> list[onnx.NodeProto]:
    """Make x / √(mean x² + ε), for an x whose mean over channels is zero."""
    return [
        helper.make_node("Mul", [x, x], [f"{name}square"]),
        helper.make_node("Conv", [f"{name}square", f"{name}share"], [f"{name}variance"]),
        helper.make_node("Add", [f"{name}variance", EPSILON], [f"{name}stable"]),
        helper.make_node("Sqrt", [f"{name}stable"], [f"{name}deviation"]),
        helper.make_node("Reciprocal", [f"{name}deviation"], [f"{name}inverse"]),
        helper.make_node("Mul", [x, f"{name}inverse"], [f"{name}scaled"]),
    ]


def _affine(
    values: graph.Weights, name: str, gamma: NDArray[np.float64], beta: NDArray[np.float64]
) -> list[onnx.NodeProto]:
    """γ x + β per channel, as one BatchNormalization of mean 0 and variance 1."""
    values[f"{name}gamma"], values[f"{name}beta"] = gamma.astype(np.float32), beta.astype(np.float32)
    values[f"{name}zero"], values[f"{name}one"] = np.zeros(len(gamma), np.float32), np.ones(len(gamma), np.float32)
    inputs = [f"{name}{part}" for part in ("scaled", "gamma", "beta", "zero", "one")]
    return [helper.make_node("BatchNormalization", inputs, [f"{name}affine"], epsilon=0.0)]


def _ridges(height: int, width: int) -> NDArray[np.float32]:
    """Ridges of a period of 9 px with eight minutiae, and noise: (1, height, width, 1), 0–255.

    A minutia is a turn of the ridges' phase by ±2π around it (Larkin, Fletcher 2007).
    """
    random = np.random.default_rng(0)
    y, x = np.mgrid[:height, :width]
    phase = np.hypot(x - 0.3 * width, y + 0.2 * height) * 2 * np.pi / 9
    for sign, across, down in zip((1, -1) * 4, random.uniform(0.1, 0.9, 8), random.uniform(0.1, 0.9, 8), strict=True):
        phase += sign * np.arctan2(y - down * height, x - across * width)
    picture = np.clip(128 + 90 * np.sin(phase) + random.normal(0, 12, phase.shape), 0, 255)
    return np.asarray(picture[None, :, :, None], np.float32)
