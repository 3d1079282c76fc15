"""One state of an index: immutable, so that a search that took it sees it until it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Stack
from biometrics.template import Position
from gallery.index.columns.parts import Ordinals, holding
from gallery.index.columns.segment import Segment, SegmentKey
from gallery.index.columns.subjects import SubjectBlock, Subjects

EVERY_GALLERY = ""
"""Name for all galleries together, which no gallery can have."""

Segments = tuple[Segment[Stack], ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of entries.

    Args:
        searched: int64, shape (sets,): by set of galleries, the subjects with at least one reference that is searched.
        skipped: references that no comparator accepts.
        unreadable: subjects that the store could not read.
    """

    searched: NDArray[np.int64]
    skipped: int
    unreadable: int

    @classmethod
    def of(cls, subjects: Subjects, ordinals: Ordinals, set_count: int) -> Counts:
        """The counts of these entries."""
        codes, references, skipped = (
            subjects.column(name, ordinals) for name in ("galleries", "reference_counts", "skipped_counts")
        )
        searched = np.bincount(codes[references > 0], minlength=set_count)
        return cls(searched, int(skipped.sum()), subjects.unreadable_count(ordinals))

    def changed(self, lost: Counts, won: Counts) -> Counts:
        """These counts without some entries and with others, which know as many sets or more."""
        searched = won.searched - lost.searched
        searched[: self.searched.size] += self.searched
        return Counts(
            searched, self.skipped - lost.skipped + won.skipped, self.unreadable - lost.unreadable + won.unreadable
        )


NOBODY = Counts(np.zeros(0, np.int64), 0, 0)


@dataclass(frozen=True)
class IndexState(Generic[Stack]):
    """Entries and segments of one moment.

    References are grouped by position, galleries and model, so that a search compares only the rows it needs. (If
    nearly every subject is in a different combination of galleries, a search over all of them visits as many small
    segments.)

    Args:
        gallery_sets: the sets of galleries by code; a later state may have more of them in this same list.
        subjects: columns of the subjects.
        segments_of: segments by key, in order of their ordinals; no key without segments.
        counts: of all entries.
    """

    gallery_sets: Sequence[tuple[str, ...]] = ()
    subjects: Subjects = field(default_factory=Subjects)
    segments_of: Mapping[SegmentKey, Segments[Stack]] = field(default_factory=dict)
    counts: Counts = NOBODY

    def count(self, gallery: str) -> int:
        """Number of subjects of the gallery, "" for all, with at least one reference that is searched."""
        searched = self.counts.searched
        if gallery == EVERY_GALLERY:
            return int(searched.sum())
        return sum(count for count, own in zip(searched.tolist(), self.gallery_sets, strict=False) if gallery in own)

    @cached_property
    def models(self) -> frozenset[int]:
        """Numbers of the models of which it holds references."""
        return frozenset(key.model for key in self.segments_of)

    def count_of(self, models: Sequence[int], gallery: str = EVERY_GALLERY) -> int:
        """Number of subjects of the gallery, "" for all, with at least one reference of these models.

        If there are references of others too, those of these models are gone through: about 1 ns each.
        """
        if self.models <= set(models):
            return self.count(gallery)
        parts = [
            segment.ordinals[segment.alive_rows]
            for key, segments in self.segments_of.items()
            if key.model in models and gallery in (EVERY_GALLERY, *self.gallery_sets[key.galleries])
            for segment in segments
        ]
        parts = [part for part in parts if part.size]
        if not parts:
            return 0
        first, last = min(int(part.min()) for part in parts), max(int(part.max()) for part in parts)
        has = np.zeros(last - first + 1, np.bool_)
        for part in parts:
            has[part - first] = True
        return int(np.count_nonzero(has))

    def segments(self, position: Position, gallery: str, model: int = 0) -> list[Segment[Stack]]:
        """The segments of a model that a probe of this position is compared with in this gallery."""
        return [
            segment
            for key, segments in self.segments_of.items()
            if key.model == model and gallery in self.gallery_sets[key.galleries] and key.position.comparable(position)
            for segment in segments
        ]

    def rows_of(
        self, ordinals: Ordinals, position: Position, model: int = 0
    ) -> list[tuple[Segment[Stack], NDArray[np.int64]]]:
        """The rows of these entries that a probe of this position is compared with.

        Args:
            ordinals: of this state, ascending and different.
            position: position of the probe.
            model: number of the model of the rows.

        Returns:
            Segments, each with the numbers of these rows in it, ascending.
        """
        found: list[tuple[Segment[Stack], NDArray[np.int64]]] = []
        for galleries, own in by_code(self.subjects, ordinals):
            for key, segments in self.segments_of.items():
                if (key.model, key.galleries) == (model, galleries) and key.position.comparable(position):
                    parts = [segments[number] for number in holding(segments, own)]
                    found += [(part, rows) for part in parts if (rows := part.rows_of(own)).size]
        return found

    @property
    def parts(self) -> Iterable[Segment[Stack] | SubjectBlock]:
        """All segments and blocks."""
        return [*(part for parts in self.segments_of.values() for part in parts), *self.subjects.blocks]


def by_code(subjects: Subjects, ordinals: Ordinals) -> list[tuple[int, Ordinals]]:
    """These entries (ascending) by code of their galleries; those without references are left out."""
    if not ordinals.size:
        return []
    codes, counts = subjects.column("galleries", ordinals), subjects.column("reference_counts", ordinals)
    used = np.unique(codes[counts > 0]).tolist()
    return [(code, ordinals[(codes == code) & (counts > 0)]) for code in used]
