"""gallery.index.search.compare: which rows are compared in full, for any segments and threads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from biometrics.comparison import Found, Scores
from biometrics.template import Position
from gallery.index.columns.segment import Segment
from gallery.index.columns.subjects import Subjects
from gallery.index.search.compare import EXHAUSTIVE_ROWS, Comparing, Probes
from gallery.index.search.rank import Searched
from tests.support.builders import vector
from tests.support.fakes.comparators import ScreeningVectorComparator, VectorComparator, VectorStack

LARGE = 30_000


def segments_of(values: np.ndarray, size: int) -> list[Segment[VectorStack]]:
    """Subjects with one reference each, shape of the values (subjects, 4), in segments of this size."""
    numbers = np.arange(len(values))
    return [
        Segment(Position.RIGHT_INDEX, values[first : first + size], numbers[first : first + size], 1)
        for first in range(0, len(values), size)
    ]


def scores_of(
    comparator: VectorComparator,
    segments: list[Segment[VectorStack]],
    probes: list[list[float]],
    threads: int = 2,
    least: int = 1,
) -> list[Scores]:
    """For each probe the scores of all rows, −∞ for rows that were not compared."""
    stack = comparator.stack([vector(probe) for probe in probes])
    best = Comparing(comparator, threads).best(Probes(stack, [least] * len(probes)), Searched(segments, Subjects()))
    tables = np.full((len(probes), sum(segment.size for segment in segments)), -np.inf, np.float32)
    for table, found in zip(tables, best, strict=True):
        table[found.rows] = found.scores
    return list(tables)


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    """Vectors of whole numbers −50 to 50, so that scores are exact and ties frequent; shape (30,000, 4)."""
    return np.random.default_rng(1).integers(-50, 51, (LARGE, 4)).astype(np.float32)


def expected_scores(values: np.ndarray, probe: list[float], count: int) -> Scores:
    """The scores of the `count` rows whose first value times the probe's is greatest, and of their ties; else −∞."""
    estimates = values[:, 0] * probe[0]
    full = (values @ np.array(probe, np.float32)).astype(np.float32)
    return np.where(estimates >= np.sort(estimates)[-count], full, np.float32(-np.inf))


