"""Answers of the fusion service: domain objects → messages."""

from __future__ import annotations

from biofusion.fusion.v1 import fusion_pb2
from biofusion.type.v1 import decision_pb2, sample_pb2

from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.template import Modality
from fusion.decision.decision import Decision, DecisionReason, Outcome
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.evidence.likeness import Likeness, Relation
from fusion.models.model import FusionModel
from fusion.models.reach import Reach, reaches
from fusion.ranking.identification import Identification
from fusion.samples.probes import Probe
from gallery.subject import Encounter, Missing, Reference, Subject
from infra.wire.convert import (
    calibration_to_wire,
    comparison_to_wire,
    missing_reason_to_wire,
    modality_to_wire,
    position_to_wire,
    quality_reason_to_wire,
    quality_to_wire,
)
from infra.wire.enums import Names

OUTCOMES = Names(Outcome, decision_pb2.Outcome, "OUTCOME_")
REASONS = Names(DecisionReason, decision_pb2.DecisionReason, "DECISION_REASON_")
STATUSES = Names(EvidenceStatus, decision_pb2.EvidenceStatus, "EVIDENCE_STATUS_")
RELATIONS = Names(Relation, decision_pb2.SampleRelation, "SAMPLE_RELATION_")


def decision_to_wire(decision: Decision) -> decision_pb2.Decision:
    """A decision with all its evidence."""
    message = decision_pb2.Decision(
        outcome=OUTCOMES.to_wire(decision.outcome),
        llr=decision.llr,
        match_threshold_llr=decision.thresholds.match_llr,
        review_threshold_llr=decision.thresholds.review_llr,
        fmr_bound=decision.fmr_bound,
        reasons=map(REASONS.to_wire, decision.reasons),
        evidence=map(_evidence_to_wire, decision.evidence),
        fusion_model_id=decision.fusion_model_id,
        observed_fmr=decision.observed_fmr,
        dependence_llr=decision.dependence_llr,
    )
    if decision.thresholds.fmr is not None:
        message.fmr = decision.thresholds.fmr
    if decision.thresholds.fpir is not None:
        message.fpir = decision.thresholds.fpir
    return message


def identification_to_wire(identification: Identification) -> fusion_pb2.IdentifySubjectsResponse:
    """The answer of an identification, with its candidates."""
    candidates = [
        fusion_pb2.RankedSubject(
            subject_id=each.subject_id, rank=rank, decision=decision_to_wire(each.decision), posterior=each.posterior
        )
        for rank, each in enumerate(identification.candidates, start=1)
    ]
    return fusion_pb2.IdentifySubjectsResponse(
        decision=decision_to_wire(identification.decision),
        subject_id=identification.subject_id,
        candidates=candidates,
        searched_subject_count=identification.subject_count,
        none_posterior=identification.none_posterior,
        runner_up_gap_llr=identification.runner_up_gap_llr,
        unseen_max_llr=identification.unseen_llr,
    )


def report_to_wire(probe: Probe) -> fusion_pb2.SampleReport:
    """Modality, position and quality of one sample of an enrolment."""
    return fusion_pb2.SampleReport(
        modality=modality_to_wire(probe.modality),
        position=position_to_wire(probe.position),
        quality=quality_to_wire(probe.quality)
        if probe.quality
        else sample_pb2.Quality(value=probe.quality_value or 0.0),
        quality_is_claimed=probe.quality_is_claimed,
    )


def subject_to_wire(subject: Subject) -> fusion_pb2.Subject:
    """A subject with its encounters and references, without the templates."""
    return fusion_pb2.Subject(
        subject_id=subject.subject_id,
        galleries=subject.galleries,
        encounters=map(_encounter_to_wire, subject.encounters),
    )


def model_to_wire(model: FusionModel) -> fusion_pb2.FusionModel:
    """The built-in fusion model: calibrations, default rates and reach."""
    return fusion_pb2.FusionModel(
        fusion_model_id=model.fusion_model_id,
        calibrations=[calibration_to_wire(model.calibrations[key]) for key in sorted(model.calibrations)],
        default_fmr=model.fmr,
        default_fpir=model.fpir,
        review_band_llr=model.review_band_llr,
        default_enrolled_prior=model.enrolled_prior,
        reaches=map(reach_to_wire, reaches(model)),
    )


