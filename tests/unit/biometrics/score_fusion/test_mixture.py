"""Gaussian mixtures with missing scores."""

from __future__ import annotations

import numpy as np
from scipy.stats import multivariate_normal

from biometrics.score_fusion.mixture import GaussianMixture, columns_of, log_ratio, log_sum_exp, patterns, products

MIXTURE = GaussianMixture(
    np.array([0.3, 0.7]),
    np.array([[0.0, 1.0, 2.0], [-1.0, 0.5, 0.0]]),
    np.array([np.eye(3), [[2.0, 0.5, 0.1], [0.5, 1.0, 0.2], [0.1, 0.2, 0.5]]]),
)
NORMAL = GaussianMixture(np.ones(1), np.zeros((1, 3)), np.eye(3)[None])


def _density(x: np.ndarray, columns: list[int]) -> np.ndarray:
    parts = zip(MIXTURE.weights, MIXTURE.means, MIXTURE.covariances, strict=True)
    return sum(w * multivariate_normal(m[columns], c[np.ix_(columns, columns)]).pdf(x[:, columns]) for w, m, c in parts)


def test_density_is_that_of_scipy() -> None:
    """The log density of a mixture, and of its marginals, equals scipy's."""
    x = np.random.default_rng(1).normal(size=(50, 3))
    for columns in ([0, 1, 2], [0, 2], [1]):
        marginal = MIXTURE.marginal(np.array(columns))
        found = log_sum_exp(products(x[:, columns]) @ marginal.coefficients())
        np.testing.assert_allclose(np.log(_density(x, columns)), found)


def test_ratio_is_the_mean_of_members() -> None:
    """The log ratio is the mean over the mated members minus that over the non-mated ones, for any block size."""
    x = np.random.default_rng(2).normal(size=(40_000, 3))
    ratio = log_ratio(x, (MIXTURE, NORMAL), (NORMAL,))
    mated, normal = (log_sum_exp(products(x) @ each.coefficients()) for each in (MIXTURE, NORMAL))
    np.testing.assert_allclose((mated + normal) / 2 - normal, ratio, atol=1e-9)


def test_patterns_have_all_rows_once() -> None:
    """Every row is in exactly one pattern, whose columns are those present in the row."""
    present = np.random.default_rng(3).random((200, 4)) < 0.5
    seen = np.zeros(200, int)
    for pattern, rows in patterns(present):
        seen[rows] += 1
        expected = np.isin(np.arange(4), columns_of(pattern))
        assert (present[rows] == expected).all()
    assert (seen == 1).all()
