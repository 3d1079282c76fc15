"""Changes of a case, as pure functions: the case as it was → the case as it is then, or an error.

Each begins with what time has done meanwhile (`settled`), so that no rule depends on when upkeep ran last.
"""

from __future__ import annotations

from dataclasses import replace

from biometrics.errors import CaseChanged, PreconditionFailed
from review.case import Callback, CallbackState, Case, Claim, Event, GivenVerdict, Role, Verdict, VerdictReason
from review.states import Command, ReviewState, next_state


def settled(case: Case, now: float) -> Case:
    """The case after what happens by itself: a lease that has ended is given back, a case whose time is up expires."""
    if not case.state.is_final and case.expire_time <= now:
        return _moved(case, Command.EXPIRE, "", now)
    if case.claim is not None and case.claim.end_time <= now:
        return _moved(case, Command.GIVE_BACK, "", now)
    return case


def claimed(case: Case, person: str, role: Role, now: float, lease_s: float) -> Case:
    """The case claimed, or its lease renewed if this person has it in this role.

    Raises:
        PreconditionFailed: CASE_STATE, it cannot be claimed in this role now; SECOND_ROLE, the person has had another
            role in it.
    """
    case, claim = settled(case, now), Claim(person, role, now + lease_s)
    if case.claim is not None and (case.claim.reviewer, case.claim.role) == (person, role):
        return replace(case, claim=claim)
    if case.has_role(person):
        raise PreconditionFailed(
            "You have had another role in this case. Leave it to somebody else.", reason="SECOND_ROLE"
        )
    command = Command.SUPERVISE if role is Role.SUPERVISOR else Command.CLAIM
    return replace(_moved(case, command, person, now), claim=claim)


def given_back(case: Case, person: str, now: float) -> Case:
    """The case given back by this person; as it is if the person does not have it."""
    case = settled(case, now)
    return _moved(case, Command.GIVE_BACK, person, now) if case.is_held_by(person) else case


def decided(case: Case, person: str, etag: str, verdict: Verdict, reason: VerdictReason, note: str, now: float) -> Case:
    """The case with this person's verdict.

    Raises:
        CaseChanged: it is not the case that the person saw.
        PreconditionFailed: CASE_STATE, the person has not claimed it.
    """
    case = settled(case, now)
    if etag != case.etag:
        raise CaseChanged("The case has changed since it was shown. Read it again, and give the verdict on that.")
    if case.claim is None or case.claim.reviewer != person:
        raise PreconditionFailed("You have no claim on this case. Claim it first.", reason="CASE_STATE")
    given = GivenVerdict(person, case.claim.role, verdict, reason, note, now)
    if case.state is ReviewState.SECOND_CLAIMED:
        agrees = case.verdicts[0].verdict is verdict
        case = _moved(case, Command.AGREE if agrees else Command.DISPUTE, person, now)
    else:
        case = _moved(case, Command.DECIDE, person, now)
    resolution = verdict if case.state is ReviewState.CLOSED else None
    return replace(case, verdicts=(*case.verdicts, given), resolution=resolution)


def withdrawn(case: Case, actor: str, now: float) -> Case:
    """The case withdrawn; as it is if it was before.

    Raises:
        PreconditionFailed: CASE_STATE, it is closed or has expired.
    """
    case = settled(case, now)
    return case if case.state is ReviewState.WITHDRAWN else _moved(case, Command.WITHDRAW, actor, now)


def erased(case: Case, now: float) -> Case:
    """The case without anything about its subjects, one of whom was erased; withdrawn unless it was final."""
    case = settled(case, now)
    if not case.state.is_final:
        case = _moved(case, Command.WITHDRAW, "", now)
    verdicts = tuple(replace(each, note="") for each in case.verdicts)
    case = replace(case, subject_id="", subject_name="", probe_subject_id="", probe_subject_name="")
    return replace(case, caller_reference="", verdicts=verdicts)


def without_key(case: Case) -> Case:
    """The case whose key is destroyed."""
    return replace(case, key="")


def _moved(case: Case, command: Command, actor: str, now: float) -> Case:
    state = next_state(case.state, command)
    return replace(
        case,
        state=state,
        revision=case.revision + 1,
        update_time=now,
        claim=None,
        history=(*case.history, Event(now, state, actor)),
        callback=_due(case.callback, now) if state.is_final else case.callback,
    )


def _due(callback: Callback, now: float) -> Callback:
    return replace(callback, state=CallbackState.PENDING, next_time=now) if callback.url else callback
