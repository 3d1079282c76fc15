"""Posteriors of a search by lists equal those of comparing all subjects."""

from __future__ import annotations

from dataclasses import replace
from math import log10

import numpy as np
import pytest
from scipy.stats import norm

from biometrics.calibration.score_calibration import Calibration
from biometrics.template import Modality
from fusion.decision.posterior import posterior
from fusion.models.model import FusionModel
from fusion.ranking.identification import Identification
from fusion.ranking.unlisted import censored_llr
from fusion.use_cases.identify import IdentificationRequest, identify
from gallery.subject import Subject
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.test_exhaustive import ScoreMatcher
from tests.unit.fusion.world import COMPARATORS, calibration, model, sample

SHIFT = {Modality.FACE: 5.0, Modality.FINGERPRINT: 4.5, Modality.IRIS: 5.5}
"""Means of the mated scores; all scores are normal with variance 1, and non-mated ones have mean 0."""

AT = np.linspace(-5.0, 7.0, 49)
MOST_ERROR = 0.015


def normal_calibration(modality: Modality, shift: float) -> Calibration:
    """The true LLR and FMR of normal scores."""
    llrs = (shift * np.array([-5.0, 12.0]) - shift**2 / 2.0) / np.log(10.0)
    rates = norm.logsf(AT) / np.log(10.0)
    known = replace(calibration(modality), scores=(-5.0, 12.0), llrs=tuple(llrs.tolist()))
    return replace(known, fmr_scores=tuple(AT.tolist()), fmr_log10=tuple(rates.tolist()))


def normal_model(modalities: tuple[Modality, ...]) -> FusionModel:
    """A fusion model of these modalities."""
    return replace(
        model(), calibrations={COMPARATORS[each]: normal_calibration(each, SHIFT[each]) for each in modalities}
    )


Gallery = dict[Modality, dict[str, float]]


def gallery_of(count: int, modalities: tuple[Modality, ...], seed: int, *, is_enrolled: bool) -> Gallery:
    """Scores of `count` subjects; 3 in 10 lack a modality, but not the first; the last is the mate, if enrolled."""
    random = np.random.default_rng(seed)
    found: Gallery = {}
    for place, modality in enumerate(modalities):
        scores = random.normal(size=count)
        has = random.random(count) < (0.7 if place else 1.0)
        if is_enrolled:
            scores[-1], has[-1] = SHIFT[modality] + random.normal(), True
        found[modality] = {f"s{number:06}": float(scores[number]) for number in np.flatnonzero(has)}
    return found


def exhaustive(scores: Gallery, rule: FusionModel) -> tuple[dict[str, float], float]:
    """The posterior of every subject by comparing all of them, and that of "none of them"."""
    llrs = dict.fromkeys((i for of_one in scores.values() for i in of_one), 0.0)
    for modality, of_one in scores.items():
        worth = rule.calibrations[COMPARATORS[modality]].llr(list(of_one.values()))
        for subject_id, llr in zip(of_one, worth.tolist(), strict=True):
            llrs[subject_id] += llr
    each, none = posterior(list(llrs.values()), len(llrs), 0.5)
    return dict(zip(llrs, each, strict=True)), none


async def searched(scores: Gallery, rule: FusionModel) -> Identification:
    """The answer by lists of 100, or of 1,000 where it may matter."""
    ids = {i for of_one in scores.values() for i in of_one}
    store = MemoryStore(subjects={i: Subject(i, ("default",), ()) for i in ids})
    services = {modality: ScoreMatcher(modality, of_one) for modality, of_one in scores.items()}
    samples = tuple(sample(modality, "probe") for modality in scores)
    return await identify(IdentificationRequest(samples, limit=100), services, store, rule, 1.0)


