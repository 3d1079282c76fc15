from __future__ import annotations

import numpy as np
import pytest

from fusion.decision.decision import DecisionReason, Outcome, Thresholds
from fusion.evidence.evidence import EvidenceStatus
from tests.unit.fusion.summed import MATCH, NO_MATCH, REVIEW, answer, compared, lacking


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
