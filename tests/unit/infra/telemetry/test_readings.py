from __future__ import annotations

from collections.abc import Iterable

from infra.telemetry.instruments import Point, Reading
from infra.telemetry.metrics import calls
from infra.telemetry.readings import collected, watched


def points(name: str) -> list[Point]:
    """The series of a metric."""
    return {each.name: of for each, of in collected()}.get(name, [])


def admitted(value: float) -> Iterable[Reading]:
    """A source of one value."""
    return [Reading(calls.ADMITTED, value)]


def test_sources_are_read_while_they_are_watched() -> None:
    """Each collection reads the values anew; afterwards there are none."""
    values = iter((1, 2))
    with watched(lambda: admitted(next(values))):
        assert [Point((), 1.0)] == points(calls.ADMITTED.name)
        assert [Point((), 2.0)] == points(calls.ADMITTED.name)
    assert [] == points(calls.ADMITTED.name)


def test_a_source_that_fails_hides_no_other() -> None:
    """Of the failing one nothing is told; the others are."""

    def fails() -> Iterable[Reading]:
        yield Reading(calls.STREAMS, 1)
        raise ConnectionError

    with watched(fails, lambda: admitted(3)):
        assert ([Point((), 3.0)], []) == (points(calls.ADMITTED.name), points(calls.STREAMS.name))


def test_a_series_is_told_once() -> None:
    """Prometheus refuses an answer that has one twice, e.g. of two servers in one process."""
    with watched(lambda: admitted(3), lambda: admitted(4)):
        assert [Point((), 4.0)] == points(calls.ADMITTED.name)
