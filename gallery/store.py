"""The port to the system of record. Adapters: `sqlite.py`, `redis.py`; one contract suite for both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, Protocol

from gallery.subject import Encounter, Subject

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
    """One entry of the feed: the subject's state is to be read again (PUT) or forgotten (DELETE)."""

    token: ConsistencyToken
    kind: ChangeKind
    subject_id: str


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """Subjects in order of their ids, and where the next page begins ("" after the last)."""

    subjects: tuple[Subject, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class ModelPage:
    """Fusion models in order of their ids, and where the next page begins ("" after the last)."""

    model_ids: tuple[str, ...]
    next_page_token: str


class SubjectStore(Protocol):
    """Atomic put, get and delete of subjects, and an ordered change feed in the same transaction.

    It keeps the uploaded fusion models too, as texts by id, so that every replica decides with the same ones. They are
    not in the feed: who needs one reads it.

    Every method raises StoreUnavailable when the store does not answer.
    """

    async def enroll(self, enrolment: Enrolment) -> Receipt:
        """Store one encounter atomically; idempotent under its request id.

        Raises:
            RequestIdReused: the request id was used with another digest.
            SubjectExists: create_subject, and the subject exists.
            SubjectNotFound: not create_subject, and it does not exist.
            EncounterExists: the subject has an encounter of this id.
            SubjectFull: the subject would have more than may be kept of one.
        """

    async def delete(self, subject_id: str, request_id: str, digest: str) -> Receipt:
        """Erase a subject, all references and gallery memberships; idempotent under the request id.

        Raises:
            SubjectNotFound: no such subject (and this request did not delete it before).
            RequestIdReused: the request id was used with another digest.
        """

    async def receipt(self, request_id: str) -> Receipt | None:
        """What the write with this request id did, with replayed=True, or None."""

    async def get(self, subject_id: str) -> Subject:
        """The subject as it is now.

        Raises:
            SubjectNotFound: no such subject.
        """

    async def get_many(self, subject_ids: Sequence[str]) -> dict[str, Subject]:
        """Those of the subjects that exist, by id."""

    async def list(self, page_size: int, page_token: str = "", gallery: str = "") -> SubjectPage:
        """A page of subjects in order of id; of one gallery, or of all when it is "".

        Raises:
            FieldInvalid: the page token is not one that was returned.
        """

    async def count(self, gallery: str = "") -> int:
        """How many subjects there are, in one gallery or in all."""

    async def put_model(self, model_id: str, text: str, request_id: str, digest: str) -> Receipt:
        """Store a fusion model, in place of one with this id; idempotent under the request id.

        Raises:
            RequestIdReused: the request id was used with another digest.
        """

    async def delete_model(self, model_id: str, request_id: str, digest: str) -> Receipt:
        """Delete a fusion model; idempotent under the request id.

        Raises:
            FusionModelNotFound: no such model (and this request did not delete it before).
            RequestIdReused: the request id was used with another digest.
        """

    async def model(self, model_id: str) -> str:
        """The text of a fusion model.

        Raises:
            FusionModelNotFound: no such model.
        """

    async def list_models(self, page_size: int, page_token: str = "") -> ModelPage:
        """A page of fusion models in order of id.

        Raises:
            FieldInvalid: the page token is not one that was returned.
        """

    async def position(self) -> ConsistencyToken:
        """The newest feed position."""

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """Up to `limit` changes after a position, in order; waits up to `wait_s` for the first.

        Raises:
            FeedTruncated: the feed does not reach back to `after`; rebuild from `list`.
            FieldInvalid: the token is not one of this store's.
        """

    def reached(self, applied: ConsistencyToken, wanted: ConsistencyToken) -> bool:
        """Whether a reader that has applied `applied` has seen everything up to `wanted`.

        Raises:
            FieldInvalid: `wanted` is not a token of this store.
        """

    async def ping(self) -> None:
        """Return when the store answers."""

    async def close(self) -> None:
        """Release connections and files."""
