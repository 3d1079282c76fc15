"""gallery.index.search.rank: the best rows and the best of each subject."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery.index.search.rank import best_of_each, best_rows

scored = st.lists(st.tuples(st.integers(-2, 2), st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=30)


@settings(deadline=None, database=None)
@given(st.lists(st.integers(-2, 2), min_size=1, max_size=30), st.integers(1, 40))
def test_the_best_rows_come_with_all_their_ties(values: list[int], wanted: int) -> None:
    """A row is kept when fewer than `wanted` rows are better than it."""
    scores = np.array(values, np.float32)
    kept = [row for row, value in enumerate(values) if sum(v > value for v in values) < wanted]
    assert kept == best_rows(scores, wanted).tolist()


@settings(deadline=None, database=None)
@given(scored, st.integers(1, 8))
def test_the_best_of_each_subject_is_its_best_row(rows: list[tuple[int, int, int]], limit: int) -> None:
    """Each subject that fewer than `limit` others beat is there with its best score, at the lowest position of it."""
    best: dict[int, tuple[int, int]] = {}
    for score, subject, position in rows:
        best[subject] = min(best.get(subject, (9, 9)), (-score, position))
    wanted = {s: b for s, b in best.items() if sum(other[0] < b[0] for other in best.values()) < limit}
    scores, subjects, positions = (np.array(column) for column in zip(*rows, strict=True))
    found = best_of_each(scores.astype(np.float32), subjects.astype(np.int64), positions.astype(np.int8), limit)
    assert wanted == {int(subjects[r]): (int(-scores[r]), int(positions[r])) for r in found}
    assert len(wanted) == found.size
