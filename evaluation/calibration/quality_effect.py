"""What the probe's quality adds to the score: an LLR that is drawn to the quality-blind one."""

from __future__ import annotations

from math import log

import numpy as np

from biometrics.calibration.curves import Floats, QualityEffect
from evaluation.calibration.logistic import fit_logistic
from evaluation.data.scores import Scored

NODE_QUANTILES = (0.02, 0.2, 0.5, 0.8)
"""Of the qualities of mated comparisons: closer where quality is low and changes most."""

RIDGE = 1e-3
"""Pull to alpha 0 and beta 1, in nats per unit²."""

LEAST_BETA = 0.1


def probe_qualities(scored: Scored) -> Floats:
    """The quality of the probe when each sample of a comparison is the probe once, shape (2 · k,).

    Comparators are symmetric: a stored pair stands for two comparisons of one score, each sample being the
    probe of one. What is fitted is then what fusion asks: what a score is worth when the probe has this quality and
    the reference any.
    """
    assert scored.qualities is not None
    return scored.qualities.T.ravel()


def fit_quality(core: Floats, scored: Scored) -> QualityEffect | None:
    """Fit alpha and beta at up to four nodes; linear between them, constant outside.

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
