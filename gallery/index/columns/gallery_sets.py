"""Codes of sets of galleries: subjects in the same galleries share one tuple and one code."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gallery.columns_of_text import GalleryColumn


class GallerySets:
    """The sets of galleries that occurred so far, by code. For one writer; readers may use `sets` meanwhile.

    Attributes:
        sets: the sets by code; new ones are only appended.
    """

    def __init__(self) -> None:
        self.sets: list[tuple[str, ...]] = []
        self._codes: dict[tuple[str, ...], int] = {}

    def codes(self, galleries: Sequence[tuple[str, ...]]) -> NDArray[np.int32]:
        """The code of each set, int32; new sets get new codes."""
        column = GalleryColumn.of(galleries)
        for each in column.table:
            if each not in self._codes:
                self._codes[each] = len(self.sets)
                self.sets.append(each)
        return np.array([self._codes[each] for each in column.table], np.int32)[column.codes]
