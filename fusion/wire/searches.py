"""Identifications and duplicate checks: messages → domain objects."""

from __future__ import annotations

from biofusion.fusion.v1 import decisions_pb2

from biometrics.sample import Sample
from fusion.samples.enrolled_probe import EnrolledProbe
from fusion.use_cases.check_duplicates import DuplicatesRequest
from fusion.use_cases.identify import IdentificationRequest
from fusion.wire.requests import missing_from_wire, opened_from_wire
from gallery.store.values import ConsistencyToken
from gallery.subject import DEFAULT_GALLERY, Missing
from infra.wire.convert import stated

Search = decisions_pb2.IdentifySubjectsRequest | decisions_pb2.CheckDuplicatesRequest


async def identification_from_wire(request: decisions_pb2.IdentifySubjectsRequest) -> IdentificationRequest:
    """The identification asked for."""
    enrolled = _enrolled(request)
    samples, missing = await _samples(request, enrolled)
    return IdentificationRequest(
        samples=samples,
        missing=missing,
        gallery=request.gallery or DEFAULT_GALLERY,
        limit=stated(request, "max_candidate_count", request.max_candidate_count),
        fpir=stated(request, "fpir", request.fpir),
        token=ConsistencyToken(request.consistency_token),
        enrolled_prior=stated(request, "enrolled_prior", request.enrolled_prior),
        enrolled=enrolled,
    )


async def duplicates_from_wire(request: decisions_pb2.CheckDuplicatesRequest) -> DuplicatesRequest:
    """The duplicate check asked for."""
    enrolled = _enrolled(request)
    samples, missing = await _samples(request, enrolled)
    return DuplicatesRequest(
        samples=samples,
        missing=missing,
        gallery=request.gallery or DEFAULT_GALLERY,
        enrolled=enrolled,
        subject_id=request.subject_id,
        limit=stated(request, "max_candidate_count", request.max_candidate_count),
        fpir=stated(request, "fpir", request.fpir),
        token=ConsistencyToken(request.consistency_token),
    )


def _enrolled(request: Search) -> EnrolledProbe | None:
    if not request.HasField("enrolled_probe"):
        return None
    return EnrolledProbe(request.enrolled_probe.subject_id, request.enrolled_probe.encounter_id)


async def _samples(request: Search, enrolled: EnrolledProbe | None) -> tuple[tuple[Sample, ...], tuple[Missing, ...]]:
    """Samples and missing positions; no samples are needed with an enrolled encounter."""
    if enrolled and not request.samples:
        return (), missing_from_wire(request.missing)
    sent = await opened_from_wire(request.samples, request.missing)
    return sent.samples, sent.missing
