from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
import pytest

from biometrics.comparison import Comparison
from biometrics.template import Modality, Position
from fusion.decision.decision import Decision, DecisionReason, Outcome, Thresholds
from fusion.decision.judgement import decide
from fusion.evidence.dependent_sum import fused_llr
from fusion.evidence.evidence import Evidence, EvidenceStatus

AT_1E4 = Thresholds.at_fmr(1e-4, 2.0)
GOOD, POOR = 80.0, 10.0
MATCH, NO_MATCH, REVIEW = Outcome.MATCH, Outcome.NO_MATCH, Outcome.REVIEW
PLACES = [(Modality.FACE, Position.FACE), (Modality.IRIS, Position.LEFT_EYE), (Modality.FINGERPRINT, Position.UNKNOWN)]


@dataclass
class Sum:
    """A Weigher that adds the LLRs; a quality under 20 is poor."""

    best_possible: float = 0.0
    reachable: float = inf
    fusion_model_id: str = "fusion-test"

    def llr(self, evidence: Sequence[Evidence]) -> float:
        """The sum."""
        return fused_llr(evidence, {}, {})

    def reachable_llr(self, evidence: Sequence[Evidence]) -> float:
        """The value set."""
        return self.reachable

    def attainable_llr(self, evidence: Sequence[Evidence], lacking: Sequence[Evidence]) -> float:
        """The sum without the lacking evidence, plus the value set."""
        return self.llr([each for each in evidence if each not in lacking]) + self.best_possible

    def is_poor(self, evidence: Evidence) -> bool:
        """Below 20."""
        return evidence.quality is not None and evidence.quality < 20

    def observed_fmr(self, evidence: Sequence[Evidence]) -> float | None:
        """A made-up value."""
        return 0.25


def compared(*llrs: float, poor: int = -1) -> list[Evidence]:
    """A face, an eye and a finger of these LLRs; the one with number `poor` is of poor quality."""
    return [
        Evidence(
            modality,
            position,
            EvidenceStatus.COMPARED,
            Comparison(llr, llr, 1.0, "c"),
            position,
            comparison_count=1,
            quality=POOR if number == poor else GOOD,
        )
        for number, ((modality, position), llr) in enumerate(zip(PLACES, llrs, strict=False))
    ]


def lacking(status: EvidenceStatus) -> Evidence:
    """Evidence without a comparison."""
    return Evidence(Modality.IRIS, Position.LEFT_EYE, status)


def answer(*evidence: Evidence, best_possible: float = 0.0, reachable: float = inf) -> Decision:
    """The decision on this evidence at FMR 1e-4."""
    return decide(evidence, AT_1E4, Sum(best_possible, reachable))


@pytest.mark.parametrize(
    ("llr", "outcome", "reason"),
    [
        (4.0, MATCH, DecisionReason.STRONG_EVIDENCE),
        (3.99, REVIEW, DecisionReason.REVIEW_BAND),
        (2.0, REVIEW, DecisionReason.REVIEW_BAND),
        (1.99, NO_MATCH, DecisionReason.WEAK_EVIDENCE),
        (-9.0, NO_MATCH, DecisionReason.WEAK_EVIDENCE),
    ],
)
def test_bands(llr: float, outcome: Outcome, reason: DecisionReason) -> None:
    """At FMR 1e-4 with a band of 2, MATCH begins at LLR 4 and REVIEW at 2."""
    decision = answer(*compared(llr))
    assert (outcome, (reason,), 0.25) == (decision.outcome, decision.reasons, decision.observed_fmr)


def test_nothing_compared() -> None:
    """Without a comparison the answer is REVIEW."""
    decision = answer(lacking(EvidenceStatus.REFERENCE_MISSING))
    assert (REVIEW, (DecisionReason.NOTHING_COMPARED,)) == (decision.outcome, decision.reasons)


@pytest.mark.parametrize(
    ("llrs", "outcome", "is_contradiction"),
    [
        ((7.0, -2.5), REVIEW, True),  # the sum is a match
        ((4.5, -2.5), REVIEW, True),  # the sum is in the band
        ((4.0, -6.0), REVIEW, True),  # the sum is no match, but would be one without the eye
        ((2.5, -6.0, 1.5), REVIEW, True),  # two that make a match together
        ((3.9, -6.0), NO_MATCH, False),  # no match without the eye either
        ((-6.0, -6.0, 4.0), REVIEW, True),  # two against one
        ((7.0, -1.9), MATCH, False),  # not strongly against
        ((1.9, -1.9), NO_MATCH, False),
    ],
)
def test_contradiction(llrs: tuple[float, ...], outcome: Outcome, is_contradiction: bool) -> None:  # noqa: FBT001
    """A modality strongly against a match that the others make gives REVIEW; a weaker one does not."""
    decision = answer(*compared(*llrs))
    assert (outcome, is_contradiction) == (decision.outcome, DecisionReason.CONTRADICTION in decision.reasons)


@pytest.mark.parametrize(
    ("llrs", "outcome", "is_named"),
    [
        ((4.5,), REVIEW, True),  # a match by the poor sample alone
        ((1.0, 3.5), REVIEW, True),  # a match with its help
        ((1.0, 4.5), MATCH, False),  # a match without it
        ((-1.5, 4.5), REVIEW, True),  # in the band, a match without it
        ((-1.5, 3.0), REVIEW, True),  # no match, in the band without it
        ((-1.5, 1.0), NO_MATCH, False),  # no match without it either
        ((-2.5,), REVIEW, True),  # nothing else was compared
        ((-2.5, -0.5), NO_MATCH, False),  # the good sample is against a match too
        ((0.5, 1.8), REVIEW, True),  # in the band by its help
    ],
)
def test_poor_quality(llrs: tuple[float, ...], outcome: Outcome, is_named: bool) -> None:  # noqa: FBT001
    """The answer is REVIEW where it would be another one without a poor sample that supports or opposes a match."""
    decision = answer(*compared(*llrs, poor=0))
    assert (outcome, is_named) == (decision.outcome, DecisionReason.POOR_QUALITY in decision.reasons)


