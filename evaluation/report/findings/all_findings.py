"""All measurements of an outcome together."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from math import isfinite
from typing import Any

import numpy as np

from evaluation.report.findings import (
    calibration,
    differential,
    errors,
    histograms,
    identification,
    missing,
    quality,
    review,
)
from evaluation.report.findings.outcome import Outcome, columns

TARGET_FMRS = (1e-2, 1e-3, 1e-4)
REVIEW_BAND_LLR = 2.0


@dataclass(frozen=True, slots=True)
class Counts:
    """Size of the table of scores.

    Args:
        rows: number of comparisons.
        mated: comparisons of one person with themselves.
        non_mated: comparisons of two people.
        mated_missing: mated rows where nothing was compared.
        non_mated_missing: non-mated rows where nothing was compared.
        subjects: number of people.
        probes: number of probe images.
        references: number of reference images.
    """

    rows: int
    mated: int
    non_mated: int
    mated_missing: int
    non_mated_missing: int
    subjects: int
    probes: int
    references: int


@dataclass(frozen=True, slots=True)
class SearchCounts:
    """Number of searches, and of people searched in each (N): median, lowest and highest."""

    searches: int
    mated: int
    median: float
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Findings:
    """All measurements the page shows. Columns are the comparators that can be measured, then "fused"."""

    targets: tuple[float, ...]
    review_band_llr: float
    counts: Counts
    errors: tuple[errors.Errors, ...]
    histograms: tuple[histograms.Histogram, ...]
    calibration: tuple[calibration.Calibration, ...]
    missing: tuple[missing.Pattern, ...]
    quality: tuple[quality.Rejected, ...]
    search_counts: SearchCounts | None
    identification: tuple[identification.Identification, ...]
    review: tuple[review.Review, ...]
    differential: tuple[differential.Differential, ...]


def measure(outcome: Outcome) -> Findings:
    """Make all measurements of an outcome."""
    every = columns(outcome)
    fused = every[-1]
    found = tuple(each for column in every if (each := errors.measure(outcome, column, TARGET_FMRS)))
    thresholds = [point.threshold for point in found[-1].points]
    searched = identification.searches(outcome)
    return Findings(
        TARGET_FMRS,
        REVIEW_BAND_LLR,
        _counts(outcome),
        found,
        tuple(counted for column in every if (counted := histograms.measure(outcome, column))),
        tuple(cost for column in every if (cost := calibration.measure(outcome, column))),
        tuple(missing.measure(outcome, fused.llr, thresholds)),
        tuple(quality.measure(outcome, every)),
        _search_counts(searched) if searched else None,
        tuple(identification.measure(searched, column) for column in every) if searched else (),
        tuple(review.measure(outcome, fused, TARGET_FMRS, thresholds, REVIEW_BAND_LLR)),
        tuple(differential.measure(outcome, fused, TARGET_FMRS, thresholds)),
    )


def plain(value: Any) -> Any:
    """Convert to JSON types: dataclasses become objects, arrays become lists, numbers that are not finite null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if isfinite(value) else None
    return value


def _counts(outcome: Outcome) -> Counts:
    mated, compared = outcome.mated, outcome.compared()
    seen = np.bincount(outcome.first, minlength=1 + int(outcome.second.max()))
    seen[: 1 + int(outcome.second.max())] += np.bincount(outcome.second)
    return Counts(
        mated.size,
        int(np.count_nonzero(mated)),
        int(np.count_nonzero(~mated)),
        int(np.count_nonzero(mated & ~compared)),
        int(np.count_nonzero(~mated & ~compared)),
        int(np.count_nonzero(seen)),
        int(np.count_nonzero(np.bincount(outcome.probe))),
        int(np.count_nonzero(np.bincount(outcome.reference))),
    )


def _search_counts(found: identification.Searches) -> SearchCounts:
    sizes = found.sizes()
    mated = np.logical_or.reduceat(found.mate, found.probes)
    return SearchCounts(
        sizes.size,
        int(np.count_nonzero(mated)),
        float(np.median(sizes)),
        int(sizes.min()),
        int(sizes.max()),
    )
