"""Families of curves from score to log10 LR, one fitting function each; choice.py chooses among them."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import TypeAlias

import numpy as np
from scipy.optimize import isotonic_regression

from biometrics.calibration.curves import Floats
from evaluation.calibration.logistic import fit_affine, fit_logistic
from evaluation.calibration.mixture_fit import log_density, simplest_mixture
from evaluation.metrics.pool_adjacent import block_starts
from evaluation.metrics.score_bins import Table, tabulate

Knots: TypeAlias = tuple[Floats, Floats]
"""Scores and their log10 LR, shape (k,) each, k ≥ 2, both strictly ascending."""

Family: TypeAlias = Callable[[Floats, Floats], Knots]
"""Mated scores and non-mated scores, finite, at least one of each, not all equal → knots."""

GRID = 32
MAX_GAUSSIANS = 3
RAMP = 0.01
"""Rise in log10 LR, from the lowest score to the highest, that is added to a curve that may be level somewhere."""


def affine(mated: Floats, non_mated: Floats) -> Knots:
    """Equal-prior logistic regression on the score (Brümmer and du Preez, 2006)."""
    ends = np.asarray((min(mated.min(), non_mated.min()), max(mated.max(), non_mated.max())))
    return _logistic(mated, non_mated, lambda scores: scores, ends)


def affine_in_log(mated: Floats, non_mated: Floats) -> Knots:
    """Logistic regression on sign(s) · log(1 + |s|)."""
    at = _grid(tabulate(mated, non_mated))
    return _logistic(mated, non_mated, lambda scores: np.sign(scores) * np.log1p(np.abs(scores)), at)


def affine_in_root(mated: Floats, non_mated: Floats) -> Knots:
    """Logistic regression on sign(s) · √|s|."""
    at = _grid(tabulate(mated, non_mated))
    return _logistic(mated, non_mated, lambda scores: np.sign(scores) * np.sqrt(np.abs(scores)), at)


def _logistic(mated: Floats, non_mated: Floats, transform: Callable[[Floats], Floats], at: Floats) -> Knots:
    slope, offset = fit_affine(transform(mated), transform(non_mated))
    return _rising(at, (offset + slope * transform(at)) / log(10.0), 0.0 if slope > 0.0 else RAMP)


def bounded_beta(mated: Floats, non_mated: Floats) -> Knots:
    """Beta calibration (Kull, Silva Filho and Flach, 2017): LLR = c + a · ln s − b · ln(1 − s), a and b not below 0.

    s is the score mapped to 0–1, with a margin of 1 % of the range at both ends.
    """
    table = tabulate(mated, non_mated)
    low, width = table.at[0], table.at[-1] - table.at[0]

    def features(scores: Floats) -> Floats:
        share = 0.01 + 0.98 * (scores - low) / width
        return np.stack((np.log(share), -np.log1p(-share), np.ones_like(share)), axis=1)

    every = features(table.at)
    weights = fit_logistic(every, table.mated, table.non_mated)
    kept = np.append(weights[:2] > 0.0, True)
    weights = np.where(kept, weights, 0.0)
    weights[kept] = fit_logistic(every[:, kept], table.mated, table.non_mated)
    at = _grid(table)
    return _rising(at, features(at) @ np.maximum(weights, [0.0, 0.0, -np.inf]) / log(10.0))


def gaussian_mixtures(mated: Floats, non_mated: Floats) -> Knots:
    """The ratio of two mixtures of 1–3 Gaussians, as fusion fits them, made monotone."""
    table = tabulate(mated, non_mated)
    at = _grid(table)
    return _monotone(at, *(_mixture(table.at, counts, at) for counts in (table.mated, table.non_mated)))


def _mixture(scores: Floats, counts: Floats, at: Floats) -> Floats:
    """Natural log of the density at some scores, shape (k,), in units of the scores' range."""
    bins, wanted = ((each[:, None] - scores[0]) / (scores[-1] - scores[0]) for each in (scores, at))
    used = counts > 0.0
    return log_density(simplest_mixture(bins[used], counts[used], MAX_GAUSSIANS), wanted)