def test_no_match_becomes_review_where_a_good_capture_might_have_matched() -> None:
    """A poor face and an eye that supports a match a little: a good face, of up to 1.5, might have reached the band."""
    near, far = (answer(*compared(-2.5, llr, poor=0), best_possible=1.5) for llr in (0.5, 0.4))
    assert (REVIEW, DecisionReason.POOR_QUALITY) == (near.outcome, near.reasons[0])
    assert NO_MATCH == far.outcome


def test_several_poor_samples_are_left_out_together() -> None:
    """Two poor samples that only together turn a match into a review are found."""
    face, eye, finger = compared(-0.6, -0.6, 5.0)
    poor = (replace(face, quality=POOR), replace(eye, quality=POOR), finger)
    assert MATCH == answer(face, eye, replace(finger, comparison=Comparison(5.2, 5.2, 1.0, "c"))).outcome
    assert DecisionReason.POOR_QUALITY in answer(*poor).reasons


def test_unknown_quality_is_not_poor() -> None:
    """A template of unknown quality is not taken as poor."""
    (face,) = compared(4.5)
    assert MATCH == answer(replace(face, quality=None)).outcome


@pytest.mark.parametrize(
    ("llr", "reachable", "outcome", "reasons"),
    [
        (3.5, 3.6, REVIEW, ("NOT_CARRIED", "REVIEW_BAND")),
        (1.9, 3.6, NO_MATCH, ("WEAK_EVIDENCE", "NOT_CARRIED")),
        (1.5, 1.5, REVIEW, ("NOT_CARRIED", "WEAK_EVIDENCE")),  # as high as possible, yet below the band
        (1.4, 1.5, NO_MATCH, ("WEAK_EVIDENCE", "NOT_CARRIED")),
        (4.0, 4.0, MATCH, ("STRONG_EVIDENCE",)),
    ],
)
def test_too_few_non_mated_for_the_rate(
    llr: float, reachable: float, outcome: Outcome, reasons: tuple[str, ...]
) -> None:
    """NOT_CARRIED is stated where no score could reach the threshold; the highest possible LLR is then a REVIEW."""
    decision = answer(*compared(llr), reachable=reachable)
    assert (outcome, reasons) == (decision.outcome, tuple(decision.reasons))


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (EvidenceStatus.SERVICE_UNAVAILABLE, DecisionReason.SERVICE_UNAVAILABLE),
        (EvidenceStatus.SAMPLE_UNUSABLE, DecisionReason.SAMPLE_UNUSABLE),
    ],
)
def test_what_could_not_be_obtained(status: EvidenceStatus, reason: DecisionReason) -> None:
    """NO_MATCH becomes REVIEW only where evidence that was not obtained could have reached the review band."""
    near = answer(*compared(-1.0), lacking(status), best_possible=3.0)
    far = answer(*compared(-1.01), lacking(status), best_possible=3.0)
    assert (REVIEW, reason) == (near.outcome, near.reasons[0])
    assert (NO_MATCH, (DecisionReason.WEAK_EVIDENCE, reason)) == (far.outcome, far.reasons)


def test_an_unusable_file_does_not_prevent_a_no_match() -> None:
    """Where the compared samples are against a match, it stays NO_MATCH, whatever the file might have added."""
    decision = answer(*compared(-2.1), lacking(EvidenceStatus.SAMPLE_UNUSABLE), best_possible=9.0)
    assert (NO_MATCH, DecisionReason.SAMPLE_UNUSABLE) == (decision.outcome, decision.reasons[-1])


def test_the_highest_possible_llr_is_a_match_at_the_fmr_that_it_supports() -> None:
    """An LLR equal to the threshold, to rounding, is a MATCH."""
    assert MATCH == Thresholds.at_fmr(1e-4, 2.0).outcome(4.0 - 1e-12)


def test_unobtained_evidence_never_makes_a_match() -> None:
    """Without the evidence of a service that is down, a MATCH needs the threshold to be reached by the others."""
    lack = lacking(EvidenceStatus.SERVICE_UNAVAILABLE)
    assert REVIEW == answer(*compared(3.9), lack, best_possible=6.0).outcome
    assert 3.9 == answer(*compared(3.9), lack, best_possible=6.0).llr


def test_non_mated_attempts_seldom_become_reviews_by_doubts() -> None:
    """Of 20,000 non-mated attempts, a fourth with a poor sample, under 20 get a REVIEW that the band does not give.

    The LLRs are those of scores ~ N(0, 1) against N(3, 1), so that 10^LLR is a likelihood ratio.
    """
    rng = np.random.default_rng(7)
    llrs = (3.0 * rng.standard_normal((20_000, 3)) - 4.5) / np.log(10)
    poor = np.where(rng.random(20_000) < 0.25, rng.integers(0, 3, 20_000), -1)
    decisions = [answer(*compared(*row, poor=int(which))) for row, which in zip(llrs, poor, strict=True)]
    reviewed = [each for each in decisions if each.outcome is REVIEW]
    beyond = [each for each in reviewed if DecisionReason.REVIEW_BAND not in each.reasons]
    assert len(beyond) < 20
    assert sum(each.outcome is MATCH for each in decisions) <= 1e-4 * len(decisions) + 3
