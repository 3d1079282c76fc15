"""The iris template: phase bits and their mask, packed.

Layout, little-endian, 4,104 bytes:

| bytes | content |
|---|---|
| 0–3 | magic `BIRS` |
| 4–5 | version, uint16: 1 |
| 6–7 | columns, uint16: 256 |
| 8–2055 | code: 256 uint64, one per column |
| 2056–4103 | mask: 256 uint64, 1 = this bit may be compared |

A column's word has the bit of (row, channel) at 4·row + channel; row 0 is at the pupil; the channels are the signs of
the real and imaginary part of the short wave, then of the long one. A column is one word so that rotating the eye only
rotates the words. A code bit is 0 where its mask bit is 0.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import TemplateMalformed
from biometrics.packed_templates import PackedTemplates

ROWS, COLUMNS, CHANNELS = 16, 256, 4
BITS = ROWS * COLUMNS * CHANNELS
_HEADER = struct.Struct("<4sHH")
_MAGIC, _VERSION = b"BIRS", 1
_FIRST_BYTES = _HEADER.pack(_MAGIC, _VERSION, COLUMNS)
_FIRST_WORD = np.frombuffer(_FIRST_BYTES, "<u8")[0]
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
    """Make a code from bits and their validity, both bool (4 channels, 16 rows, 256 columns)."""
    return IrisCode(_to_words(bits & valid), _to_words(valid))


def _to_words(bits: NDArray[np.bool_]) -> Words:
    by_column = bits.transpose(2, 1, 0).reshape(COLUMNS, ROWS * CHANNELS)
    return np.packbits(by_column, axis=1, bitorder="little").view("<u8")[:, 0].astype(np.uint64)


def pack(features: IrisCode) -> bytes:
    """Pack a code to the template's bytes."""
    return _FIRST_BYTES + features.code.astype("<u8").tobytes() + features.mask.astype("<u8").tobytes()


def unpack(data: bytes) -> IrisCode:
    """Unpack a template's bytes. Raises as `unpack_all`."""
    codes, masks = unpack_all([data])
    return IrisCode(codes[0], masks[0])


def unpack_all(templates: Sequence[bytes]) -> tuple[Words, Words]:
    """Codes and masks of many templates, uint64 (templates, 256) each.

    Raises:
        TemplateMalformed: wrong length, magic or version, no valid bit, or code bits outside the mask.
    """
    for data in templates:
        if len(data) != SIZE_BYTES:
            raise _wrong_size(len(data))
    return _words(np.frombuffer(b"".join(templates), np.uint8))


def unpack_packed(templates: PackedTemplates) -> tuple[Words, Words]:
    """As `unpack_all`, of templates joined in one array."""
    sizes = np.diff(templates.starts)
    if (sizes != SIZE_BYTES).any():
        raise _wrong_size(int(sizes[sizes != SIZE_BYTES][0]))
    return _words(np.ascontiguousarray(templates.data))


def _words(packed: NDArray[np.uint8]) -> tuple[Words, Words]:
    """Codes and masks of whole templates, one after another."""
    all_words = packed.view("<u8").reshape(-1, SIZE_BYTES // 8)
    if (all_words[:, 0] != _FIRST_WORD).any():
        raise _malformed("its header is not that of version 1")
    words = all_words[:, _HEADER.size // 8 :]
    codes, masks = words[:, :COLUMNS].astype(np.uint64), words[:, COLUMNS:].astype(np.uint64)
    if not masks.any(axis=1).all():
        raise _malformed("no bit of it may be compared")
    if (codes & ~masks).any():
        raise _malformed("it has bits outside its mask")
    return codes, masks


def _wrong_size(size: int) -> TemplateMalformed:
    return _malformed(f"it has {size} bytes instead of {SIZE_BYTES}")


def _malformed(what: str) -> TemplateMalformed:
    return TemplateMalformed(f"The iris template is damaged: {what}. Send it as ExtractTemplate returned it.")
