"""The arithmetic of a decision: the steps that lead to it, as JSON values."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10
from typing import Any

from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import decision_pb2

from cli.output.tables import named, outcome_name, place, presentation_attacks, quality_reason, status

REASONS = {
    "STRONG_EVIDENCE": "The fused LLR is at or above the match threshold.",
    "REVIEW_BAND": "The fused LLR is between the review and the match threshold.",
    "WEAK_EVIDENCE": "The fused LLR is below the review threshold.",
    "NOTHING_COMPARED": "No position has both a usable probe and a reference.",
    "SERVICE_UNAVAILABLE": "A matching service did not answer.",
    "SAMPLE_UNUSABLE": "A sample could not be used.",
    "CONTRADICTION": "Modalities at LLR -2 or below speak against a match that the others make without them.",
    "SEVERAL_CANDIDATES": "Another subject's fused LLR is at or above the match threshold too.",
    "NO_CANDIDATE": "No subject of the gallery is a candidate.",
    "POOR_QUALITY": "The answer would be another one without a sample of poor quality. Capture it again.",
    "NOT_CARRIED": "The calibration data has too few non-mated comparisons for this error rate: "
    "with what was compared, no score reaches the match threshold.",
    "RUNNER_UP_CLOSE": "The next best subject's LLR is less than 1 lower.",
    "SEARCH_INCOMPLETE": "A subject that no search returned might be a candidate as good as the best one.",
    "SAME_SAMPLE_TWICE": "Samples are copies, crops or frames of one capture: they count once.",
    "POSITIONS_ALIKE": "Samples of different positions are of one finger or eye: they count as of one position.",
    "SAMPLES_DIFFER": "Samples of one position are of different fingers, eyes or faces: they are not added up.",
    "POSITIONS_SWAPPED": "Samples match references of other positions than their own: they were confused.",
    "SEVERAL_FACES": "A face was chosen from several of comparable size.",
    "EVIDENCE_NOT_ENOUGH": "The policy asks for more evidence than supports the match.",
}
"""A sentence for each reason of a decision."""


def arithmetic(
    decision: decision_pb2.Decision, found: decisions_pb2.IdentifySubjectsResponse | None = None
) -> dict[str, Any]:
    """The steps of a decision.

    Args:
        decision: the decision as received over gRPC.
        found: the identification whose answer it is, if it is one.

    Returns:
        JSON values: the comparisons made and not made, sum, correction, thresholds, band, outcome, reasons, rates.
    """
    comparisons = [_comparison(each) for each in decision.evidence if each.HasField("comparison")]
    names = [named(decision_pb2.DecisionReason, each, "DECISION_REASON_") for each in decision.reasons]
    steps = {
        "likenesses": [line for each in decision.evidence for line in _likenesses(each)],
        "comparisons": comparisons,
        "not_compared": [_absence(each) for each in decision.evidence if not each.HasField("comparison")],
        "sum_llr": sum(each["llr"] for each in comparisons),
        "dependence_llr": decision.dependence_llr,
        "llr": decision.llr,
        **_thresholds(decision),
        "outcome": outcome_name(decision.outcome),
        "reasons": [{"reason": name, "text": REASONS.get(name, "")} for name in names],
        "fmr_bound": decision.fmr_bound,
        "observed_fmr": decision.observed_fmr if decision.HasField("observed_fmr") else None,
        "fusion_model_id": decision.fusion_model_id,
        "presentation_attacks": presentation_attacks(decision),
    }
    return steps | (_identification(found) if found else {})


def _comparison(each: decision_pb2.Evidence) -> dict[str, Any]:
    """One comparison of the sum. The LLR received already includes the charge for the best of several comparisons."""
    charge = log10(max(1, each.comparison_count))
    return {
        "place": place(each),
        "comparator": each.comparison.comparator_id,
        "score": each.comparison.score,
        "quality": each.quality if each.HasField("quality") else None,
        "quality_reasons": [quality_reason(reason) for reason in each.quality_reasons],
        "llr_alone": each.comparison.llr + charge,
        "best_of": max(1, each.comparison_count),
        "charge": 0.0 - charge,
        "llr": each.comparison.llr,
        "adds": each.contribution_llr if each.HasField("contribution_llr") else None,
    }


def _likenesses(each: decision_pb2.Evidence) -> Iterator[dict[str, Any]]:
    """The likeness of a sample to each later sample of the request."""
    for other in each.likenesses:
        if other.sample_index > each.sample_index:
            relation = named(decision_pb2.SampleRelation, other.relation, "SAMPLE_RELATION_")
            yield {
                "samples": [each.sample_index, other.sample_index],
                "score": other.comparison.score,
                "llr": other.comparison.llr,
                "relation": relation,
                "rho": other.rho,
            }


def _absence(each: decision_pb2.Evidence) -> dict[str, Any]:
    return {"place": place(each), "status": status(each)}


def _thresholds(decision: decision_pb2.Decision) -> dict[str, Any]:
    target = decision.WhichOneof("target") or "fmr"
    band = "MATCH" if decision.llr >= decision.match_threshold_llr else "REVIEW"
    return {
        "target": target.upper(),
        "rate": getattr(decision, target),
        "match_threshold_llr": decision.match_threshold_llr,
        "review_threshold_llr": decision.review_threshold_llr,
        "band": band if decision.llr >= decision.review_threshold_llr else "NO_MATCH",
    }


def _identification(found: decisions_pb2.IdentifySubjectsResponse) -> dict[str, Any]:
    return {
        "subject_id": found.subject_id,
        "subject_count": found.searched_subject_count,
        "posterior": found.candidates[0].posterior if found.candidates else None,
        "none_posterior": found.none_posterior,
        "runner_up_gap_llr": found.runner_up_gap_llr if found.HasField("runner_up_gap_llr") else None,
        "unseen_max_llr": found.unseen_max_llr if found.HasField("unseen_max_llr") else None,
    }
