"""Reads bits of coded data, as JPEG and WSQ store it: a byte FF is followed by 00, which is dropped, else by a marker.

What is held of the bits is a number of 64 bits; the lowest `count` of it are not yet used.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel

ENOUGH = 32
"""Bits of the longest code and the value after it."""

FULL = 40
"""Bits after which no more are read."""

Whole = int | np.signedinteger[Any]


@kernel
def refilled(
    data: NDArray[np.uint8], at: Whole, held: np.uint64, count: Whole
) -> tuple[Whole, np.uint64, Whole]:  # pragma: no cover  # compiled
    """Read bytes until there are enough bits, or a marker comes; returns where, what is held and its count."""
    size = len(data)
    while count <= FULL and at < size:
        byte = data[at]
        if byte == 255:
            if at + 1 >= size or data[at + 1] != 0:
                break
            at += 1
        at += 1
        held = (held << np.uint64(8)) | np.uint64(byte)
        count += 8
    return at, held, count


@kernel
def following_16(held: np.uint64, count: Whole) -> Whole:  # pragma: no cover  # compiled
    """The next 16 bits; before a marker filled up with ones, which begin no code."""
    if count >= 16:
        return np.int64((held >> np.uint64(count - 16)) & np.uint64(0xFFFF))
    filled = (held << np.uint64(16 - count)) | np.uint64((1 << (16 - count)) - 1)
    return np.int64(filled & np.uint64(0xFFFF))


@kernel
def lowest(held: np.uint64, count: Whole, width: Whole) -> Whole:  # pragma: no cover  # compiled
    """The `width` bits above the lowest `count`."""
    return np.int64((held >> np.uint64(count)) & np.uint64((1 << width) - 1))
