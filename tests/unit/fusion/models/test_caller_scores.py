from __future__ import annotations

from dataclasses import replace
from math import log10

import numpy as np
import pytest

from biometrics.errors import ComparatorUncalibrated, FieldInvalid
from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.score_fusion.mixture import GaussianMixture
from biometrics.score_fusion.parts import Provenance
from biometrics.score_fusion.pattern import PatternCalibration, PatternCounts
from biometrics.score_fusion.scale import ScoreScale
from biometrics.template import Modality, Position
from fusion.decision.decision import Decision, DecisionReason, Outcome
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.models.caller_scores import JointModel
from tests.support.fake_fusion import FakeFusion
from tests.unit.fusion.world import model

NORMAL = GaussianMixture(np.ones(1), np.zeros((1, 2)), np.eye(2)[None])
OFTEN = PatternCalibration(
    1.0, 0.0, PatternCounts(300, 40_000, 300.0, 40_000.0, 300), 0.1, (-2.0, 4.0), (0.0, log10(3 / 40_000))
)
RARELY = PatternCalibration(1.0, 0.0, PatternCounts(40, 40, 40.0, 40.0, 50), 0.2, (-2.0, 1.0), (0.0, log10(3 / 40)))
CURVE = np.array([-2.5, 2.5]), np.array([-6.0, 6.0])
TWO = ScoreFusion(
    comparators=("a", "b"),
    scales=(ScoreScale(0.0, 10.0, 0.0, 0.0, 5.0, 2.0),) * 2,
    mated=(replace(NORMAL, means=np.full((1, 2), 2.0)),),
    non_mated=(NORMAL,),
    curves=(CURVE, CURVE),
    patterns={1: OFTEN, 2: RARELY},
    uses_quality=False,
    provenance=Provenance("made up", "2026-01-01", "none", 300, 40_000, 300, 5, 0.1, 0.1),
)
JOINT = JointModel(FakeFusion(), replace(model(), poor_quality={Modality.FACE: 20.0}))


def scored(
    comparator_id: str, score: float, count: int = 1, quality: float | None = None, modality: Modality | None = None
) -> Evidence:
    """A score sent by the caller."""
    return Evidence(
        modality,
        Position.UNKNOWN,
        EvidenceStatus.COMPARED,
        comparison=JOINT.comparison(comparator_id, score, quality),
        comparison_count=count,
        quality=quality,
    )


def evidence_of(joint: JointModel, **scores: float) -> tuple[Evidence, ...]:
    """Evidence of scores by comparator name."""
    none, at = Position.UNKNOWN, EvidenceStatus.COMPARED
    each = (joint.comparison(name, score) for name, score in scores.items())
    return joint.merged([Evidence(None, none, at, comparison=comparison, comparison_count=1) for comparison in each])


def fused(*evidence: Evidence, fmr: float | None = None) -> Decision:
    """The decision."""
    return JOINT.verification(JOINT.merged(evidence), fmr)


def test_each_alone_and_all_together() -> None:
    """The decision has every comparator's LLR alone, and the correction for their dependence."""
    decision = fused(scored("a", 5.0), scored("b", 4.0))
    assert [5.0, 4.0] == [each.llr for each in decision.evidence]
    assert (4.5, -4.5, Outcome.MATCH) == (decision.llr, decision.dependence_llr, decision.outcome)
    assert JOINT.fusion.fusion_model_id == decision.fusion_model_id


def test_missing_comparators_add_nothing() -> None:
    """If one comparator of three has a score, the fused LLR is that of this score alone."""
    decision = fused(scored("b", 4.2))
    assert (4.2, 0.0) == (decision.llr, decision.dependence_llr)


def test_the_best_of_several_is_charged() -> None:
    """Of several scores of one comparator the best counts, charged for their number, alone and in the sum."""
    decision = fused(scored("a", 1.0, count=2), scored("b", 3.0), scored("a", 5.0), scored("a", 2.0))
    assert [("a", 5.0, 4), ("b", 3.0, 1)] == [
        (each.comparison.comparator_id, each.comparison.score, each.comparison_count)
        for each in decision.evidence
        if each.comparison
    ]
    assert pytest.approx(0.5 * 8.0 - log10(4)) == decision.llr
    assert pytest.approx(-4.0) == decision.dependence_llr


