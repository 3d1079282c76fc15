"""Finds and replaces nodes by the tensors they make, and folds arithmetic into convolutions."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray

from infra.models.hardening.graph import Weights


def layers(model: onnx.ModelProto, suffix: str) -> list[str]:
    """Names of the layers that have a tensor with this suffix."""
    outputs = [node.output[0] for node in model.graph.node if node.output[0].endswith(suffix)]
    return [output.removesuffix(suffix) for output in outputs]


def maker(model: onnx.ModelProto, output: str) -> onnx.NodeProto:
    """The node that makes a tensor; raises KeyError if none does."""
    for node in model.graph.node:
        if output in node.output:
            return node
    raise KeyError(output)


def readers(model: onnx.ModelProto, tensor: str) -> list[onnx.NodeProto]:
    """The nodes that read a tensor."""
    return [node for node in model.graph.node if tensor in node.input]


def replace(model: onnx.ModelProto, output: str, *nodes: onnx.NodeProto) -> None:
    """Replace the node that makes `output` by these nodes."""
    place = list(model.graph.node).index(maker(model, output))
    del model.graph.node[place]
    for offset, node in enumerate(nodes):
        model.graph.node.insert(place + offset, node)


def prune(model: onnx.ModelProto) -> None:
    """Remove nodes whose outputs are not read, and sort the rest so that each follows the nodes it reads."""
    makers = {output: node for node in model.graph.node for output in node.output}
    kept: list[onnx.NodeProto] = []
    done: set[str] = set()
    open_names = [value.name for value in model.graph.output]
    while open_names:
        node = makers.get(open_names[-1])
        missing = [name for name in node.input if name in makers and name not in done] if node else []
        if missing:
            open_names += missing
            continue
        if node and open_names[-1] not in done:
            kept.append(node)
            done.update(node.output)
        open_names.pop()
    del model.graph.node[:]
    model.graph.node.extend(kept)


def composed(
    values: Weights, first: onnx.NodeProto, second: onnx.NodeProto
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weight and bias of two successive 1×1 convolutions as one: V (W x + b) + c = (V W) x + (V b + c).

    Summed in float64 in a fixed order, so the result is the same on every machine.
    """
    inner, inner_bias, outer, outer_bias = (
        values[name].astype(np.float64) for node in (first, second) for name in node.input[1:3]
    )
    weight, bias = np.zeros((len(outer), *inner.shape[1:])), outer_bias
    for column, row, number in zip(outer[:, :, 0, 0].T, inner, inner_bias, strict=True):
        weight += column[:, None, None, None] * row
        bias = bias + column * number
    return weight.astype(np.float32), bias.astype(np.float32)
