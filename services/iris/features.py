"""The iris template: phase bits and their mask, packed.

Layout, little-endian, 4,104 bytes:

| bytes | content |
|---|---|
| 0–3 | magic `BIRS` |
| 4–5 | version, uint16: 1 |
| 6–7 | columns, uint16: 256 |
| 8–2055 | code: 256 uint64, one per column |
| 2056–4103 | mask: 256 uint64, 1 = this bit may be compared |

In a column's word bit 4·row + channel; row 0 is at the pupil; the channels are the signs of the
real and imaginary part of the short wave, then of the long one. Turning the eye moves the words
around: that is why a column is one word. A code bit is 0 where its mask bit is 0.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import TemplateMalformed

ROWS, COLUMNS, CHANNELS = 16, 256, 4
BITS = ROWS * COLUMNS * CHANNELS
_HEADER = struct.Struct("<4sHH")
_MAGIC, _VERSION = b"BIRS", 1
SIZE_BYTES = _HEADER.size + 2 * 8 * COLUMNS

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class IrisCode:
    """Phase bits of one iris.

    Args:
        code: uint64 (256,), one word per column.
        mask: uint64 (256,), the bits that may be compared.
    """

    code: Words = field(repr=False)
    mask: Words = field(repr=False)


def from_bits(bits: NDArray[np.bool_], valid: NDArray[np.bool_]) -> IrisCode:
    """Make a code from bits, both bool (4 channels, 16 rows, 256 columns)."""
    return IrisCode(_to_words(bits & valid), _to_words(valid))


def _to_words(bits: NDArray[np.bool_]) -> Words:
    by_column = bits.transpose(2, 1, 0).reshape(COLUMNS, ROWS * CHANNELS)
    return np.packbits(by_column, axis=1, bitorder="little").view("<u8")[:, 0].astype(np.uint64)


def pack(features: IrisCode) -> bytes:
    """Pack a code to the template's bytes."""
    header = _HEADER.pack(_MAGIC, _VERSION, COLUMNS)
    return header + features.code.astype("<u8").tobytes() + features.mask.astype("<u8").tobytes()


def unpack(data: bytes) -> IrisCode:
    """Unpack a template's bytes.

    Raises:
        TemplateMalformed: wrong length, magic or version, no valid bit, or code bits outside the mask.
    """
    if len(data) != SIZE_BYTES:
        raise _malformed(f"it has {len(data)} bytes instead of {SIZE_BYTES}")
    if _HEADER.unpack_from(data) != (_MAGIC, _VERSION, COLUMNS):
        raise _malformed("its header is not that of version 1")
    words = np.frombuffer(data, "<u8", offset=_HEADER.size).astype(np.uint64)
    code, mask = words[:COLUMNS], words[COLUMNS:]
    if not mask.any():
        raise _malformed("no bit of it may be compared")
    if np.any(code & ~mask):
        raise _malformed("it has bits outside its mask")
    return IrisCode(code, mask)


def _malformed(what: str) -> TemplateMalformed:
    return TemplateMalformed(f"The iris template is damaged: {what}. Send it as ExtractTemplate returned it.")
