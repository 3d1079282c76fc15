"""One state of an index: immutable, so that a search that took it sees it until it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
        skipped: references that the comparator does not accept.
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

    References are grouped by position and galleries, so that a search compares only the rows it needs. (If nearly every
    subject is in a different combination of galleries, a search over all of them visits as many small segments.)

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

    def segments(self, position: Position, gallery: str) -> list[Segment[Stack]]:
        """The segments that a probe of this position is compared with in this gallery."""
        return [
            segment
            for key, segments in self.segments_of.items()
            if gallery in self.gallery_sets[key.galleries] and key.position.comparable(position)
            for segment in segments
        ]

    def rows_of(self, ordinals: Ordinals, position: Position) -> list[tuple[Segment[Stack], NDArray[np.int64]]]:
        """The rows of these entries that a probe of this position is compared with.

        Args:
            ordinals: of this state, ascending and different.
            position: position of the probe.

        Returns:
            Segments, each with the numbers of these rows in it, ascending.
        """
        found: list[tuple[Segment[Stack], NDArray[np.int64]]] = []
        for galleries, own in by_code(self.subjects, ordinals):
            for key, segments in self.segments_of.items():
                if key.galleries == galleries and key.position.comparable(position):
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
