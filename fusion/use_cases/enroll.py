"""Use case "enrol": stores one encounter with all of its samples, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from biometrics.errors import SubjectExists, SubjectNotFound
from fusion.decision.counted import counted
from fusion.duplicates.guard import DuplicateGuard
from fusion.duplicates.newcomer import Newcomer
from fusion.duplicates.policy import state_after
from fusion.samples.probes import Matchers, Probe
from fusion.samples.quality_gate import NO_GATE, MinQuality
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.enrolment_result import EnrolmentResult, Trial, repeated
from fusion.use_cases.usable_samples import usable
from gallery.store.port import SubjectStore
from gallery.store.values import Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference
from infra.deadlines import Deadline
from infra.identity.remarks import remark


async def enroll(
    request: EnrolmentRequest,
    matchers: Matchers,
    store: SubjectStore,
    timeout_s: float,
    min_quality: MinQuality = NO_GATE,
    guard: DuplicateGuard | None = None,
    *,
    is_checked: bool = False,
) -> EnrolmentResult:
    """Extract every sample, then store the encounter in one transaction. Idempotent under the request id.

    Args:
        request: the encounter.
        matchers: the matching services.
        store: the store of enrolled subjects.
        timeout_s: seconds for all of it.
        min_quality: the lowest quality that is enrolled.
        guard: searches for duplicates; needed if the request asks for it.
        is_checked: all samples are templates that their services have accepted. Then the store alone finds, at the
            write, whether it is a repetition and whether the subject exists, which saves a read.

    Raises:
        RequestIdReused: the request id was used for another request.
        SubjectExists, SubjectNotFound, EncounterExists: see EnrolmentRequest.
        SubjectFull: the subject would exceed the limit on stored data per subject.
        DuplicateFound: somebody else may be the same person, and that is to be refused.
        AcquisitionFailed, ServiceUnavailable: a sample has no template or too low a quality; nothing was stored.
    """
    deadline, digest = Deadline.after(timeout_s), request.digest
    if not is_checked:
        before = await store.before(request.request_id, digest, request.subject_id)
        if before.done is not None:
            return await repeated(request, before.done, store)
        _check_subject(request, exists=before.subject_exists)
    probes, request = await usable(request, matchers, timeout_s, min_quality, check_templates=not is_checked)
    enrolment = _enrolment(request, digest, probes)
    if guard and request.is_checked:
        newcomer = await _newcomer(request, enrolment, probes, guard, store, deadline)
        admitted = await guard.admit(newcomer, request.on_duplicate, enrolment, deadline)
        receipt, state, checks = admitted.receipt, admitted.state, admitted.checks
        for each in checks:
            counted("enroll", each.decision)
    else:
        receipt, state, checks = await store.enroll(enrolment), request.state, ()
    if receipt.replayed:
        return await repeated(request, receipt.token, store)
    stored = enrolment.encounter
    return EnrolmentResult(stored.encounter_id, receipt.token, tuple(probes), False, state, checks, stored.missing)


async def prepared(
    request: EnrolmentRequest,
    digest: str,
    matchers: Matchers,
    timeout_s: float,
    min_quality: MinQuality,
    *,
    is_checked: bool = False,
) -> Enrolment:
    """What `enroll` stores of a request of this digest that was not carried out before, nobody looking for duplicates.

    Raises:
        AcquisitionFailed, ServiceUnavailable: a sample has no template or too low a quality.
    """
    probes, request = await usable(request, matchers, timeout_s, min_quality, check_templates=not is_checked)
    return _enrolment(request, digest, probes)


async def try_out(
    request: EnrolmentRequest,
    matchers: Matchers,
    store: SubjectStore,
    timeout_s: float,
    min_quality: MinQuality = NO_GATE,
    guard: DuplicateGuard | None = None,
) -> Trial:
    """Do all of an enrolment but the write. Raises as `enroll` would now."""
    deadline, digest = Deadline.after(timeout_s), request.digest
    before = await store.before(request.request_id, digest, request.subject_id)
    if before.done is None:
        _check_subject(request, exists=before.subject_exists)
    probes, request = await usable(request, matchers, timeout_s, min_quality)
    if before.done is not None:
        return Trial(tuple(probes), missing=request.missing)
    enrolment = _enrolment(request, digest, probes)
    await store.check_enrolment(enrolment)
    if not (guard and request.is_checked):
        return Trial(tuple(probes), request.state, missing=request.missing)
    newcomer = await _newcomer(request, enrolment, probes, guard, store, deadline)
    checks = await guard.look(newcomer, request.on_duplicate, deadline)
    return Trial(tuple(probes), state_after(request.state, request.on_duplicate, checks), checks, request.missing)


async def _newcomer(
    request: EnrolmentRequest,
    enrolment: Enrolment,
    probes: Sequence[Probe],
    guard: DuplicateGuard,
    store: SubjectStore,
    deadline: Deadline,
) -> Newcomer:
    """Whom the enrolment adds: in all galleries of the subject, the present ones too."""
    known = await store.get(request.subject_id) if request.add_encounter else None
    joined = [await store.resolve(each) for each in enrolment.galleries]
    remark(galleries=joined)
    galleries = {*joined, *(known.galleries if known else ())}
    alike = await guard.compared(probes, deadline)
    subject_id, fpir = request.subject_id, request.duplicate_fpir
    return Newcomer(subject_id, tuple(sorted(galleries)), alike, request.missing, fpir, known)


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


def references_of(probes: Sequence[Probe]) -> tuple[Reference, ...]:
    """What is stored of the probes."""
    return tuple(
        Reference(probe.position, probe.template, probe.quality_value, probe.quality_is_claimed)
        for probe in probes
        if probe.template
    )


def _enrolment(request: EnrolmentRequest, digest: str, probes: Sequence[Probe]) -> Enrolment:
    encounter = Encounter(
        request.stored_encounter_id,
        datetime.now(UTC),
        references_of(probes),
        request.missing,
        state=request.state,
        expire_time=request.expire_time,
    )
    return Enrolment(
        request_id=request.request_id,
        digest=digest,
        subject_id=request.subject_id,
        galleries=tuple(sorted(set(request.galleries))) or (() if request.add_encounter else (DEFAULT_GALLERY,)),
        encounter=encounter,
        create_subject=not request.add_encounter,
    )
