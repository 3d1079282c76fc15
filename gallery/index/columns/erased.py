"""Remembers which rows of an index are of erased subjects, until they are purged from memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gallery.index.columns.parts import Ordinals
from gallery.index.columns.subjects import Names

MOST_SUPERSEDED = 65_536
"""Former entries that are remembered, 16 bytes each. After more than these, a purge removes all dead rows."""

Tags = NDArray[np.uint64]


class Erased:
    """Ordinals of erased subjects: of their newest entries, and of former ones that may still have dead rows.

    A former entry belongs to a subject that was updated; its rows hold data of the subject if that is erased later.
    """

    def __init__(self) -> None:
        self._erased, self._erased_tags = _none(), _none().astype(np.uint64)
        self._former, self._former_tags = _none(), _none().astype(np.uint64)
        self._has_forgotten = False

    def __bool__(self) -> bool:
        """Whether anything was erased since the last purge."""
        return bool(self._erased.size)

    def add(self, names: Names, ordinals: Ordinals) -> None:
        """These subjects were erased; the ordinals are of their newest entries."""
        self._erased = np.concatenate([self._erased, ordinals])
        self._erased_tags = np.concatenate([self._erased_tags, _tags(names)])

    def supersede(self, names: Names, ordinals: Ordinals) -> None:
        """These entries were replaced by newer ones of the same subjects."""
        self._former = np.concatenate([self._former, ordinals])
        self._former_tags = np.concatenate([self._former_tags, _tags(names)])
        if self._former.size > MOST_SUPERSEDED:
            self._former, self._former_tags, self._has_forgotten = _none(), _none().astype(np.uint64), True

    @property
    def ordinals(self) -> Ordinals | None:
        """Entries of erased subjects, ascending; None: all dead rows must go, as former entries are forgotten."""
        if self._has_forgotten:
            return None
        return np.unique(np.concatenate([self._erased, self._former[np.isin(self._former_tags, self._erased_tags)]]))

    def purged(self) -> None:
        """The rows of `ordinals` have been removed."""
        kept = ~np.isin(self._former_tags, self._erased_tags)
        self._former, self._former_tags = self._former[kept], self._former_tags[kept]
        self._erased, self._erased_tags = _none(), _none().astype(np.uint64)
        self._has_forgotten = False


def _none() -> Ordinals:
    return np.empty(0, np.int64)


def _tags(names: Names) -> Tags:
    """64 bits of each name: if two subjects have the same, one more row is removed, which does no harm."""
    tags: Tags = np.ascontiguousarray(names).view(np.uint64).reshape(-1, 2)[:, 0]
    return tags
