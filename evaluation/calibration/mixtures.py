"""Gaussian mixtures of one score, fitted to bins by expectation maximisation (Dempster, Laird, Rubin, 1977)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from biometrics.calibration.curves import Floats

MAX_COMPONENTS = 3
ROUNDS = 100
NARROWEST = 0.05
"""Least standard deviation of a component, as a share of its class's, so that none shrinks onto single scores."""

LEAST_SPREAD = 1e-3
"""Least standard deviation of a class, as a share of the range of both classes' scores."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """Weights, means and standard deviations of the components, shape (components,)."""

    weights: Floats
    means: Floats
    deviations: Floats

    def log_density(self, scores: Floats) -> Floats:
        """Natural log of the density, shape (k,)."""
        return np.asarray(np.logaddexp.reduce(self.log_parts(scores), axis=0))

    def log_parts(self, scores: Floats) -> Floats:
        """Natural log of each component's weighted density, shape (components, k)."""
        deviation = self.deviations[:, None]
        z = (scores - self.means[:, None]) / deviation
        return np.asarray(np.log(self.weights[:, None]) - np.log(deviation) - 0.5 * (z * z + np.log(2.0 * np.pi)))


def fit_mixture(at: Floats, counts: Floats) -> Mixture:
    """The mixture of 1–3 components with the lowest Bayesian information criterion (Schwarz, 1978).

    Args:
        at: scores of the bins of both classes, ascending, at least two.
        counts: comparisons of this class in each bin, shape (k,), not all 0.
    """
    used, least = counts > 0.0, LEAST_SPREAD * float(at[-1] - at[0])
    found = [_maximised(at[used], counts[used], number, least) for number in range(1, MAX_COMPONENTS + 1)]
    return min(found, key=lambda mixture: _criterion(mixture, at[used], counts[used]))


def _criterion(mixture: Mixture, at: Floats, counts: Floats) -> float:
    parameters = 3 * mixture.weights.size - 1
    return float(parameters * np.log(counts.sum()) - 2.0 * np.sum(counts * mixture.log_density(at)))


def _maximised(at: Floats, counts: Floats, number: int, least: float) -> Mixture:
    """Start with components at evenly spaced quantiles, each as wide as all scores."""
    total = counts.sum()
    mean = float(np.sum(counts * at) / total)
    spread = max(float(np.sqrt(np.sum(counts * (at - mean) ** 2) / total)), least)
    start = np.interp((np.arange(number) + 0.5) / number, np.cumsum(counts) / total, at)
    mixture = Mixture(np.full(number, 1.0 / number), start, np.full(number, spread))
    for _ in range(ROUNDS):
        parts = mixture.log_parts(at)
        shares = counts * np.exp(parts - np.logaddexp.reduce(parts, axis=0))
        mass = np.maximum(shares.sum(axis=1), 1e-9)
        means = shares @ at / mass
        variances = np.sum(shares * (at - means[:, None]) ** 2, axis=1) / mass
        mixture = Mixture(mass / mass.sum(), means, np.maximum(np.sqrt(variances), NARROWEST * spread))
    return mixture
