"""Reads the metrics that fusion and the matching services publish, and makes charts of them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LINE = re.compile(r"([a-z_]+)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
DECISIONS, QUALITY = "biofusion_decisions_total", "biofusion_sample_quality_bucket"
OUTCOMES = ("MATCH", "REVIEW", "NO_MATCH")

Row = tuple[str, dict[str, str], float]


@dataclass(frozen=True, slots=True)
class Mix:
    """Decisions of one kind.

    Args:
        operation: e.g. `identify`.
        modalities: e.g. `FACE+IRIS`.
        counts: one for each of OUTCOMES.
    """

    operation: str
    modalities: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts)

    @property
    def review_percent(self) -> float:
        """Share that a person must look at."""
        return 100 * self.counts[OUTCOMES.index("REVIEW")] / self.total if self.total else 0.0

    @property
    def widths(self) -> tuple[tuple[str, float, float], ...]:
        """Each outcome with where its part of a bar begins and how wide it is, in percent."""
        begins, parts = 0.0, []
        for outcome, count in zip(OUTCOMES, self.counts, strict=True):
            width = 100 * count / self.total if self.total else 0.0
            parts.append((outcome, begins, width))
            begins += width
        return tuple(parts)


@dataclass(frozen=True, slots=True)
class Spread:
    """How the quality of the samples of a modality is spread.

    Args:
        service: the matching service.
        counts: each of the ten classes, `0–10` to `90–100`, with the samples in it.
    """

    service: str
    counts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """All samples."""
        return sum(count for _, count in self.counts)

    @property
    def most(self) -> int:
        """Samples in the fullest class."""
        return max(count for _, count in self.counts)

    @property
    def bars(self) -> tuple[tuple[str, int, float], ...]:
        """Each class with its count and its height, 100 being the highest."""
        return tuple((name, count, 100 * count / (self.most or 1)) for name, count in self.counts)


def rows_of(text: str) -> Iterator[Row]:
    """The series in a text of metrics (Prometheus text format 0.0.4): name, labels, value."""
    for line in text.splitlines():
        if found := LINE.fullmatch(line.strip()):
            try:
                yield found[1], dict(LABEL.findall(found[2] or "")), float(found[3])
            except ValueError:
                continue


def mixes(rows: Iterable[Row]) -> list[Mix]:
    """The decisions by operation and modalities, the most frequent kind first."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for name, labels, value in rows:
        if name == DECISIONS:
            kind = labels.get("operation", ""), labels.get("modalities", "")
            counts[kind][labels.get("outcome", "")] += int(value)
    found = [Mix(*kind, tuple(of[each] for each in OUTCOMES)) for kind, of in counts.items()]
    return sorted(found, key=lambda mix: -mix.total)


def spreads(rows: Iterable[Row]) -> list[Spread]:
    """The quality of samples, by service."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name, labels, value in rows:
        if name == QUALITY:
            sums[labels.get("service", "")][labels.get("le", "")] += int(value)
    return [Spread(service, tuple(_classes(of))) for service, of in sorted(sums.items())]


def _classes(sums: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Sums up to each bound → counts of the ten classes; the last has no bound but `+Inf`."""
    up_to = {float(bound): count for bound, count in sums.items()}
    before = 0
    for low in range(0, 100, 10):
        known = [count for bound, count in up_to.items() if bound <= low + 10 or low == 90]
        now = max(known, default=0)
        yield f"{low}–{low + 10}", now - before
        before = now
