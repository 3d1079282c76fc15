"""Use case "enrol": stores one encounter with all of its samples, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from biometrics.errors import FieldInvalid, SubjectExists, SubjectNotFound
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Position
from fusion.requests.budget import step_s
from fusion.requests.idempotence import check_request_id, digest_of
from fusion.requests.limits import require_few
from fusion.samples.probe_extraction import extract_probes
from fusion.samples.probes import Matchers, Probe, require_usable
from fusion.samples.quality_gate import NO_GATE, MinQuality, require_quality
from gallery.store.limits import MAX_GALLERIES
from gallery.store.port import SubjectStore
from gallery.store.rules import enrolled
from gallery.store.values import ConsistencyToken, Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Missing, Reference, check_id
from infra.deadlines import Deadline


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """One encounter to be enrolled.

    Args:
        request_id: UUID version 4; repetitions of one request share it.
        subject_id: the subject of the encounter.
        galleries: up to 64 galleries to add the subject to; none means "default" for a new subject.
        encounter_id: "" to make one from the request id.
        samples: 1–64.
        missing: positions without a sample.
        add_encounter: False: the subject must be new; True: it must exist.

    Raises:
        FieldInvalid: an id has the wrong form, there are more galleries than allowed, or a position has a sample and
            is stated as missing.
    """

    request_id: str
    subject_id: str
    galleries: tuple[str, ...]
    encounter_id: str
    samples: tuple[Sample, ...]
    missing: tuple[Missing, ...]
    add_encounter: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "request_id", check_request_id(self.request_id))
        check_id(self.subject_id, "subject_id")
        require_few("galleries", self.galleries, MAX_GALLERIES)
        for number, gallery in enumerate(self.galleries):
            check_id(gallery, f"galleries[{number}]")
        if self.encounter_id:
            check_id(self.encounter_id, "encounter_id")
        sampled = {(each.modality, each.position) for each in self.samples if each.position is not Position.UNKNOWN}
        for each in self.missing:
            if (each.modality, each.position) in sampled:
                raise FieldInvalid("missing", f"{each.position} has a sample too. Leave one of the two out.")

    @property
    def stored_encounter_id(self) -> str:
        """The encounter's id; made from the request id if the caller gives none."""
        return self.encounter_id or f"encounter-{self.request_id}"

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over everything but the request id."""
        facts = ["enroll", self.subject_id, *self.galleries, "/", self.encounter_id, str(self.add_encounter)]
        facts += [f"{each.modality}/{each.position}/{each.reason}" for each in self.missing]
        return digest_of([*(fact.encode() for fact in facts), *map(_sample_bytes, self.samples)])


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
    before = await store.before(request.request_id, request.digest, request.subject_id)
    if before.done is None:
        _check_subject(request, exists=before.subject_exists)
    probes = await check_samples(request.samples, matchers, timeout_s, min_quality)
    if before.done is None:
        found = await store.get_many([request.subject_id])
        enrolled(found.get(request.subject_id), _enrolment(request, request.digest, probes))
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


def _sample_bytes(sample: Sample) -> bytes:
    source = sample.source
    detail = (
        f"{source.resolution_dpi}"
        if isinstance(source, EncodedImage)
        else f"{source.model_id}/{sample.template_quality}"
    )
    return f"{sample.modality}/{sample.position}/{detail}/".encode() + source.data
