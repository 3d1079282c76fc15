"""Identifications and duplicate checks: messages → domain objects."""

from __future__ import annotations

from collections.abc import Sequence

from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import sample_pb2

from biometrics.sample import Sample
from fusion.samples.enrolled_probe import EnrolledProbe
from fusion.use_cases.check_duplicates import DuplicatesRequest
from fusion.use_cases.identify import IdentificationRequest
from fusion.wire.requests import missing_from_wire, samples_from_wire
from gallery.store.values import ConsistencyToken
from gallery.subject import DEFAULT_GALLERY
from infra.wire.convert import stated


def identification_from_wire(request: decisions_pb2.IdentifySubjectsRequest) -> IdentificationRequest:
    """The identification asked for."""
    enrolled = _enrolled(request)
    return IdentificationRequest(
        samples=_samples(request.samples, enrolled),
        missing=missing_from_wire(request.missing),
        gallery=request.gallery or DEFAULT_GALLERY,
        limit=stated(request, "max_candidate_count", request.max_candidate_count),
        fpir=stated(request, "fpir", request.fpir),
        token=ConsistencyToken(request.consistency_token),
        enrolled_prior=stated(request, "enrolled_prior", request.enrolled_prior),
        enrolled=enrolled,
    )


def duplicates_from_wire(request: decisions_pb2.CheckDuplicatesRequest) -> DuplicatesRequest:
    """The duplicate check asked for."""
    enrolled = _enrolled(request)
    return DuplicatesRequest(
        samples=_samples(request.samples, enrolled),
        missing=missing_from_wire(request.missing),
        gallery=request.gallery or DEFAULT_GALLERY,
        enrolled=enrolled,
        subject_id=request.subject_id,
        limit=stated(request, "max_candidate_count", request.max_candidate_count),
        fpir=stated(request, "fpir", request.fpir),
        token=ConsistencyToken(request.consistency_token),
    )


def _enrolled(
    request: decisions_pb2.IdentifySubjectsRequest | decisions_pb2.CheckDuplicatesRequest,
) -> EnrolledProbe | None:
    if not request.HasField("enrolled_probe"):
        return None
    return EnrolledProbe(request.enrolled_probe.subject_id, request.enrolled_probe.encounter_id)


def _samples(samples: Sequence[sample_pb2.Sample], enrolled: EnrolledProbe | None) -> tuple[Sample, ...]:
    """The samples; none are needed with an enrolled encounter."""
    return () if enrolled and not samples else samples_from_wire(samples)
