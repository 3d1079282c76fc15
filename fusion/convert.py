"""Fusion messages: wire ↔ domain."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from biofusion.fusion.v1 import fusion_pb2
from biofusion.type.v1 import decision_pb2, sample_pb2

from biometrics.errors import FieldInvalid
from biometrics.template import Modality, Position, check_position
from fusion.decision import Decision
from fusion.enroll import EnrolmentRequest
from fusion.evidence import Evidence, EvidenceStatus
from fusion.identify import Identification, IdentificationRequest
from fusion.located import each_located
from fusion.model import FUSION_MODEL_ID, FusionModel
from fusion.probes import Probe, missing_evidence
from fusion.verify import VerificationRequest
from gallery.store import ConsistencyToken
from gallery.subject import DEFAULT_GALLERY, Encounter, Missing, Reference, Subject
from infra.convert import (
    calibration_to_wire,
    comparison_to_wire,
    missing_reason_from_wire,
    missing_reason_to_wire,
    modality_from_wire,
    modality_to_wire,
    position_from_wire,
    position_to_wire,
    quality_to_wire,
    sample_from_wire,
)

MAX_COMPARISONS = 1_000_000
"""Most comparisons that one of the caller's scores may be the best of."""


def missing_from_wire(missing: Iterable[sample_pb2.MissingPosition]) -> tuple[Missing, ...]:
    """Positions without a sample.

    Raises:
        FieldInvalid: no modality or reason, or a position that is stated twice.
        PositionInvalid: a position the modality does not have.
    """
    stated: dict[tuple[Modality, Position], Missing] = {}
    for each in each_located(_missing_from_wire, missing, "missing"):
        if (each.modality, each.position) in stated:
            raise FieldInvalid("missing", f"{each.modality} {each.position} is stated twice. State each position once.")
        stated[each.modality, each.position] = each
    return tuple(stated.values())


def enrolment_from_wire(request: fusion_pb2.EnrollSubjectRequest) -> EnrolmentRequest:
    """What is to be enrolled."""
    return EnrolmentRequest(
        request_id=request.request_id,
        subject_id=request.subject_id,
        galleries=tuple(request.galleries),
        encounter_id=request.encounter_id,
        samples=tuple(each_located(sample_from_wire, request.samples, "samples")),
        missing=missing_from_wire(request.missing),
        add_encounter=request.add_encounter,
    )


def verification_from_wire(request: fusion_pb2.VerifySubjectRequest) -> VerificationRequest:
    """Who it is claimed to be."""
    return VerificationRequest(
        subject_id=request.subject_id,
        samples=tuple(each_located(sample_from_wire, request.samples, "samples")),
        missing=missing_from_wire(request.missing),
        fmr=request.fmr,
    )


def identification_from_wire(request: fusion_pb2.IdentifySubjectsRequest) -> IdentificationRequest:
    """Whom to look for."""
    return IdentificationRequest(
        samples=tuple(each_located(sample_from_wire, request.samples, "samples")),
        missing=missing_from_wire(request.missing),
        gallery=request.gallery or DEFAULT_GALLERY,
        limit=request.max_candidate_count,
        fpir=request.fpir,
        token=ConsistencyToken(request.consistency_token),
    )


def scores_from_wire(scores: Iterable[fusion_pb2.NamedScore], model: FusionModel) -> list[Evidence]:
    """The caller's scores as evidence.

    Raises:
        ComparatorUncalibrated: a comparator without a calibration.
        FieldInvalid: a score that is not finite, no modality or another one than the comparator's, or a bad count.
    """
    return list(each_located(partial(_score_from_wire, model=model), scores, "scores"))


def missing_evidence_from_wire(
    missing: Iterable[sample_pb2.MissingPosition], compared: Iterable[Evidence]
) -> list[Evidence]:
    """Evidence for positions stated as missing that have no score."""
    return missing_evidence(missing_from_wire(missing), {(each.modality, each.position) for each in compared})


