"""Decisions and identifications: domain objects → messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import decision_pb2, sample_pb2

from biometrics.presentation_attack import PresentationAttack
from biometrics.sample import Origin
from fusion.decision.decision import Decision, DecisionReason, Outcome
from fusion.duplicates.found import Duplicates
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.evidence.likeness import Likeness, Relation
from fusion.ranking.identification import Candidate, Identification
from infra.wire.convert import (
    comparison_to_wire,
    missing_reason_to_wire,
    modality_to_wire,
    position_to_wire,
    quality_reason_to_wire,
)
from infra.wire.enums import Names
from infra.wire.resolutions import RESOLUTION_SOURCES

OUTCOMES = Names(Outcome, decision_pb2.Outcome, "OUTCOME_")
REASONS = Names(DecisionReason, decision_pb2.DecisionReason, "DECISION_REASON_")
STATUSES = Names(EvidenceStatus, decision_pb2.EvidenceStatus, "EVIDENCE_STATUS_")
RELATIONS = Names(Relation, decision_pb2.SampleRelation, "SAMPLE_RELATION_")
PRESENTATION_ATTACKS = Names(PresentationAttack, sample_pb2.PresentationAttack, "PRESENTATION_ATTACK_")


def decision_to_wire(decision: Decision) -> decision_pb2.Decision:
    """A decision with all its evidence."""
    origins = {each.sample: each.origin for each in decision.evidence if each.sample is not None and each.origin}
    message = decision_pb2.Decision(
        outcome=OUTCOMES.to_wire(decision.outcome),
        llr=decision.llr,
        match_threshold_llr=decision.thresholds.match_llr,
        review_threshold_llr=decision.thresholds.review_llr,
        fmr_bound=decision.fmr_bound,
        reasons=map(REASONS.to_wire, decision.reasons),
        evidence=[evidence_to_wire(each, origins) for each in decision.evidence],
        fusion_model_id=decision.fusion_model_id,
        observed_fmr=decision.observed_fmr,
        dependence_llr=decision.dependence_llr,
    )
    if decision.thresholds.fmr is not None:
        message.fmr = decision.thresholds.fmr
    if decision.thresholds.fpir is not None:
        message.fpir = decision.thresholds.fpir
    return message


def identification_to_wire(identification: Identification) -> decisions_pb2.IdentifySubjectsResponse:
    """The answer of an identification, with its candidates."""
    return decisions_pb2.IdentifySubjectsResponse(
        decision=decision_to_wire(identification.decision),
        subject_id=identification.subject_id,
        candidates=ranked_to_wire(identification.candidates),
        searched_subject_count=identification.subject_count,
        none_posterior=identification.none_posterior,
        runner_up_gap_llr=identification.runner_up_gap_llr,
        unseen_max_llr=identification.unseen_llr,
    )


def duplicates_to_wire(found: Duplicates) -> decisions_pb2.CheckDuplicatesResponse:
    """The answer of a duplicate check, with its candidates."""
    return decisions_pb2.CheckDuplicatesResponse(
        decision=decision_to_wire(found.decision),
        candidates=ranked_to_wire(found.candidates),
        searched_subject_count=found.subject_count,
    )


def ranked_to_wire(candidates: Iterable[Candidate]) -> list[decisions_pb2.RankedSubject]:
    """Candidates, best first."""
    return [
        decisions_pb2.RankedSubject(
            subject_id=each.subject_id, rank=rank, decision=decision_to_wire(each.decision), posterior=each.posterior
        )
        for rank, each in enumerate(candidates, start=1)
    ]


def evidence_to_wire(evidence: Evidence, origins: Mapping[int, Origin]) -> decision_pb2.Evidence:
    """The evidence of one sample; `origins` are those of the samples that it may be like, by their number."""
    message = decision_pb2.Evidence(
        position=position_to_wire(evidence.position),
        status=STATUSES.to_wire(evidence.status),
        comparison_count=evidence.comparison_count,
        model_id=evidence.model_id,
        failure_reason=evidence.failure_reason,
        quality_is_claimed=evidence.quality_is_claimed,
        presentation_attack=PRESENTATION_ATTACKS.to_wire(evidence.presentation_attack),
    )
    if evidence.modality:
        message.modality = modality_to_wire(evidence.modality)
    if charged := evidence.charged:
        message.comparison.CopyFrom(comparison_to_wire(charged))
    if evidence.reference_position:
        message.reference_position = position_to_wire(evidence.reference_position)
    if evidence.quality is not None:
        message.quality = evidence.quality
    if evidence.contribution is not None:
        message.contribution_llr = evidence.contribution
    if evidence.missing_reason:
        message.missing_reason = missing_reason_to_wire(evidence.missing_reason)
    if evidence.resolution:
        message.resolution_dpi = evidence.resolution.horizontal_dpi
        message.resolution_source = RESOLUTION_SOURCES.to_wire(evidence.resolution.source)
    if evidence.origin:
        message.sample_index, message.record_part = evidence.origin.index, evidence.origin.part
    message.quality_reasons.extend(map(quality_reason_to_wire, evidence.quality_reasons))
    message.likenesses.extend(
        _likeness_to_wire(each, origins.get(each.sample) or Origin(each.sample)) for each in evidence.likenesses
    )
    return message


def _likeness_to_wire(likeness: Likeness, other: Origin) -> decision_pb2.Likeness:
    return decision_pb2.Likeness(
        sample_index=other.index,
        record_part=other.part,
        comparison=comparison_to_wire(likeness.comparison),
        relation=RELATIONS.to_wire(likeness.relation),
        rho=likeness.rho,
    )
