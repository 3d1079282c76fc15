"""Masked comparisons of 2,048-bit codes at 12 rotations: our kernel on all cells against numpy's bit count.

A comparison is one reference at one rotation. Here our kernel counts every cell; a search counts half of them, and the
other half only where the first is promising (services/iris/screening/screening.py), so it makes more comparisons per
second.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Row, compare, median_ms
from benchmarks.iris.synthetic_irises import random_codes
from benchmarks.limits import read_bytes_per_s
from biometrics.comparison import Scores
from infra.kernels.kernel import kernel
from services.iris.comparator import IrisComparator, stacked
from services.iris.screening.population_counts import highest_z_of_whole
from services.iris.screening.screening import GROUPS, TURNS
from services.iris.screening.short_codes import LANES, ShortCodes
from services.iris.template.features import CHANNELS, Words

EYES = 2000
COMPARISONS = EYES * TURNS


def measure() -> Row:
    """One probe against 2,000 short codes, 640 kB with their masks."""
    eyes, probe = stacked(*random_codes(EYES)), stacked(*random_codes(1, seed=1))
    best, comparator = np.empty((len(eyes.short.codes), LANES), np.float32), IrisComparator()
    loose = ShortCodes(*(np.ascontiguousarray(part.transpose(0, 2, 1)).reshape(EYES, -1) for part in eyes.short))
    row = compare(
        f"iris, {COMPARISONS:,} masked comparisons of 2,048 bits",
        lambda: _all_cells(*probe.turned, *eyes.short, best),
        "numpy bitwise_count",
        lambda: _with_numpy(probe.turned, loose),
        (1000 * (loose.codes.nbytes + loose.masks.nbytes) / read_bytes_per_s(), "reading the codes once"),
    )
    screening = median_ms(lambda: comparator.screen(probe, eyes))
    every = f"{COMPARISONS / row.ours_ms / 1000:.0f} M comparisons of all cells/s per core"
    print(f"{every}, {COMPARISONS / screening / 1000:.0f} M/s as a search makes them", file=sys.stderr)
    return row


@kernel
def _all_cells(  # pragma: no cover  # compiled
    codes: Words, masks: Words, other_codes: Words, other_masks: Words, best: Scores
) -> None:
    best[:] = -np.inf
    less, here = np.zeros((TURNS, LANES), np.float32), np.empty(LANES, np.float32)
    probe = np.uintp(codes.ctypes.data), np.uintp(masks.ctypes.data), np.uintp(less.ctypes.data)
    for block in range(len(best)):
        code, mask = np.uintp(other_codes[block].ctypes.data), np.uintp(other_masks[block].ctypes.data)
        highest = np.uintp(best[block].ctypes.data)
        for group in range(GROUPS):
            highest_z_of_whole(code, mask, *probe, np.uintp(group), np.uintp(here.ctypes.data), highest)


def _with_numpy(probe: ShortCodes, eyes: ShortCodes) -> NDArray[np.float64]:
    """The highest z of each eye over the probe's rotations."""
    best = np.full(EYES, -np.inf)
    for code, mask in zip(probe.codes[..., 0], probe.masks[..., 0], strict=True):
        common = eyes.masks & mask
        differing = np.bitwise_count((eyes.codes ^ code) & np.repeat(common, CHANNELS, axis=1)).sum(axis=1, dtype=int)
        compared = np.bitwise_count(common).sum(axis=1, dtype=int)
        best = np.maximum(best, (2 * compared - differing) / np.sqrt(compared + 1))
    return best