def decision_to_wire(decision: Decision) -> decision_pb2.Decision:
    """A decision with all its evidence."""
    message = decision_pb2.Decision(
        outcome=decision_pb2.Outcome.Value(f"OUTCOME_{decision.outcome}"),
        llr=decision.llr,
        match_threshold_llr=decision.thresholds.match_llr,
        review_threshold_llr=decision.thresholds.review_llr,
        fmr_bound=decision.fmr_bound,
        reasons=[decision_pb2.DecisionReason.Value(f"DECISION_REASON_{reason}") for reason in decision.reasons],
        evidence=map(_evidence_to_wire, decision.evidence),
        fusion_model_id=decision.fusion_model_id,
    )
    if decision.thresholds.fmr is not None:
        message.fmr = decision.thresholds.fmr
    if decision.thresholds.fpir is not None:
        message.fpir = decision.thresholds.fpir
    return message


def identification_to_wire(identification: Identification) -> fusion_pb2.IdentifySubjectsResponse:
    """Who it may be."""
    candidates = [
        fusion_pb2.RankedSubject(subject_id=subject_id, rank=rank, decision=decision_to_wire(decision))
        for rank, (subject_id, decision) in enumerate(identification.candidates, start=1)
    ]
    return fusion_pb2.IdentifySubjectsResponse(
        decision=decision_to_wire(identification.decision),
        subject_id=identification.subject_id,
        candidates=candidates,
        searched_subject_count=identification.subject_count,
    )


def report_to_wire(probe: Probe) -> fusion_pb2.SampleReport:
    """What came of one sample of an enrolment."""
    return fusion_pb2.SampleReport(
        modality=modality_to_wire(probe.modality),
        position=position_to_wire(probe.position),
        quality=quality_to_wire(probe.quality)
        if probe.quality
        else sample_pb2.Quality(value=probe.quality_value or 0.0),
    )


def subject_to_wire(subject: Subject) -> fusion_pb2.Subject:
    """What is enrolled of a subject, without the templates."""
    return fusion_pb2.Subject(
        subject_id=subject.subject_id,
        galleries=subject.galleries,
        encounters=map(_encounter_to_wire, subject.encounters),
    )


def model_to_wire(model: FusionModel) -> fusion_pb2.FusionModel:
    """How scores become decisions."""
    return fusion_pb2.FusionModel(
        fusion_model_id=FUSION_MODEL_ID,
        calibrations=[calibration_to_wire(model.calibrations[key]) for key in sorted(model.calibrations)],
        default_fmr=model.fmr,
        default_fpir=model.fpir,
        review_band_llr=model.review_band_llr,
    )


def _missing_from_wire(missing: sample_pb2.MissingPosition) -> Missing:
    modality = modality_from_wire(missing.modality)
    position = check_position(modality, position_from_wire(missing.position))
    return Missing(modality, position, missing_reason_from_wire(missing.reason))


def _score_from_wire(score: fusion_pb2.NamedScore, model: FusionModel) -> Evidence:
    modality = modality_from_wire(score.modality)
    model.check_modality(score.comparator_id, modality)
    if not 0 <= score.comparison_count <= MAX_COMPARISONS:
        raise FieldInvalid("comparison_count", f"1 to {MAX_COMPARISONS} is allowed.")
    return Evidence(
        modality,
        check_position(modality, position_from_wire(score.position)),
        EvidenceStatus.COMPARED,
        comparison=model.comparison(score.comparator_id, score.score),
        comparison_count=score.comparison_count or 1,
        model_id=model.model_id(score.comparator_id),
    )


def _evidence_to_wire(evidence: Evidence) -> decision_pb2.Evidence:
    message = decision_pb2.Evidence(
        modality=modality_to_wire(evidence.modality),
        position=position_to_wire(evidence.position),
        status=decision_pb2.EvidenceStatus.Value(f"EVIDENCE_STATUS_{evidence.status}"),
        comparison_count=evidence.comparison_count,
        model_id=evidence.model_id,
        failure_reason=evidence.failure_reason,
    )
    if evidence.charged:
        message.comparison.CopyFrom(comparison_to_wire(evidence.charged))
    if evidence.reference_position:
        message.reference_position = position_to_wire(evidence.reference_position)
    if evidence.quality is not None:
        message.quality = evidence.quality
    if evidence.missing_reason:
        message.missing_reason = missing_reason_to_wire(evidence.missing_reason)
    return message


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
    )


def _missing_to_wire(missing: Missing) -> sample_pb2.MissingPosition:
    return sample_pb2.MissingPosition(
        modality=modality_to_wire(missing.modality),
        position=position_to_wire(missing.position),
        reason=missing_reason_to_wire(missing.reason),
    )
