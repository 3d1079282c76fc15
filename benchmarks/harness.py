"""Measuring our code and a reference in interleaved rounds, each with a test of the machine's speed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

import numpy as np

ROUNDS = 11
KEPT_FROM = 0.8
"""Rounds in which the speed test gives less than this share of its best are dropped: another process was running."""


class Unavailable(Exception):
    """The reference of a benchmark is not available on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Args:
        what: what is measured, with sizes.
        ours_ms: median time of our code in the rounds kept, ms.
        reference: name of the reference.
        reference_ms: median time of the reference, ms.
        ratio: median over rounds of the reference's time over our time; above 1 our code is faster.
        spread: lower and upper quartile of the ratio.
        rounds: number of rounds kept.
        limit_ms: the physical limit, measured in the same run, ms.
        limit: name of that limit.
    """

    what: str
    ours_ms: float
    reference: str
    reference_ms: float
    ratio: float
    spread: tuple[float, float]
    rounds: int
    limit_ms: float
    limit: str


def compare(
    what: str,
    ours: Callable[[], object],
    reference_name: str,
    reference: Callable[[], object],
    limit: tuple[float, str],
) -> Row:
    """Run ours and the reference alternately, drop disturbed rounds, and return the medians."""
    ours()
    reference()
    rounds = [(_seconds(ours), _seconds(reference), _probe()) for _ in range(ROUNDS)]
    best = max(probe for *_, probe in rounds)
    kept = [(a, b) for a, b, probe in rounds if probe >= KEPT_FROM * best]
    ratios = [b / a for a, b in kept]
    low, _, high = quantiles(ratios, n=4) if len(ratios) > 1 else (ratios[0],) * 3
    return Row(
        what,
        1000 * median(a for a, _ in kept),
        reference_name,
        1000 * median(b for _, b in kept),
        median(ratios),
        (low, high),
        len(kept),
        *limit,
    )


def median_ms(work: Callable[[], object]) -> float:
    """The median time of some runs, ms, for figures that are also printed the table."""
    work()
    return 1000 * median(_seconds(work) for _ in range(ROUNDS))


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


_MATRIX = np.ones((512, 512), np.float32)


def _probe() -> float:
    """The machine's speed now: sgemm products per second."""
    return 1 / min(_seconds(lambda: _MATRIX @ _MATRIX) for _ in range(3))
