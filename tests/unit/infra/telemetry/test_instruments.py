from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from infra.telemetry.instruments import MOST_SERIES, OTHER, Counter, Histogram, Observed, Point, declared
from infra.telemetry.readings import watched

numbers = count()


@pytest.fixture
def name() -> Iterator[Callable[[], str]]:
    """Makes names of metrics, which are no longer declared after the test."""
    made: list[str] = []

    def new() -> str:
        made.append(f"test_{next(numbers)}_total")
        return made[-1]

    yield new
    for each in made:
        declared.pop(each, None)


def test_nothing_is_kept_while_nobody_listens(name: Callable[[], str]) -> None:
    """What is measured before an exporter runs, or after it, is not counted."""
    counter, histogram = Counter(name(), "Some."), Histogram(name(), "Some.", (1.0,))
    counter.add(1)
    histogram.record(0.5)
    with watched():
        counter.add(2)
    counter.add(4)
    assert ([Point((), 2.0)], []) == (counter.points(), histogram.points())


def test_a_histogram_counts_a_bound_with_those_below_it(name: Callable[[], str]) -> None:
    """As Prometheus's `le`: a value that equals a bound is at most that bound."""
    histogram = Histogram(name(), "Some.", (1.0, 2.0), ("of",))
    with watched():
        for value in (0.5, 1.0, 1.5, 2.0, 2.5):
            histogram.record(value, "a")
    assert [Point(("a",), 7.5, (2, 2, 1))] == histogram.points()


def test_measurements_of_many_threads_all_count(name: Callable[[], str]) -> None:
    """None is lost when threads count at the same time."""
    counter, histogram = Counter(name(), "Some.", ("of",)), Histogram(name(), "Some.", (1.0,))

    def measure(_number: int) -> None:
        counter.add(1, "a")
        histogram.record(0.5)

    with watched(), ThreadPoolExecutor(8) as pool:
        list(pool.map(measure, range(4000)))
    assert [Point(("a",), 4000.0)] == counter.points()
    assert [Point((), 2000.0, (4000, 0))] == histogram.points()


def test_the_number_of_series_is_bounded(name: Callable[[], str]) -> None:
    """Labels beyond the limit are counted together, so that a badly chosen label takes no memory without end."""
    counter, histogram = Counter(name(), "Some.", ("of",)), Histogram(name(), "Some.", (1.0,), ("of",))
    with watched():
        for number in range(MOST_SERIES + 100):
            counter.add(1, str(number))
            histogram.record(0.5, str(number))
    for points in (counter.points(), histogram.points()):
        assert MOST_SERIES + 1 == len(points)
        assert [100.0] == [each.value * (2 if each.counts else 1) for each in points if each.labels == (OTHER,)]


def test_a_name_is_declared_once(name: Callable[[], str]) -> None:
    """Two metrics of one name would hide each other."""
    taken = name()
    Observed(taken, "Some.")
    with pytest.raises(ValueError, match="declared twice"):
        Observed(taken, "Another.")