def reach_to_wire(reach: Reach) -> fusion_pb2.Reach:
    """The highest LLR of a combination of samples, and what follows from it."""
    return fusion_pb2.Reach(
        face_count=reach.counts.get(Modality.FACE, 0),
        fingerprint_count=reach.counts.get(Modality.FINGERPRINT, 0),
        iris_count=reach.counts.get(Modality.IRIS, 0),
        max_llr=reach.llr,
        lowest_fmr=reach.lowest_fmr,
        largest_gallery=reach.largest_gallery,
    )


def uploaded_to_wire(model: ScoreFusion) -> fusion_pb2.UploadedFusionModel:
    """A summary of an uploaded fusion model, without its fitted parameters."""
    return fusion_pb2.UploadedFusionModel(
        fusion_model_id=model.fusion_model_id,
        comparator_ids=model.comparators,
        source=model.provenance.source,
        mated_count=model.provenance.mated_count,
        nonmated_count=model.provenance.non_mated_count,
        min_llr=model.llr_min,
        max_llr=model.llr_max,
        patterns=(_pattern_to_wire(model, pattern) for pattern in sorted(model.patterns)),
    )


def _pattern_to_wire(model: ScoreFusion, pattern: int) -> fusion_pb2.PatternSummary:
    by, count = model.patterns[pattern], len(model.comparators)
    return fusion_pb2.PatternSummary(
        comparator_ids=[name for place, name in enumerate(model.comparators) if pattern >> place & 1],
        quality_comparator_ids=[name for place, name in enumerate(model.comparators, count) if pattern >> place & 1],
        mated_count=by.counts.mated,
        nonmated_count=by.counts.non_mated,
        effective_nonmated_count=by.counts.non_mated_effective,
        subject_count=by.counts.people,
        lowest_fmr=by.lowest_fmr,
        min_llr=by.llr_min,
        max_llr=by.llr_max,
    )


def _evidence_to_wire(evidence: Evidence) -> decision_pb2.Evidence:
    message = decision_pb2.Evidence(
        position=position_to_wire(evidence.position),
        status=STATUSES.to_wire(evidence.status),
        comparison_count=evidence.comparison_count,
        model_id=evidence.model_id,
        failure_reason=evidence.failure_reason,
        quality_is_claimed=evidence.quality_is_claimed,
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
    if evidence.resolution_dpi is not None:
        message.resolution_dpi = evidence.resolution_dpi
    if evidence.sample is not None:
        message.sample_index = evidence.sample
    message.quality_reasons.extend(map(quality_reason_to_wire, evidence.quality_reasons))
    message.likenesses.extend(map(_likeness_to_wire, evidence.likenesses))
    return message


def _likeness_to_wire(likeness: Likeness) -> decision_pb2.Likeness:
    return decision_pb2.Likeness(
        sample_index=likeness.sample,
        comparison=comparison_to_wire(likeness.comparison),
        relation=RELATIONS.to_wire(likeness.relation),
        rho=likeness.rho,
    )


def _encounter_to_wire(encounter: Encounter) -> fusion_pb2.Encounter:
    message = fusion_pb2.Encounter(
        encounter_id=encounter.encounter_id,
        state=fusion_pb2.EncounterState.Value(f"ENCOUNTER_STATE_{encounter.state}"),
        references=map(_reference_to_wire, encounter.references),
        missing=map(_missing_to_wire, encounter.missing),
    )
    message.create_time.FromDatetime(encounter.create_time)
    return message


def _reference_to_wire(reference: Reference) -> fusion_pb2.Reference:
    return fusion_pb2.Reference(
        modality=modality_to_wire(reference.modality),
        position=position_to_wire(reference.position),
        model_id=reference.template.model_id,
        quality=reference.quality,
        quality_is_claimed=reference.quality_is_claimed,
    )


def _missing_to_wire(missing: Missing) -> sample_pb2.MissingPosition:
    return sample_pb2.MissingPosition(
        modality=modality_to_wire(missing.modality),
        position=position_to_wire(missing.position),
        reason=missing_reason_to_wire(missing.reason),
    )
