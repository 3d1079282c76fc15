"""LEADER, part 4: computes the widest layers in strips of rows that fit into the processor's cache."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper

from infra.models.hardening import graph, nodes
from infra.models.hardening.leader_rewrites.detours import DILATIONS, PREFIX

STRIPS = 8  # the picture's sides are multiples of 32 px
WIDE = ("enc1_0", "head_0_ibc", "dec1_0")
"""Blocks with 15–38 MB between their two 1×1 convolutions, at 384 × 384 px."""
PICTURE = f"{PREFIX}stem1_conv_1/BiasAdd__158:0"
POOLED = (f"{PREFIX}stem0_mp_1/MaxPool2d:0", f"{PREFIX}stem1_ap_1/AvgPool:0")
HALO = 4  # rows that the stems' dilated convolutions reach up and down


def cut(model: onnx.ModelProto, values: graph.Weights) -> None:
    """Split the rows before each wide part and concatenate them after it."""
    for layer in (f"{PREFIX}{name}" for name in WIDE):
        start, end = f"{layer}_ln_1/last", f"{layer}_changed"
        strips = [f"{start}_{strip}" for strip in range(STRIPS)]
        split = helper.make_node("Split", [start], strips, axis=1, num_outputs=STRIPS)
        model.graph.node.append(split)
        _copy_between(model, start, end)
    _pad_first(model, values)
    model.graph.node.extend(_overlapping_strips(values))
    for end in POOLED:
        _copy_between(model, "padded", end)


def _copy_between(model: onnx.ModelProto, start: str, end: str) -> None:
    """Copy the nodes from one tensor to another for each strip, and concatenate the strips' results."""
    part = _between(model, start, end)
    inner = {start, *(node.output[0] for node in part)}
    for strip in range(STRIPS):
        for node in part:
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            copy.ClearField("name")
            copy.input[:] = [f"{name}_{strip}" if name in inner else name for name in node.input]
            copy.output[0] = f"{node.output[0]}_{strip}"
            model.graph.node.append(copy)
    nodes.replace(model, end, helper.make_node("Concat", [f"{end}_{strip}" for strip in range(STRIPS)], [end], axis=2))


def _between(model: onnx.ModelProto, start: str, end: str) -> list[onnx.NodeProto]:
    """The nodes that compute `end` from `start`."""
    part: list[onnx.NodeProto] = []
    makers = {node.output[0]: node for node in model.graph.node}
    wanted = [end]
    while wanted:
        name = wanted.pop()
        if name != start and name in makers:
            part.append(makers.pop(name))
            wanted += part[-1].input
    return part


def _pad_first(model: onnx.ModelProto, values: graph.Weights) -> None:
    """Pad the picture's rows once instead of in each of the four stem convolutions."""
    values["halo_pads"] = np.array([HALO, HALO], np.int64)
    values["half_halo"], values["minus_half_halo"] = (np.array([sign * HALO // 2], np.int64) for sign in (1, -1))
    for node in nodes.readers(model, PICTURE):
        layer = node.output[0].removeprefix(PREFIX).removesuffix("/BiasAdd:0")
        dilation = DILATIONS.get(layer, 1)
        across = 2 * dilation
        node.input[0] = "padded" if across == HALO else "padded_by_half"
        del node.attribute[:]
        pads = [0, across, 0, across]
        node.attribute.extend(helper.make_attribute(*pair) for pair in (("pads", pads), ("dilations", [dilation] * 2)))
    model.graph.node.extend(
        [
            helper.make_node("Pad", [PICTURE, "halo_pads", "", "row_axis"], ["padded"]),
            helper.make_node("Slice", ["padded", "half_halo", "minus_half_halo", "row_axis"], ["padded_by_half"]),
        ]
    )


def _overlapping_strips(values: graph.Weights) -> list[onnx.NodeProto]:
    """Nodes for strips of the padded image, each with the rows above and below that the convolutions reach."""
    node = helper.make_node
    values["row_axis"] = np.array([2], np.int64)
    values["strips"], values["halos"] = np.array([STRIPS], np.int64), np.array([2 * HALO], np.int64)
    made = [
        node("Shape", [PICTURE], ["rows"], start=2, end=3),
        node("Div", ["rows", "strips"], ["strip_rows"]),
        node("Add", ["strip_rows", "halos"], ["padded_rows"]),
    ]
    for strip in range(STRIPS):
        values[f"strip_{strip}"] = np.array([strip], np.int64)
        start, end = f"start_{strip}", f"end_{strip}"
        made += [
            node("Mul", ["strip_rows", f"strip_{strip}"], [start]),
            node("Add", [start, "padded_rows"], [end]),
            node("Slice", ["padded", start, end, "row_axis"], [f"padded_{strip}"]),
        ]
    return made
