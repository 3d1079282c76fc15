"""Enrolments: messages ↔ domain objects."""

from __future__ import annotations

from collections.abc import Sequence

from biofusion.fusion.v1 import subjects_pb2

from biometrics.errors import FieldInvalid
from fusion.duplicates.found import Duplicates
from fusion.duplicates.policy import OnDuplicate
from fusion.requests.limits import require_few
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.enrolment_result import EnrolmentResult, Trial
from fusion.wire.answers import decision_to_wire, ranked_to_wire
from fusion.wire.requests import opened_from_wire
from fusion.wire.subjects import missing_to_wire, report_to_wire, state_to_wire
from gallery.store.limits import MAX_GALLERIES
from infra.requests.times import time_from_wire
from infra.wire.convert import stated

POLICIES = {
    subjects_pb2.ON_DUPLICATE_UNSPECIFIED: OnDuplicate.UNCHECKED,
    subjects_pb2.ON_DUPLICATE_REVIEW: OnDuplicate.REVIEW,
    subjects_pb2.ON_DUPLICATE_REFUSE: OnDuplicate.REFUSE,
    subjects_pb2.ON_DUPLICATE_ALLOW: OnDuplicate.ALLOW,
}


async def enrolment_from_wire(
    request: subjects_pb2.EnrollSubjectRequest,
) -> tuple[EnrolmentRequest, Sequence[str]]:
    """The encounter to enrol, and which parts of its records are not read."""
    require_few("galleries", request.galleries, MAX_GALLERIES)
    samples, missing, unread = await opened_from_wire(request.samples, request.missing)
    wanted = EnrolmentRequest(
        request_id=request.request_id,
        subject_id=request.subject_id,
        galleries=tuple(request.galleries),
        encounter_id=request.encounter_id,
        samples=samples,
        missing=missing,
        add_encounter=request.add_encounter,
        on_duplicate=_policy(request.on_duplicate),
        duplicate_fpir=stated(request, "duplicate_fpir", request.duplicate_fpir),
        expire_time=time_from_wire(request, "expire_time"),
        skip_unusable=request.skip_unusable,
    )
    return wanted, unread


def enrolment_to_wire(result: EnrolmentResult, unread: Sequence[str]) -> subjects_pb2.EnrollSubjectResponse:
    """What an enrolment did."""
    message = subjects_pb2.EnrollSubjectResponse(
        encounter_id=result.encounter_id,
        consistency_token=result.token,
        reports=map(report_to_wire, result.probes),
        replayed=result.replayed,
        missing=map(missing_to_wire, result.missing),
        duplicate_checks=map(_check_to_wire, result.checks),
        unread_parts=unread,
    )
    if result.state:
        message.state = state_to_wire(result.state)
    return message


def trial_to_wire(trial: Trial, unread: Sequence[str]) -> subjects_pb2.EnrollSubjectResponse:
    """What an enrolment would do."""
    return subjects_pb2.EnrollSubjectResponse(
        reports=map(report_to_wire, trial.probes),
        missing=map(missing_to_wire, trial.missing),
        state=state_to_wire(trial.state),
        duplicate_checks=map(_check_to_wire, trial.checks),
        unread_parts=unread,
    )


def _policy(value: subjects_pb2.OnDuplicate.ValueType) -> OnDuplicate:
    if value not in POLICIES:
        raise FieldInvalid("on_duplicate", f"{', '.join(subjects_pb2.OnDuplicate.keys()[1:])} are known.")
    return POLICIES[value]


def _check_to_wire(found: Duplicates) -> subjects_pb2.DuplicateCheck:
    return subjects_pb2.DuplicateCheck(
        decision=decision_to_wire(found.decision),
        candidates=ranked_to_wire(found.candidates),
        gallery=found.gallery,
        searched_subject_count=found.subject_count,
    )
