"""Fitting Gaussian mixtures to scores with missing cells, by expectation maximisation.

Ghahramani and Jordan, "Supervised learning from incomplete data via an EM approach", NIPS 6 (1994).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.score_fusion.mixture import Floats, GaussianMixture, columns_of, log_sum_exp, patterns, products

MAX_STEPS = 120
SMALL_GAIN = 2e-4
"""A fit ends at a step that adds less log-likelihood per row than this, in nats."""

START_ROWS = 4000
PRIOR_VARIANCE = 0.05
"""Share of the columns' variance on the diagonal matrix that the prior pulls each Gaussian's covariance to."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows with the same columns present, and the weight of each, shape (n, 1)."""

    columns: NDArray[np.int64]
    products: Floats
    weights: Floats


def fit_mixture(
    x: Floats, weights: Floats, components: int, random: np.random.Generator, starts: int = 3
) -> GaussianMixture:
    """Fit several times from different initial means; return the fit of highest likelihood.

    Each fit: 1. choose means far apart (k-means++); 2. E step: responsibilities by the marginal density
    of the present values; 3. M step: means and covariances from present values and the conditional
    expectations of missing ones, with a prior worth d + 2 rows that pulls covariances to a narrow
    diagonal. Steps 2 and 3 repeat until the log-likelihood no longer rises.

    Args:
        x: shape (n, d), NaN where missing; a column without any value is given mean 0 and variance 1.
        weights: number of rows that each stands for, shape (n,), above 0.
        components: number of Gaussians, 1 or more.
        random: source of the initial means.
        starts: number of fits.
    """
    blocks = [_block(x, weights, pattern, rows) for pattern, rows in patterns(~np.isnan(x)) if pattern]
    tried = [_fit(blocks, _start(x, components, random)) for _ in range(starts if components > 1 else 1)]
    return max(tried, key=lambda found: found[1])[0]


