"""Columns of a page of the store → a block of subjects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    rows = np.array(sorted(last.values()), np.int64)
    new_rows = np.full(len(page.names), -1, np.int32)
    new_rows[rows] = np.arange(rows.size)
    references = np.flatnonzero(new_rows[page.owners] >= 0)
    return ReferencePage(
        partitions=page.partitions[rows],
        names=page.names[rows],
        subject_ids=[page.subject_ids[row] for row in rows],
        galleries=[page.galleries[row] for row in rows],
        owners=new_rows[page.owners[references]],
        positions=page.positions[references],
        model_ids=page.model_ids,
        models=page.models[references],
        templates=page.templates.take(references),
        unreadable=unreadable,
    )


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
    ids: Sequence[bytes] = [*map(str.encode, page.subject_ids), *(b"" for _ in page.unreadable)]
    unreadable = np.zeros(len(page.unreadable), np.int32)
    return [
        SubjectBlock(
            ordinals=smallest(first_ordinal + np.arange(len(names))),
            names=names,
            ids=np.frombuffer(b"".join(ids), np.uint8).copy(),
            starts=starts_of(np.fromiter(map(len, ids), np.int64, len(ids))),
            galleries=np.concatenate([galleries, unreadable]),
            reference_counts=np.concatenate([made.reference_counts, unreadable]),
            skipped_counts=np.concatenate([made.skipped_counts, unreadable]),
        )
    ]
