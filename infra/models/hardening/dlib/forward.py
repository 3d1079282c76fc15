"""dlib's face network computed layer by layer in float64, as dlib describes its layers: what the graph is checked with.

It shares nothing with the graph but the numbers of the file: no folding, no onnxruntime.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from infra.models.hardening.dlib.file import MEANS, SCALE, Layer, Weights

Planes = NDArray[np.float64]


def forward(weights: Weights, picture: NDArray[np.float32]) -> Planes:
    """The network's output, float64 (128,), for one picture (3, 150, 150), RGB 0–255."""
    pixels = (picture.astype(np.float64) - np.array(MEANS)[:, None, None]) / SCALE
    planes = _windows(np.maximum(_layer(pixels, weights.first), 0), 3, 2).max(axis=(3, 4))
    for first, second in weights.blocks:
        own = _layer(np.maximum(_layer(planes, first), 0), second)
        shortcut = planes if first.stride == 1 else _windows(planes, 2, 2).mean(axis=(3, 4))
        planes = np.maximum(_sum(own, shortcut), 0)
    output: Planes = planes.mean(axis=(1, 2)) @ weights.matrix.astype(np.float64)
    return output


def _layer(planes: Planes, layer: Layer) -> Planes:
    """A convolution with bias, then its normalisation."""
    edge = layer.weight.shape[2] // 2 if layer.stride == 1 else 0
    padded = np.pad(planes, ((0, 0), (edge, edge), (edge, edge)))
    windows = _windows(padded, layer.weight.shape[2], layer.stride)
    convolved = np.einsum("fcij,cyxij->fyx", layer.weight.astype(np.float64), windows, optimize=True)
    convolved += layer.bias[:, None, None]
    normalised: Planes = layer.gamma[:, None, None] * convolved + layer.beta[:, None, None]
    return normalised


def _windows(planes: Planes, side: int, stride: int) -> Planes:
    """All windows that lie within the planes: (channels, rows, columns, side, side)."""
    return sliding_window_view(planes, (side, side), axis=(1, 2))[:, ::stride, ::stride]


def _sum(one: Planes, other: Planes) -> Planes:
    """The sum, of the larger one's size in each dimension; what one lacks is zero."""
    total = np.zeros(np.maximum(one.shape, other.shape))
    for each in (one, other):
        channels, rows, columns = each.shape
        total[:channels, :rows, :columns] += each
    return total
