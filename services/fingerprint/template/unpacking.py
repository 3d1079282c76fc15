"""Checks and unpacks many templates, 50 times as fast as `features.unpack` one by one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biometrics.packed_templates import PackedTemplates
from infra.kernels.kernel import kernel
from services.fingerprint.template.arrays import Floats, Indices, Mask, Signs
from services.fingerprint.template.features import (
    BARE,
    BARE_BYTES,
    CELL_PX,
    MAX_MINUTIAE,
    MAX_SIDE_PX,
    SIGNED,
    SIGNED_BYTES,
    unpack,
)

Bytes = NDArray[np.uint8]

_HEADER = 6
_TURN = 2 * np.pi / 65536
ANGLES = (np.arange(65536) * _TURN).astype(np.float32)
"""Radians of each direction that a template can hold, 0 to 2π."""


class Packed(NamedTuple):
    """Templates as stored, checked; print k has the bytes data_starts[k] to data_starts[k + 1], likewise its minutiae.

    Args:
        data: uint8, shape (bytes,).
        data_starts: int64, shape (prints + 1,).
        starts: int64, shape (prints + 1,): by number of minutiae.
    """

    data: Bytes
    data_starts: Indices
    starts: Indices


class Unpacked(NamedTuple):
    """Fields as in `Prints`, plus the minutiae's confidence, float32, shape (minutiae of all prints,)."""

    minutiae: NDArray[np.float32]
    signs: NDArray[np.uint32]
    confidence: NDArray[np.float32]
    masks: Mask
    mask_starts: Indices
    mask_columns: Indices


def checked(templates: PackedTemplates) -> Packed:
    """Copy templates and check them, in order.

    Raises:
        TemplateMalformed: one is not what features.py describes.
    """
    data, data_starts = templates.data.copy(), templates.starts.copy()  # writable, as the kernels were compiled for
    counts = np.empty(len(templates), np.int64)
    damaged = _check(data, data_starts, counts)
    if damaged >= 0:
        unpack(data[data_starts[damaged] : data_starts[damaged + 1]].tobytes())  # raises, naming the damage
    return Packed(data, data_starts, starts_of(counts))


@kernel
def unpack_all(packed: Packed) -> Unpacked:
    """Unpack checked templates, in order."""
    prints = len(packed.starts) - 1
    cells, columns = np.empty(prints, np.int64), np.empty(prints, np.int64)
    for k in range(prints):
        cells[k], columns[k] = mask_size(packed, k)
    mask_starts = starts_of(cells)
    minutiae, confidence = np.empty((packed.starts[-1], 3), np.float32), np.empty(packed.starts[-1], np.float32)
    signs, masks = np.empty(packed.starts[-1], np.uint32), np.empty(mask_starts[-1], np.bool_)
    for k in range(prints):
        rows = slice(packed.starts[k], packed.starts[k + 1])
        read(packed, k, minutiae[rows], signs[rows], confidence[rows], masks[mask_starts[k] : mask_starts[k + 1]])
    return Unpacked(minutiae, signs, confidence, masks, mask_starts, columns)


@kernel
def mask_size(packed: Packed, k: int) -> tuple[int, int]:
    """Number of cells of print k's mask, and of its columns."""
    width, height = _number(packed.data, packed.data_starts[k] + 2), _number(packed.data, packed.data_starts[k] + 4)
    columns = (width + CELL_PX - 1) // CELL_PX
    return (height + CELL_PX - 1) // CELL_PX * columns, columns


@kernel
def read(packed: Packed, k: int, minutiae: Floats, signs: Signs, confidence: Floats, mask: Mask) -> None:
    """Write print k's minutiae, float32 (n, 3), their signs, 0 if it has none, and confidence, and its mask's cells."""
    data, first = packed.data, packed.data_starts[k] + _HEADER
    for cell in range(len(mask)):
        mask[cell] = (data[first + cell // 8] >> (7 - cell % 8)) & 1
    size, signed = record_bytes(packed, k), is_signed(packed, k)
    for row in range(len(minutiae)):
        place = record(packed, k, row, size)
        minutiae[row, 0], minutiae[row, 1], minutiae[row, 2] = placed(data, place)
        confidence[row] = np.float32(data[place + 6] & 127) / np.float32(127)
        signs[row] = np.uint32(_number(data, place + 7) | (_number(data, place + 9) << 16)) if signed else np.uint32(0)


@kernel
def is_signed(packed: Packed, k: int) -> bool:
    """Whether print k's minutiae have signs."""
    return bool(packed.data[packed.data_starts[k]] == SIGNED)


@kernel
def record_bytes(packed: Packed, k: int) -> int:
    """Of each minutia of print k."""
    return SIGNED_BYTES if is_signed(packed, k) else BARE_BYTES


@kernel
def record(packed: Packed, k: int, row: int, size: int) -> int:
    """Where in the data minutia `row` of print k begins; rows count from the last record: rising y, upward.

    Args:
        packed: the prints.
        k: number of the print.
        row: of its minutiae.
        size: by `record_bytes`: read once for a print, as minutiae are looked at one by one.
    """
    return int(packed.data_starts[k + 1] - size * (row + 1))


@kernel
def direction(data: Bytes, place: int) -> int:
    """The angle of the minutia that begins there, in 1/65536 turn."""
    return _number(data, place + 4)


@kernel
def placed(data: Bytes, place: int) -> tuple[np.float32, np.float32, np.float32]:
    """X and y (px, upward) and angle (radians) of the minutia that begins there."""
    x, y, angle = _number(data, place), -_number(data, place + 2), _number(data, place + 4) * _TURN
    return np.float32(x), np.float32(y), np.float32(angle)


@kernel
def starts_of(lengths: Indices) -> Indices:
    """Start offset of each part, and the end of the last; int64, shape (parts + 1,)."""
    starts = np.zeros(len(lengths) + 1, np.int64)
    for k in range(len(lengths)):
        starts[k + 1] = starts[k] + lengths[k]
    return starts


def places(starts: Indices, rows: Indices) -> Indices:
    """Where the items of chosen parts are, in order; `starts` as by `starts_of`, rows int64."""
    sizes = np.diff(starts)[rows]
    return np.repeat(starts[rows] - starts_of(sizes)[:-1], sizes) + np.arange(sizes.sum())


@kernel
def _check(data: Bytes, starts: Indices, counts: Indices) -> int:
    """Write each template's number of minutiae; return the first damaged template, or −1."""
    for k in range(len(starts) - 1):
        template = data[starts[k] : starts[k + 1]]
        if len(template) < _HEADER:
            return k
        count, width, height = np.int64(template[1]), _number(template, 2), _number(template, 4)
        rows, columns = (height + CELL_PX - 1) // CELL_PX, (width + CELL_PX - 1) // CELL_PX
        first = _HEADER + (rows * columns + 7) // 8
        if (
            not BARE <= template[0] <= SIGNED
            or count > MAX_MINUTIAE
            or not 1 <= width <= MAX_SIDE_PX
            or not 1 <= height <= MAX_SIDE_PX
        ):
            return k
        size = SIGNED_BYTES if template[0] == SIGNED else BARE_BYTES
        if len(template) != first + count * size:
            return k
        if template[first - 1] & ((1 << ((first - _HEADER) * 8 - rows * columns)) - 1):
            return k
        for place in range(first, len(template), size):
            if _number(template, place) >= width or _number(template, place + 2) >= height:
                return k
        counts[k] = count
    return -1


@kernel
def _number(data: Bytes, place: int) -> int:
    return int(np.int64(data[place]) | (np.int64(data[place + 1]) << 8))
