"""Unpacks many templates into the arrays of `Prints`, 50 times as fast as `features.unpack` one by one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biometrics.packed_templates import PackedTemplates
from infra.kernels.kernel import kernel
from services.fingerprint.template.arrays import Indices, Mask
from services.fingerprint.template.features import CELL_PX, MAX_MINUTIAE, MAX_SIDE_PX, unpack

Bytes = NDArray[np.uint8]

_HEADER = 6
_RECORD = 7
_TURN = 2 * np.pi / 65536


class Unpacked(NamedTuple):
    """Fields as in `Prints`, plus the minutiae's confidence, float32, shape (minutiae of all prints,)."""

    minutiae: NDArray[np.float32]
    confidence: NDArray[np.float32]
    starts: Indices
    masks: Mask
    mask_starts: Indices
    mask_columns: Indices
    data: Bytes
    data_starts: Indices


def unpack_all(templates: PackedTemplates) -> Unpacked:
    """Unpack and check templates, in order.

    Raises:
        TemplateMalformed: one is not what features.py describes.
    """
    data, data_starts = templates.data.copy(), templates.starts.copy()  # writable, as the kernels were compiled for
    counts, cells, columns = np.zeros((3, len(templates)), np.int64)
    damaged = _measure(data, data_starts, counts, cells, columns)
    if damaged >= 0:
        unpack(data[data_starts[damaged] : data_starts[damaged + 1]].tobytes())  # raises, naming the damage
    starts, mask_starts = starts_of(counts), starts_of(cells)
    minutiae, confidence = np.empty((starts[-1], 3), np.float32), np.empty(starts[-1], np.float32)
    masks = np.empty(mask_starts[-1], np.bool_)
    unpacked = Unpacked(minutiae, confidence, starts, masks, mask_starts, columns, data, data_starts)
    _read(unpacked)
    return unpacked


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
def _measure(data: Bytes, starts: Indices, counts: Indices, cells: Indices, mask_columns: Indices) -> int:
    """Write each template's number of minutiae, mask cells and mask columns; return the first damaged one, or −1."""
    for k in range(len(starts) - 1):
        template = data[starts[k] : starts[k + 1]]
        if len(template) < _HEADER:
            return k
        count, width, height = np.int64(template[1]), _number(template, 2), _number(template, 4)
        rows, columns = (height + CELL_PX - 1) // CELL_PX, (width + CELL_PX - 1) // CELL_PX
        first = _HEADER + (rows * columns + 7) // 8
        if template[0] != 1 or count > MAX_MINUTIAE or not 1 <= width <= MAX_SIDE_PX or not 1 <= height <= MAX_SIDE_PX:
            return k
        if len(template) != first + count * _RECORD:
            return k
        if template[first - 1] & ((1 << ((first - _HEADER) * 8 - rows * columns)) - 1):
            return k
        for record in range(first, len(template), _RECORD):
            if _number(template, record) >= width or _number(template, record + 2) >= height:
                return k
        counts[k], cells[k], mask_columns[k] = count, rows * columns, columns
    return -1


@kernel
def _number(template: Bytes, place: int) -> int:
    return int(np.int64(template[place]) | (np.int64(template[place + 1]) << 8))


@kernel
def _read(to: Unpacked) -> None:
    """Fill minutiae, confidence and masks."""
    for k in range(len(to.starts) - 1):
        template = to.data[to.data_starts[k] : to.data_starts[k + 1]]
        cells = to.masks[to.mask_starts[k] : to.mask_starts[k + 1]]
        for cell in range(len(cells)):
            cells[cell] = (template[_HEADER + cell // 8] >> (7 - cell % 8)) & 1
        place = len(template)
        for row in range(to.starts[k], to.starts[k + 1]):  # from the last record: rising y, upward
            place -= _RECORD
            to.minutiae[row, 0] = _number(template, place)
            to.minutiae[row, 1] = -_number(template, place + 2)
            to.minutiae[row, 2] = _number(template, place + 4) * _TURN
            to.confidence[row] = np.float32(template[place + 6] & 127) / np.float32(127)
