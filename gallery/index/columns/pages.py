"""Columns of a page of the store → a block of subjects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gallery.columns_of_text import TextColumn
from gallery.index.columns.parts import smallest
from gallery.index.columns.stacking import Stacked
from gallery.index.columns.subjects import Names, SubjectBlock, names_of, starts_of
from gallery.references import ReferencePage


def distinct(page: ReferencePage) -> ReferencePage:
    """The page with each subject once: as it came last, if a store returned it more than once."""
    words = np.sort(np.ascontiguousarray(page.names).view(np.uint64).reshape(-1, 2)[:, 0])
    if (words[1:] != words[:-1]).all() and not page.unreadable:
        return page
    last = {name.tobytes(): row for row, name in enumerate(page.names)}
    unreadable = [name for name in dict.fromkeys(page.unreadable) if name not in last]
    return replace(page.of_subjects(np.array(sorted(last.values()), np.int64)), unreadable=unreadable)


def all_names(page: ReferencePage) -> Names:
    """Names of the page's subjects, then those of the subjects that cannot be read."""
    return np.concatenate([page.names, names_of(page.unreadable)])


def block_of(
    page: ReferencePage, galleries: NDArray[np.int32], first_ordinal: int, made: Stacked[Any]
) -> list[SubjectBlock]:
    """The block of a page; none if it is empty. The subjects that cannot be read follow, with empty ids.

    Args:
        page: of different subjects.
        galleries: shape (subjects,): code of the galleries of each subject that can be read.
        first_ordinal: ordinal of the first subject; the others follow.
        made: the counts of references of each subject that can be read.
    """
    names = all_names(page)
    if not len(names):
        return []
    ids = TextColumn.of(page.subject_ids).joined
    unreadable = np.zeros(len(page.unreadable), np.int32)
    return [
        SubjectBlock(
            ordinals=smallest(first_ordinal + np.arange(len(names))),
            names=names,
            ids=ids.data.copy(),
            starts=starts_of(np.concatenate([np.diff(ids.starts), unreadable])),
            galleries=np.concatenate([galleries, unreadable]),
            reference_counts=np.concatenate([made.reference_counts, unreadable]),
            skipped_counts=np.concatenate([made.skipped_counts, unreadable]),
        )
    ]
