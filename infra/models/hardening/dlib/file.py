"""Reads the weights of dlib's face network from the file that dlib writes.

A file of dlib holds the layers from input to output. Of a tensor it holds the packed integers version (2), samples,
channels, rows and columns, then the numbers as little-endian float32. A packed integer is a byte that states how many
bytes follow, and these, lowest first. What else a layer holds (its name, strides, empty tensors) is not needed here:
the layers are known, so each tensor is found by the header that it must have.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import ModelCorrupt

SIDE_PX = 150
MEANS = (122.782, 117.001, 104.298)
"""Of the network's training pictures: red, green and blue, 0–255."""
SCALE = 256.0
"""A pixel enters the network as (x − mean) / 256."""
DIMENSIONS = 128

Numbers = NDArray[np.float32]


class Layer(NamedTuple):
    """A convolution, and the factors and terms of its normalisation: gamma · (weight * x + bias) + beta.

    Args:
        weight: float32 (filters, channels, rows, columns).
        bias: float32 (filters,).
        gamma: float32 (filters,).
        beta: float32 (filters,).
        stride: 1 or 2; only stride 1 pads its input, to keep the size.
    """

    weight: Numbers
    bias: Numbers
    gamma: Numbers
    beta: Numbers
    stride: int


class Weights(NamedTuple):
    """The network's numbers.

    Args:
        first: the convolution of 7×7 before the blocks.
        blocks: two convolutions of 3×3 each; the first halves the size where its stride is 2.
        matrix: float32 (256, 128), from the means of the last block's channels to the output.
    """

    first: Layer
    blocks: list[tuple[Layer, Layer]]
    matrix: Numbers


BLOCKS = (
    *((32, 32, 1),) * 3,
    (32, 64, 2),
    *((64, 64, 1),) * 3,
    (64, 128, 2),
    *((128, 128, 1),) * 2,
    (128, 256, 2),
    *((256, 256, 1),) * 2,
    (256, 256, 2),
)
"""Channels before and after each block, and its stride."""


def read(data: bytes) -> Weights:
    """Read the network.

    Raises:
        ModelCorrupt: not such a file, or numbers are missing.
    """
    tensors = _Tensors(data)
    first = tensors.layer(32, 3, 7, 2)
    blocks = [
        (tensors.layer(after, before, 3, stride), tensors.layer(after, after, 3, 1)) for before, after, stride in BLOCKS
    ]
    return Weights(first, blocks, tensors.next(256, DIMENSIONS))


class _Tensors:
    """The tensors of a file, in order."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    def layer(self, filters: int, channels: int, side: int, stride: int) -> Layer:
        """The next convolution with its normalisation, each one tensor in the file."""
        count = filters * channels * side * side
        convolution, norm = self.next(count + filters), self.next(2 * filters)
        weight = convolution[:count].reshape(filters, channels, side, side)
        return Layer(weight, convolution[count:], norm[:filters], norm[filters:], stride)

    def next(self, samples: int, channels: int = 1) -> Numbers:
        """The next tensor of this size; float32 (samples,), or (samples, channels) if there are several channels."""
        header = b"\x01\x02" + b"".join(map(_packed, (samples, channels, 1, 1)))
        start, size = self._data.find(header, self._place) + len(header), 4 * samples * channels
        self._place = start + size
        if start < len(header) or self._place > len(self._data):
            raise ModelCorrupt(f"The file holds no tensor of {samples}×{channels} numbers where one must be.")
        numbers = np.frombuffer(self._data[start : self._place], "<f4").astype(np.float32)
        return numbers if channels == 1 else numbers.reshape(samples, channels)


def _packed(number: int) -> bytes:
    size = (number.bit_length() + 7) // 8
    return bytes([size]) + number.to_bytes(size, "little")
