"""How the probe's quality changes the LLR of a score: a regression that is pulled to the quality-blind LLR."""

from __future__ import annotations

from math import log

import numpy as np

from biometrics.calibration.curves import Floats
from biometrics.calibration.quality_effect import QualityEffect
from evaluation.calibration.logistic import fit_logistic
from evaluation.data.scores import Scored

NODE_QUANTILES = (0.02, 0.2, 0.5, 0.8)
"""Quantiles of mated probes' qualities that nodes stand at: closer where quality is low and the effect changes most."""

RIDGE = 1e-3
"""Strength of the pull to alpha 0 and beta 1, in nats per unit²."""

LEAST_BETA = 0.1


def probe_qualities(scored: Scored) -> Floats:
    """The probe's quality when each sample of a comparison is taken as the probe once, shape (2 · k,).

    Comparators are symmetric: a stored pair stands for two comparisons with the same score, in which the samples
    exchange the roles of probe and reference. The fit then answers what fusion asks: the LLR of a score when the probe
    has this quality and the reference any quality.
    """
    assert scored.qualities is not None
    return scored.qualities.T.ravel()


def fit_quality(core: Floats, scored: Scored) -> QualityEffect | None:
    """Fit alpha and beta of the LLR alpha + beta · core at up to four nodes; linear between them, constant outside.

    Args:
        core: quality-blind log10 LR of each comparison, before the bounds by counts, shape (k,).
        scored: the comparisons.

    Returns:
        None where no quality is known or all are equal.
    """
    if scored.qualities is None:
        return None
    quality = probe_qualities(scored)
    known = ~np.isnan(quality)
    mated, llr, quality = np.tile(scored.mated, 2)[known], np.tile(core, 2)[known], quality[known]
    if not (mated.any() and (~mated).any()):
        return None
    nodes = np.unique(np.quantile(quality[mated], NODE_QUANTILES).round(1))
    if nodes.size < 2:
        return None
    hats = np.stack([np.interp(quality, nodes, each) for each in np.eye(nodes.size)], axis=1)
    features = np.concatenate((hats, hats * llr[:, None]), axis=1) * log(10.0)
    start = np.repeat((0.0, 1.0), nodes.size)
    weights = fit_logistic(features, mated.astype(float), (~mated).astype(float), start=start, ridge=RIDGE)
    alpha, beta = weights[: nodes.size], np.maximum(weights[nodes.size :], LEAST_BETA)
    return QualityEffect(tuple(nodes.tolist()), tuple(alpha.tolist()), tuple(beta.tolist()))
