"""Fingerprint templates unpacked into a few large arrays, one print after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from services.fingerprint.comparison.descriptor import describe_all
from services.fingerprint.screening.minutia_codes import NO_SKETCHES, MinutiaCodes, sketch
from services.fingerprint.template.arrays import Descriptors, Indices, Mask, Print
from services.fingerprint.template.unpacking import unpack_all


class Prints(NamedTuple):
    """Templates, ready to be compared; print k has rows starts[k] to starts[k + 1], and so on.

    Args:
        minutiae: float32, shape (minutiae of all prints, 3): see template/arrays.py.
        descriptors: int8, shape (minutiae of all prints, 160).
        starts: int64, shape (prints + 1,): of minutiae and descriptors.
        masks: bool: finger areas in cells of 16 px, row by row.
        mask_starts: int64, shape (prints + 1,).
        mask_columns: int64, shape (prints,).
        data: uint8: the templates themselves, which decide what is laid over what.
        data_starts: int64, shape (prints + 1,).
        sketches: codes of the minutiae, which prints are screened by.
    """

    minutiae: NDArray[np.float32]
    descriptors: Descriptors
    starts: Indices
    masks: Mask
    mask_starts: Indices
    mask_columns: Indices
    data: NDArray[np.uint8]
    data_starts: Indices
    sketches: MinutiaCodes

    def __repr__(self) -> str:
        """Nothing that a person could be known by."""
        return f"Prints({len(self.mask_columns)})"


def prepare(templates: Sequence[bytes], *, is_gallery: bool = True) -> Prints:
    """Unpack templates and describe their minutiae.

    Args:
        templates: in order.
        is_gallery: whether they may be screened: without, a third of the time is saved, and there are no sketches.

    Raises:
        TemplateMalformed: one is not what template/features.py describes.
    """
    read = unpack_all(templates)
    descriptors = describe_all(read.minutiae, read.confidence, read.starts)
    return Prints(
        read.minutiae,
        descriptors,
        read.starts,
        read.masks,
        read.mask_starts,
        read.mask_columns,
        read.data,
        read.data_starts,
        sketch(read.minutiae, descriptors, read.starts) if is_gallery else NO_SKETCHES,
    )


@kernel
def at(prints: Prints, k: int) -> Print:
    """One of the prints."""
    rows = slice(prints.starts[k], prints.starts[k + 1])
    mask = prints.masks[prints.mask_starts[k] : prints.mask_starts[k + 1]]
    return Print(prints.minutiae[rows], prints.descriptors[rows], mask, prints.mask_columns[k])


@kernel
def precedes(prints: Prints, k: int, others: Prints, other: int) -> bool:
    """Whether a print has fewer minutiae than another; of equally many, whether its bytes do not come later."""
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
