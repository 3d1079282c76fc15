"""Mean likelihood ratio of the subjects that no search returned: their scores are below the ends of the lists."""

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
from fusion.ranking.cut_lists import cut_offs
from fusion.ranking.search import Searched

STEPS = 16
"""Integration steps between two knots of a calibration's FMR curve."""

STEP_SHARES = np.arange(STEPS + 1) / STEPS


def mean_unseen_llr(searched: Sequence[Searched], unseen_count: int, model: FusionModel) -> float:
    """log10 of the mean likelihood ratio of the subjects that are in no list, 0 or less.

    All that is known of such a subject is that its score s is below the lowest listed one, c. The likelihood ratio of
    that event is P(s < c | mated) / P(s < c | non-mated). It is computed as the mean of LR(s) over the non-mated scores
    below c, as LR · density of non-mated scores is the density of mated ones. Example: 10 % of mated and 99.9 % of
    non-mated scores are below c, so the likelihood ratio is 0.1 / 0.999 = 0.1, log10 −1.

    1. Take this mean for every list that was cut.
    2. Fuse the lists of a modality as scores are fused.
    3. Subjects without a reference of the modality have likelihood ratio 1 there. The number of those with one is the
       search's subject count minus the subjects compared; average over both kinds.
    4. Multiply over the modalities.

    Assumed: having references of one modality is independent of having some of another; a subject with a reference of
    a modality has one that the probe is compared with; and a sum over many unseen subjects is close to that of their
    own likelihood ratios, as none of these is large.

    Args:
        searched: every probe's list, completed.
        unseen_count: subjects of the gallery that are in no list.
        model: the fusion model.
    """
    lists: dict[Modality, list[Searched]] = {}
    for each in searched:
        if each.unseen_score is not None:
            lists.setdefault(each.probe.modality, []).append(each)
    return sum(_mean_llr(of_one, unseen_count, model) for of_one in lists.values()) if unseen_count else 0.0


def _mean_llr(lists: Iterable[Searched], unseen_count: int, model: FusionModel) -> float:
    """Steps 2 and 3 for the lists of one modality."""
    lists = list(lists)
    ratio = 10.0 ** min(0.0, model.llr([_below(each, model) for each in lists]))
    having = min(each.subject_count - len(each.hits) for each in lists) / unseen_count
    share = min(1.0, max(0.0, having))
    return log10(1.0 - share + share * ratio)


def _below(searched: Searched, model: FusionModel) -> Evidence:
    """Evidence of "the score is below the lowest of this list"; of several comparators the one of the highest LLR."""
    return max((_censored(each, model) for each in cut_offs(searched, model)), key=lambda each: each.llr)


def _censored(evidence: Evidence, model: FusionModel) -> Evidence:
    assert evidence.comparison is not None
    calibration = model.calibrations[evidence.comparison.comparator_id]
    quality = None if evidence.quality_is_claimed else evidence.quality
    llr = censored_llr(calibration, evidence.comparison.score, quality)
    return replace(evidence, comparison=replace(evidence.comparison, llr=llr))


def censored_llr(calibration: Calibration, score: float, quality: float | None = None) -> float:
    """log10 LR of "the score is below this one", at most 0: the mean LR of the non-mated scores below it.

    The mean is an integral in steps, each with the LR at its upper end, so it is an upper bound.

    Args:
        calibration: LR and FMR by score.
        score: the score below which the subject's score is known to be.
        quality: quality of the probe, 0–100; None if unknown.
    """
    sums = _running_sums(calibration, quality)
    count = int(np.searchsorted(sums.knots, score))
    at = np.array([score]) if count == 0 else sums.knots[count - 1] + STEP_SHARES * (score - sums.knots[count - 1])
    fmr, ratio = calibration.fmr(at), 10.0 ** calibration.llr(at, quality)
    below = 1.0 - float(fmr[-1])
    first = below * float(ratio[0]) if count == 0 else float(sums.weighted[count - 1])
    total = first + float((fmr[:-1] - fmr[1:]) @ ratio[1:])
    mean = total / below if below > 0.0 else float(ratio[-1])
    return log10(min(1.0, mean, float(ratio[-1])))


class _RunningSums(NamedTuple):
    """Integral of LR over the non-mated scores below each knot of a calibration's FMR curve.

    Args:
        knots: scores of the knots, ascending, shape (k,).
        weighted: Σ share of non-mated scores · LR over the steps below each knot, shape (k,).
    """

    knots: Floats
    weighted: Floats


@lru_cache(64)
def _running_sums(calibration: Calibration, quality: float | None) -> _RunningSums:
    knots = np.asarray(calibration.fmr_scores)
    at = np.interp(np.arange(0, STEPS * (knots.size - 1) + 1) / STEPS, np.arange(knots.size), knots)
    fmr, ratio = calibration.fmr(at), 10.0 ** calibration.llr(at, quality)
    mass = np.append(1.0 - fmr[0], fmr[:-1] - fmr[1:])
    return _RunningSums(knots, np.cumsum(mass * ratio)[::STEPS])
