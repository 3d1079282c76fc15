"""A stack of fingerprint templates: as stored, with the codes by which they are screened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from biometrics.packed_templates import PackedTemplates
from services.fingerprint.comparison.prints import Prints, opened
from services.fingerprint.screening.minutia_codes import NO_CODES, Codes, code_minutiae
from services.fingerprint.template.arrays import Indices
from services.fingerprint.template.unpacking import Packed, checked, places, starts_of


@dataclass(frozen=True)
class PrintStack:
    """Many prints. A print of 45 minutiae takes about 2.1 KB: 0.6 KB for the template, the rest for codes.

    Args:
        packed: the templates.
        codes: uint64, shape (minutiae of all prints, 4): see screening/minutia_codes.py; empty if not screened.
    """

    packed: Packed = field(repr=False)
    codes: Codes = field(repr=False)

    @cached_property
    def opened(self) -> Prints:
        """The prints as probes of full comparisons, 16 KB each. Made at the first use."""
        return opened(self.packed)

    def __len__(self) -> int:
        """Number of prints."""
        return len(self.packed.starts) - 1

    def __repr__(self) -> str:
        """The number of prints only: no biometric data."""
        return f"PrintStack({len(self)})"


def stacked(templates: PackedTemplates, *, is_gallery: bool = True) -> PrintStack:
    """Check templates and encode their minutiae.

    Args:
        templates: in order.
        is_gallery: whether they will be screened; if not, the codes are omitted.

    Raises:
        TemplateMalformed: one is not what template/features.py describes.
    """
    packed = checked(templates)
    return PrintStack(packed, code_minutiae(packed) if is_gallery else NO_CODES)


def gathered(parts: Sequence[tuple[PrintStack, Indices]]) -> PrintStack:
    """Chosen prints of several stacks with codes, in order; rows count each stack's prints from 0."""
    chosen = [(stacked(PackedTemplates.of([])), np.empty(0, np.int64)), *parts]
    data = [each.packed.data[places(each.packed.data_starts, rows)] for each, rows in chosen]
    sizes = [np.diff(each.packed.data_starts)[rows] for each, rows in chosen]
    counts = [np.diff(each.packed.starts)[rows] for each, rows in chosen]
    codes = [each.codes[places(each.packed.starts, rows)] for each, rows in chosen]
    packed = Packed(np.concatenate(data), starts_of(np.concatenate(sizes)), starts_of(np.concatenate(counts)))
    return PrintStack(packed, np.concatenate(codes))