def kernel_densities(mated: Floats, non_mated: Floats) -> Knots:
    """The ratio of two Gaussian kernel densities of Silverman's width (1986, eq. 3.31), made monotone."""
    table = tabulate(mated, non_mated)
    at = _grid(table)
    return _monotone(at, *(_kernel(table.at, counts, at) for counts in (table.mated, table.non_mated)))


def _kernel(scores: Floats, counts: Floats, at: Floats) -> Floats:
    """Natural log of the kernel density at the scores `at`, shape (k,)."""
    share = counts / counts.sum()
    deviation = np.sqrt(max(0.0, float(share @ scores**2 - (share @ scores) ** 2)))
    low, high = np.interp((0.25, 0.75), np.cumsum(share), scores)
    spread = min(deviation, (high - low) / 1.34) or deviation
    width = max(0.9 * spread * counts.sum() ** -0.2, 1e-9 * (scores[-1] - scores[0]))
    used = share > 0.0
    z = (at[:, None] - scores[None, used]) / width
    return np.asarray(np.logaddexp.reduce(np.log(share[used] / width) - 0.5 * (z * z + np.log(2.0 * np.pi)), axis=1))


def smoothed_isotonic(mated: Floats, non_mated: Floats) -> Knots:
    """Pool adjacent violators (Zadrozny and Elkan, 2002): nearly level steps, joined by straight lines.

    Half a comparison of each class is added to every step, so that no LLR is infinite.
    """
    table = tabulate(mated, non_mated)
    starts = block_starts(table.mated, table.non_mated)
    begins = np.isin(np.arange(table.at.size), starts)
    step = np.cumsum(begins) - 1
    mated_counts, non_mated_counts = (np.add.reduceat(each, starts) for each in (table.mated, table.non_mated))
    ratio = (mated_counts + 0.5) / (mated.size + 1.0) / ((non_mated_counts + 0.5) / (non_mated.size + 1.0))
    corner = begins | np.append(begins[1:], True)
    return _rising(table.at[corner], np.maximum.accumulate(np.log10(ratio))[step[corner]])


FAMILIES: dict[str, Family] = {
    "affine": affine,
    "affine in log1p": affine_in_log,
    "affine in sqrt": affine_in_root,
    "bounded beta": bounded_beta,
    "gaussian mixtures": gaussian_mixtures,
    "kernel densities": kernel_densities,
    "smoothed isotonic": smoothed_isotonic,
}
"""From the simplest to the least simple."""


def _grid(table: Table) -> Floats:
    """Up to 2 · GRID scores: evenly spaced quantiles of the balanced classes, and evenly spaced scores."""
    quantiles = np.interp(np.linspace(0.0, 1.0, GRID), np.cumsum(table.balanced), table.at)
    return np.unique(np.concatenate((quantiles, np.linspace(table.at[0], table.at[-1], GRID))))


def _monotone(at: Floats, log_mated: Floats, log_non_mated: Floats) -> Knots:
    """The non-decreasing curve nearest to the log ratio of densities, weighted by their sum."""
    weight = np.exp(log_mated) + np.exp(log_non_mated)
    level = isotonic_regression(log_mated - log_non_mated, weights=weight + 1e-12 * weight.max()).x
    return _rising(at, level / log(10.0))


def _rising(at: Floats, llr: Floats, ramp: float = RAMP) -> Knots:
    """Make knots rise strictly: add a ramp and drop knots that rounding leaves level."""
    tilted = llr + ramp * (np.arange(at.size) / (at.size - 1) - 0.5)
    kept = np.flatnonzero(np.append(True, np.diff(np.maximum.accumulate(tilted)) > 1e-9))
    return at[kept], tilted[kept]