@pytest.mark.parametrize("count", [100, 1_000, 10_000, 100_000])
@pytest.mark.parametrize("modalities", [(Modality.FACE,), (Modality.FACE, Modality.IRIS), tuple(Modality)])
@pytest.mark.parametrize("is_enrolled", [False, True])
async def test_posteriors_are_those_of_comparing_everybody(
    count: int,
    modalities: tuple[Modality, ...],
    is_enrolled: bool,  # noqa: FBT001
) -> None:
    """Posteriors are within 0.015 of the exact ones at any gallery size, with and without the mate enrolled."""
    rule = normal_model(modalities)
    for seed in range(3 if count < 100_000 else 1):
        scores = gallery_of(count, modalities, seed, is_enrolled=is_enrolled)
        each, none = exhaustive(scores, rule)
        found = await searched(scores, rule)
        assert abs(none - found.none_posterior) < MOST_ERROR
        assert all(abs(each[one.subject_id] - one.posterior) < MOST_ERROR for one in found.candidates)
        assert found.none_posterior + sum(one.posterior for one in found.candidates) <= 1.0 + 1e-12


@pytest.mark.parametrize("count", [100, 1_000, 10_000, 100_000])
async def test_none_of_them_keeps_its_posterior_in_a_large_gallery(count: int) -> None:
    """Where comparing all gives 0.99 for "none of them", so do lists that hold 1 in 1,000 subjects."""
    rule = normal_model((Modality.IRIS,))
    scores = {Modality.IRIS: dict(zip((f"s{i:06}" for i in range(count)), np.linspace(-2.5, 1.6, count), strict=True))}
    assert 0.99 < exhaustive(scores, rule)[1]
    assert 0.98 < (await searched(scores, rule)).none_posterior


@pytest.mark.parametrize("score", [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0])
def test_the_ratio_of_a_score_below(score: float) -> None:
    """The ratio is at least P(s < c | mated) / P(s < c | non-mated), close to it, and below the LR of c itself."""
    by = normal_calibration(Modality.FACE, 5.0)
    true = norm.logcdf(score - 5.0) / np.log(10.0) - norm.logcdf(score) / np.log(10.0)
    assert true <= censored_llr(by, score) < true + 0.15
    assert censored_llr(by, score) <= min(0.0, by.llr(score))


def test_below_all_non_mated_scores_the_lr_of_the_score_itself_is_the_bound() -> None:
    """A score below all knots of the FMR has no mean below it, so its own LR is taken, which is higher."""
    assert pytest.approx(-4.0) == censored_llr(calibration(Modality.FACE), -4.0)


async def test_a_list_is_no_evidence_about_subjects_without_its_modality() -> None:
    """Of 2,000 subjects half have no iris: the iris list lowers the likelihood ratio of the other half only."""
    rule = normal_model((Modality.IRIS,))
    scores = gallery_of(1_000, (Modality.IRIS,), 1, is_enrolled=False)
    ids = [f"t{number}" for number in range(1_000)]
    store = MemoryStore(subjects={i: Subject(i, ("default",), ()) for i in (*scores[Modality.IRIS], *ids)})
    services = {Modality.IRIS: ScoreMatcher(Modality.IRIS, scores[Modality.IRIS])}
    found = await identify(IdentificationRequest((sample(Modality.IRIS, "probe"),)), services, store, rule, 1.0)
    llrs = normal_calibration(Modality.IRIS, SHIFT[Modality.IRIS]).llr(list(scores[Modality.IRIS].values())).tolist()
    assert pytest.approx(posterior([*llrs, *[0.0] * 1_000], 2_000, 0.5)[1], abs=MOST_ERROR) == found.none_posterior


def test_those_who_were_not_compared_share_what_is_left() -> None:
    """With a mean ratio of 0.01 for 999 unseen subjects, "none of them" is about 100 times as likely as they are."""
    (subject,), none = posterior([-6.0], 1000, 0.5, -2.0)
    assert pytest.approx(999 * 0.01 / 1000) == (1.0 - subject - none) / none
    assert pytest.approx(log10(none / subject)) == 9.0
