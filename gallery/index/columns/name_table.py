"""A hash table in one array, from the names of subjects to the ordinals of their newest entries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gallery.index.columns.parts import Ordinals
from gallery.index.columns.subjects import Names, Subjects

ORDINAL_BITS = 40
MOST_ORDINALS = 2**ORDINAL_BITS - 2
"""Ordinals are below this number: 10¹² changes."""
FULLEST = 0.75
"""Largest share of the slots in use, with those of removed names."""
LEAST_SLOTS = 64

EMPTY, REMOVED = np.uint64(0), np.uint64(2**64 - 1)
_LOW = np.uint64(2**ORDINAL_BITS - 1)
_SHIFT = np.uint64(ORDINAL_BITS)

Slots = NDArray[np.int64]


class NameTable:
    """Open addressing with double hashing, 8 bytes a slot; names are hashes already.

    A slot holds 24 bits of the name and the ordinal plus 1. The names themselves are in the blocks of the subjects: if
    the 24 bits are the same, the whole names are compared. Not thread-safe.

    Args:
        most: number of names that it can hold.
    """

    def __init__(self, most: int = 0) -> None:
        size = LEAST_SLOTS
        while size * FULLEST < most:
            size *= 2
        self.slots = np.zeros(size, np.uint64)
        self._used_count = 0

    def has_room(self, count: int) -> bool:
        """Whether so many names can be added."""
        return self._used_count + count <= FULLEST * self.slots.size

    @classmethod
    def of(cls, subjects: Subjects, extra: int) -> NameTable:
        """A table of all entries alive, with room for a quarter more and `extra`."""
        table = cls(extra + 5 * sum(block.alive_count for block in subjects.blocks) // 4)
        for block in subjects.blocks:
            rows = block.alive_rows
            table.put(np.full(rows.size, -1), block.names[rows], block.ordinals[rows].astype(np.int64))
        return table

    def find(self, names: Names, names_of: Callable[[Ordinals], Names]) -> Slots:
        """The slot of each name; −1 if it is not in the table.

        Args:
            names: different names.
            names_of: the names of entries of the table.
        """
        place, step, tags = self._hashed(names)
        found, left = np.full(len(names), -1), np.arange(len(names))
        while left.size:
            values = self.slots[place]
            alike = np.flatnonzero(
                (values >> _SHIFT == tags[left]) & (values != EMPTY) & (values != REMOVED),
            )
            ordinals = (values[alike] & _LOW).astype(np.int64) - 1
            same = alike[(names_of(ordinals) == names[left[alike]]).all(axis=1)] if alike.size else alike
            found[left[same]] = place[same]
            goes_on = values != EMPTY
            goes_on[same] = False
            left, place = left[goes_on], place[goes_on]
            place = (place + step[left]) & (self.slots.size - 1)
        return found

    def ordinals(self, slots: Slots) -> Ordinals:
        """The ordinals in these slots, which hold names."""
        return (self.slots[slots] & _LOW).astype(np.int64) - 1

    def put(self, slots: Slots, names: Names, ordinals: Ordinals) -> None:
        """Set the ordinals of different names; there must be room.

        Args:
            slots: the slot of each name, as `find` returned it.
            names: the names.
            ordinals: the new ordinals, all different.
        """
        place, step, tags = self._hashed(names)
        values = (tags << _SHIFT) | (ordinals + 1).astype(np.uint64)
        known = slots >= 0
        self.slots[slots[known]] = values[known]
        left = np.flatnonzero(~known)
        place = place[left]
        while left.size:
            old = self.slots[place]
            free = (old == EMPTY) | (old == REMOVED)
            self.slots[place[free]] = values[left[free]]
            is_set = self.slots[place] == values[left]
            self._used_count += int((is_set & (old == EMPTY)).sum())
            left, place = left[~is_set], place[~is_set]
            place = (place + step[left]) & (self.slots.size - 1)

    def remove(self, slots: Slots) -> None:
        """Remove the names in these slots."""
        self.slots[slots] = REMOVED

    def _hashed(self, names: Names) -> tuple[Slots, NDArray[np.int64], NDArray[np.uint64]]:
        """First slot, step and 24 bits of each name."""
        words = np.ascontiguousarray(names).view(np.uint64).reshape(-1, 2)
        mask = np.uint64(self.slots.size - 1)
        place = (words[:, 0] & mask).astype(np.int64)
        step = (words[:, 1] & mask | np.uint64(1)).astype(np.int64)
        return place, step, words[:, 1] >> _SHIFT
