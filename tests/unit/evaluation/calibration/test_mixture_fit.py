"""Mixtures of Gaussians fitted to weighted rows."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.calibration.mixture_fit import log_density, simplest_mixture


def test_as_many_gaussians_as_the_rows_have() -> None:
    """Scores of one Gaussian give one component, those of two separate Gaussians two."""
    random = np.random.default_rng(1)
    one = random.normal(0.0, 0.1, (2000, 1))
    two = np.append(one, random.normal(0.8, 0.1, (2000, 1)), axis=0)

    assert 1 == simplest_mixture(one, np.ones(2000), 3).weights.size
    assert [0.0, 0.8] == pytest.approx(np.sort(simplest_mixture(two, np.ones(4000), 3).means[:, 0]).tolist(), abs=0.02)


def test_a_row_that_stands_for_two_is_two_rows() -> None:
    """A row of weight two and the same row twice give equal densities."""
    x = np.random.default_rng(2).normal(0.5, 0.1, (300, 1))
    counted, twice = (
        simplest_mixture(x, np.full(300, 2.0), 1),
        simplest_mixture(np.repeat(x, 2, axis=0), np.ones(600), 1),
    )
    assert log_density(twice, x).tolist() == pytest.approx(log_density(counted, x).tolist(), abs=1e-3)
