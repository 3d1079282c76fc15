"""CPU time of two calls in turn: what to compare where other processes take most of the machine."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

ROUNDS = 15


def cpu_times(ours: Callable[[], object], reference: Callable[[], object]) -> str:
    """One line: the medians of both, and the median and quartiles of ours over the reference's."""
    for call in (ours, reference):
        call()
    both = np.array([[_ms(call) for call in (ours, reference)] for _ in range(ROUNDS)])
    low, middle, high = np.quantile(both[:, 0] / both[:, 1], (0.25, 0.5, 0.75))
    one, other = np.median(both, axis=0)
    return f"CPU time: {one:.1f} and {other:.1f} ms, ours {middle:.2f} times the reference's ({low:.2f}–{high:.2f})"


def _ms(call: Callable[[], object]) -> float:
    begin = time.process_time()
    call()
    return 1000 * (time.process_time() - begin)
