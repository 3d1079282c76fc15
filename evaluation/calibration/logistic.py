"""Logistic regression with equal priors, by Newton's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from biometrics.calibration.curves import Floats

RIDGE = 1e-7
"""Penalty per unit of a standardised weight: keeps separable data finite."""

MAX_STEPS = 60
SMALL_GAIN = 1e-11
"""The fit ends at a Newton step that promises to lower the objective (nats per comparison) by less than this."""


def fit_affine(mated: Floats, non_mated: Floats) -> tuple[float, float]:
    """Fit the natural log LR as slope · score + offset.

    Minimises the mean over both classes, equally weighted, of log(1 + e^∓(slope·x + offset)) plus
    RIDGE·slope²/2 on standardised x. A negative slope is replaced by slope 0 and offset 0, an LLR of 0
    for every score.

    Args:
        mated: transformed mated scores, finite, at least one.
        non_mated: transformed non-mated scores, finite, at least one.

    Returns:
        slope per unit of the transformed score (0 or more), offset.
    """
    centre = (mated.mean() + non_mated.mean()) / 2.0
    scale = float(np.sqrt((mated.var() + non_mated.var()) / 2.0 + (mated.mean() - non_mated.mean()) ** 2 / 4.0))
    if not scale > 1e-12 * max(1.0, abs(centre)):
        return 0.0, 0.0
    x = np.concatenate((mated, non_mated))
    features = np.stack(((x - centre) / scale, np.ones_like(x)), axis=1)
    is_mated = np.arange(x.size) < mated.size
    slope, offset = fit_logistic(features, is_mated.astype(np.float64), (~is_mated).astype(np.float64))
    if slope <= 0.0:
        return 0.0, 0.0
    return float(slope / scale), float(offset - slope * centre / scale)


def fit_logistic(
    features: Floats, mated: Floats, non_mated: Floats, *, start: Floats | None = None, ridge: float | Floats = RIDGE
) -> Floats:
    """Fit the natural log LR as a weighted sum of features to comparisons that are given as counts.

    Minimises the mean over both classes, equally weighted, of log(1 + e^∓LLR) plus
    ridge·(weights − start)²/2, by Newton steps that are halved until the objective falls.

    Args:
        features: shape (k, f).
        mated: number of mated comparisons with each row of features, shape (k,), not all 0.
        non_mated: number of non-mated ones, shape (k,), not all 0.
        start: weights that the ridge penalty pulls to, and where the fit starts, shape (f,); zeros when None.
        ridge: strength of the pull, one for all or shape (f,); above 0.

    Returns:
        Weights, shape (f,).
    """
    start = np.zeros(features.shape[1]) if start is None else start
    loss = _Loss(features, mated / mated.sum() / 2.0, non_mated / non_mated.sum() / 2.0, start, np.asarray(ridge))
    weights, objective = start, loss.at(start)
    for _ in range(MAX_STEPS):
        gradient, hessian = loss.derivatives(weights)
        step = np.linalg.solve(hessian, gradient)
        gain = float(gradient @ step)
        while gain > SMALL_GAIN and (trial := loss.at(weights - step)) > objective:
            step, gain = step / 2.0, gain / 2.0
        if gain <= SMALL_GAIN:
            break
        weights, objective = weights - step, trial
    return weights


@dataclass(frozen=True, slots=True)
class _Loss:
    """The objective; `mated` and `non_mated` are shares that sum to a half each."""

    features: Floats
    mated: Floats
    non_mated: Floats
    start: Floats
    ridge: Floats

    def at(self, weights: Floats) -> float:
        llr = self.features @ weights
        loss = self.mated @ np.logaddexp(0.0, -llr) + self.non_mated @ np.logaddexp(0.0, llr)
        return float(loss + np.sum(self.ridge * (weights - self.start) ** 2) / 2.0)

    def derivatives(self, weights: Floats) -> tuple[Floats, Floats]:
        believed = 0.5 * (1.0 + np.tanh(self.features @ weights / 2.0))
        pull = self.mated * (1.0 - believed) - self.non_mated * believed
        curvature = (self.mated + self.non_mated) * believed * (1.0 - believed)
        gradient = self.ridge * (weights - self.start) - pull @ self.features
        hessian = (self.features * curvature[:, None]).T @ self.features
        ridge = np.broadcast_to(self.ridge, weights.shape) + 1e-12
        return gradient, hessian + np.diag(ridge)
