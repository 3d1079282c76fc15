"""What a store is told and what it answers: enrolments, receipts, changes of its feed, pages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from gallery.subject import Encounter, Subject, SubjectSummary

ConsistencyToken = NewType("ConsistencyToken", str)
"""A position in the change feed, opaque to callers. `START` is before the first change."""

START = ConsistencyToken("")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One encounter to be stored, all of it or none.

    Args:
        request_id: the caller's UUID; the same one with the same digest is answered, not repeated.
        digest: hash of the request's content, to tell a repetition from a reuse.
        subject_id: whose encounter it is.
        galleries: sets the subject is put in, at least one for a new subject.
        encounter: what is stored.
        create_subject: True: the subject must be new; False: the subject must exist.
    """

    request_id: str
    digest: str
    subject_id: str
    galleries: tuple[str, ...]
    encounter: Encounter
    create_subject: bool


@dataclass(frozen=True, slots=True)
class Before:
    """What a write would meet, at one moment.

    Args:
        done: the feed position that contains the write, if this very request was carried out before; else None.
        subject_exists: whether the subject is in the store.
    """

    done: ConsistencyToken | None
    subject_exists: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a write did.

    Args:
        request_id: of the write.
        digest: of the write.
        subject_id: whose data changed; of a fusion model, its id.
        encounter_id: the encounter that was written, empty for a deletion.
        token: the feed position that contains the write.
        replayed: the write had been done before, by the same request.
    """

    request_id: str
    digest: str
    subject_id: str
    encounter_id: str
    token: ConsistencyToken
    replayed: bool = False


class ChangeKind(StrEnum):
    """What happened to a subject."""

    PUT = "PUT"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the feed: the subject's state is to be read again (PUT) or forgotten (DELETE).

    Args:
        token: the position of the entry.
        kind: what happened.
        name: whose state, as a keyed hash (`keyed_names.py`): the feed outlives the subjects and holds no ids.
    """

    token: ConsistencyToken
    kind: ChangeKind
    name: bytes


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """Subjects in order of their ids, and where the next page begins ("" after the last).

    `next_page_token` names the last id of the page, encoded: it is the caller's, and no store keeps it.
    """

    subjects: tuple[Subject, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """Subjects in brief, in order of their ids, and where the next page begins ("" after the last)."""

    subjects: tuple[SubjectSummary, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class ModelPage:
    """Fusion models in order of their ids, and where the next page begins ("" after the last)."""

    model_ids: tuple[str, ...]
    next_page_token: str
