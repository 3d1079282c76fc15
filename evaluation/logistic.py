"""Two-parameter logistic regression with equal priors, by Newton's method."""

from __future__ import annotations

import numpy as np

from biometrics.calibration import Floats

RIDGE = 1e-7
"""Penalty on the slope per pooled standard deviation: keeps separable data finite."""

MAX_STEPS = 60
SMALL_GAIN = 1e-11
"""A Newton step that promises to lower the objective (nats per comparison) by less ends the fit."""


def fit_affine(mated: Floats, non_mated: Floats) -> tuple[float, float]:
    """Slope and offset of the natural log LR that fit the scores best.

    Minimises the mean over both classes, equally weighted, of log(1 + e^∓(slope·x + offset)) plus
    RIDGE·slope²/2 on standardised x. A slope that comes out negative becomes 0 with offset 0: such
    scores say nothing.

    Args:
        mated: transformed genuine scores, finite, at least one.
        non_mated: transformed impostor scores, finite, at least one.

    Returns:
        slope per unit of the transformed score (0 or more), offset.
    """
    centre = (mated.mean() + non_mated.mean()) / 2.0
    scale = float(np.sqrt((mated.var() + non_mated.var()) / 2.0 + (mated.mean() - non_mated.mean()) ** 2 / 4.0))
    if not scale > 1e-12 * max(1.0, abs(centre)):
        return 0.0, 0.0
    x = np.concatenate((mated, non_mated))
    x = (x - centre) / scale
    sign = np.where(np.arange(x.size) < mated.size, 1.0, -1.0)
    weight = np.where(sign > 0, 0.5 / mated.size, 0.5 / non_mated.size)
    slope, offset = _newton(x, sign, weight)
    if slope <= 0.0:
        return 0.0, 0.0
    return float(slope / scale), float(offset - slope * centre / scale)


def _newton(x: Floats, sign: Floats, weight: Floats) -> tuple[float, float]:
    """Damped Newton: halve the step until the objective falls, stop when there is nothing to gain."""
    beta = np.zeros(2)
    objective = _objective(beta, x, sign, weight)
    for _ in range(MAX_STEPS):
        gradient, hessian = _derivatives(beta, x, sign, weight)
        step = np.linalg.solve(hessian, gradient)
        gain = float(gradient @ step)
        while gain > SMALL_GAIN and (trial := _objective(beta - step, x, sign, weight)) > objective:
            step, gain = step / 2.0, gain / 2.0
        if gain <= SMALL_GAIN:
            break
        beta, objective = beta - step, trial
    return float(beta[0]), float(beta[1])


def _derivatives(beta: Floats, x: Floats, sign: Floats, weight: Floats) -> tuple[Floats, Floats]:
    miss = 0.5 * (1.0 - np.tanh(sign * (beta[0] * x + beta[1]) / 2.0))
    pull, curvature = weight * sign * miss, weight * miss * (1.0 - miss)
    cross, bend = float(np.sum(curvature * x)), float(np.sum(curvature * x * x))
    gradient = np.array([RIDGE * beta[0] - np.sum(pull * x), -np.sum(pull)])
    return gradient, np.array([[RIDGE + bend, cross], [cross, np.sum(curvature) + 1e-12]])


def _objective(beta: Floats, x: Floats, sign: Floats, weight: Floats) -> float:
    loss = np.logaddexp(0.0, -sign * (beta[0] * x + beta[1]))
    return float(np.sum(weight * loss) + RIDGE * beta[0] ** 2 / 2.0)