def test_quality_goes_into_the_model() -> None:
    """The quality of a score changes its LLR, alone and together."""
    decision = fused(scored("a", 5.0, quality=0.0), scored("b", 5.0))
    assert ([0.0, 5.0], 2.5) == ([each.llr for each in decision.evidence], decision.llr)


def test_an_unknown_comparator_is_refused() -> None:
    """An unknown comparator is refused with an error that names the known ones."""
    with pytest.raises(ComparatorUncalibrated, match="a, b, c"):
        JOINT.comparison("d", 1.0)


@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf")])
def test_a_score_that_is_no_number_is_refused(score: float) -> None:
    """NaN and infinities are refused, not taken as missing scores."""
    with pytest.raises(FieldInvalid, match="score"):
        JOINT.comparison("a", score)


def test_extreme_scores_stay_within_the_bounds() -> None:
    """However far a score is beyond the training range, its LLR stays within the bounds by counts."""
    assert [6.0, -3.0] == [JOINT.comparison("a", score).llr for score in (1e300, -1e300)]


def test_comparators_without_modality_contradict_each_other() -> None:
    """Comparators contradict each other if no modality is stated; with one modality they count together."""
    assert DecisionReason.CONTRADICTION == fused(scored("a", 5.0), scored("b", -2.5)).reasons[0]
    face = [scored("a", 5.0, modality=Modality.FACE), scored("b", -2.5, modality=Modality.FACE)]
    assert DecisionReason.CONTRADICTION not in fused(*face).reasons


def test_a_match_by_a_poor_face_is_a_review() -> None:
    """The quality limits of the modalities hold for the caller's comparators too."""
    decision = fused(scored("a", 5.0, quality=10.0, modality=Modality.FACE))
    assert (Outcome.REVIEW, DecisionReason.POOR_QUALITY) == (decision.outcome, decision.reasons[0])


def test_a_rate_that_the_counts_do_not_carry() -> None:
    """At FMR 1e-7 an LLR of at most 6 cannot match: the strongest evidence is a REVIEW."""
    decision = fused(scored("a", 9.0), fmr=1e-7)
    assert (Outcome.REVIEW, DecisionReason.NOT_CARRIED) == (decision.outcome, decision.reasons[0])


def test_a_score_that_is_a_code_for_a_failure_is_no_evidence() -> None:
    """A failure code has LLR 0 and FMR 1; a decision on it alone is a REVIEW."""
    scale = ScoreScale(0.0, 10.0, 0.0, 0.0, 5.0, 2.0, failure=-1.0)
    joint = JointModel(replace(TWO, scales=(scale, scale)), model())
    assert (0.0, 1.0) == (joint.comparison("a", -1.0).llr, joint.comparison("a", -1.0).fmr)
    decision = joint.verification(evidence_of(joint, a=-1.0), 1e-4)
    assert (0.0, 1.0, Outcome.REVIEW) == (decision.llr, decision.observed_fmr, decision.outcome)


def test_the_counts_of_the_present_comparators_bound_what_can_be_reached() -> None:
    """At FMR 1e-4, 40,000 non-mated comparisons allow a MATCH; 40 allow a REVIEW, from half of their bound on."""
    joint = JointModel(TWO, model())
    assert Outcome.MATCH == joint.verification(evidence_of(joint, a=10.0), 1e-4).outcome
    rare = joint.verification(evidence_of(joint, b=10.0), 1e-4)
    assert (Outcome.REVIEW, DecisionReason.NOT_CARRIED) == (rare.outcome, rare.reasons[0])
    assert pytest.approx(log10(40 / 3) - log10(2)) == rare.thresholds.review_llr
    assert rare.llr < log10(40 / 3)
    assert Outcome.NO_MATCH == joint.verification(evidence_of(joint, b=5.0), 1e-4).outcome
