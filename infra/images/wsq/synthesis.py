"""The inverse wavelet transform of WSQ: joins low and high halves to samples, region by region.

Sample n of a line is Σ low(k) · f(n − 2k) + high(k) · g(n − 2k), with synthesis filters f and g made of the file's
analysis filters by alternating signs (`polyphase`). Beyond its ends a line is mirrored: filters with an odd number of
taps mirror it at its first and last sample, those with an even number half a sample outside, where the high
frequencies change their sign (IAFIS-IC-0110, section 5; C. Brislawn, "Classification of nonexpansive symmetric
extension transforms for multirate filter banks", 1996).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.images.wsq.tables import Filters
from infra.kernels.kernel import kernel

REACH = 9
"""Farthest coefficient, in pairs of samples, that a filter of 32 taps uses."""

STRIP = 128
"""Columns that are joined at a time: they fit the processor's cache."""

Floats = NDArray[np.float32]


def polyphase(filters: Filters) -> Floats:
    """The synthesis filters, sorted by what they do for even and odd samples.

    Returns:
        (2, 2, 2 · REACH + 1): low and high; even and odd samples; weight of coefficient i − j for sample 2i or 2i + 1,
        j from −REACH to REACH.
    """
    is_even = filters.low_size % 2 == 0
    taps = np.zeros((2, 2, 2 * REACH + 1), np.float32)
    for band, half in enumerate((filters.high, filters.low)):  # the low synthesis filter is made of the high analysis
        for distance, value in enumerate(half):
            sign = -1 if distance % 2 else 1
            if is_even:
                _put(taps[band], 1 + distance, sign * value if band else -sign * value)
                _put(taps[band], -distance, -sign * value)
            else:
                _put(taps[band], band + distance, sign * value)
                _put(taps[band], band - distance, sign * value)
    return taps


def _put(phases: Floats, offset: int, value: float) -> None:
    phases[offset % 2, offset // 2 + REACH] = value


@kernel
def mirrored(size: int, high: int, odd: int) -> tuple[NDArray[np.int64], Floats]:  # pragma: no cover  # compiled
    """For coefficient −REACH and on of a line, which one within the line it equals, and its sign or 0.

    Args:
        size: samples of the line.
        high: 1 for its high half, 0 for its low.
        odd: 1 if the filters have an odd number of taps, 0 for an even one.
    """
    count = (size + 1) // 2 + 2 * REACH
    which, sign = np.zeros(count, np.int64), np.ones(count, np.float32)
    for number in range(count):
        k = number - REACH
        if odd == 1 and size > 1:
            at = (2 * k + high) % (2 * size - 2)
            which[number] = min(at, 2 * size - 2 - at) >> 1
        elif odd == 1:
            sign[number] = 1 - high
        else:
            k %= size
            if k >= (size + 1) // 2:
                k = size - 1 - k
                sign[number] = 1 - 2 * high
            if high == 1 and k == size // 2:  # the middle of an odd line
                k, sign[number] = 0, 0
            which[number] = k
    return which, sign


@kernel
def join(plane: Floats, regions: NDArray[np.int64], taps: Floats, odd: int) -> None:  # pragma: no cover  # compiled
    """Join the parts of each region, down, then across.

    Args:
        plane: coefficients, (height, width); becomes samples.
        regions: `subbands.layout`, in the order of joining.
        taps: `polyphase`.
        odd: 1 if the filters have an odd number of taps, 0 for an even one.
    """
    strip = np.empty((plane.shape[0], STRIP), np.float32)
    line = np.empty((4, plane.shape[1] // 2 + 2 * REACH + 2), np.float32)
    for number in range(len(regions)):
        left, top, width, height = regions[number, 0], regions[number, 1], regions[number, 2], regions[number, 3]
        if width > 0 and height > 0:
            part = plane[top : top + height, left : left + width]
            _join_down(part, regions[number, 5], taps, odd, strip)
            _join_across(part, regions[number, 4], taps, odd, line)


@kernel
def _join_down(
    part: Floats, turned: int, taps: Floats, odd: int, strip: Floats
) -> None:  # pragma: no cover  # compiled
    height, width = part.shape
    starts = (height // 2, 0) if turned == 1 else (0, (height + 1) // 2)
    which = mirrored(height, 0, odd), mirrored(height, 1, odd)
    for left in range(0, width, STRIP):
        count = min(STRIP, width - left)
        for row in range(height):
            target = strip[row, :count]
            target[:] = 0
            for band in range(2):
                for j in range(2 * REACH + 1):
                    place = (row >> 1) + 2 * REACH - j
                    weight = taps[band, row & 1, j] * which[band][1][place]
                    if weight != 0:
                        _add(target, weight, part[starts[band] + which[band][0][place], left : left + count])
        for row in range(height):
            part[row, left : left + count] = strip[row, :count]


@kernel
def _join_across(
    part: Floats, turned: int, taps: Floats, odd: int, line: Floats
) -> None:  # pragma: no cover  # compiled
    height, width = part.shape
    half = (width + 1) // 2
    starts = (width // 2, 0) if turned == 1 else (0, half)
    which = mirrored(width, 0, odd), mirrored(width, 1, odd)
    for row in range(height):
        samples = part[row]
        for band in range(2):
            for number in range(half + 2 * REACH):
                sign = which[band][1][number]
                line[band, number] = samples[starts[band] + which[band][0][number]] * sign if sign != 0 else sign
        for phase in range(2):
            target = line[2 + phase, :half]
            target[:] = 0
            for band in range(2):
                for j in range(2 * REACH + 1):
                    weight = taps[band, phase, j]
                    if weight != 0:
                        _add(target, weight, line[band, 2 * REACH - j : 2 * REACH - j + half])
        samples[::2] = line[2, :half]
        samples[1::2] = line[3, : width // 2]


@kernel
def _add(target: Floats, weight: np.float32, source: Floats) -> None:  # pragma: no cover  # compiled
    for number in range(len(target)):
        target[number] += weight * source[number]


@kernel
def to_gray(
    plane: Floats, scale: np.float32, shift: np.float32, pixels: NDArray[np.uint8]
) -> None:  # pragma: no cover  # compiled
    """Write samples · scale + shift as grey levels 0–255, rounded; what is not a number becomes 0."""
    for row in range(plane.shape[0]):
        for column in range(plane.shape[1]):
            value = plane[row, column] * scale + shift + np.float32(0.5)
            level = np.uint8(0)
            if value >= 255:
                level = np.uint8(255)
            elif value > 0:
                level = np.uint8(value)
            pixels[row, column] = level
