"""Candidates of a search, as MOSIP's JSON: all of `analytics` is text."""

from __future__ import annotations

import math
from typing import Any

from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2

TYPES = {
    modality_pb2.MODALITY_FINGERPRINT: "FIR",
    modality_pb2.MODALITY_IRIS: "IIR",
    modality_pb2.MODALITY_FACE: "FID",
}


def candidate(found: decisions_pb2.RankedSubject) -> dict[str, Any]:
    """A candidate: its outcome is MATCH or REVIEW."""
    decision = found.decision
    analytics = {
        "confidence": _percent(found.posterior),
        "internalScore": _number(decision.llr),
        "outcome": decision_pb2.Outcome.Name(decision.outcome).removeprefix("OUTCOME_"),
        "reasons": ",".join(reasons(decision)),
        "matchThreshold": _number(decision.match_threshold_llr),
        "reviewThreshold": _number(decision.review_threshold_llr),
    }
    if found.review_case:
        analytics["reviewCase"] = found.review_case
    return {"referenceId": found.subject_id, "analytics": analytics, "modalities": _modalities(decision)}


def reasons(decision: decision_pb2.Decision) -> list[str]:
    """Why, most important first."""
    return [decision_pb2.DecisionReason.Name(each).removeprefix("DECISION_REASON_") for each in decision.reasons]


def _modalities(decision: decision_pb2.Decision) -> list[dict[str, Any]]:
    """Each that was compared, with what its samples add to the score."""
    sums: dict[modality_pb2.Modality.ValueType, float] = {}
    for each in decision.evidence:
        if each.status == decision_pb2.EVIDENCE_STATUS_COMPARED and each.modality in TYPES:
            adds = each.contribution_llr if each.HasField("contribution_llr") else each.comparison.llr
            sums[each.modality] = sums.get(each.modality, 0.0) + adds
    return [
        {
            "biometricType": TYPES[modality],
            "analytics": {"confidence": _percent(_at_even_odds(llr)), "internalScore": _number(llr)},
        }
        for modality, llr in sums.items()
    ]


def _at_even_odds(llr: float) -> float:
    """Probability, 0–1, of the same person if both were as probable before."""
    return 1.0 / (1.0 + math.pow(10.0, -max(-300.0, min(300.0, llr))))


def _percent(probability: float) -> str:
    return f"{100.0 * probability:.2f}"


def _number(value: float) -> str:
    return f"{value:.3f}"