def simplest_mixture(x: Floats, weights: Floats, most: int) -> GaussianMixture:
    """The mixture of 1 to `most` Gaussians with the lowest Bayesian information criterion (Schwarz, 1978).

    Args:
        x: shape (n, d), finite, scaled so that the range of every column is about 1.
        weights: number of rows that each stands for, shape (n,), above 0.
        most: largest number of Gaussians, 1 or more; there are never more than rows.
    """

    def criterion(mixture: GaussianMixture) -> float:
        parameters = mixture.weights.size * (1 + d + d * (d + 1) // 2) - 1
        return float(parameters * np.log(weights.sum()) - 2.0 * weights @ log_density(mixture, x))

    n, d = x.shape
    counts = range(1, min(most, n) + 1)
    return min((fit_mixture(x, weights, count, np.random.default_rng(1)) for count in counts), key=criterion)


def log_density(mixture: GaussianMixture, x: Floats) -> Floats:
    """Natural log of the density at rows without missing cells, shape (n, d) → (n,)."""
    return log_sum_exp(products(x) @ mixture.coefficients())


def _block(x: Floats, weights: Floats, pattern: int, rows: NDArray[np.int64]) -> _Block:
    columns = columns_of(pattern)
    return _Block(columns, products(x[rows][:, columns]), weights[rows, None])


def _moments(x: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of each column, shape (d,) each; 0 and 1 of one without any value: it is left as it started."""
    has_any = ~np.isnan(x).all(axis=0)
    there = np.where(has_any, x, 0.0)
    return np.nanmean(there, axis=0), np.where(has_any, np.nanvar(there, axis=0) + 1e-9, 1.0)


def _start(x: Floats, components: int, random: np.random.Generator) -> GaussianMixture:
    mean, variance = _moments(x)
    some = x[random.choice(len(x), min(len(x), START_ROWS), replace=False)]
    some = np.where(np.isnan(some), mean, some)
    means = [some[random.integers(len(some))]]
    while len(means) < components:
        distance = np.min([((some - each) ** 2 / variance).sum(axis=1) for each in means], axis=0) + 1e-12
        means.append(some[random.choice(len(some), p=distance / distance.sum())])
    spread = np.repeat(np.diag(variance)[None] / 2.0, components, axis=0)
    return GaussianMixture(np.full(components, 1.0 / components), np.asarray(means), spread)


def _fit(blocks: Sequence[_Block], mixture: GaussianMixture) -> tuple[GaussianMixture, float]:
    prior = np.diag(np.diagonal(mixture.covariances[0])) * 2.0 * PRIOR_VARIANCE
    centre = mixture.means.mean(axis=0)
    rows = sum(float(block.weights.sum()) for block in blocks)
    before = -np.inf
    for _ in range(MAX_STEPS):
        sums, likelihood = _expectation(blocks, mixture)
        mixture = _maximisation(sums, prior, centre)
        if likelihood / rows - before < SMALL_GAIN:
            break
        before = likelihood / rows
    return mixture, likelihood


@dataclass(frozen=True, slots=True)
class _Sums:
    """For each Gaussian, expected number of rows (k,), sum of rows (k, d), sum of their outer products (k, d, d)."""

    rows: Floats
    values: Floats
    squares: Floats

    def __add__(self, other: _Sums) -> _Sums:
        return _Sums(self.rows + other.rows, self.values + other.values, self.squares + other.squares)


def _expectation(blocks: Sequence[_Block], mixture: GaussianMixture) -> tuple[_Sums, float]:
    parts = [_expected(block, mixture) for block in blocks]
    sums = parts[0][0]
    for part, _ in parts[1:]:
        sums = sums + part
    return sums, sum(likelihood for _, likelihood in parts)


def _expected(block: _Block, mixture: GaussianMixture) -> tuple[_Sums, float]:
    there = block.columns
    logs = block.products @ mixture.marginal(there).coefficients()
    most = logs.max(axis=1, keepdims=True)
    weight = np.exp(logs - most)
    total = weight.sum(axis=1, keepdims=True)
    moments = (block.weights * weight / total).T @ block.products
    return _completed(moments, there, mixture), float((block.weights * (most + np.log(total))).sum())


def _completed(moments: Floats, there: NDArray[np.int64], mixture: GaussianMixture) -> _Sums:
    """Extend sums over the present columns to all columns; missing values are regressed on the present ones."""
    components, dimensions = mixture.means.shape
    seen = there.size
    row, column = np.triu_indices(seen)
    count, first = moments[:, 0], moments[:, 1 : 1 + seen]
    second = np.empty((components, seen, seen))
    second[:, row, column] = second[:, column, row] = moments[:, 1 + seen :]
    if seen == dimensions:
        return _Sums(count, first, second)
    missing = np.setdiff1d(np.arange(dimensions), there)
    slope, offset, rest = _regression(mixture, there, missing)
    expected = np.einsum("kmo,ko->km", slope, first) + offset * count[:, None]
    cross = np.einsum("kop,kmp->kom", second, slope) + first[:, :, None] * offset[:, None, :]
    own = slope @ cross + offset[:, :, None] * expected[:, None, :] + rest * count[:, None, None]
    values, squares = np.empty((components, dimensions)), np.empty((components, dimensions, dimensions))
    values[:, there], values[:, missing] = first, expected
    squares[:, there[:, None], there], squares[:, missing[:, None], missing] = second, own
    squares[:, there[:, None], missing], squares[:, missing[:, None], there] = cross, cross.transpose(0, 2, 1)
    return _Sums(count, values, squares)


def _regression(mixture: GaussianMixture, there: NDArray[np.int64], missing: NDArray[np.int64]) -> Iterator[Floats]:
    """Slope (k, m, o), offset (k, m) and residual covariance (k, m, m) of missing columns given present ones."""
    all_of = mixture.covariances
    across = all_of[:, there][:, :, missing]
    slope = np.linalg.solve(all_of[:, there][:, :, there], across).transpose(0, 2, 1)
    yield np.asarray(slope)
    yield mixture.means[:, missing] - np.einsum("kmo,ko->km", slope, mixture.means[:, there])
    yield np.asarray(all_of[:, missing][:, :, missing] - slope @ across)


def _maximisation(sums: _Sums, prior: Floats, centre: Floats) -> GaussianMixture:
    strength = len(centre) + 2.0
    count = np.maximum(sums.rows, 1e-9)
    weights = (count + 1.0) / (count + 1.0).sum()
    means = (sums.values + 0.01 * centre) / (count + 0.01)[:, None]
    cross = means[:, :, None] * sums.values[:, None, :]
    scatter = sums.squares - cross - cross.transpose(0, 2, 1)
    scatter += count[:, None, None] * means[:, :, None] * means[:, None, :] + strength * prior
    return GaussianMixture(weights, means, scatter / (count + strength)[:, None, None])
