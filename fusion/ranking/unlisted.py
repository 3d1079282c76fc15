"""What it says of a subject that no search returned it: its scores are below where the lists were cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from math import log10
from typing import NamedTuple

import numpy as np

from biometrics.calibration.curves import Floats
from biometrics.calibration.score_calibration import Calibration
from biometrics.template import Modality
from fusion.evidence.evidence import Evidence
from fusion.models.model import FusionModel
from fusion.ranking.search import Searched, cut_off

STEPS = 16
"""Between two knots of a calibration's FMR."""

STEP_SHARES = np.arange(STEPS + 1) / STEPS


def mean_unseen_llr(searched: Sequence[Searched], unseen_count: int, model: FusionModel) -> float:
    """log10 of the mean likelihood ratio of the subjects that no list has, 0 or less.

    "A score s is below the cut-off c" is an event, whose likelihood ratio is P(s < c | mated) / P(s < c | non-mated):
    the mean of LR(s) over the non-mated comparisons below c, as LR · density of non-mated comparisons is the density of
    mated ones. It holds for each of the unseen, and its sum over many of them is near that of their own likelihood
    ratios, as none of these is large. Steps: 1. this mean of every list that was cut; 2. fused within a modality as
    scores are; 3. a share of the unseen has no reference of the modality, and escapes it with likelihood ratio 1: those
    that the search counted less those that were compared have one; 4. the product over modalities.

    Assumed: who has references of one modality has them no more and no less often of another; who has any of a
    modality has one that the probe is compared with.

    Args:
        searched: every probe's list, completed.
        unseen_count: subjects of the gallery that none of them has.
        model: calibrations and dependences.
    """
    lists: dict[Modality, list[Searched]] = {}
    for each in searched:
        if each.unseen_score is not None:
            lists.setdefault(each.probe.modality, []).append(each)
    return sum(_mean_llr(of_one, unseen_count, model) for of_one in lists.values()) if unseen_count else 0.0


def _mean_llr(lists: Iterable[Searched], unseen_count: int, model: FusionModel) -> float:
    """Of one modality, those that have no reference among them."""
    lists = list(lists)
    ratio = 10.0 ** min(0.0, model.llr([_below(each, model) for each in lists]))
    having = min(each.subject_count - len(each.hits) for each in lists) / unseen_count
    share = min(1.0, max(0.0, having))
    return log10(1.0 - share + share * ratio)


def _below(searched: Searched, model: FusionModel) -> Evidence:
    """The evidence of a score below the cut-off."""
    evidence = cut_off(searched, model)
    assert evidence.comparison is not None
    calibration = model.calibrations[evidence.comparison.comparator_id]
    quality = None if evidence.quality_is_claimed else evidence.quality
    llr = censored_llr(calibration, evidence.comparison.score, quality)
    return replace(evidence, comparison=replace(evidence.comparison, llr=llr))


def censored_llr(calibration: Calibration, score: float, quality: float | None = None) -> float:
    """log10 LR of "the score is below this one": the mean LR of the non-mated comparisons there, from above, at most 0.

    Args:
        calibration: LR and FMR by score.
        score: the cut-off.
        quality: of the probe's sample, 0-100, when known.
    """
    ladder = _ladder(calibration, quality)
    count = int(np.searchsorted(ladder.knots, score))
    at = np.array([score]) if count == 0 else ladder.knots[count - 1] + STEP_SHARES * (score - ladder.knots[count - 1])
    fmr, ratio = calibration.fmr(at), 10.0 ** calibration.llr(at, quality)
    below = 1.0 - float(fmr[-1])
    first = below * float(ratio[0]) if count == 0 else float(ladder.mean[count - 1])
    total = first + float((fmr[:-1] - fmr[1:]) @ ratio[1:])
    mean = total / below if below > 0.0 else float(ratio[-1])
    return log10(min(1.0, mean, float(ratio[-1])))


class _Ladder(NamedTuple):
    """Likelihood ratios of non-mated comparisons below each knot of a calibration's FMR.

    Args:
        knots: their scores, ascending, shape (k,).
        mean: the sum of the non-mated shares below, each times its likelihood ratio, shape (k,).
    """

    knots: Floats
    mean: Floats


@lru_cache(64)
def _ladder(calibration: Calibration, quality: float | None) -> _Ladder:
    knots = np.asarray(calibration.fmr_scores)
    at = np.interp(np.arange(0, STEPS * (knots.size - 1) + 1) / STEPS, np.arange(knots.size), knots)
    fmr, ratio = calibration.fmr(at), 10.0 ** calibration.llr(at, quality)
    mass = np.append(1.0 - fmr[0], fmr[:-1] - fmr[1:])
    return _Ladder(knots, np.cumsum(mass * ratio)[::STEPS])
