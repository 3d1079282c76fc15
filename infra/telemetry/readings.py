"""Collects all metrics of this process: what the instruments keep, and what is read from the running services."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from infra.telemetry.instruments import Instrument, Point, Reading, declared, listening

log = logging.getLogger("biofusion.telemetry")

Source = Callable[[], Iterable[Reading]]
"""Reads values of a running service; called in the exporter's thread."""

_sources: list[Source] = []


@contextmanager
def watched(*sources: Source) -> Iterator[None]:
    """Context in which an exporter listens and these sources are read."""
    _sources.extend(sources)
    listening.count += 1
    try:
        yield
    finally:
        listening.count -= 1
        for each in sources:
            _sources.remove(each)


def collected() -> list[tuple[Instrument, list[Point]]]:
    """Every instrument that has a series, with its series, in order of the names. A source that fails is left out."""
    found = {name: each.points() for name, each in declared.items()}
    for source in tuple(_sources):
        try:
            readings = list(source())
        except Exception as error:  # noqa: BLE001 - one service's failure must not hide the metrics of the others
            log.warning("Some metrics cannot be read: %s", type(error).__name__)
            continue
        for each in readings:
            found[each.of.name].append(Point(each.labels, float(each.value)))
    return [(declared[name], _once(points)) for name, points in sorted(found.items()) if points]


def _once(points: list[Point]) -> list[Point]:
    """One point for each series: of two services in one process that read the same, the last counts."""
    return list({each.labels: each for each in points}.values())
