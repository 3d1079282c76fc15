"""Fitting a calibration: balanced logistic regression on the score, with bounds from the counts.

Brümmer and du Preez (2006): with both classes weighted as if equally frequent, the logistic
regression's logit is the natural log LR. The transform before the affine step is chosen by Cllr on
subject-disjoint folds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import numpy as np

from biometrics.calibration import TRANSFORMS, Calibration, Floats, llr_bounds
from biometrics.errors import FieldInvalid
from biometrics.information import cllr, min_cllr
from evaluation.logistic import fit_affine
from evaluation.scores import Scored

MIN_COMPARISONS = 20
KNOTS = 64
MIN_GAIN, MIN_GAIN_BITS = 0.02, 0.001
"""Share of the Cllr, and bits, by which a transform must be better than none, so that chance does not choose it.

Where the classes lie apart, Cllr is almost 0 whatever the transform, and a share of it says nothing.
"""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a calibration says about itself; see Calibration."""

    comparator_id: str
    model_id: str
    source: str
    date: str
    command: str


def fit(scored: Scored, provenance: Provenance, folds: int = 5) -> Calibration:
    """Fit a calibration.

    Steps: 1. for each transform, fit on all folds but one and measure Cllr on the comparisons within
    that one; 2. take the transform with the lowest mean Cllr, if it is better than none by 2 % and
    0.001 bits; 3. fit it on everything; 4. bound the LLR by the counts; 5. keep the impostor survival curve at
    up to 64 knots.

    Args:
        scored: comparisons that were made, with the subjects they compare.
        provenance: copied into the result.
        folds: sets of subjects, each left out once.

    Raises:
        FieldInvalid: fewer than 20 mated or non-mated comparisons, or scores that are not finite.
    """
    _check(scored)
    mated, non_mated = scored.scores[scored.mated], scored.scores[~scored.mated]
    losses = {name: _cross_validate(scored, name, folds) for name in TRANSFORMS}
    transform = _choose(losses)
    slope, offset = fit_affine(TRANSFORMS[transform](mated), TRANSFORMS[transform](non_mated))
    low, high = llr_bounds(mated.size, non_mated.size)
    at, level = survival_knots(non_mated)
    return Calibration(
        comparator_id=provenance.comparator_id,
        model_id=provenance.model_id,
        transform=transform,
        slope=slope / log(10.0),
        offset=offset / log(10.0),
        llr_min=low,
        llr_max=high,
        fmr_scores=tuple(at.tolist()),
        fmr_log10=tuple(level.tolist()),
        mated_count=int(mated.size),
        non_mated_count=int(non_mated.size),
        subject_count=int(np.unique(np.append(scored.first, scored.second)).size),
        folds=folds,
        cllr=losses[transform][0],
        min_cllr=losses[transform][1],
        source=provenance.source,
        date=provenance.date,
        command=provenance.command,
    )


def _choose(losses: Mapping[str, tuple[float, float]]) -> str:
    best = min(losses, key=lambda name: losses[name][0])
    enough = min((1.0 - MIN_GAIN) * losses["identity"][0], losses["identity"][0] - MIN_GAIN_BITS)
    return best if losses[best][0] < enough else "identity"


def _check(scored: Scored) -> None:
    mated = int(np.count_nonzero(scored.mated))
    if min(mated, scored.scores.size - mated) < MIN_COMPARISONS:
        raise FieldInvalid(
            "scores",
            f"{mated} mated and {scored.scores.size - mated} non-mated scores; {MIN_COMPARISONS} of each are needed.",
        )
    if not np.isfinite(scored.scores).all():
        raise FieldInvalid("scores", "every score must be a finite number.")


def _cross_validate(scored: Scored, transform: str, folds: int) -> tuple[float, float]:
    """Mean Cllr and minCllr over the folds that have both kinds of comparison.

    Folds are sets of subjects; a comparison across two folds is in no test set. LLRs are bounded by
    the counts of the fit, as they are in use.
    """
    subjects = 1 + int(max(scored.first.max(), scored.second.max()))
    fold_of = np.random.default_rng(1).permutation(subjects) % folds
    first, second = fold_of[scored.first], fold_of[scored.second]
    values = TRANSFORMS[transform](scored.scores)
    losses = []
    for fold in range(folds):
        train, test = (first != fold) & (second != fold), (first == fold) & (second == fold)
        parts = [values[part & kind] for part in (train, test) for kind in (scored.mated, ~scored.mated)]
        if all(part.size for part in parts):
            losses.append(_loss(*parts))
    if not losses:
        raise FieldInvalid("scores", f"too few subjects for {folds} folds with both kinds of comparison.")
    mean_cllr, mean_min = np.mean(losses, axis=0)
    return float(mean_cllr), float(mean_min)


def _loss(mated: Floats, non_mated: Floats, test_mated: Floats, test_non_mated: Floats) -> tuple[float, float]:
    slope, offset = fit_affine(mated, non_mated)
    low, high = llr_bounds(mated.size, non_mated.size)
    llr = [np.clip((offset + slope * part) / log(10.0), low, high) for part in (test_mated, test_non_mated)]
    return cllr(*llr), min_cllr(test_mated, test_non_mated)


def survival_knots(non_mated: Floats, knots: int = KNOTS) -> tuple[Floats, Floats]:
    """Scores and log10 FMR of the impostor survival curve at log-spaced rates from 1 to 3/n.

    Args:
        non_mated: impostor scores, finite, at least one.
        knots: at most so many.

    Returns:
        Scores strictly ascending; log10 of the share of scores at or above each, at least log10(3/n).
    """
    rising = np.sort(non_mated)
    count = rising.size
    lowest = min(3, count)
    wanted = np.unique(np.geomspace(lowest, count, knots).round().astype(np.int64))
    at = np.unique(rising[count - wanted])
    at_or_above = count - np.searchsorted(rising, at)
    return at, np.log10(np.maximum(at_or_above, lowest) / count)  # at 1 exactly 0, whatever the CPU
