"""Use case "enrol": stores one encounter with all of its samples, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from biometrics.errors import SubjectExists, SubjectNotFound
from biometrics.sample import Sample
from fusion.requests.budget import step_s
from fusion.samples.probe_extraction import extract_probes
from fusion.samples.probes import Matchers, Probe, require_usable
from fusion.samples.quality_gate import NO_GATE, MinQuality, require_quality
from fusion.use_cases.enrolment_request import EnrolmentRequest
from gallery.store.port import SubjectStore
from gallery.store.values import ConsistencyToken, Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference
from infra.deadlines import Deadline


@dataclass(frozen=True, slots=True)
class EnrolmentResult:
    """Result of an enrolment.

    Args:
        encounter_id: id of the stored encounter.
        token: consistency token of the write.
        probes: in the order of the samples; none if the request was a repetition.
        replayed: whether the request was a repetition, so that nothing was written.
    """

    encounter_id: str
    token: ConsistencyToken
    probes: tuple[Probe, ...]
    replayed: bool


async def enroll(
    request: EnrolmentRequest,
    matchers: Matchers,
    store: SubjectStore,
    timeout_s: float,
    min_quality: MinQuality = NO_GATE,
) -> EnrolmentResult:
    """Extract every sample, then store the encounter in one transaction. Idempotent under the request id.

    Raises:
        RequestIdReused: the request id was used for another request.
        SubjectExists, SubjectNotFound, EncounterExists: see EnrolmentRequest.
        SubjectFull: the subject would exceed the limit on stored data per subject.
        AcquisitionFailed, ServiceUnavailable: a sample has no template or too low a quality; nothing was stored.
    """
    digest = request.digest
    before = await store.before(request.request_id, digest, request.subject_id)
    if before.done is not None:
        return EnrolmentResult(request.stored_encounter_id, before.done, (), replayed=True)
    _check_subject(request, exists=before.subject_exists)
    probes = await check_samples(request.samples, matchers, timeout_s, min_quality)
    receipt = await store.enroll(_enrolment(request, digest, probes))
    news = () if receipt.replayed else tuple(probes)
    return EnrolmentResult(receipt.encounter_id, receipt.token, news, receipt.replayed)


async def try_out(
    request: EnrolmentRequest,
    matchers: Matchers,
    store: SubjectStore,
    timeout_s: float,
    min_quality: MinQuality = NO_GATE,
) -> list[Probe]:
    """Do all of an enrolment but the write. Raises as `enroll` would now.

    Returns:
        The probes, in the order of the samples.
    """
    digest = request.digest
    before = await store.before(request.request_id, digest, request.subject_id)
    if before.done is None:
        _check_subject(request, exists=before.subject_exists)
    probes = await check_samples(request.samples, matchers, timeout_s, min_quality)
    if before.done is None:
        await store.check_enrolment(_enrolment(request, digest, probes))
    return probes


async def check_samples(
    samples: Sequence[Sample], matchers: Matchers, timeout_s: float, min_quality: MinQuality = NO_GATE
) -> list[Probe]:
    """Extract every sample, for a dry run or an enrolment.

    Raises:
        AcquisitionFailed, ServiceUnavailable: a sample has no template or too low a quality; the metadata names it.
        DeadlineExpired: a sample was not ready in time.
    """
    probes = await extract_probes(samples, matchers, step_s(Deadline.after(timeout_s)))
    for probe in probes:
        require_usable([probe])
    require_quality(probes, min_quality)
    return probes


def _check_subject(request: EnrolmentRequest, *, exists: bool) -> None:
    subject_id = request.subject_id
    if exists and not request.add_encounter:
        raise SubjectExists(
            f"Subject {subject_id} is enrolled already. Set add_encounter to add an encounter, or choose another "
            "subject_id.",
            subject_id=subject_id,
        )
    if request.add_encounter and not exists:
        raise SubjectNotFound(
            f"There is no subject {subject_id} to add an encounter to. Enrol it without add_encounter.",
            subject_id=subject_id,
        )


def _enrolment(request: EnrolmentRequest, digest: str, probes: Sequence[Probe]) -> Enrolment:
    references = tuple(
        Reference(probe.position, probe.template, probe.quality_value, probe.quality_is_claimed)
        for probe in probes
        if probe.template
    )
    encounter = Encounter(
        request.stored_encounter_id,
        datetime.now(UTC),
        references,
        request.missing,
    )
    return Enrolment(
        request_id=request.request_id,
        digest=digest,
        subject_id=request.subject_id,
        galleries=tuple(sorted(set(request.galleries))) or (() if request.add_encounter else (DEFAULT_GALLERY,)),
        encounter=encounter,
        create_subject=not request.add_encounter,
    )
