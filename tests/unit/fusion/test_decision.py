from __future__ import annotations

import pytest

from biometrics.comparison import Comparison
from biometrics.errors import FieldInvalid
from biometrics.template import Modality, Position
from fusion.decision import Decision, DecisionReason, Outcome, Thresholds, decide
from fusion.evidence import Evidence, EvidenceStatus

AT_1E4 = Thresholds.at_fmr(1e-4, 2.0)


def compared(llr: float, modality: Modality = Modality.FACE, position: Position = Position.FACE) -> Evidence:
    """Evidence worth this LLR."""
    return Evidence(
        modality, position, EvidenceStatus.COMPARED, Comparison(llr, llr, 1.0, "c"), position, comparison_count=1
    )


def lacking(status: EvidenceStatus) -> Evidence:
    """Evidence that is not there."""
    return Evidence(Modality.IRIS, Position.LEFT_EYE, status)


def answer(*evidence: Evidence, best_possible: float = 0.0) -> Decision:
    """The decision on this evidence at FMR 1e-4."""
    return decide(evidence, AT_1E4, "fusion-test", best_possible)


@pytest.mark.parametrize(
    ("llr", "outcome", "reason"),
    [
        (4.0, Outcome.MATCH, DecisionReason.STRONG_EVIDENCE),
        (3.99, Outcome.REVIEW, DecisionReason.REVIEW_BAND),
        (2.0, Outcome.REVIEW, DecisionReason.REVIEW_BAND),
        (1.99, Outcome.NO_MATCH, DecisionReason.WEAK_EVIDENCE),
        (-9.0, Outcome.NO_MATCH, DecisionReason.WEAK_EVIDENCE),
    ],
)
def test_bands(llr: float, outcome: Outcome, reason: DecisionReason) -> None:
    """At FMR 1e-4 with a band of 2, MATCH begins at LLR 4 and REVIEW at 2."""
    decision = answer(compared(llr))
    assert (outcome, (reason,)) == (decision.outcome, decision.reasons)


def test_nothing_compared() -> None:
    """Without a comparison nobody knows: a person must look."""
    decision = answer(lacking(EvidenceStatus.REFERENCE_MISSING))
    assert (Outcome.REVIEW, (DecisionReason.NOTHING_COMPARED,)) == (decision.outcome, decision.reasons)


def test_contradiction() -> None:
    """A strong match against which one modality speaks strongly is for a person to judge."""
    decision = answer(compared(7.0), compared(-2.5, Modality.IRIS, Position.LEFT_EYE))
    assert Outcome.REVIEW == decision.outcome
    assert DecisionReason.CONTRADICTION == decision.reasons[0]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (EvidenceStatus.SERVICE_UNAVAILABLE, DecisionReason.SERVICE_UNAVAILABLE),
        (EvidenceStatus.SAMPLE_UNUSABLE, DecisionReason.SAMPLE_UNUSABLE),
    ],
)
def test_what_could_not_be_obtained(status: EvidenceStatus, reason: DecisionReason) -> None:
    """NO_MATCH becomes REVIEW only where the lacking evidence could have reached the review band."""
    near = answer(compared(-1.0), lacking(status), best_possible=3.0)
    far = answer(compared(-1.01), lacking(status), best_possible=3.0)
    assert (Outcome.REVIEW, reason) == (near.outcome, near.reasons[0])
    assert (Outcome.NO_MATCH, (DecisionReason.WEAK_EVIDENCE, reason)) == (far.outcome, far.reasons)


def test_lacking_evidence_never_makes_a_match() -> None:
    """Whatever a service that is down might have said, the threshold for MATCH is reached without it or not at all."""
    lack = lacking(EvidenceStatus.SERVICE_UNAVAILABLE)
    assert Outcome.REVIEW == answer(compared(3.9), lack, best_possible=6.0).outcome
    assert 3.9 == answer(compared(3.9), lack, best_possible=6.0).llr


def test_identification_threshold_grows_with_the_gallery() -> None:
    """The FPIR over N subjects asks for log10 N more than over one."""
    one, many = (Thresholds.at_fpir(0.01, count, 2.0) for count in (1, 1000))
    assert pytest.approx(3.0) == many.match_llr - one.match_llr


@pytest.mark.parametrize("rate", [0.0, -1.0, 0.2, 1e-10, float("nan")])
def test_bad_rates(rate: float) -> None:
    """A rate outside its range is refused by name."""
    with pytest.raises(FieldInvalid, match="fmr"):
        Thresholds.at_fmr(rate, 2.0)


def test_fmr_bound() -> None:
    """The bound stated with a decision is 10^-LLR and at most 1."""
    assert pytest.approx(1e-5) == answer(compared(5.0)).fmr_bound
    assert 1.0 == answer(compared(-5.0)).fmr_bound
