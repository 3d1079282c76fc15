"""Cases → messages, as far as a person may see them."""

from __future__ import annotations

from biofusion.review.v1 import review_pb2
from biofusion.type.v1 import decision_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from infra.wire.enums import Names
from review.case import CallbackState, Case, Claim, Event, GivenVerdict, Role, Verdict, VerdictReason
from review.sight import Action, actions_of, is_blind
from review.states import ReviewState

STATES = Names(ReviewState, review_pb2.ReviewState, "REVIEW_STATE_", "states")
VERDICTS = Names(Verdict, review_pb2.Verdict, "VERDICT_", "verdict")
REASONS = Names(VerdictReason, review_pb2.VerdictReason, "VERDICT_REASON_", "reason")
ROLES = Names(Role, review_pb2.ReviewRole, "REVIEW_ROLE_", "role")
ACTIONS = Names(Action, review_pb2.ReviewAction, "REVIEW_ACTION_")
CALLBACKS = Names(CallbackState, review_pb2.CallbackState, "CALLBACK_STATE_")

SHOWN = {
    "modality",
    "position",
    "status",
    "reference_position",
    "quality",
    "model_id",
    "missing_reason",
    "failure_reason",
    "resolution_dpi",
    "sample_index",
    "quality_is_claimed",
    "resolution_source",
    "record_part",
}
"""Fields of Evidence that say nothing of how alike two samples are: all that is ever shown of it beside a decision."""


def listed(case: Case, person: str) -> review_pb2.ReviewCase:
    """A case as in a list.

    Args:
        case: the case.
        person: who asks; "" if nobody is known.
    """
    message = review_pb2.ReviewCase(
        name=case.name,
        state=STATES.to_wire(case.state),
        etag=case.etag,
        priority=case.priority,
        create_time=time_to_wire(case.create_time),
        update_time=time_to_wire(case.update_time),
        due_time=time_to_wire(case.due_time),
        expire_time=time_to_wire(case.expire_time),
        gallery=case.gallery,
        subject_id=case.subject_id,
        probe_subject_id=case.probe_subject_id,
        caller_reference=case.caller_reference,
        opened_by=case.opened_by,
        actions=map(ACTIONS.to_wire, actions_of(case, person)),
        is_blind=is_blind(case, person),
    )
    if case.key:
        message.sealed_expire_time.CopyFrom(time_to_wire(case.sealed_expire_time))
    if case.claim:
        message.claim.CopyFrom(_claim_to_wire(case.claim, person))
    if case.resolution:
        message.resolution = VERDICTS.to_wire(case.resolution)
    if case.callback.state is not CallbackState.NONE:
        message.callback_state = CALLBACKS.to_wire(case.callback.state)
    return message


def whole(case: Case, evidence: bytes, person: str) -> review_pb2.ReviewCase:
    """A case with all that this person may see.

    Args:
        case: the case.
        evidence: what it is about (`opening.evidence_bytes`); b"" if that was erased.
        person: who asks; "" if nobody is known.
    """
    message, about = listed(case, person), review_pb2.CreateReviewCaseRequest.FromString(evidence)
    message.history.extend(map(_event_to_wire, case.history))
    message.probe_samples.extend(about.probe_samples)
    message.candidate_samples.extend(about.candidate_samples)
    if not case.key:
        for each in (*message.probe_samples, *message.candidate_samples):
            each.has_image = each.has_template = False
    message.evidence.extend(map(_without_scores, about.decision.evidence))
    if message.is_blind:
        return message
    message.verdicts.extend(map(_verdict_to_wire, case.verdicts))
    if about.HasField("decision"):
        message.decision.CopyFrom(about.decision)
    if about.HasField("rank"):
        message.rank = about.rank
    if about.HasField("posterior"):
        message.posterior = about.posterior
    return message


def time_to_wire(time_s: float) -> Timestamp:
    """A time, seconds since 1970, to the millisecond."""
    message = Timestamp()
    message.FromMilliseconds(int(1000 * time_s))
    return message


def _without_scores(evidence: decision_pb2.Evidence) -> decision_pb2.Evidence:
    shown = decision_pb2.Evidence(quality_reasons=evidence.quality_reasons)
    for field, value in evidence.ListFields():
        if field.name in SHOWN:
            setattr(shown, field.name, value)
    return shown


def _claim_to_wire(claim: Claim, person: str) -> review_pb2.Claim:
    return review_pb2.Claim(
        reviewer=claim.reviewer,
        role=ROLES.to_wire(claim.role),
        lease_end_time=time_to_wire(claim.end_time),
        is_mine=bool(person) and claim.reviewer == person,
    )


def _verdict_to_wire(given: GivenVerdict) -> review_pb2.GivenVerdict:
    return review_pb2.GivenVerdict(
        reviewer=given.reviewer,
        role=ROLES.to_wire(given.role),
        verdict=VERDICTS.to_wire(given.verdict),
        reason=REASONS.to_wire(given.reason),
        note=given.note,
        create_time=time_to_wire(given.time),
    )


def _event_to_wire(event: Event) -> review_pb2.ReviewEvent:
    return review_pb2.ReviewEvent(
        create_time=time_to_wire(event.time), state=STATES.to_wire(event.state), actor=event.actor
    )
