"""Columns of the subjects of an index, in immutable blocks in order of their ordinals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gallery.index.columns.parts import Ordinals, holding, rows_of, smallest, within, without_rows
from gallery.references import NAME_BYTES

Names = NDArray[np.uint8]
"""Names of subjects in the feed (gallery/store/keyed_names.py); uint8, shape (names, 16)."""


def names_of(names: Sequence[bytes]) -> Names:
    """Names of 16 bytes each as an array."""
    return np.frombuffer(b"".join(names), np.uint8).reshape(-1, NAME_BYTES)


@dataclass(frozen=True)
class SubjectBlock:
    """Columns of some subjects, one row per entry; about 70 bytes for an id of 36 characters.

    Args:
        ordinals: int32 or int64, shape (rows,), ascending and different.
        names: uint8, shape (rows, 16).
        ids: uint8: the subject ids in UTF-8, joined; an empty id is of a subject that cannot be read.
        starts: uint32, shape (rows + 1,): where each id begins in `ids`, and where the last one ends.
        galleries: int32, shape (rows,): code of the set of galleries.
        reference_counts: int32, shape (rows,): references that are searched.
        skipped_counts: int32, shape (rows,): references that the comparator does not accept.
        alive: bool, shape (rows,): False for entries that are replaced or erased; None if all are alive.
    """

    ordinals: NDArray[Any] = field(repr=False)
    names: Names = field(repr=False)
    ids: NDArray[np.uint8] = field(repr=False)
    starts: NDArray[np.uint32] = field(repr=False)
    galleries: NDArray[np.int32] = field(repr=False)
    reference_counts: NDArray[np.int32] = field(repr=False)
    skipped_counts: NDArray[np.int32] = field(repr=False)
    alive: NDArray[np.bool_] | None = field(default=None, repr=False)

    @cached_property
    def alive_count(self) -> int:
        """Number of rows that are alive."""
        return len(self.ordinals) if self.alive is None else int(self.alive.sum())

    @property
    def alive_rows(self) -> NDArray[np.int64]:
        """Numbers of the rows that are alive, ascending."""
        return np.arange(len(self.ordinals)) if self.alive is None else np.flatnonzero(self.alive)

    def without(self, ordinals: Ordinals) -> SubjectBlock:
        """The block with these entries (ordinals ascending) marked dead; itself if it has none."""
        rows = rows_of(self.ordinals, ordinals)
        return replace(self, alive=without_rows(self.alive, rows, len(self.ordinals))) if rows.size else self

    def id_bytes(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """The joined ids of these rows, and the length of each."""
        firsts = self.starts[:-1][rows].astype(np.int64)
        lengths = self.starts[1:][rows] - firsts
        places = np.repeat(firsts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
        return self.ids[places], lengths


def starts_of(lengths: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Where parts of these lengths begin if they are joined, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32)


def joined(blocks: Sequence[SubjectBlock]) -> SubjectBlock:
    """One block of the rows alive of several, in order; at least one row is alive."""
    rows = [block.alive_rows for block in blocks]

    def column(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(block, name)[own] for block, own in zip(blocks, rows, strict=True)])

    ids = [block.id_bytes(own) for block, own in zip(blocks, rows, strict=True)]
    return SubjectBlock(
        ordinals=smallest(column("ordinals")),
        names=column("names"),
        ids=np.concatenate([own for own, _ in ids]),
        starts=starts_of(np.concatenate([lengths for _, lengths in ids])),
        galleries=column("galleries"),
        reference_counts=column("reference_counts"),
        skipped_counts=column("skipped_counts"),
    )


@dataclass(frozen=True)
class Subjects:
    """The subjects of one state of an index.

    Args:
        blocks: in order of their ordinals.
    """

    blocks: tuple[SubjectBlock, ...] = ()

    def column(self, name: str, ordinals: Ordinals) -> NDArray[Any]:
        """The values of a column of `SubjectBlock` for these entries, which must be in this state, in their order."""
        found: NDArray[Any] | None = None
        for block, places, rows in self._found(ordinals):
            values = getattr(block, name)[rows]
            found = np.zeros((ordinals.size, *values.shape[1:]), values.dtype) if found is None else found
            found[places] = values
        return np.empty(0, np.int32) if found is None else found

    def names(self, ordinals: Ordinals) -> Names:
        """The names of these entries, in their order."""
        return self.column("names", ordinals).reshape(-1, NAME_BYTES)

    def reference_counts(self, ordinals: Ordinals) -> NDArray[np.int64]:
        """Number of references of each of these entries that are searched."""
        return self.column("reference_counts", ordinals).astype(np.int64)

    def unreadable_count(self, ordinals: Ordinals) -> int:
        """How many of these entries are of subjects that cannot be read."""
        return sum(int((np.diff(block.starts)[rows] == 0).sum()) for block, _, rows in self._found(ordinals))

    def ids(self, ordinals: Ordinals) -> list[str]:
        """The subject ids of these entries, in their order."""
        ids = [""] * ordinals.size
        for block, places, rows in self._found(ordinals):
            joined_ids, lengths = block.id_bytes(rows)
            text = joined_ids.tobytes()
            for place, (first, end) in zip(places.tolist(), pairwise(starts_of(lengths).tolist()), strict=True):
                ids[place] = text[first:end].decode()
        return ids

    def _found(self, ordinals: Ordinals) -> Iterator[tuple[SubjectBlock, NDArray[np.int64], NDArray[np.int64]]]:
        """Blocks, each with the places in `ordinals` of its own entries and their rows."""
        if not ordinals.size:
            return
        order = np.argsort(ordinals, kind="stable")
        ascending = ordinals[order]
        for number in holding(self.blocks, ordinals):
            block = self.blocks[number]
            place, own = within(block.ordinals, ascending)
            yield block, order[place], np.searchsorted(block.ordinals, own)
