"""Counts decisions for operators: outcomes, reasons, and how rare the scores were. No id is looked at."""

from __future__ import annotations

from biometrics.calibration.expected_rarity import rarity_of_best
from fusion.decision.decision import Decision
from fusion.evidence.evidence import Evidence, EvidenceStatus
from infra.telemetry.instruments import OTHER, listening
from infra.telemetry.metrics import decisions

NONE = "NONE"


def counted(operation: str, decision: Decision) -> None:
    """Count a decision.

    Args:
        operation: verify, identify, fuse, duplicates, or enroll (the check for duplicates in an enrolment).
        decision: the decision.
    """
    if not listening.count:
        return
    outcome = decision.outcome.value
    decisions.DECISIONS.add(1, operation, outcome, modalities_of(decision))
    for reason in decision.reasons:
        decisions.REASONS.add(1, operation, outcome, reason.value)
    for each in decision.evidence:
        if each.status is EvidenceStatus.SERVICE_UNAVAILABLE:
            decisions.UNAVAILABLE.add(1, _modality(each))


def claimed_counted(decision: Decision) -> None:
    """Count the rarity of each comparison with the person that the samples were claimed to be of."""
    if not listening.count:
        return
    for each in decision.evidence:
        if each.comparison:
            rarity = rarity_of_best(each.comparison.fmr, each.comparison_count)
            decisions.RARITY.record(rarity, each.comparison.comparator_id, decisions.CLAIMED)


def modalities_of(decision: Decision) -> str:
    """The modalities that were compared, e.g. "FACE+IRIS"; "NONE"; "OTHER" for a caller's own comparator."""
    return "+".join(sorted({_modality(each) for each in decision.evidence if each.comparison})) or NONE


def _modality(evidence: Evidence) -> str:
    return evidence.modality.value if evidence.modality else OTHER.upper()
