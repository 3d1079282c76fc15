"""The instruments of metrics: counters, histograms, and values that are read when somebody asks.

A measurement is kept in this process and read when it is exported. Only `prometheus.py` and `otlp.py` know how; product
code imports nothing of OpenTelemetry. Nothing is kept while nobody listens. Why there are own instruments:
docs/decisions/0052-telemetry.md.

Labels are of small, closed sets; no text of a caller and no id of a person, gallery or request is one. To be sure of
memory all the same, an instrument that has `MOST_SERIES` combinations counts further ones under `OTHER`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

MOST_SERIES = 500
OTHER = "other"


@dataclass(slots=True)
class Listening:
    """Whether anybody listens: how many exporters are running."""

    count: int = 0


listening = Listening()

declared: dict[str, Instrument] = {}
"""All instruments of this process by name."""


@dataclass(frozen=True, slots=True)
class Point:
    """The state of one series.

    Args:
        labels: values of the instrument's labels, in order.
        value: the sum of what was counted or recorded, or the value read.
        counts: of a histogram, how many values fell up to each bound and above the one before, and last those above all
            bounds; else empty.
    """

    labels: tuple[str, ...]
    value: float
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A value read when somebody asks.

    Args:
        of: the instrument.
        value: the value.
        labels: values of its labels, in order.
    """

    of: Observed
    value: float
    labels: tuple[str, ...] = ()


class Instrument:
    """What one metric measures.

    Args:
        name: as Prometheus has it, with the unit, in snake case.
        doc: one sentence.
        labels: names of the labels.

    Raises:
        ValueError: the name is taken.
    """

    kind = "gauge"

    def __init__(self, name: str, doc: str, labels: Sequence[str] = ()) -> None:
        if name in declared:
            raise ValueError(f"{name} is declared twice.")
        self.name, self.doc, self.labels = name, doc, tuple(labels)
        declared[name] = self

    def points(self) -> list[Point]:
        """The series that it keeps."""
        return []


class Observed(Instrument):
    """A value, or with `is_total` a count that only rises, that is read when somebody asks (`readings.py`)."""

    def __init__(self, name: str, doc: str, labels: Sequence[str] = (), *, is_total: bool = False) -> None:
        super().__init__(name, doc, labels)
        self.kind = "counter" if is_total else "gauge"


class Counter(Instrument):
    """Counts."""

    kind = "counter"

    def __init__(self, name: str, doc: str, labels: Sequence[str] = ()) -> None:
        super().__init__(name, doc, labels)
        self._lock, self._cells = Lock(), dict[tuple[str, ...], float]()

    def add(self, amount: float, *labels: str) -> None:
        """Add to the series of these labels."""
        if not listening.count:
            return
        with self._lock:
            if labels not in self._cells:
                labels = _bounded(labels, self._cells)
            self._cells[labels] = self._cells.get(labels, 0.0) + amount

    def points(self) -> list[Point]:
        """See Instrument."""
        with self._lock:
            return [Point(labels, value) for labels, value in self._cells.items()]


class _Cell:
    __slots__ = ("counts", "total")

    def __init__(self, size: int) -> None:
        self.counts, self.total = [0] * size, 0.0


class Histogram(Instrument):
    """Counts values by size.

    Args:
        name: see Instrument.
        doc: see Instrument.
        bounds: upper bounds of the sizes, ascending; values above the last one have a size of their own.
        labels: see Instrument.
    """

    kind = "histogram"

    def __init__(self, name: str, doc: str, bounds: Sequence[float], labels: Sequence[str] = ()) -> None:
        super().__init__(name, doc, labels)
        self.bounds = tuple(bounds)
        self._lock, self._cells = Lock(), dict[tuple[str, ...], _Cell]()

    def record(self, value: float, *labels: str) -> None:
        """Count one value in the series of these labels."""
        if not listening.count:
            return
        place = bisect_left(self.bounds, value)
        with self._lock:
            cell = self._cells.get(labels)
            if cell is None:
                cell = self._cells.setdefault(_bounded(labels, self._cells), _Cell(len(self.bounds) + 1))
            cell.counts[place] += 1
            cell.total += value

    def points(self) -> list[Point]:
        """See Instrument."""
        with self._lock:
            return [Point(labels, cell.total, tuple(cell.counts)) for labels, cell in self._cells.items()]


def _bounded(labels: tuple[str, ...], known: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return labels if sum(1 for _ in known) < MOST_SERIES else (OTHER,) * len(labels)
