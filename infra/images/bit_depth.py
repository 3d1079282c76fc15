"""Scales samples of more than 8 bits to 0–255, by the part of their range that is used.

Sensors of 10, 12 and 14 bits are stored in 16-bit files. `narrowed` reads them as follows:

1. Possible depths: those that the file states (`stated_depths`), else 8, 10, 12, 14 and 16 bits.
2. Take the smallest of them that holds the values (`depth_of`). Exceptions allowed: up to a thousandth of the pixels
   (dead ones), and a burnt-in mark, i.e. up to 2 % of the pixels that all have the image's highest value. Values up to
   a sixteenth over the depth's range come from an added black level; they are clipped.
3. Data shifted left (the lowest 2 bits or more always 0) uses the full range already, unless at most 8 bits are left:
   that is 8-bit data multiplied.
4. v · 255 / (2^bits − 1), rounded down.

A dark 16-bit image with all values under 2^14 looks like 14-bit data, and is read as such if the file states nothing.
It then becomes brighter than intended, which hides no finger or iris; reading 12 bits as 16 would.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from biometrics.errors import ImageUnsupported

DEPTHS = (8, 10, 12, 14, 16)
DEAD_SHARE = 1e-3
MARK_SHARE = 0.02
OVER = 1 / 16

Wide = NDArray[np.uint16]
Narrow = NDArray[np.uint8]


def narrowed_gray(samples: NDArray[np.integer], depths: tuple[int, ...]) -> Narrow:
    """Scale grey samples to 8 bits.

    If the lowest value is below −1/16 of the highest, the samples are signed and centred on 0. Otherwise negative
    values are noise around black and become 0.

    Args:
        samples: integers, (height, width).
        depths: possible ones, in bits, rising.

    Raises:
        ImageUnsupported: over 16 bits.
    """
    lowest, highest = int(samples.min()), int(samples.max())
    if lowest < -(2**15) or highest >= (2**15 if lowest < 0 else 2**16):
        raise ImageUnsupported(
            f"The samples reach from {lowest} to {highest}; at most 16 bits are supported. Send 8 or 16 bits of grey.",
            lowest=str(lowest),
            highest=str(highest),
        )
    if -lowest > OVER * highest:
        bits = next(each for each in DEPTHS if max(-lowest, highest + 1) <= 2 ** (each - 1))
        return narrowed((samples + 2 ** (bits - 1)).astype(np.uint16), bits)
    wide = np.maximum(samples, 0).astype(np.uint16)
    return narrowed(wide, depth_of(wide, depths))


def narrowed_colour(opened: Pillow.Image, wide: Wide | None, depths: tuple[int, ...]) -> Pillow.Image:
    """A colour image of 8 bits, from its full samples and from Pillow's, which keep the upper 8 of 16 bits.

    Args:
        opened: RGB or RGBA, decoded.
        wide: the full samples, (height, width, 3 or 4); None if they could not be read.
        depths: possible ones, in bits, rising.

    Raises:
        ImageUnsupported: the full samples could not be read, and the upper bits alone do not suffice.
    """
    upper = np.asarray(opened)[..., :3]
    if wide is None or wide.shape[:2] != upper.shape[:2] or not _agree(wide, upper):
        if upper.max() < 2 ** DEPTHS[-2] >> 8:
            raise ImageUnsupported("16-bit colour that uses only its lower bits is not supported. Send 8 bits.")
        return opened
    bits = depth_of(wide[..., :3], depths)
    if bits == DEPTHS[-1]:
        return opened
    parts = [narrowed(wide[..., :3], bits)]
    if wide.shape[2] == 4:
        parts.append(narrowed(wide[..., 3:], depth_of(wide[..., 3:], DEPTHS)))
    return Pillow.fromarray(np.concatenate(parts, axis=2))


def depth_of(samples: Wide, depths: tuple[int, ...]) -> int:
    """The smallest possible depth that holds the samples (steps 2 and 3 of the module), in bits."""
    highest = int(samples.max())
    marked = int(np.count_nonzero(samples == highest))
    for bits in depths[:-1]:
        limit = int(2**bits * (1 + OVER))
        over = int(np.count_nonzero(samples >= limit))
        mark = marked if over else 0
        if mark <= MARK_SHARE * samples.size and over - mark <= DEAD_SHARE * samples.size:
            shifted = depths == DEPTHS and bits == DEPTHS[-2] and _shifted_left(samples, bits, limit)
            return depths[-1] if shifted else bits
    return depths[-1]


def narrowed(samples: Wide, bits: int) -> Narrow:
    """Scale samples of `bits` bits to 8, rounded down; higher ones become 255. Row by row, for 40 million pixels."""
    table = np.minimum(np.arange(2**16) * 255 // (2**bits - 1), 255).astype(np.uint8)
    narrow = np.empty(samples.shape, np.uint8)
    for row, target in zip(samples, narrow, strict=True):
        target[...] = table[row]
    return narrow


def _shifted_left(samples: Wide, bits: int, limit: int) -> bool:
    used = int(np.bitwise_or.reduce(samples, axis=None, where=samples < limit, initial=0))
    zeros = (used & -used).bit_length() - 1
    return zeros >= 2 and bits - zeros > 8


def _agree(wide: Wide, upper: Narrow) -> bool:
    """Whether two decoders' results agree, checked on every eighth pixel of every eighth row."""
    some = (wide[::8, ::8, :3] >> 8).astype(np.int16)
    return bool(np.max(np.abs(some - upper[::8, ::8])) <= 1)
