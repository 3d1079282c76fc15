"""The index of cases: keys of empty documents, whose order is the order in which cases are listed.

A case has an entry for its state, for who has claimed it, for when it changed last, for its subjects, and for when
something is to happen by itself. All but those of subjects, which are never written again, end with the case's
revision, so that no key that was removed is ever needed again: an entry is either the case's own or behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from review.case import CallbackState, Case
from review.states import ReviewState

CHANGED, AT = "changed/", "at/"
LOWEST = 9
"""Counted from the most urgent priority, which is 9."""


def keys_of(case: Case, retention_s: float) -> tuple[str, ...]:
    """The keys of a case; the one for what happens by itself is the last."""
    end = f"{case.id}.{case.revision}"
    place = f"{LOWEST - case.priority}/{_ms(case.due_time)}/{end}"
    holder = [f"{holder_prefix(case.claim.reviewer)}{place}"] if case.claim else []
    subjects = [f"{subject_prefix(each)}{case.id}" for each in case.subject_names]
    return (
        f"{state_prefix(case.state)}{place}",
        *holder,
        f"{CHANGED}{_ms(case.update_time)}/{end}",
        *subjects,
        f"{AT}{_ms(next_time(case, retention_s))}/{end}",
    )


def state_prefix(state: ReviewState) -> str:
    """What the entries of the cases in a state begin with, in the order of urgency."""
    return f"{state.value.lower().replace('_', '-')}/"


def holder_prefix(person: str) -> str:
    """What the entries of the cases that a person has claimed begin with, in the order of urgency."""
    return f"held-{blake2b(person.encode(), digest_size=16).hexdigest()}/"


def subject_prefix(subject_name: str) -> str:
    """What the entries of the cases of a subject begin with."""
    return f"subject-{subject_name}/"


def time_key(prefix: str, time_s: float) -> str:
    """Comes before all entries of this time, and after all earlier ones."""
    return f"{prefix}{_ms(time_s)}"


def id_in(key: str) -> str:
    """The id of the case of an entry."""
    return key.rpartition("/")[2].partition(".")[0]


def is_behind(key: str, case: Case) -> bool:
    """Whether an entry is of an earlier revision of its case."""
    revision = key.rpartition(".")[2]
    return revision.isdigit() and int(revision) < case.revision


def place_in(key: str) -> str:
    """What orders an entry among those of other states."""
    return key.partition("/")[2]


def next_time(case: Case, retention_s: float) -> float:
    """When something is to happen to a case by itself, seconds since 1970."""
    return min(_times(case, retention_s))


def _times(case: Case, retention_s: float) -> Iterable[float]:
    if case.state.is_final:
        yield case.update_time + retention_s
    else:
        yield case.expire_time
    if case.claim is not None:
        yield case.claim.end_time
    if case.key:
        yield case.update_time if case.state.is_final else case.sealed_expire_time
    if case.callback.state is CallbackState.PENDING:
        yield case.callback.next_time


def _ms(time_s: float) -> str:
    return f"{int(1000 * time_s):013d}"
