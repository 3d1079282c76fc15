from __future__ import annotations

import pytest

from biometrics.comparison import Comparison
from biometrics.errors import FieldInvalid
from biometrics.template import Modality, Position
from fusion.decision.decision import Decision, DecisionReason, Outcome, Thresholds
from fusion.evidence.evidence import Evidence, EvidenceStatus


def decision(llr: float) -> Decision:
    """A decision at this fused LLR on one comparison of LLR 5."""
    comparison = Comparison(5.0, 5.0, 1e-6, "c")
    evidence = Evidence(Modality.FACE, Position.FACE, EvidenceStatus.COMPARED, comparison, comparison_count=1)
    reasons = (DecisionReason.STRONG_EVIDENCE,)
    return Decision(Outcome.MATCH, llr, Thresholds.at_fmr(1e-4, 2.0), reasons, (evidence,), "fusion-test")


def test_identification_threshold_grows_with_the_gallery() -> None:
    """At the same FPIR the threshold for N subjects is log10 N higher than for one."""
    one, many = (Thresholds.at_fpir(0.01, count, 2.0) for count in (1, 1000))
    assert pytest.approx(3.0) == many.match_llr - one.match_llr


@pytest.mark.parametrize("rate", [0.0, -1.0, 0.2, 1e-10, float("nan")])
def test_bad_rates(rate: float) -> None:
    """A rate outside its range is refused, naming the field."""
    with pytest.raises(FieldInvalid, match="fmr"):
        Thresholds.at_fmr(rate, 2.0)


def test_fmr_bound() -> None:
    """The bound stated with a decision is 10^-LLR and at most 1."""
    assert pytest.approx(1e-5) == decision(5.0).fmr_bound
    assert 1.0 == decision(-5.0).fmr_bound


def test_dependence() -> None:
    """The difference of the fused LLR to the sum of the single LLRs is stated as `dependence_llr`."""
    assert [0.0, -1.5] == [decision(llr).dependence_llr for llr in (5.0, 3.5)]
