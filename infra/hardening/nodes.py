"""Finding and replacing nodes by the tensors they make, and folding arithmetic into convolutions."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray

from infra.hardening.graph import Weights


def layers(model: onnx.ModelProto, suffix: str) -> list[str]:
    """Names of the layers that have a tensor with this suffix."""
    outputs = [node.output[0] for node in model.graph.node if node.output[0].endswith(suffix)]
    return [output.removesuffix(suffix) for output in outputs]


def maker(model: onnx.ModelProto, output: str) -> onnx.NodeProto:
    """The node that makes a tensor; KeyError where none does."""
    for node in model.graph.node:
        if output in node.output:
            return node
    raise KeyError(output)


def readers(model: onnx.ModelProto, tensor: str) -> list[onnx.NodeProto]:
    """The nodes that read a tensor."""
    return [node for node in model.graph.node if tensor in node.input]


def replace(model: onnx.ModelProto, output: str, *nodes: onnx.NodeProto) -> None:
    """Put nodes in the place of the one that makes `output`."""
    place = list(model.graph.node).index(maker(model, output))
    del model.graph.node[place]
    for offset, node in enumerate(nodes):
        model.graph.node.insert(place + offset, node)


def prune(model: onnx.ModelProto) -> None:
    """Take out every node whose outputs nobody reads, from the end to the start."""
    used = {value.name for value in model.graph.output}
    kept = []
    for node in reversed(model.graph.node):
        if used.intersection(node.output):
            used.update(node.input)
            kept.append(node)
    del model.graph.node[:]
    model.graph.node.extend(reversed(kept))


def centre_outputs(values: Weights, conv: onnx.NodeProto) -> None:
    """Take the mean over output channels off a convolution's weights and bias."""
    for name in conv.input[1:3]:
        weight = values[name].astype(np.float64)
        values[name] = (weight - _sum(weight)[None] / len(weight)).astype(np.float32)


def scale_inputs(values: Weights, conv: onnx.NodeProto, gamma: NDArray[np.float64], beta: NDArray[np.float64]) -> None:
    """W (γ x + β) + b = (W γ) x + (W β + b), for a 1×1 convolution."""
    weight, bias = (values[name].astype(np.float64) for name in conv.input[1:3])
    values[conv.input[1]] = (weight * gamma[None, :, None, None]).astype(np.float32)
    values[conv.input[2]] = (_sum((weight[:, :, 0, 0] * beta).T) + bias).astype(np.float32)


def _sum(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over the first axis, one after the other, so the same on every machine."""
    return np.asarray(np.cumsum(values, axis=0)[-1])
