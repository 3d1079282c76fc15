"""Stacks the references of a page into new segments; those that no comparator accepts are left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Comparator, Stack
from biometrics.errors import TemplateMalformed
from biometrics.packed_templates import PackedTemplates
from gallery.index.columns.parts import smallest
from gallery.index.columns.segment import Segment, SegmentKey
from gallery.references import POSITIONS, ReferencePage

Rows = NDArray[np.int64]


class Stacked(NamedTuple, Generic[Stack]):
    """New segments of a page.

    Args:
        segments: by key, in order.
        reference_counts: int32, shape (subjects,): references that are in the segments.
        skipped_counts: int32, shape (subjects,): references that are not.
    """

    segments: dict[SegmentKey, list[Segment[Stack]]]
    reference_counts: NDArray[np.int32]
    skipped_counts: NDArray[np.int32]


def stacked(
    page: ReferencePage,
    galleries: NDArray[np.int32],
    first_ordinal: int,
    comparators: Sequence[Comparator[Stack]],
    segment_size: int,
) -> Stacked[Stack]:
    """Stack a page.

    Args:
        page: references of the comparators' modality.
        galleries: shape (subjects,): code of the galleries of each subject.
        first_ordinal: ordinal of the page's first subject; the others follow.
        comparators: stack, each the references of its model.
        segment_size: most rows of a segment.
    """
    owners, count = page.owners.astype(np.int64), len(page.subject_ids)
    accepted = [
        (key, stack, rows)
        for model, comparator in enumerate(comparators)
        for key, own in _by_key(page, galleries[owners], comparator.model_id, model)
        for part in np.array_split(own, -(-own.size // segment_size))
        for stack, rows in _stacks(page.templates, part, comparator)
    ]
    kept = np.concatenate([np.empty(0, np.int64), *(owners[rows] for _, _, rows in accepted)])
    counts = np.bincount(kept, minlength=count)
    segments: dict[SegmentKey, list[Segment[Stack]]] = {}
    for key, stack, rows in accepted:
        own = owners[rows]
        segment = Segment(key.position, stack, smallest(first_ordinal + own), int(counts[own].max()))
        segments.setdefault(key, []).append(segment)
    skipped = np.bincount(owners, minlength=count) - counts
    return Stacked(segments, counts.astype(np.int32), skipped.astype(np.int32))


def _by_key(
    page: ReferencePage, galleries: NDArray[np.int32], model_id: str, model: int
) -> Iterator[tuple[SegmentKey, Rows]]:
    """Rows of the page by segment key, ascending; those of other models and of undefined positions are left out."""
    usable = page.of_model(model_id)
    usable = usable[(page.positions[usable] >= 0) & (page.positions[usable] < len(POSITIONS))]
    keys = galleries[usable].astype(np.int64) * len(POSITIONS) + page.positions[usable]
    order = np.argsort(keys, kind="stable")
    begins = np.flatnonzero(np.diff(keys[order], prepend=-1))
    for rows in np.split(usable[order], begins[1:]) if begins.size else []:
        row = rows[0]
        yield SegmentKey(POSITIONS[page.positions[row]], int(galleries[row]), model), rows


def _stacks(templates: PackedTemplates, rows: Rows, comparator: Comparator[Stack]) -> Iterator[tuple[Stack, Rows]]:
    """Stacks of these rows and the rows of each; a malformed template is found by halving."""
    if not rows.size:
        return
    try:
        yield comparator.stack_packed(templates.take(rows)), rows
    except TemplateMalformed:
        if rows.size > 1:
            half = rows.size // 2
            yield from _stacks(templates, rows[:half], comparator)
            yield from _stacks(templates, rows[half:], comparator)
