"""Values that a store takes and returns: enrolments, receipts, changes of the feed, pages, tokens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from gallery.subject import Encounter, Subject, SubjectSummary

ConsistencyToken = NewType("ConsistencyToken", str)
"""Positions in the change feeds of a store's partitions, opaque to callers. `START` is before the first change."""

START = ConsistencyToken("")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One encounter to be stored, completely or not at all.

    Args:
        request_id: the caller's UUID; the same one with the same digest is answered, not carried out again.
        digest: hash of the request's content, which distinguishes a repetition from a reuse of the id.
        subject_id: the subject of the encounter.
        galleries: galleries to add the subject to, at least one for a new subject.
        encounter: the encounter.
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
    """State of the store before a write, at one moment.

    Args:
        done: the feed position that contains the write, if this same request was carried out before; else None.
        subject_exists: whether the subject is in the store.
    """

    done: ConsistencyToken | None
    subject_exists: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """Result of a write.

    Args:
        request_id: the request's id.
        digest: hash of the request's content.
        subject_id: the subject written; for a fusion model, its id.
        encounter_id: the encounter written; "" for other writes.
        token: the feed position that contains the write.
        replayed: whether the same request had been carried out before, so that nothing was written now.
    """

    request_id: str
    digest: str
    subject_id: str
    encounter_id: str
    token: ConsistencyToken
    replayed: bool = False


class ChangeKind(StrEnum):
    """What happened to a subject.

    PUT: it was enrolled or changed. CUT: some of its templates were removed, and it has a new key; it may have others
    now. DELETE: it was erased.
    """

    PUT = "PUT"
    CUT = "CUT"
    DELETE = "DELETE"

    @property
    def removes(self) -> bool:
        """Whether templates were removed, so that what was read of them must be overwritten."""
        return self is not ChangeKind.PUT


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the feed: readers must read the subject again (PUT, CUT) or discard it (DELETE).

    Args:
        token: the position of the entry.
        partition: of the subject.
        kind: what happened.
        name: keyed hash of the subject's id (`keyed_names.py`): the feed outlives the subjects and holds no ids.
    """

    token: ConsistencyToken
    partition: int
    kind: ChangeKind
    name: bytes


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """Subjects in order of id, the token of the next page ("" after the last), and ids of those that cannot be read.

    `next_page_token` encodes the last id of the page, the list and the gallery; no store keeps it.
    """

    subjects: tuple[Subject, ...]
    next_page_token: str
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """As `SubjectPage`, of summaries."""

    subjects: tuple[SubjectSummary, ...]
    next_page_token: str
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelPage:
    """Ids of fusion models, in order, and the token of the next page ("" after the last)."""

    model_ids: tuple[str, ...]
    next_page_token: str
