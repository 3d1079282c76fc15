"""What the simulator says an identification answers."""

from __future__ import annotations

from math import log10

import numpy as np
import pytest

from biometrics.comparison import Comparison
from biometrics.template import POSITIONS, Modality, Position
from fusion.decision.decision import Outcome, Thresholds
from fusion.decision.judgement import decide
from fusion.evidence.evidence import Evidence, EvidenceStatus
from studies.capacity.answers.curves import RANKS, SensorCurve
from studies.capacity.answers.outcomes import (
    LIST,
    MATCH,
    NO_MATCH,
    REVIEW,
    Identifying,
    claimed_ends,
    decided,
    found_by_a_list,
    fused,
    identifying,
    observed_ends,
    shipped,
)
from studies.capacity.answers.people import EYE, FACE, FINGER, REQUESTS, Samples

MODEL = shipped()
NAMES = {MATCH: Outcome.MATCH, REVIEW: Outcome.REVIEW, NO_MATCH: Outcome.NO_MATCH}
ALL = {FACE: -9.0, FINGER: -9.0, EYE: -9.0}
"""Ends of lists that hold everybody."""


def evidence_of(parts, row):
    """The evidence of one simulated person, as a decision has it."""
    return [
        Evidence(
            modality,
            position,
            EvidenceStatus.COMPARED,
            Comparison(0.0, float(llr), 0.0, MODEL.comparators[modality]),
            position,
            1,
            90.0,
        )
        for modality, llrs in parts.items()
        for position, llr in zip(known_positions(modality), llrs[row], strict=False)
    ]


def known_positions(modality):
    """The positions of a modality that can be stated."""
    return [each for each in POSITIONS[modality] if each is not Position.UNKNOWN]


def spread(samples, people, seed):
    """LLRs over all that the calibrations allow, some at the highest."""
    random = np.random.default_rng(seed)
    most = {modality: MODEL.bounds[comparator] for modality, comparator in MODEL.comparators.items()}
    return {
        modality: np.minimum(random.uniform(-3.0, 1.3 * most[modality], (people, count)), most[modality])
        for modality, count in samples.counts.items()
    }


@pytest.mark.parametrize("samples", REQUESTS, ids=lambda each: each.name)
def test_outcomes_are_those_of_a_decision(samples):
    """For any LLRs and sizes of the gallery the outcome is that of `judgement.decide` about the person's subject."""
    parts = spread(samples, 150, 3)
    for subjects in (100, 10**4, 10**6, 10**8, 3 * 10**8):
        asked = identifying(samples, MODEL, ALL, subjects, 0.01)
        answers = decided(fused(parts, MODEL), np.ones(150, np.bool_), asked)
        thresholds = Thresholds.at_fpir(0.01, subjects, MODEL.review_band_llr)
        wanted = [decide(evidence_of(parts, row), thresholds, MODEL).outcome for row in range(150)]
        assert wanted == [NAMES[each] for each in answers.tolist()]


def test_the_match_threshold_is_the_union_bound():
    """N comparisons, each with the false match rate of the MATCH threshold, sum up to the FPIR."""
    for subjects in (10**6, 3 * 10**8):
        asked = identifying(REQUESTS[0], MODEL, ALL, subjects, 0.01)
        assert 0.01 == pytest.approx(subjects * 10.0**-asked.thresholds.match_llr)


def test_what_is_not_carried_is_never_a_match():
    """Where the highest LLR is below the MATCH threshold, no LLRs are a MATCH, and only the highest are a REVIEW."""
    face = REQUESTS[0]
    asked = identifying(face, MODEL, ALL, 10**6, 0.01)
    highest = MODEL.bounds[MODEL.comparators[FACE]]
    answers = decided(np.array([[highest], [highest - 0.01]]), np.ones(2, np.bool_), asked)

    assert not asked.is_carried
    assert [REVIEW, NO_MATCH] == answers.tolist()


def test_a_person_in_no_list_is_no_match():
    """Whom no search returns is not named, whatever their LLR; REVIEW if somebody in no list might be a candidate."""
    samples = Samples("two eyes", {EYE: 2})
    nobody, strong = np.zeros(1, np.bool_), np.array([[8.3]])
    short = Identifying(Thresholds(8.0, 6.0), 8.32, ALL, 1.0)
    long = Identifying(Thresholds(8.0, 6.0), 8.32, ALL, 6.0)

    assert [NO_MATCH] == decided(strong, nobody, short).tolist()
    assert [REVIEW] == decided(strong, nobody, long).tolist()
    assert not short.stranger_is_reviewed
    assert long.stranger_is_reviewed
    assert {EYE: 2} == samples.counts


def test_one_list_suffices():
    """A person is found if one LLR reaches its list's end and screening has not dropped it."""
    parts = {FINGER: np.array([[3.0, 0.0], [0.0, 0.0]]), FACE: np.array([[0.0], [0.0]])}
    ends = {FINGER: 2.0, FACE: 1.0}

    assert [True, False] == found_by_a_list(parts, ends, {FINGER: 0.0, FACE: 0.0}, 1).tolist()
    assert [False, False] == found_by_a_list(parts, ends, {FINGER: 1.0, FACE: 0.0}, 1).tolist()


def test_screening_drops_the_stated_share():
    """Of many people with one sample the stated share is not found."""
    found = found_by_a_list({FINGER: np.full((100_000, 1), 4.0)}, {FINGER: 0.0}, {FINGER: 0.02}, 1)

    assert 0.98 == pytest.approx(found.mean(), abs=0.002)


def test_claimed_ends():
    """The end of a list has an LLR of at most log10(N / list), as FMRs are claimed, and rises with the gallery."""
    sizes = (10**4, 10**6, 10**7, 10**8)
    ends = [claimed_ends(MODEL, subjects) for subjects in sizes]
    for modality in Modality:
        levels = [each[modality] for each in ends]
        assert levels == sorted(levels)
        assert [] == [level for level, n in zip(levels, sizes, strict=True) if level > log10(n / LIST) + 1e-9]


def test_observed_ends():
    """The end is the highest LLR that the share of a sensor reached; as claimed where no sensor has enough."""
    tail = [float(each) for each in np.linspace(2.0, -2.0, RANKS.size)]
    curves = {FACE: [SensorCurve("a", 9, 9, [0.0] * 401, 1_000_000, tail, None, 0.0, 512.0)]}
    samples = Samples("the face", {FACE: 1})

    assert 2.0 == pytest.approx(observed_ends(MODEL, samples, curves, 10**9)[FACE])
    assert -2.0 < observed_ends(MODEL, samples, curves, 10**7)[FACE] < 2.0
    assert claimed_ends(MODEL, 10**10)[FACE] == observed_ends(MODEL, samples, curves, 10**10)[FACE]
