"""A stack of fingerprint templates, unpacked into a few large arrays, one print after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biometrics.packed_templates import PackedTemplates
from infra.kernels.kernel import kernel
from services.fingerprint.comparison.descriptor import describe_all
from services.fingerprint.screening.minutia_codes import NO_MINUTIA_CODES, MinutiaCodes, code_minutiae
from services.fingerprint.template.arrays import Descriptors, Indices, Mask, Print
from services.fingerprint.template.unpacking import places, starts_of, unpack_all


class Prints(NamedTuple):
    """Templates ready for comparison; print k has rows starts[k] to starts[k + 1], likewise for the other starts.

    Args:
        minutiae: float32, shape (minutiae of all prints, 3): see template/arrays.py.
        descriptors: int8, shape (minutiae of all prints, 160).
        starts: int64, shape (prints + 1,): first row of each print in minutiae and descriptors.
        masks: bool, shape (cells of all prints,): finger areas in cells of 16 px, row by row.
        mask_starts: int64, shape (prints + 1,).
        mask_columns: int64, shape (prints,).
        data: uint8: the templates' bytes, by which `precedes` orders prints.
        data_starts: int64, shape (prints + 1,).
        minutia_codes: binary codes of the minutiae, used for screening.
    """

    minutiae: NDArray[np.float32]
    descriptors: Descriptors
    starts: Indices
    masks: Mask
    mask_starts: Indices
    mask_columns: Indices
    data: NDArray[np.uint8]
    data_starts: Indices
    minutia_codes: MinutiaCodes

    def __repr__(self) -> str:
        """The number of prints only: no biometric data."""
        return f"Prints({len(self.mask_columns)})"


def prepare(templates: PackedTemplates, *, is_gallery: bool = True) -> Prints:
    """Unpack templates and compute their minutiae's descriptors.

    Args:
        templates: in order.
        is_gallery: whether they will be screened; if not, the codes are omitted, which saves a third of the time.

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
        code_minutiae(read.minutiae, descriptors, read.starts) if is_gallery else NO_MINUTIA_CODES,
    )


def gathered(parts: Sequence[tuple[Prints, Indices]]) -> Prints:
    """Chosen prints of several stacks, in order; the stacks have minutia codes, and rows count each one's prints."""
    chosen = [(prepare(PackedTemplates.of([])), np.empty(0, np.int64)), *parts]
    minutiae = [(each, places(each.starts, rows)) for each, rows in chosen]
    masks = [(each, places(each.mask_starts, rows)) for each, rows in chosen]
    data = [(each, places(each.data_starts, rows)) for each, rows in chosen]
    return Prints(
        np.concatenate([each.minutiae[taken] for each, taken in minutiae]),
        np.concatenate([each.descriptors[taken] for each, taken in minutiae]),
        starts_of(np.concatenate([np.diff(each.starts)[rows] for each, rows in chosen])),
        np.concatenate([each.masks[taken] for each, taken in masks]),
        starts_of(np.concatenate([np.diff(each.mask_starts)[rows] for each, rows in chosen])),
        np.concatenate([each.mask_columns[rows] for each, rows in chosen]),
        np.concatenate([each.data[taken] for each, taken in data]),
        starts_of(np.concatenate([np.diff(each.data_starts)[rows] for each, rows in chosen])),
        MinutiaCodes(
            np.concatenate([each.minutia_codes.codes[taken] for each, taken in minutiae]),
            np.concatenate([each.minutia_codes.places[taken] for each, taken in minutiae]),
            np.concatenate([each.minutia_codes.sectors[rows] for each, rows in chosen]),
        ),
    )


@kernel
def at(prints: Prints, k: int) -> Print:
    """A view of print k."""
    rows = slice(prints.starts[k], prints.starts[k + 1])
    mask = prints.masks[prints.mask_starts[k] : prints.mask_starts[k + 1]]
    return Print(prints.minutiae[rows], prints.descriptors[rows], mask, prints.mask_columns[k])


@kernel
def precedes(prints: Prints, k: int, others: Prints, other: int) -> bool:
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
