"""Fitting a calibration of the chosen family (choice.py), with FMRs that its number of people supports (claims.py)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from biometrics.calibration.curves import Floats, rising
from biometrics.calibration.score_calibration import Calibration
from evaluation.calibration.choice import Choice, knots_of
from evaluation.calibration.claims import NonMatedTail, non_mated_by_sensor
from evaluation.calibration.families import Knots
from evaluation.calibration.left_out import Sensors, people_count, pooled
from evaluation.calibration.margin import margin
from evaluation.calibration.quality_effect import fit_quality
from evaluation.metrics.effective_count import People

EASED_FROM, EASED_BY = 2.0, 6.0


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a calibration comes from; fields as in Calibration."""

    comparator_id: str
    model_id: str
    source: str
    date: str
    command: str


def fitted(sensors: Sensors, choice: Choice, provenance: Provenance) -> Calibration:
    """1. Fit the chosen family and the quality's effect; 2. claim FMRs (claims.py, margin.py); 3. flatten the top."""
    scored = pooled(list(sensors.values()))
    at, llrs = knots_of(scored, choice.family)
    quality = fit_quality(rising(at, llrs, scored.scores), scored) if choice.with_quality else None
    claim, heavier = NonMatedTail(non_mated_by_sensor(sensors)), margin(sensors)
    fmr_scores, fmr_log10 = claim.claimed(heavier)
    eased = easing(at, llrs, -float(fmr_log10[-1]))
    return Calibration(
        comparator_id=provenance.comparator_id,
        model_id=provenance.model_id,
        family=choice.family,
        scores=tuple(eased[0].tolist()),
        llrs=tuple(eased[1].tolist()),
        quality=quality,
        fmr_scores=tuple(fmr_scores.tolist()),
        fmr_log10=tuple(fmr_log10.tolist()),
        margin=heavier,
        mated_count=int(np.count_nonzero(scored.mated)),
        non_mated_count=int(np.count_nonzero(~scored.mated)),
        effective_mated_count=effective_mated(sensors),
        effective_non_mated_count=ceil(claim.effective_count),
        people_count=people_count(scored),
        sensors=(),
        folds=choice.folds,
        cllr=choice.cllr,
        min_cllr=choice.min_cllr,
        cllr_by_family=choice.cllr_by_family,
        source=provenance.source,
        date=provenance.date,
        command=provenance.command,
    )


def easing(at: Floats, llrs: Floats, highest: float) -> Knots:
    """Keep the knots up to an LLR of `highest` + EASED_FROM; from there on, one line that rises by EASED_BY.

    The bound maps LLRs above `highest` to nearly `highest`, and those 16 or more above to the same number, to the last
    bit. A line that stays EASED_FROM + EASED_BY = 8 above keeps the order of scores.

    Args:
        at: scores of the knots, strictly ascending.
        llrs: log10 LR of the knots, strictly ascending.
        highest: the highest log10 LR that the counts permit.
    """
    top = highest + EASED_FROM
    if llrs[0] >= top or llrs[-1] <= top + EASED_BY:
        return at, llrs
    below = llrs < top
    where = float(np.interp(top, llrs, at))
    return np.append(at[below], [where, at[-1]]), np.append(llrs[below], [top, top + EASED_BY])


def effective_mated(sensors: Sensors) -> int:
    """Number of independent comparisons that the pooled mated ones are worth at their rarest (lowest) scores."""
    mated = [each.part(each.mated) for each in sensors.values()]
    people = [People(replace(each, scores=-each.scores)) for each in mated if each.scores.size]
    count = sum(each.scores.size for each in people)
    return int(1.0 / sum((each.scores.size / count) ** 2 / each.rarest() for each in people))
