"""LEADER, part 2: layer normalisation, channels in blocks of 8, and merged linear layers.

Convolutions are fastest in onnxruntime's blocked layout (NCHWc, 8 channels a block on AVX2). It holds
from one operator to the next only where the channel counts are multiples of 8.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from infra.models.hardening import graph, nodes
from infra.models.hardening.leader_rewrites.detours import PREFIX

EPSILON = "const_fold_opt__6403"
MICROSOFT = "com.microsoft"
BLOCK = 8
UNEVEN = {"dec1_2": "dec1_3", "dec1_1": "dec1_2", "dec1_0": "dec1_1"}
"""Blocks whose number of input channels is no multiple of 8, each with the block whose output comes first in it."""


def block_channels(model: onnx.ModelProto, values: graph.Weights) -> None:
    """Pad the uneven blocks' channels to multiples of 8.

    The preceding block gets zero output channels, up to a multiple of 8. The uneven part is moved behind the even
    one, so that the zeros come last; all weights over the channels are rolled and padded likewise.
    """
    for layer, before in UNEVEN.items():
        adjust = nodes.maker(model, f"{PREFIX}{before}_conv_adj_1/BiasAdd:0")
        part = len(values[adjust.input[1]])
        for name in adjust.input[1:3]:
            values[name] = _filled(values[name], 0)
        joined = nodes.maker(model, f"{PREFIX}{before}_conc_1/concat:0")
        joined.input[:] = reversed(joined.input)
        depthwise = nodes.maker(model, f"{PREFIX}{layer}_depthwise_conv_1/depthwise:0")
        group = next(each for each in depthwise.attribute if each.name == "group")
        group.i += -group.i % BLOCK
        for name, axis in _over_channels(model, layer):
            values[name] = _filled(np.roll(values[name], -part, axis), axis)
        for name in _affine(model, layer):
            values[name] = np.roll(values[name], -part, 1)


def merge(model: onnx.ModelProto, values: graph.Weights) -> None:
    """Rewrite A (x + R g) as A x + (A R) g, if A has fewer outputs than inputs: R's output is never computed."""
    for layer in nodes.layers(model, "_conv_adj_1/BiasAdd:0"):
        adjust = nodes.maker(model, f"{layer}_conv_adj_1/BiasAdd:0")
        if len(values[adjust.input[1]]) >= values[adjust.input[1]].shape[1]:
            continue
        reduce = nodes.maker(model, f"{layer}_conv_red_1/BiasAdd:0")
        through = next(name for name in nodes.maker(model, adjust.input[0]).input if name != reduce.output[0])
        names = [f"{layer}_merged", f"{layer}_merged_bias"]
        values[names[0]], values[names[1]] = nodes.composed(values, reduce, adjust)
        kept, changed = f"{layer}_kept", f"{layer}_changed"
        nodes.replace(
            model,
            adjust.output[0],
            helper.make_node("Conv", [through, adjust.input[1]], [kept]),
            helper.make_node("Conv", [reduce.input[0], *names], [changed]),
            helper.make_node("Add", [kept, changed], [adjust.output[0]]),
        )


def normalize(model: onnx.ModelProto, values: graph.Weights) -> None:
    """Rewrite γ (x − mean) / √(variance + ε) + β over channels as LayerNormalization with the channels last.

    A Gelu that follows is applied there too.
    """
    values["from_first"], values["last_axis"] = np.array([0], np.int64), np.array([-1], np.int64)
    for layer in nodes.layers(model, "_ln_1/add_2:0"):
        name = f"{layer}_ln_1/"
        y = f"{name}add_2:0"
        made = _normalization(model, values, layer)
        following = nodes.readers(model, y)
        if [node.op_type for node in following] == ["Gelu"]:
            # Not Gelu: onnxruntime would move the Transpose before it, away from the convolution it is fused with.
            made.append(helper.make_node("FastGelu", [made[-1].output[0]], [f"{name}active"], domain=MICROSOFT))
            y = following[0].output[0]
        made.append(helper.make_node("Transpose", [made[-1].output[0]], [y], perm=[0, 3, 1, 2]))
        nodes.replace(model, y, *made)


def _normalization(model: onnx.ModelProto, values: graph.Weights, layer: str) -> list[onnx.NodeProto]:
    """Transpose and LayerNormalization; zero channels, which the mean excludes, are cut off before and padded after."""
    name, block = f"{layer}_ln_1/", layer.removeprefix(PREFIX)
    last, scale, shift, normal = (f"{name}{part}" for part in ("last", "scale", "shift", "normal"))
    for target, source in zip((scale, shift), _affine(model, block), strict=True):
        values[target] = values[source].reshape(-1)
    x, epsilon = nodes.maker(model, f"{name}moments/mean:0").input[0], float(values[EPSILON].item())
    transpose = helper.make_node("Transpose", [x], [last], perm=[0, 2, 3, 1])
    normalize = helper.make_node("LayerNormalization", [last, scale, shift], [normal], epsilon=epsilon)
    if block not in UNEVEN:
        return [transpose, normalize]
    channels, zeros, cut = f"{name}channels", f"{name}zeros", f"{name}cut"
    values[channels] = np.array([values[scale].size], np.int64)
    values[zeros] = np.array([0, -values[scale].size % BLOCK], np.int64)
    normalize.input[0] = cut
    return [
        transpose,
        helper.make_node("Slice", [last, "from_first", channels, "last_axis"], [cut]),
        normalize,
        helper.make_node("Pad", [normal, zeros, "", "last_axis"], [f"{name}padded"]),
    ]


def _over_channels(model: onnx.ModelProto, layer: str) -> list[tuple[str, int]]:
    """Names of a block's weights over its channels, each with the axis of the channels."""
    depthwise = nodes.maker(model, f"{PREFIX}{layer}_depthwise_conv_1/depthwise:0")
    expand, reduce, adjust = (
        nodes.maker(model, f"{PREFIX}{layer}_conv_{step}_1/BiasAdd:0") for step in ("exp", "red", "adj")
    )
    return [
        (depthwise.input[1], 0),
        (expand.input[1], 1),
        (reduce.input[1], 0),
        (reduce.input[2], 0),
        (adjust.input[1], 1),
    ]


def _affine(model: onnx.ModelProto, layer: str) -> tuple[str, str]:
    """Names of a normalisation's γ and β, (1, channels, 1, 1)."""
    name = f"{PREFIX}{layer}_ln_1/"
    return nodes.maker(model, f"{name}mul:0").input[1], nodes.maker(model, f"{name}add_1:0").input[1]


def _filled(weight: NDArray[np.generic], axis: int) -> NDArray[np.generic]:
    """Pad an axis with zeros at its end, up to a multiple of 8."""
    return np.pad(weight, [(0, -size % BLOCK if each == axis else 0) for each, size in enumerate(weight.shape)])
