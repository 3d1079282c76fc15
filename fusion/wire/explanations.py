"""Explanations: messages ↔ domain objects."""

from __future__ import annotations

from biofusion.fusion.v1 import decisions_pb2

from fusion.samples.enrolled_probe import EnrolledProbe
from fusion.use_cases.explain import ExplainedEvidence, ExplanationRequest
from fusion.wire.answers import evidence_to_wire
from infra.wire import records
from infra.wire.convert import MODALITIES, position_from_wire
from infra.wire.explanations.explanation import explanation_to_wire
from infra.wire.field_paths import at


async def explanation_from_wire(request: decisions_pb2.ExplainEvidenceRequest) -> ExplanationRequest:
    """The explanation asked for."""
    enrolled = request.enrolled_probe
    with at("sample"):
        sample = await records.single(request.sample) if request.HasField("sample") else None
    return ExplanationRequest(
        request.subject_id,
        request.encounter_id,
        position_from_wire(request.reference_position),
        sample,
        EnrolledProbe(enrolled.subject_id, enrolled.encounter_id) if request.HasField("enrolled_probe") else None,
        MODALITIES.from_wire(request.modality) if request.modality else None,
        position_from_wire(request.position),
    )


def explanation_to_answer(found: ExplainedEvidence) -> decisions_pb2.ExplainEvidenceResponse:
    """The answer: the evidence, what it rests on, and which sample of the subject it is about."""
    return decisions_pb2.ExplainEvidenceResponse(
        evidence=evidence_to_wire(found.evidence, {}),
        explanation=explanation_to_wire(found.explanation),
        encounter_id=found.encounter_id,
        reference_quality=found.reference.quality,
        reference_quality_is_claimed=found.reference.quality_is_claimed,
    )
