"""Makes an ONNX graph of dlib's face network: normalisations and the scaling of pixels folded into the convolutions.

He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016; King, "High Quality Face Recognition
with Deep Metric Learning", dlib's blog, 2017. The network has 29 convolutions, without padding where the stride is 2:

1. A convolution of 7×7 with stride 2, max(x, 0), then the largest of 3×3 with stride 2.
2. 14 blocks: a convolution of 3×3, max(x, 0), a convolution of 3×3, plus the block's input, max(x, 0). Where the first
   has stride 2, the means of 2×2 of the input are added instead. Channels that these lack are zeros; so are the rows
   below and columns on the right that the convolutions' output lacks.
3. The mean of each channel, times a matrix.
"""

from __future__ import annotations

from math import fsum
from typing import Any

import numpy as np
import onnx
from onnx import helper

from biometrics.errors import ModelCorrupt
from infra.models.hardening import graph
from infra.models.hardening.dlib.file import DIMENSIONS, MEANS, SCALE, SIDE_PX, Layer, Numbers, Weights, read
from infra.models.hardening.dlib.forward import forward
from infra.models.onnx_model import OnnxModel

TOLERANCE = 1e-5
"""Largest difference of a number of the output, as a share of the output's length; 3e-7 was seen."""


def harden(original: bytes) -> bytes:
    """Turn dlib's file into an ONNX graph.

    Returns:
        A model with input `data` (n, 3, 150, 150) float32 RGB 0–255 and output `embedding` (n, 128), not of length 1.

    Raises:
        ModelCorrupt: not dlib's file.
    """
    return _Graph(read(original)).to_bytes()


def check(original: bytes, hardened: bytes) -> None:
    """Compare the output for generated pictures with that of the layers computed one by one (dlib/forward.py).

    Raises:
        ModelCorrupt: a number differs by more than 1e-5 of the output's length.
    """
    weights, pictures = read(original), _pictures()
    expected = np.stack([forward(weights, picture) for picture in pictures])
    actual = OnnxModel.from_bytes(hardened).run(data=pictures)[0]
    difference = float(np.max(np.abs(actual - expected) / np.linalg.norm(expected, axis=1, keepdims=True)))
    if not difference <= TOLERANCE:
        raise ModelCorrupt(f"dlib's hardened network differs from the original: by {difference:.2g} of its length.")


class _Graph:
    """The graph while it is made, node after node."""

    def __init__(self, weights: Weights) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._values: graph.Weights = {}
        last = self._convolved("data", _scaled(weights.first), "first")
        last = self._add(
            "MaxPool", [self._add("Relu", [last], "first_relu")], "pooled", kernel_shape=[3, 3], strides=[2, 2]
        )
        side = 35
        for number, block in enumerate(weights.blocks):
            last, side = self._block(last, block, side, f"block{number}")
        mean = self._add("Flatten", [self._add("GlobalAveragePool", [last], "means")], "flat")
        self._values["matrix"] = weights.matrix
        self._add("MatMul", [mean, "matrix"], "embedding")

    def to_bytes(self) -> bytes:
        """The model, serialised."""
        tensor, kind = helper.make_tensor_value_info, onnx.TensorProto.FLOAT
        inputs = [tensor("data", kind, ["n", 3, SIDE_PX, SIDE_PX])]
        made = helper.make_graph(self._nodes, "dlib-face", inputs, [tensor("embedding", kind, ["n", DIMENSIONS])])
        return graph.to_bytes(helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)]), self._values)

    def _block(self, source: str, layers: tuple[Layer, Layer], side: int, name: str) -> tuple[str, int]:
        """Add a block; returns its output and that one's side."""
        first, second = layers
        inner = self._add("Relu", [self._convolved(source, first, f"{name}_a")], f"{name}_a_relu")
        own, shortcut = self._convolved(inner, second, f"{name}_b"), source
        if first.stride == 2:
            own_side, side = (side - 3) // 2 + 1, side // 2
            own = self._padded(own, 0, side - own_side, f"{name}_b_padded")
            means = self._add("AveragePool", [source], f"{name}_means", kernel_shape=[2, 2], strides=[2, 2])
            shortcut = self._padded(means, len(first.weight) - first.weight.shape[1], 0, f"{name}_shortcut")
        return self._add("Relu", [self._add("Add", [own, shortcut], f"{name}_sum")], f"{name}_relu"), side

    def _convolved(self, source: str, layer: Layer, name: str) -> str:
        """γ · (W x + b) + β as one convolution, in float64, rounded once."""
        gamma, beta, bias = (each.astype(np.float64) for each in (layer.gamma, layer.beta, layer.bias))
        weight = layer.weight.astype(np.float64) * gamma[:, None, None, None]
        self._values[f"{name}_weight"] = weight.astype(np.float32)
        self._values[f"{name}_bias"] = (gamma * bias + beta).astype(np.float32)
        edge, side = 0 if layer.stride == 2 else 1, layer.weight.shape[2]
        inputs = [source, f"{name}_weight", f"{name}_bias"]
        return self._add("Conv", inputs, name, kernel_shape=[side, side], strides=[layer.stride] * 2, pads=[edge] * 4)

    def _padded(self, source: str, channels: int, pixels: int, name: str) -> str:
        """Zeros as further channels, and right and below; `source` itself if there is nothing to add."""
        if not channels and not pixels:
            return source
        self._values[f"{name}_by"] = np.array([0, 0, 0, 0, 0, channels, pixels, pixels], np.int64)
        return self._add("Pad", [source, f"{name}_by"], name)

    def _add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output


def _scaled(layer: Layer) -> Layer:
    """The layer that takes pixels 0–255 as they are: W (x − m) / s + b = (W / s) x + (b − Σ W m / s)."""
    weight, means = layer.weight.astype(np.float64) / SCALE, np.array(MEANS)[:, None, None]
    bias = [float(own) - fsum((each * means).ravel()) for own, each in zip(layer.bias, weight, strict=True)]
    # in float64, so that `_convolved` rounds once
    return layer._replace(weight=weight, bias=np.array(bias))  # type: ignore[arg-type]


def _pictures() -> Numbers:
    """Noise at four scales, coarse to fine: (4, 3, 150, 150), 0–255."""
    random = np.random.default_rng(0)
    tiles = [random.uniform(0, 255, (3, SIDE_PX // block, SIDE_PX // block)) for block in (25, 10, 5, 1)]
    return np.stack([np.kron(tile, np.ones((SIDE_PX // tile.shape[1],) * 2)) for tile in tiles]).astype(np.float32)
