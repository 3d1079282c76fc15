"""Verification errors of each comparator and of all fused: counts, EER, FNMR at each FMR, the DET curve and its band.

A mated row without the comparator's score is a non-match at every threshold; non-mated rows without it are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.metrics.det_band import Band, error_band
from evaluation.metrics.intervals import Interval
from evaluation.metrics.shared_subjects import Comparisons
from evaluation.metrics.verification import (
    Floats,
    carries,
    det_points,
    equal_error_rate,
    error_curve,
    fnmr_at,
    threshold_at_fmr,
)
from evaluation.report.findings.outcome import Column, Outcome, sides
from evaluation.report.findings.rates import Rate, thin

BAND_POINTS = 60
HIGHEST_FMR = 0.6
PER_DECADE = 60


@dataclass(frozen=True, slots=True)
class Point:
    """FNMR at the lowest threshold that keeps an FMR; None where there are too few non-mated rows for that FMR.

    Args:
        fmr: FMR to keep, 0–1.
        threshold: threshold of the column's score.
        fnmr: FNMR of all mated rows.
        fnmr_compared: FNMR of the mated rows that were compared.
    """

    fmr: float
    threshold: float | None
    fnmr: Rate | None
    fnmr_compared: float | None


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors of one column.

    Args:
        name: of the comparator, or "fused".
        mated: number of mated rows.
        mated_missing: those of them that were not compared.
        non_mated: number of non-mated rows that were compared.
        non_mated_missing: number of non-mated rows that were not compared; they are in no rate.
        eer: equal error rate, 0–1.
        eer_interval: its 95 % interval.
        points: FNMR at each target.
        det: FMR and FNMR, shape (2, k), both above 0.
        band: FMR, lower and upper limit of the FNMR, shape (3, k).
    """

    name: str
    mated: int
    mated_missing: int
    non_mated: int
    non_mated_missing: int
    eer: float
    eer_interval: Interval
    points: tuple[Point, ...]
    det: Floats
    band: Floats


def measure(outcome: Outcome, column: Column, targets: Sequence[float]) -> Errors | None:
    """Measure one column; None where it compared no mated or no non-mated row."""
    mated, non_mated = sides(outcome, column.scores)
    missing = int(np.count_nonzero(np.isinf(mated.scores)))
    if missing == mated.scores.size or not non_mated.scores.size:
        return None
    curve = error_curve(mated.scores, non_mated.scores)
    grid = np.geomspace(3.0 / max(non_mated.scores.size, 6), HIGHEST_FMR, BAND_POINTS)
    band = error_band(mated, non_mated, np.append(targets, grid))
    points = [_point(mated, non_mated, missing, band, place, fmr) for place, fmr in enumerate(targets)]
    det = np.stack(det_points(curve, PER_DECADE))
    return Errors(
        column.name,
        mated.scores.size,
        missing,
        non_mated.scores.size,
        outcome.mated.size - mated.scores.size - non_mated.scores.size,
        equal_error_rate(curve),
        band.eer,
        tuple(points),
        det[:, thin(det.shape[1])],
        np.stack((grid, band.low[len(targets) :], band.high[len(targets) :])),
    )


def _point(mated: Comparisons, non_mated: Comparisons, missing: int, band: Band, place: int, fmr: float) -> Point:
    if not carries(non_mated.scores.size, fmr):
        return Point(fmr, None, None, None)
    threshold = threshold_at_fmr(non_mated.scores, fmr)
    rows = mated.scores.size
    errors = round(fnmr_at(mated.scores, threshold) * rows)
    interval = Interval(float(band.low[place]), float(band.high[place]))
    rate = Rate(errors, rows, interval)
    return Point(fmr, threshold, rate, (errors - missing) / (rows - missing))