@pytest.mark.parametrize(("size", "threads"), [(LARGE, 1), (1024, 2), (777, 3)])
def test_the_best_tenth_of_a_large_gallery_and_its_ties_are_compared(
    values: np.ndarray, size: int, threads: int
) -> None:
    """The rows compared do not depend on segments, threads or the other probes of the pass."""
    comparator = ScreeningVectorComparator()
    probes: list[list[float]] = [[1, 2, 3, 4], [-3, 1, 0, 2]]
    scores = scores_of(comparator, segments_of(values, size), probes, threads)
    expected = [expected_scores(values, probe, LARGE // 10) for probe in probes]
    assert [each.tolist() for each in expected] == [each.tolist() for each in scores]
    assert sum(int(np.isfinite(each).sum()) for each in expected) == comparator.compared_count < LARGE


def test_a_small_gallery_is_compared_completely(values: np.ndarray) -> None:
    """Up to 1,000 rows are all compared in full, without screening."""
    comparator = ScreeningVectorComparator()
    few = segments_of(values[:EXHAUSTIVE_ROWS], 300)
    (scores,) = scores_of(comparator, few, [[1, 2, 3, 4]], least=EXHAUSTIVE_ROWS)
    assert (values[:EXHAUSTIVE_ROWS] @ [1, 2, 3, 4]).tolist() == scores.tolist()
    assert 0 == comparator.compared_count


def test_at_least_a_thousand_rows_are_compared(values: np.ndarray) -> None:
    """Of 2,000 rows the best 1,000 and their ties are compared, although a tenth would be 200."""
    comparator = ScreeningVectorComparator()
    (scores,) = scores_of(comparator, segments_of(values[:2000], 300), [[1, 2, 3, 4]])
    assert expected_scores(values[:2000], [1, 2, 3, 4], 1000).tolist() == scores.tolist()


def test_exhaustive_rows_can_be_set(values: np.ndarray) -> None:
    """With `exhaustive_rows` 100, 100 of 700 rows and their ties are compared, and a tenth of 2,000."""
    for count, expected in ((100, 100), (700, 100), (2000, 200)):
        comparator = ScreeningVectorComparator()
        segments, stack = segments_of(values[:count], 300), comparator.stack([vector([1, 2, 3, 4])])
        (found,) = Comparing(comparator, 2, exhaustive_rows=100).best(
            Probes(stack, [1]), Searched(segments, Subjects())
        )
        scores = expected_scores(values[:count], [1, 2, 3, 4], expected)
        kept = np.flatnonzero(np.isfinite(scores)) if count > 100 else [int(np.argmax(scores))]
        assert set(kept) <= set(found.rows.tolist())
        assert scores[found.rows].tolist() == found.scores.tolist()


def test_a_search_for_many_subjects_compares_as_many_rows_as_it_needs(values: np.ndarray) -> None:
    """A probe that wants 5,000 rows gets them, in one pass with a probe that wants one."""
    comparator = ScreeningVectorComparator()
    stack = comparator.stack([vector([1, 2, 3, 4])] * 2)
    many, few = Comparing(comparator, 2).best(Probes(stack, [5000, 1]), Searched(segments_of(values, 1024), Subjects()))
    for found, count in ((many, 5000), (few, 3000)):
        expected = expected_scores(values, [1, 2, 3, 4], count)
        assert np.flatnonzero(np.isfinite(expected)).tolist() == found.rows.tolist()
        assert expected[found.rows].tolist() == found.scores.tolist()


def test_dead_rows_are_not_compared(values: np.ndarray) -> None:
    """If the rows that screen best are dead, the best tenth of the rows alive is compared."""
    comparator = ScreeningVectorComparator()
    dead = np.flatnonzero(values[:, 0] > 20)
    segments = [segment.without(dead) for segment in segments_of(values, 1024)]
    (scores,) = scores_of(comparator, segments, [[1, 2, 3, 4]])
    alive = np.flatnonzero(values[:, 0] <= 20)
    expected = np.full(LARGE, -np.inf, np.float32)
    expected[alive] = expected_scores(values[alive], [1, 2, 3, 4], -(-len(alive) // 10))
    assert expected.tolist() == scores.tolist()


def test_without_screening_the_best_rows_of_all_are_kept(values: np.ndarray) -> None:
    """A comparator that cannot screen compares all rows of a large gallery; those wanted and their ties remain."""
    comparator, full = VectorComparator(), values @ np.array([1, 2, 3, 4], np.float32)
    (scores,) = scores_of(comparator, segments_of(values, 1024), [[1, 2, 3, 4]], least=50)
    assert np.where(full >= np.sort(full)[-50], full, -np.inf).tolist() == scores.tolist()


@dataclass
class RoundingComparator(ScreeningVectorComparator):
    """Its screening scores are wrong by up to 40."""

    screened_share: float = 0.0

    def screen(self, probes: VectorStack, references: VectorStack) -> Scores:
        """Rounded scores, shape (probes, references)."""
        return np.float32(80) * np.round(self.compare(probes, references) / 80)

    def screening_error(self, probes: VectorStack, references: VectorStack) -> float:
        """Half of the rounding step."""
        return 40.0


@dataclass
class SelectingComparator(RoundingComparator):
    """Returns only the high scores, 100 rows at a time."""

    def screen_above(self, probes: VectorStack, references: VectorStack, thresholds: Scores) -> Iterator[Found]:
        """The scores that reach the thresholds."""
        scores = self.screen(probes, references)
        for first in range(0, len(references), 100):
            numbers, rows = np.nonzero(scores[:, first : first + 100] >= thresholds[:, None])
            yield Found(numbers, rows + first, scores[numbers, rows + first])


@pytest.mark.parametrize(("size", "threads"), [(LARGE, 1), (777, 3)])
def test_a_selective_comparator_gives_the_same_rows(values: np.ndarray, size: int, threads: int) -> None:
    """A comparator that returns only high scores gives the same rows as one with a table, dead rows included."""
    dead = np.arange(0, LARGE, 3)
    looked, tabled = (
        scores_of(
            comparator,
            [segment.without(dead) for segment in segments_of(values, size)],
            [[1, 2, 3, 4], [-3, 1, 0, 2]],
            threads,
            least=1200,
        )
        for comparator in (SelectingComparator(), RoundingComparator())
    )
    assert [each.tolist() for each in tabled] == [each.tolist() for each in looked]


def test_a_bounded_screening_loses_nothing(values: np.ndarray) -> None:
    """If screening has an error, all rows that may be among the best 1,000 within that error are compared."""
    comparator, full = RoundingComparator(), values @ np.array([1, 2, 3, 4], np.float32)
    (scores,) = scores_of(comparator, segments_of(values, 777), [[1, 2, 3, 4]], least=1200)
    best = full >= np.sort(full)[-1200]
    assert full[best].tolist() == scores[best].tolist()
    assert 1200 < comparator.compared_count < LARGE / 4
