"""Gaussian mixtures over several scores of one pair, any of which may be missing.

The marginal of a mixture over the scores that are present is a mixture again, so a missing score is
integrated out, never filled in (McLachlan and Peel, Finite Mixture Models, 2000).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROWS_AT_ONCE = 1 << 15
"""Number of rows whose products are held in memory at once."""


@dataclass(frozen=True, slots=True)
class GaussianMixture:
    """k Gaussians in d dimensions.

    Args:
        weights: shape (k,), positive, sum 1.
        means: shape (k, d).
        covariances: shape (k, d, d), positive definite.
    """

    weights: Floats
    means: Floats
    covariances: Floats

    def marginal(self, columns: NDArray[np.int64]) -> GaussianMixture:
        """Marginal mixture over some of the dimensions, in the order given."""
        within = self.covariances[:, columns][:, :, columns]
        return GaussianMixture(self.weights, self.means[:, columns], within)

    def coefficients(self) -> Floats:
        """Coefficients, shape (1 + d + d(d+1)/2, k), of each Gaussian's log weight + log density.

        `products(x) @ coefficients` gives these logs for all rows of x.
        """
        dimensions = self.means.shape[1]
        row, column = np.triu_indices(dimensions)
        precision = np.linalg.inv(self.covariances)
        linear = np.einsum("kij,kj->ki", precision, self.means)
        determinant = np.linalg.slogdet(self.covariances)[1]
        exponent = np.einsum("ki,ki->k", linear, self.means) + determinant + dimensions * np.log(2.0 * np.pi)
        constant = np.log(self.weights) - exponent / 2.0
        square = -0.5 * precision[:, row, column] * np.where(row == column, 1.0, 2.0)
        return np.concatenate((constant[:, None], linear, square), axis=1).T


def products(x: Floats) -> Floats:
    """The columns 1, x, and all products of two columns of x: shape (n, d) → (n, 1 + d + d(d+1)/2)."""
    row, column = _upper(x.shape[1])
    return np.concatenate((np.ones((len(x), 1)), x, x[:, row] * x[:, column]), axis=1)


@lru_cache(maxsize=64)
def _upper(dimensions: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    row, column = np.triu_indices(dimensions)
    return row, column


def log_sum_exp(values: Floats) -> Floats:
    """Log Σ exp over the last axis, without overflow."""
    most = values.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.exp(values - most).sum(axis=-1)) + most[..., 0])


def log_ratio(x: Floats, mated: Sequence[GaussianMixture], non_mated: Sequence[GaussianMixture]) -> Floats:
    """Mean log density of the mated mixtures minus that of the non-mated ones, in nats: shape (n, d) → (n,).

    All of x is finite. Averaging logs is a product of experts: mixtures that were fitted independently
    (other starts, other numbers of Gaussians) make different errors, which the mean reduces.
    """
    members = (*mated, *non_mated)
    table = np.concatenate([each.coefficients() for each in members], axis=1)
    edges = np.cumsum([0, *(each.weights.size for each in members)])
    share = [1.0 / len(mated)] * len(mated) + [-1.0 / len(non_mated)] * len(non_mated)
    ratio = np.empty(len(x))
    for start in range(0, len(x), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        logs = products(x[rows]) @ table
        parts = (w * log_sum_exp(logs[:, a:b]) for w, a, b in zip(share, edges[:-1], edges[1:], strict=True))
        ratio[rows] = sum(parts)
    return ratio


def log_ratio_given(
    x: Floats,
    values: NDArray[np.int64],
    given: NDArray[np.int64],
    mated: Sequence[GaussianMixture],
    non_mated: Sequence[GaussianMixture],
) -> Floats:
    """`log_ratio` of some columns conditional on others: that of both together minus that of the given ones.

    Args:
        x: shape (n, d).
        values: columns whose ratio is wanted, at least one.
        given: columns that are conditioned on; may be none.
        mated: over d dimensions.
        non_mated: likewise.
    """

    def marginal(columns: NDArray[np.int64]) -> Floats:
        sides = ([each.marginal(columns) for each in side] for side in (mated, non_mated))
        return log_ratio(x[:, columns], *sides)

    both = marginal(np.append(values, given))
    return both - marginal(given) if given.size else both


def patterns(present: NDArray[np.bool_]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Group the rows by which of their columns are present.

    Args:
        present: shape (n, d), d at most 62.

    Yields:
        A pattern that occurs, bit j set where column j is present, and its row numbers, ascending.
    """
    code = present @ (1 << np.arange(present.shape[1], dtype=np.int64))
    order = np.argsort(code, kind="stable")
    edges = np.flatnonzero(np.diff(code[order])) + 1
    for rows in np.split(order, edges):
        if rows.size:
            yield int(code[rows[0]]), rows


def columns_of(pattern: int) -> NDArray[np.int64]:
    """The columns that are present in a pattern, ascending."""
    return np.flatnonzero([pattern >> bit & 1 for bit in range(pattern.bit_length())])
