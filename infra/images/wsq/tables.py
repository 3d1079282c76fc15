"""What the segments of a WSQ file state: size, filters and quantisation."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from infra.images.wsq.segments import damaged

MOST_TAPS = 32
SUBBANDS = 64

Taps = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame header.

    Args:
        width: in pixels.
        height: in pixels.
        shift: grey level that is added after scaling.
        scale: factor of the reconstructed values.
    """

    width: int
    height: int
    shift: float
    scale: float


@dataclass(frozen=True, slots=True)
class Filters:
    """The right halves of the symmetric analysis filters, from their centre on.

    Args:
        low: of the low-pass filter.
        high: of the high-pass filter.
        low_size: taps of the whole low-pass filter.
        high_size: taps of the whole high-pass filter; odd as `low_size` is, or even as it is.
    """

    low: Taps = field(repr=False)
    high: Taps = field(repr=False)
    low_size: int
    high_size: int


@dataclass(frozen=True, slots=True)
class Quantisation:
    """How coefficients were quantised.

    Args:
        centre: place of a reconstructed value within its bin, as a share of the bin.
        steps: (64, 2), for each subband the width of its bins, and half the width of the bin of zero; a subband whose
            bins have no width is not coded, and is zero.
    """

    centre: float
    steps: NDArray[np.float32] = field(repr=False)


def frame(content: bytes) -> Frame:
    """Read a frame header."""
    _check(len(content) >= 12, "its frame header is too short")
    height, width = struct.unpack_from(">HH", content, 2)
    return Frame(width, height, _decimal(content, 6), _decimal(content, 9))


def filters(content: bytes) -> Filters:
    """Read a transform table: each tap is a sign, a decimal exponent and 32 bits."""
    _check(len(content) >= 2, "its filters are too short")
    low_size, high_size = content[:2]
    _check(0 < low_size <= MOST_TAPS and 0 < high_size <= MOST_TAPS, f"its filters do not have 1 to {MOST_TAPS} taps")
    _check(low_size % 2 == high_size % 2, "one of its filters has an even number of taps, the other an odd one")
    low, high = (low_size + 1) // 2, (high_size + 1) // 2
    _check(len(content) >= 2 + 6 * (low + high), "its filters are too short")
    taps = [_tap(*struct.unpack_from(">BBI", content, 2 + 6 * number)) for number in range(low + high)]
    return Filters(np.asarray(taps[:low], np.float32), np.asarray(taps[low:], np.float32), low_size, high_size)


def quantisation(content: bytes) -> Quantisation:
    """Read a quantisation table."""
    _check(len(content) >= 3 + 6 * SUBBANDS, "its quantisation table is too short")
    steps = [(_decimal(content, at), _decimal(content, at + 3) / 2) for at in range(3, 3 + 6 * SUBBANDS, 6)]
    return Quantisation(_decimal(content, 0), np.asarray(steps, np.float32))


def _decimal(content: bytes, at: int) -> float:
    """A number of 16 bits with a decimal exponent before it."""
    exponent, digits = struct.unpack_from(">BH", content, at)
    return float(digits / 10.0**exponent)


def _tap(sign: int, exponent: int, digits: int) -> float:
    return float((-digits if sign else digits) / 10.0**exponent)


def _check(is_right: bool, what: str) -> None:  # noqa: FBT001  # its only callers are above
    if not is_right:
        raise damaged(what)
