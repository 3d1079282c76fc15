"""What an enrolment does if somebody else in its galleries may be the same person."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from biometrics.errors import BiofusionError, DuplicateFound, ServiceUnavailable
from fusion.decision.decision import Outcome
from fusion.duplicates.found import MOST_CANDIDATES, Duplicates
from gallery.subject import EncounterState
from infra.wire.status import MAX_TEXT


class OnDuplicate(StrEnum):
    """What is done if a duplicate is found.

    UNCHECKED: nothing is searched. REVIEW: the encounter is stored INACTIVE. REFUSE: nothing is stored. ALLOW: it is
    stored ACTIVE, and the answer says whom it resembles.
    """

    UNCHECKED = "UNCHECKED"
    REVIEW = "REVIEW"
    REFUSE = "REFUSE"
    ALLOW = "ALLOW"


def are_clear(checks: Sequence[Duplicates]) -> bool:
    """Whether nobody else is like the person in any gallery."""
    return all(each.is_clear for each in checks)


def state_after(wanted: EncounterState, policy: OnDuplicate, checks: Sequence[Duplicates]) -> EncounterState:
    """The state in which an encounter is stored that is to have the wanted one."""
    is_held = policy is OnDuplicate.REVIEW and not are_clear(checks)
    return EncounterState.INACTIVE if is_held else wanted


def require_allowed(policy: OnDuplicate, checks: Sequence[Duplicates]) -> None:
    """Refuse an enrolment that must not be stored.

    Raises:
        DuplicateFound: the policy is REFUSE, and somebody may be the same person.
        ServiceUnavailable: the policy is REFUSE, and nobody was found, but only because the search was not complete.
    """
    if policy is OnDuplicate.REFUSE and not are_clear(checks):
        raise refusal(checks)


def refusal(checks: Sequence[Duplicates]) -> BiofusionError:
    """The error of a refused enrolment."""
    doubtful = [each for each in checks if not each.is_clear]
    if all(each.is_unfinished for each in doubtful):
        return ServiceUnavailable(
            "The search for duplicates could not be completed, and on_duplicate is REFUSE, so nothing was stored. Try "
            "again."
        )
    outcomes = {each.decision.outcome for each in doubtful}
    return DuplicateFound(
        "Somebody else in the galleries may be the same person, and on_duplicate is REFUSE, so nothing was stored. "
        "Look at the subjects in `subject_ids`; add the encounter to one of them, or enrol it with on_duplicate "
        "REVIEW or ALLOW.",
        subject_ids=_ids(doubtful),
        outcome=str(Outcome.MATCH if Outcome.MATCH in outcomes else Outcome.REVIEW),
    )


def _ids(checks: Sequence[Duplicates]) -> str:
    """Up to 20 ids of candidates, best first, as many as a status has room for."""
    candidates = sorted((each for of_one in checks for each in of_one.candidates), key=lambda each: -each.decision.llr)
    text = ""
    for subject_id in list(dict.fromkeys(each.subject_id for each in candidates))[:MOST_CANDIDATES]:
        longer = f"{text},{subject_id}" if text else subject_id
        if len(longer) > MAX_TEXT:
            break
        text = longer
    return text
