"""What a person may see of a case and do with it."""

from __future__ import annotations

from enum import StrEnum

from review.case import Case, Role
from review.states import ReviewState


class Action(StrEnum):
    """What a person can do with a case; see the contract."""

    CLAIM = "CLAIM"
    SUPERVISE = "SUPERVISE"
    DECIDE = "DECIDE"


CLAIMABLE = {
    Role.REVIEWER: (ReviewState.OPEN, ReviewState.FIRST_VERDICT),
    Role.SUPERVISOR: (ReviewState.DISPUTED,),
}
"""States in which a case can be claimed in a role."""

_ACTIONS = {Role.REVIEWER: Action.CLAIM, Role.SUPERVISOR: Action.SUPERVISE}


def is_blind(case: Case, person: str) -> bool:
    """Whether scores, ranks and verdicts are held back from this person ("": nobody).

    They are shown when the case has ended, to who has given a verdict on it, and to the supervisor who has claimed it.
    """
    if case.state.is_final or (person and any(each.reviewer == person for each in case.verdicts)):
        return False
    return not (person and case.is_held_by(person) and case.state is ReviewState.SUPERVISOR_CLAIMED)


def can_claim(case: Case, person: str, role: Role) -> bool:
    """Whether this person can claim the case in this role."""
    return bool(person) and case.state in CLAIMABLE[role] and not case.has_role(person)


def actions_of(case: Case, person: str) -> list[Action]:
    """What this person can do now."""
    if person and case.is_held_by(person):
        return [Action.DECIDE]
    return [action for role, action in _ACTIONS.items() if can_claim(case, person, role)]
