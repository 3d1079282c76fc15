"""Interleaved rounds of ours and a reference, with a probe of the machine in each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

import numpy as np

ROUNDS = 11
KEPT_FROM = 0.8
"""Rounds whose probe is below this share of the best are dropped: something else had the machine."""


class Unavailable(Exception):
    """What a benchmark measures against cannot be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Args:
        what: what is measured, with its sizes.
        ours_ms: median time of ours in the kept rounds.
        reference: what it is measured against.
        reference_ms: median time of the reference.
        ratio: median over rounds of reference time over our time; above 1 we are faster.
        spread: lower and upper quartile of the ratio.
        rounds: rounds kept.
        limit_ms: the physical limit, measured in the same run.
        limit: what that is.
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
    """Run A B A B …, drop disturbed rounds, and return the medians."""
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
    """The median time of some runs, for figures that are printed beside a table."""
    work()
    return 1000 * median(_seconds(work) for _ in range(ROUNDS))


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


_MATRIX = np.ones((512, 512), np.float32)


def _probe() -> float:
    """One sgemm, in products a second."""
    return 1 / min(_seconds(lambda: _MATRIX @ _MATRIX) for _ in range(3))
