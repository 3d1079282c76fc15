"""Fingerprint templates unpacked for full comparison, with their minutiae's descriptors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from services.fingerprint.comparison.descriptor import LENGTH, Sums, describe_into, sums_of
from services.fingerprint.template.arrays import Descriptors, Floats, Indices, Mask, Print, Signs
from services.fingerprint.template.features import CELL_PX, MAX_MINUTIAE, MAX_SIDE_PX
from services.fingerprint.template.unpacking import Packed, is_signed, mask_size, read, unpack_all

MOST_CELLS = (-(-MAX_SIDE_PX // CELL_PX)) ** 2


class Prints(NamedTuple):
    """Prints ready for comparison; print k has the minutiae starts[k] to starts[k + 1], likewise for the masks.

    Args:
        minutiae: float32, shape (minutiae of all prints, 3): see template/arrays.py.
        descriptors: int16, shape (minutiae of all prints, 160).
        signs: uint32, shape (minutiae of all prints,); 0 where a print has none.
        signed: bool, shape (prints,): which have them.
        starts: int64, shape (prints + 1,): first row of each print in minutiae and descriptors.
        masks: bool, shape (cells of all prints,): finger areas in cells of 16 px, row by row.
        mask_starts: int64, shape (prints + 1,).
        mask_columns: int64, shape (prints,).
    """

    minutiae: NDArray[np.float32]
    descriptors: Descriptors
    signs: Signs
    signed: Mask
    starts: Indices
    masks: Mask
    mask_starts: Indices
    mask_columns: Indices


@kernel
def opened(packed: Packed) -> Prints:
    """Unpack templates and compute their minutiae's descriptors."""
    found = unpack_all(packed)
    descriptors, sums = np.empty((len(found.minutiae), LENGTH), np.int16), sums_of(MAX_MINUTIAE)
    for k in range(len(packed.starts) - 1):
        rows = slice(packed.starts[k], packed.starts[k + 1])
        describe_into(found.minutiae[rows], found.confidence[rows], sums, descriptors[rows])
    signed = np.empty(len(packed.starts) - 1, np.bool_)
    for k in range(len(signed)):
        signed[k] = is_signed(packed, k)
    return Prints(
        found.minutiae,
        descriptors,
        found.signs,
        signed,
        packed.starts,
        found.masks,
        found.mask_starts,
        found.mask_columns,
    )


@kernel
def at(prints: Prints, k: int) -> Print:
    """A view of print k."""
    rows = slice(prints.starts[k], prints.starts[k + 1])
    mask = prints.masks[prints.mask_starts[k] : prints.mask_starts[k + 1]]
    signs = prints.signs[rows] if prints.signed[k] else prints.signs[:0]
    return Print(prints.minutiae[rows], prints.descriptors[rows], signs, mask, prints.mask_columns[k])


class Room(NamedTuple):
    """Scratch memory for one unpacked print, 0.1 MB."""

    minutiae: Floats
    confidence: Floats
    descriptors: Descriptors
    signs: Signs
    mask: Mask
    sums: Sums


@kernel
def new_room() -> Room:
    """Scratch memory for `open_in`."""
    minutiae, confidence = np.empty((MAX_MINUTIAE, 3), np.float32), np.empty(MAX_MINUTIAE, np.float32)
    descriptors, mask = np.empty((MAX_MINUTIAE, LENGTH), np.int16), np.empty(MOST_CELLS, np.bool_)
    return Room(minutiae, confidence, descriptors, np.empty(MAX_MINUTIAE, np.uint32), mask, sums_of(MAX_MINUTIAE))


@kernel
def open_in(r: Room, packed: Packed, k: int) -> Print:
    """Unpack print k and compute its minutiae's descriptors in scratch memory, until the next call."""
    count, (cells, columns) = packed.starts[k + 1] - packed.starts[k], mask_size(packed, k)
    minutiae, confidence, descriptors = r.minutiae[:count], r.confidence[:count], r.descriptors[:count]
    signs, mask = r.signs[:count], r.mask[:cells]
    read(packed, k, minutiae, signs, confidence, mask)
    describe_into(minutiae, confidence, r.sums, descriptors)
    return Print(minutiae, descriptors, signs if is_signed(packed, k) else signs[:0], mask, columns)


@kernel
def precedes(prints: Packed, k: int, others: Packed, other: int) -> bool:
    """Whether a print has fewer minutiae than another or, with equally many, its bytes sort no later."""
    count = prints.starts[k + 1] - prints.starts[k]
    other_count = others.starts[other + 1] - others.starts[other]
    if count != other_count:
        return bool(count < other_count)
    start, other_start = prints.data_starts[k], others.data_starts[other]
    length = min(prints.data_starts[k + 1] - start, others.data_starts[other + 1] - other_start)
    for byte in range(length):
        if prints.data[start + byte] != others.data[other_start + byte]:
            return bool(prints.data[start + byte] < others.data[other_start + byte])
    return True
