"""The port to the system of record. The packages `sqlite` and `redis` implement it; one contract suite tests both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gallery.store.values import (
    Before,
    Change,
    ConsistencyToken,
    Enrolment,
    ModelPage,
    Receipt,
    SubjectPage,
    SummaryPage,
)
from gallery.subject import Subject


class SubjectStore(Protocol):
    """Atomic put, get and delete of subjects, and an ordered change feed in the same transaction.

    It keeps the uploaded fusion models too, as texts by id, so that every replica decides with the same ones. They are
    not in the feed: who needs one reads it.

    Every method raises StoreUnavailable when the store does not answer.
    """

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why acknowledged writes may be lost, where that was accepted; known after the first call."""

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

        What the adapter can overwrite is overwritten before this returns; a repetition finishes what was cut off.

        Raises:
            SubjectNotFound: no such subject (and this request did not delete it before).
            RequestIdReused: the request id was used with another digest.
        """

    async def before(self, request_id: str, digest: str, subject_id: str) -> Before:
        """Whether this request was carried out already, and whether the subject exists.

        Raises:
            RequestIdReused: the request id was used with another digest.
        """

    async def get(self, subject_id: str) -> Subject:
        """The subject as it is now.

        Raises:
            SubjectNotFound: no such subject.
        """

    async def get_many(self, subject_ids: Sequence[str]) -> dict[str, Subject]:
        """Those of the subjects that exist, by id."""

    async def get_named(self, names: Sequence[bytes]) -> dict[bytes, Subject]:
        """Those of the subjects that exist, by the names that the feed has for them."""

    async def name_key(self) -> bytes:
        """The key of the names (gallery/store/keyed_names.py), for whoever must tell which subject a name is of."""

    async def list(self, page_size: int, page_token: str = "", gallery: str = "") -> SubjectPage:
        """A page of subjects in order of id; of one gallery, or of all when it is "".

        Raises:
            FieldInvalid: the page token is not one that was returned.
            GalleryNotFound: nobody was ever enrolled in this gallery, and it is not "default".
        """

    async def list_summaries(self, page_size: int, page_token: str = "", gallery: str = "") -> SummaryPage:
        """As `list`, of summaries: templates are not unpacked, and one that is damaged hinders nothing."""

    async def count(self, gallery: str = "") -> int:
        """How many subjects there are, in one gallery or in all; takes the same time however many there are.

        Raises:
            GalleryNotFound: nobody was ever enrolled in this gallery, and it is not "default".
        """

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

    async def origin(self) -> ConsistencyToken:
        """The position before the first change: reached by every reader of this store, and by none of another.

        A search that carries it is answered only if the store confirms what the index holds.
        """

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """Up to `limit` changes after a position, in order; waits up to `wait_s` for the first.

        A reader that waits is told within a second if its position is in the feed no more.

        Raises:
            FeedTruncated: the feed does not reach back to `after`; rebuild from `list`.
            FeedSetBack: `after` is of a history that was lost, as by restoring a backup: what was read is not true.
            FieldInvalid: the token is not one of this store's.
        """

    async def check(self, *tokens: ConsistencyToken) -> None:
        """Return if all these positions are in the store's history, or too old for the feed to tell.

        Raises:
            StoreSetBack: one is not: the store was set back to a time before it.
            FieldInvalid: one is not of this store.
        """

    def reached(self, applied: ConsistencyToken, wanted: ConsistencyToken) -> bool:
        """Whether a reader that has applied `applied` has seen everything up to `wanted`.

        Raises:
            FieldInvalid: `wanted` is not a token of this store.
        """

    async def ping(self) -> None:
        """Return when the store answers."""

    async def let_go(self) -> None:
        """Close idle connections, which may hold what was read of subjects that are erased by now."""

    async def close(self) -> None:
        """Release connections and files."""
