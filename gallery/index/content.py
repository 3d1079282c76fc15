"""Content of an index: the columns of its subjects, and the segments of references that are searched."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Comparator, Stack
from gallery.index.columns import segment, subjects
from gallery.index.columns.erased import Erased
from gallery.index.columns.gallery_sets import GallerySets
from gallery.index.columns.memory import array_bytes
from gallery.index.columns.name_table import NameTable
from gallery.index.columns.pages import all_names, block_of, distinct
from gallery.index.columns.parts import Ordinals, marked, purgeable, purged, tidied
from gallery.index.columns.segment import Segment, SegmentKey
from gallery.index.columns.stacking import stacked
from gallery.index.columns.subjects import Names, SubjectBlock, Subjects, names_of
from gallery.index.room import Room
from gallery.index.state import Counts, IndexState, Segments, by_code
from gallery.patience import IsWanted, always
from gallery.references import ReferencePage
from gallery.store.keyed_names import subject_name


class IndexContent(Generic[Stack]):
    """States for one writer, which calls `apply` and `purge`, and any number of reading threads.

    A state is immutable, and replaced by the next one: a search that took it sees one state until it is done. Each
    template is held once, in the stack of its segment.

    Args:
        comparator: stacks and compares; the index is of its modality.
        segment_size: most rows of a segment, and of a block of subjects.
        name_key: key of the names (gallery/store/keyed_names.py).
        others: comparators of other models, whose references are held beside.
        most_bytes: of memory that it may fill; 0: any number.
    """

    def __init__(
        self,
        comparator: Comparator[Stack],
        segment_size: int,
        name_key: bytes,
        others: Sequence[Comparator[Stack]] = (),
        most_bytes: int = 0,
    ) -> None:
        self._comparators = comparator, *others
        self._name_key = name_key
        self._segment_size = segment_size
        self._next_ordinal = 0
        self._sets = GallerySets()
        self._sets.codes([()])  # code 0, also of subjects that cannot be read
        self._state: IndexState[Stack] = IndexState(self._sets.sets)
        self._table = NameTable()
        self._changing = Lock()
        self._erased = Erased()
        self.room = Room(most_bytes, lambda: self.memory_bytes)

    @property
    def state(self) -> IndexState[Stack]:
        """The newest state."""
        return self._state

    @property
    def skipped_count(self) -> int:
        """Number of references of this modality that no comparator accepts."""
        return self._state.counts.skipped

    @property
    def unreadable_count(self) -> int:
        """Number of subjects that the store could not read."""
        return self._state.counts.unreadable

    @property
    def has_room_for_another(self) -> bool:
        """See Copy."""
        return self.room.has_another

    @property
    def memory_bytes(self) -> int:
        """Bytes of all arrays: stacks, columns and the table of names."""
        return array_bytes([*self._state.parts, self._table.slots])

    def count(self, gallery: str) -> int:
        """Number of subjects of the gallery, "" for all, with at least one reference that is searched."""
        return self._state.count(gallery)

    def found(self, subject_ids: Sequence[str]) -> tuple[IndexState[Stack], Ordinals]:
        """The newest state, and the entries in it of those of the subjects that it has, ascending and different."""
        names = names_of([subject_name(self._name_key, each) for each in dict.fromkeys(subject_ids)])
        with self._changing:
            state = self._state
            slots = self._table.find(names, state.subjects.names)
            return state, np.sort(self._table.ordinals(slots[slots >= 0]))

    def apply(self, page: ReferencePage, gone: Sequence[bytes] = (), cut: Collection[bytes] = ()) -> None:
        """Replace the entries of the page's subjects, also of those that cannot be read, and drop others.

        CPU-bound for large pages. A template that no comparator accepts is skipped, the others are indexed. Subjects
        for whose references there is no room are dropped (`room.left_out`).

        Args:
            page: the current states of subjects.
            gone: names of subjects that are erased; different, and none of the page.
            cut: names of those of the page of which templates were removed: their former entries are purged too.
        """
        page, left_out = self.room.admitted(distinct(page))
        gone, state = (*gone, *left_out), self._state
        galleries, first = self._sets.codes(page.galleries), self._next_ordinal
        made = stacked(page, galleries, first, self._comparators, self._segment_size)
        blocks = block_of(page, galleries, first, made)
        self.room.learn(page, array_bytes([*made.segments.values(), *blocks]))
        new_names, gone_names = all_names(page), names_of(gone)
        new = first + np.arange(len(new_names))
        self._next_ordinal += new.size
        self._make_room(new.size)
        names = np.concatenate([new_names, gone_names])
        slots = self._table.find(names, state.subjects.names)
        known = slots >= 0
        old = self._table.ordinals(slots[known])
        following = self._following(state, np.sort(old), new, blocks, made.segments)
        with self._changing:
            self._table.put(slots[: new.size], new_names, new)
            self._table.remove(slots[new.size :][known[new.size :]])
            self._state = following
        is_gone = np.flatnonzero(known) >= new.size
        if cut:
            is_gone |= np.array([bytes(each) in cut for each in names[known]], np.bool_)
        self._remember(names[known], old, is_gone)

    def purge(self, goes_on: IsWanted = always) -> bool:
        """Rebuild segments and blocks that still hold rows of erased subjects, dead since `apply`.

        One after the other, so that little memory is needed: an old one is freed when the last search that uses it is
        done. CPU-bound: takes as long as copying the other rows of these segments.

        Args:
            goes_on: whether to go on with the next one, asked after each; the next call does the others.

        Returns:
            Whether none is left.
        """
        if not self._erased:
            return True
        erased = self._erased.ordinals
        for key in list(self._state.segments_of):  # a list, as the mapping would keep the old segments
            for number in purgeable(self._state.segments_of[key], erased):
                self._purge_segment(key, number)
                if not goes_on():
                    return False
        for number in purgeable(self._state.subjects.blocks, erased):
            blocks = purged(self._state.subjects.blocks, number, subjects.joined)
            self._state = replace(self._state, subjects=Subjects(blocks))
            if not goes_on():
                return False
        self._erased.purged()
        return True

    def _purge_segment(self, key: SegmentKey, number: int) -> None:
        state = self._state
        parts = purged(state.segments_of[key], number, self._joined(key, state.subjects))
        self._state = replace(state, segments_of={**state.segments_of, key: parts})

    def _following(
        self,
        state: IndexState[Stack],
        old: Ordinals,
        new: Ordinals,
        blocks: Sequence[SubjectBlock],
        segments: Mapping[SegmentKey, Sequence[Segment[Stack]]],
    ) -> IndexState[Stack]:
        """The state without the old entries (ascending) and with the new ones, their blocks and their segments."""
        kept = marked(state.subjects.blocks, old)
        following = Subjects(tidied([*kept, *blocks], self._segment_size, subjects.joined))
        set_count = len(self._sets.sets)
        lost, won = Counts.of(state.subjects, old, set_count), Counts.of(Subjects(tuple(blocks)), new, set_count)
        return replace(
            state,
            subjects=following,
            segments_of=self._rearranged(state, dict(by_code(state.subjects, old)), segments, following),
            counts=state.counts.changed(lost, won),
        )

    def _rearranged(
        self,
        state: IndexState[Stack],
        dead_of: Mapping[int, Ordinals],
        segments: Mapping[SegmentKey, Sequence[Segment[Stack]]],
        following: Subjects,
    ) -> dict[SegmentKey, Segments[Stack]]:
        """The segments by key, with new segments and without dead entries, given by code of their galleries."""
        segments_of = dict(state.segments_of)
        changed = [key for key in segments_of if key.galleries in dead_of]
        for key in {**dict.fromkeys(changed), **segments}:
            kept = marked(segments_of.pop(key, ()), dead_of.get(key.galleries, np.empty(0, np.int64)))
            parts = tidied([*kept, *segments.get(key, ())], self._segment_size, self._joined(key, following))
            if parts:
                segments_of[key] = parts
        return segments_of

    def _joined(self, key: SegmentKey, known: Subjects) -> Callable[[Sequence[Segment[Stack]]], Segment[Stack]]:
        return lambda parts: segment.joined(parts, self._comparators[key.model], known.reference_counts)

    def _make_room(self, count: int) -> None:
        """Replace the table by one of the same names if it has no room for so many more."""
        if not self._table.has_room(count):
            self._table = NameTable.of(self._state.subjects, count)

    def _remember(self, names: Names, old: Ordinals, is_gone: NDArray[np.bool_]) -> None:
        """Remember former entries, of subjects that are gone and of subjects that have new ones, for the next purge."""
        self._erased.add(names[is_gone], old[is_gone])
        self._erased.supersede(names[~is_gone], old[~is_gone])
