"""Writes WSQ files with any filters, for tests: the forward transform by its definition, one bin width, plain codes."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from infra.images.wsq.subbands import layout

NINE = [0.852698679009, 0.377402855613, -0.110624404418, -0.023849465020, 0.037828455507]
SEVEN = [0.788485616406, -0.418092273222, -0.040689417609, 0.064538882629]
ROOT = 2**0.5
FILTERS: dict[str, tuple[int, int, list[float], list[float]]] = {
    "standard, 9 and 7": (9, 7, NINE, SEVEN),
    "7 and 9": (7, 9, [0.788485616406, 0.418092273222, -0.040689417609, -0.064538882629],
                [0.852698679009, -0.377402855613, -0.110624404418, 0.023849465020, 0.037828455507]),
    "5 and 3": (5, 3, [0.75 * ROOT, 0.25 * ROOT, -0.125 * ROOT], [0.5 * ROOT, -0.25 * ROOT]),
    "2 and 2": (2, 2, [0.5 * ROOT], [-0.5 * ROOT]),
    "2 and 6": (2, 6, [ROOT / 2], [-ROOT / 2, ROOT / 16, ROOT / 16]),
    "6 and 2": (6, 2, [ROOT / 2, ROOT / 16, -ROOT / 16], [-ROOT / 2]),
    "4 and 4": (4, 4, [ROOT * 3 / 8, ROOT / 8], [-ROOT * 3 / 4, -ROOT / 4]),
}  # fmt: skip
"""Name → taps of the analysis filters, low and high, and their right halves."""

SHIFT = 128.0
CENTRE = 0.44
Plane = NDArray[np.float64]


def wsq(
    image: NDArray[np.uint8],
    name: str = "standard, 9 and 7",
    step: float = 1.0,
    comment: bytes = b"",
    between: bytes = b"",
    tables: int = 1,
) -> bytes:
    """A WSQ file of the image.

    Args:
        image: grey, (height, width).
        name: of its filters.
        step: width of a bin; that of zero is 1.2 times as wide.
        comment: content of a comment before the picture.
        between: bytes before the second block.
        tables: Huffman table segments and blocks, 1 to 8.
    """
    values = coefficients(image, name, step)
    blocks = [list(part) for part in np.array_split(np.concatenate(values), tables)]
    body = b"".join(
        segment(0xA6, huffman(number))
        + (between if number == 1 else b"")
        + segment(0xA3, bytes([number]))
        + coded(block)
        for number, block in enumerate(blocks)
    )
    head = segment(0xA8, comment) if comment else b""
    size = struct.pack(">BBHH", 0, 255, *image.shape) + decimal(SHIFT) + decimal(1.0) + bytes([0]) + b"\0\0"
    steps = decimal(CENTRE) + (decimal(step) + decimal(1.2 * step)) * 60 + bytes(24)
    return (
        b"\xff\xa0" + head + segment(0xA4, taps(name)) + segment(0xA5, steps) + segment(0xA2, size) + body + b"\xff\xa1"
    )


def coefficients(image: NDArray[np.uint8], name: str, step: float) -> list[NDArray[np.int64]]:
    """The quantised coefficients of each coded subband."""
    plane = image.astype(np.float64) - SHIFT
    bands, regions = layout(image.shape[1], image.shape[0])
    for region in regions[::-1]:
        forward(plane, region, name)
    return [
        quantised(plane[top : top + height, left : left + width], step).ravel() for left, top, width, height in bands
    ]


def expected(image: NDArray[np.uint8], name: str, step: float) -> Plane:
    """The samples that a decoder must find: bins are taken back, and the forward transform is undone by its inverse."""
    plane = np.zeros(image.shape)
    bands, regions = layout(image.shape[1], image.shape[0])
    for (left, top, width, height), values in zip(bands, coefficients(image, name, step), strict=True):
        sizes = np.maximum(np.abs(values) - CENTRE, 0) * step + 0.6 * step * (values != 0)
        plane[top : top + height, left : left + width] = (np.sign(values) * sizes).reshape(height, width)
    for region in regions:
        left, top, width, height, is_turned_across, is_turned_down = map(int, region)
        part = plane[top : top + height, left : left + width]
        if part.size:
            down = np.linalg.inv(analysis(height, name, is_turned_down))
            part[...] = down @ part @ np.linalg.inv(analysis(width, name, is_turned_across)).T
    return plane + SHIFT


def segment(kind: int, content: bytes) -> bytes:
    """A marker segment."""
    return struct.pack(">BBH", 0xFF, kind, 2 + len(content)) + content


def decimal(value: float) -> bytes:
    """A number as a decimal exponent and 16 bits."""
    exponent = next(each for each in range(9, -1, -1) if round(value * 10**each) < 2**16)
    return struct.pack(">BH", exponent, round(value * 10**exponent))


def taps(name: str) -> bytes:
    """The content of a transform table."""
    low_size, high_size, low, high = FILTERS[name]
    halves = b"".join(struct.pack(">BBI", value < 0, 9, round(abs(value) * 10**9)) for value in (*low, *high))
    return bytes([low_size, high_size]) + halves


def huffman(number: int) -> bytes:
    """The content of a Huffman table segment: 254 symbols with 8 bits each."""
    return bytes([number, *(254 if length == 8 else 0 for length in range(1, 17)), *range(1, 255)])


def quantised(part: Plane, step: float) -> NDArray[np.int64]:
    """The bins of values; that of zero is 1.2 steps wide."""
    bins = np.floor((np.abs(part) - 0.6 * step) / step).astype(np.int64) + 1
    return np.sign(part).astype(np.int64) * np.maximum(bins, 0)


def coded(values: Sequence[int]) -> bytes:
    """The coded data of a block; a byte FF is followed by 00."""
    found, at = bytearray(), 0
    while at < len(values):
        value, run = int(values[at]), 1
        if value == 0:
            while at + run < len(values) and values[at + run] == 0 and run < 2**16 - 1:
                run += 1
            found += _run(run)
        else:
            found += _value(value)
        at += run
    return bytes(found).replace(b"\xff", b"\xff\0")


def _run(run: int) -> bytes:  # the code of symbol s is s − 1
    if run <= 100:
        return bytes([run - 1])
    return struct.pack(">BB", 104, run) if run < 256 else struct.pack(">BH", 105, run)


def _value(value: int) -> bytes:
    if -73 <= value <= 74:
        return bytes([value + 179])
    size, is_negative = abs(value), value < 0
    return struct.pack(">BB", 100 + is_negative, size) if size < 256 else struct.pack(">BH", 102 + is_negative, size)


def forward(plane: Plane, region: Sequence[int], name: str) -> None:
    """Split a region of the plane, across, then down."""
    left, top, width, height, is_turned_across, is_turned_down = map(int, region)
    part = plane[top : top + height, left : left + width]
    if part.size:
        part[...] = part @ analysis(width, name, is_turned_across).T
        part[...] = analysis(height, name, is_turned_down) @ part


def analysis(size: int, name: str, is_turned: int) -> Plane:
    """The matrix that splits a line of samples into its halves."""
    low_size, _, low, high = FILTERS[name]
    odd = low_size % 2
    rows = [_row(size, 2 * k, low, odd, 1) for k in range((size + 1) // 2)]
    details = [_row(size, 2 * k + odd, high, odd, -1) for k in range(size // 2)]
    return np.asarray([*details, *rows] if is_turned else [*rows, *details]).reshape(size, size)


def _row(size: int, centre: int, half: Sequence[float], odd: int, sign: int) -> Plane:
    row = np.zeros(size)
    for distance, value in enumerate(half):
        if not odd:
            row[_mirrored(centre + 1 + distance, size, odd)] += sign * value
            row[_mirrored(centre - distance, size, odd)] += value
        else:
            row[_mirrored(centre + distance, size, odd)] += value
            if distance:
                row[_mirrored(centre - distance, size, odd)] += value
    return row


def _mirrored(at: int, size: int, odd: int) -> int:
    if not odd:
        at %= 2 * size
        return min(at, 2 * size - 1 - at)
    at %= max(1, 2 * size - 2)
    return min(at, 2 * size - 2 - at)
