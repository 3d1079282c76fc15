"""Content of an index: one entry for every subject, and the segments of references that are searched."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Comparator, Stack
from biometrics.errors import TemplateMalformed, TemplateModelMismatch
from biometrics.template import Position, Template
from gallery.index.segment import Entry, Row, Segment, SegmentKey, tidied
from gallery.subject import Subject

EVERY_GALLERY = ""
"""Name for all galleries together, which no gallery can have."""

Segments = tuple[Segment[Stack], ...]


class IndexContent(Generic[Stack]):
    """Entries and segments for one writer, which calls `apply`, and any number of reading threads.

    Segments are immutable, and the mapping of keys to segments is replaced, never changed: a search that
    took it sees one state until it is done. References are grouped by position and galleries, so that a
    search compares only the rows it needs. (If nearly every subject is in a different combination of
    galleries, a search over all of them visits as many small segments.)

    The templates are kept beside their stacks, to rebuild segments: an index holds each template twice.

    Args:
        comparator: stacks and compares; the index is of its modality.
        segment_size: most rows of a segment.
    """

    def __init__(self, comparator: Comparator[Stack], segment_size: int) -> None:
        self._comparator = comparator
        self._segment_size = segment_size
        self._ordinals = count()
        self._entries: dict[str, Entry] = {}
        self._segments: Mapping[SegmentKey, Segments[Stack]] = {}
        self._gallery_sizes: Counter[str] = Counter()
        self._skipped_count = 0
        self._erased: set[str] = set()

    @property
    def skipped_count(self) -> int:
        """Number of references of this modality that the comparator does not accept."""
        return self._skipped_count

    def count(self, gallery: str) -> int:
        """Number of subjects of the gallery, "" for all, with at least one reference that is searched."""
        return self._gallery_sizes[gallery]

    def entry(self, subject_id: str) -> Entry | None:
        """The entry of a subject, or None."""
        return self._entries.get(subject_id)

    def segments(self, position: Position, gallery: str) -> Sequence[Segment[Stack]]:
        """The segments that a probe of this position is compared with in this gallery."""
        return [
            segment
            for key, segments in self._segments.items()
            if gallery in key.galleries and key.position.comparable(position)
            for segment in segments
        ]

    def rows_of(
        self, entries: Sequence[Entry], position: Position
    ) -> tuple[list[tuple[Segment[Stack], NDArray[np.int64]]], list[Row]]:
        """The rows of these entries, all different, that a probe of this position is compared with.

        Returns:
            Segments, each with the numbers of these rows in it, ascending; and rows that are in no segment, as their
            entry is just being replaced.
        """
        segments_of = self._segments
        held: list[tuple[Segment[Stack], NDArray[np.int64]]] = []
        loose: list[Row] = []
        for key, rows in _by_key(entries).items():
            if key.position.comparable(position):
                ordinals = np.array(sorted({entry.ordinal for entry, _ in rows}), np.int64)
                parts = [(segment, segment.rows_of(ordinals)) for segment in segments_of.get(key, ())]
                is_whole = len(rows) == sum(own.size for _, own in parts)
                held += [(segment, own) for segment, own in parts if own.size and is_whole]
                loose += [] if is_whole else rows
        return held, loose

    def apply(self, states: Mapping[str, Subject | None]) -> None:
        """Replace the entries of these subjects; None: the subject is erased.

        CPU-bound for large batches. A template that cannot be read is skipped, and the others are indexed.
        """
        old = [self._entries[subject_id] for subject_id in states if subject_id in self._entries]
        subjects = [subject for subject in states.values() if subject is not None]
        new = [self._entry(subject, self._usable) for subject in subjects]
        try:
            segments_of = self._rearranged(old, new)
        except (TemplateMalformed, TemplateModelMismatch):
            new = [self._entry(subject, self._stackable) for subject in subjects]
            segments_of = self._rearranged(old, new)
        self._commit(old, new, segments_of)
        self._erased |= {subject_id for subject_id, subject in states.items() if subject is None}

    def purge(self) -> None:
        """Rebuild the segments that still hold rows of erased subjects, dead since `apply`.

        The old segments are freed when the last search that uses them is done. CPU-bound: takes as long as stacking
        the other rows of these segments.
        """
        if self._erased:
            segments_of = {key: self._purged(segments) for key, segments in self._segments.items()}
            self._segments = {key: segments for key, segments in segments_of.items() if segments}
            self._erased = set()

    def _purged(self, segments: Segments[Stack]) -> Segments[Stack]:
        return tuple(
            Segment.of(segment.alive_rows, self._comparator) if segment.holds(self._erased) else segment
            for segment in segments
            if segment.alive_count
        )

    def _entry(self, subject: Subject, accepted: Callable[[Template], bool]) -> Entry:
        modality = self._comparator.modality
        own = [each for each in subject.active_references if each.template.modality is modality]
        kept = tuple([each for each in own if accepted(each.template)])
        return Entry(next(self._ordinals), subject.subject_id, subject.galleries, kept, len(own) - len(kept))

    def _usable(self, template: Template) -> bool:
        return template.model_id == self._comparator.model_id

    def _stackable(self, template: Template) -> bool:
        try:
            self._comparator.stack([template])
        except (TemplateMalformed, TemplateModelMismatch):
            return False
        return self._usable(template)

    def _rearranged(self, old: Sequence[Entry], new: Sequence[Entry]) -> dict[SegmentKey, Segments[Stack]]:
        """The segments by key, without the old entries and with the new ones."""
        erased = _by_key(old)
        added = _by_key(new)
        segments_of = dict(self._segments)
        for key in {**erased, **added}:
            dead = np.array(sorted({entry.ordinal for entry, _ in erased.get(key, ())}), np.int64)
            kept = [segment.without(dead) for segment in segments_of.pop(key, ())]
            segments = tidied(kept, added.get(key, ()), self._comparator, self._segment_size)
            if segments:
                segments_of[key] = segments
        return segments_of

    def _commit(
        self, old: Sequence[Entry], new: Sequence[Entry], segments_of: Mapping[SegmentKey, Segments[Stack]]
    ) -> None:
        """Publish the new state: readers see each subject's old entry or its new one, never neither."""
        self._entries.update((entry.subject_id, entry) for entry in new)
        for subject_id in {entry.subject_id for entry in old} - {entry.subject_id for entry in new}:
            del self._entries[subject_id]
        sizes = self._gallery_sizes + _gallery_sizes(new)
        self._gallery_sizes = sizes - _gallery_sizes(old)
        self._skipped_count += sum(entry.skipped_count for entry in new) - sum(entry.skipped_count for entry in old)
        self._segments = segments_of


def _gallery_sizes(entries: Sequence[Entry]) -> Counter[str]:
    return Counter(gallery for entry in entries if entry.references for gallery in (EVERY_GALLERY, *entry.galleries))


def _by_key(entries: Sequence[Entry]) -> dict[SegmentKey, list[Row]]:
    """Rows of the entries by segment key, in the order of the entries."""
    rows: dict[tuple[Position, tuple[str, ...]], list[Row]] = defaultdict(list)
    for entry in entries:
        for reference in entry.references:
            rows[reference.position, entry.galleries].append((entry, reference))
    return {SegmentKey(*selected): own for selected, own in rows.items()}
