"""gallery.index.search.rounds: the floor of a search that several indexes make together."""

from __future__ import annotations

from math import inf
from pathlib import Path

import numpy as np
import pytest

from biometrics.template import Position
from gallery.index.exact import ExactIndex
from gallery.index.search.rounds import EVERY_ROW, cut_of, fair_rows, floor_of, wanted_of
from gallery.store.open_store import open_store
from tests.support.builders import enrolment, reference, vector
from tests.support.fakes.comparators import ScreeningVectorComparator

PROBE = vector([1, 1, 0, 0])
WHERE = (Position.UNKNOWN, "default", 2)


def test_the_cut_is_the_last_of_the_best() -> None:
    """Of 5 scores the third best; of fewer scores than wanted there is none."""
    scores = np.array([1, 5, 2, 4, 3], np.float32)
    assert 3.0 == cut_of(scores, 3)
    assert -inf == cut_of(scores, 6)


def test_the_floor_allows_for_the_screening_error() -> None:
    """A row may be as good as the cut if its screening score is less by twice the error."""
    assert 2.5 == floor_of(3.0, 0.25)
    assert -inf == floor_of(-inf, 0.25)


@pytest.mark.parametrize(("rows", "least", "expected"), [(100, 5, 20), (1000, 5, 50), (1000, 80, 80), (0, 1, 20)])
def test_how_many_rows_are_wanted(rows: int, least: int, expected: int) -> None:
    """The share, the number that is compared without screening, or what the search wants: the most of them."""
    assert expected == wanted_of(rows, 0.05, 20, least)


def test_a_fair_number_is_more_than_the_share() -> None:
    """Of 10,000 wanted rows it is 4 standard deviations more, and 16."""
    assert 10_000 + 400 + 16 == fair_rows(200_000, 0.05, 20, 1)


async def test_two_rounds_of_one_index_are_its_search(tmp_path: Path) -> None:
    """With the cut of its own scores, an index finds in two rounds what it finds by a search; an empty one nothing."""
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    comparator = ScreeningVectorComparator()
    index = ExactIndex(store, comparator, exhaustive_rows=4)
    await index.start()
    nothing = index.screen(PROBE, *WHERE)
    assert (0, 0, True, []) == (nothing.row_count, nothing.widest, nothing.is_all, nothing.scores.tolist())
    assert [] == index.compare_screened(nothing, Position.UNKNOWN, 2, -inf)
    for number in range(60):
        receipt = await store.enroll(enrolment(f"s{number:02}", reference([number, -3 * (number % 7), 0, 0])))
    await index.wait_for(receipt.token, 5)
    first = index.screen(PROBE, *WHERE)
    floor = cut_of(first.scores, wanted_of(first.row_count, comparator.screened_share, 4, 2 * first.widest))
    assert not first.is_all
    assert first.reaches(floor)
    assert not first.reaches(-inf)
    assert index.search(PROBE, *WHERE) == index.compare_screened(first, Position.UNKNOWN, 2, floor)
    every = index.screen(PROBE, *WHERE, EVERY_ROW)
    assert every.reaches(-inf)
    assert 60 == len(index.compare_screened(every, Position.UNKNOWN, 100, -inf))
    await index.close()
    await store.close()
