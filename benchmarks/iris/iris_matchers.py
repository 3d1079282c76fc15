"""Full comparisons of 16,384-bit codes against the matcher of open-iris; faiss without masks is also printed.

Open-iris and faiss run in an environment of their own (benchmarks/peers/environment.py).
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.harness import Row, compare, median_ms
from benchmarks.iris.synthetic_irises import random_codes
from benchmarks.limits import read_bytes_per_s
from benchmarks.peers.environment import measured
from services.iris.comparator import IrisComparator, stacked
from services.iris.template.features import Words

EYES, BYTES_PER_EYE = 100_000, 4096
PAIRS = 2000


def measure() -> Row:
    """One thread each; the peers are timed once in a process of their own, our code in rounds.

    Raises:
        Unavailable: the packages cannot be installed.
    """
    codes, masks = random_codes(EYES)
    theirs = _theirs(codes, masks)
    comparator, eyes = IrisComparator(), stacked(codes[:PAIRS], masks[:PAIRS])
    probe, all_eyes = stacked(codes[:1], masks[:1]), stacked(codes, masks)
    limit = 1000 * PAIRS * BYTES_PER_EYE / read_bytes_per_s()
    row = compare(
        f"iris, 1 × {PAIRS} full comparisons of 16,384 bits, 17 of 45 rotations",
        lambda: comparator.compare(probe, eyes),
        f"open-iris matcher, 31 rotations ({PAIRS} × one)",
        lambda: None,
        (limit, "reading codes and masks once"),
    )
    print(
        f"faiss binary, 1 × {EYES:,} codes of 2,048 bits without masks, no rotation: {theirs['faiss_ms']:.2f} ms; "
        f"ours, masked, at 12 rotations: {median_ms(lambda: comparator.screen(probe, all_eyes)):.2f} ms",
        file=sys.stderr,
    )
    other = PAIRS * theirs["pair_ms"]
    return replace(row, reference_ms=other, ratio=other / row.ours_ms, spread=(other / row.ours_ms,) * 2)


def _theirs(codes: Words, masks: Words) -> dict[str, float]:
    """The times that benchmarks/peers/other_matchers.py measures, ms."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "eyes.npz"
        np.savez(path, codes=codes, masks=masks)
        return measured("other_matchers", str(path))
