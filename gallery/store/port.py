"""The port to the system of record. `subject_store.py` implements it over a backend (backend.py)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from biometrics.template import Modality
from gallery.references import ReferencePage
from gallery.store.life.port import LifeCycle
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
from gallery.subject import Subject, SubjectSummary


class SubjectStore(LifeCycle, Protocol):
    """Atomic writes, reads and deletions of subjects, with an ordered change feed written in the same transaction.

    What changes encounters, subjects and galleries after they were enrolled is in life/port.py.

    Every subject belongs to a partition (gallery/partitions.py), which has a feed of its own. The store also keeps the
    uploaded fusion models, as texts by id, so that all replicas use the same ones. They are not in the feed: a model is
    read from the store whenever it is needed.

    A subject whose key was destroyed does not exist, whatever a restored backup has of it; it can be enrolled anew.

    Every method raises StoreUnavailable if the store does not answer, and KeyWrong or KeyUnavailable if the keys of its
    templates cannot be used.
    """

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why acknowledged writes may be lost, if such a store was accepted; known after the first call."""

    async def enroll(self, enrolment: Enrolment) -> Receipt:
        """Store one encounter atomically; idempotent under its request id.

        Raises:
            RequestIdReused: the request id was used with another digest, in the same partition: receipts are kept
                where their subject is.
            SubjectExists: create_subject is True, and the subject exists.
            SubjectNotFound: create_subject is False, and the subject does not exist.
            EncounterExists: the subject has an encounter of this id.
            SubjectFull: the subject would exceed the limit on stored data per subject.
        """

    async def enroll_all(self, enrolments: Sequence[Enrolment]) -> list[Receipt | None]:
        """Store encounters of new subjects together, each atomically and by itself; the receipts are in their order.

        None stands for one that was not stored, or whose write met an error: `enroll` goes on with it, or says why not.
        """

    async def check_enrolment(self, enrolment: Enrolment) -> None:
        """Raise what `enroll` would raise now; nothing is written."""

    async def delete(self, subject_id: str, request_id: str, digest: str) -> Receipt:
        """Erase a subject with its references and gallery memberships; idempotent under the request id.

        Before this returns, the subject's key is destroyed, so that no copy of the store opens its templates any more.
        A repetition completes an erasure that was interrupted.

        Raises:
            SubjectNotFound: no such subject (and this request did not delete it before).
            RequestIdReused: the request id was used with another digest.
        """

    async def before(self, request_id: str, digest: str, subject_id: str) -> Before:
        """Whether this request was carried out before, and whether the subject exists.

        Raises:
            RequestIdReused: the request id was used with another digest.
        """

    async def get(self, subject_id: str) -> Subject:
        """The current state of a subject.

        Raises:
            SubjectNotFound: no such subject.
            RecordUnreadable: it cannot be read.
        """

    async def get_many(self, subject_ids: Sequence[str]) -> dict[str, Subject]:
        """Those of the subjects that exist, by id. Raises RecordUnreadable if one cannot be read."""

    def references(self, modality: Modality, partitions: Sequence[int], page_size: int) -> AsyncIterator[ReferencePage]:
        """The ACTIVE references of one modality of all subjects of these partitions, of all if none is named, in pages.

        A subject that is written meanwhile may come as before or after the write: read `position` first, and then the
        changes after it. One that cannot be read is left out, and named.
        """

    async def references_of(self, modality: Modality, names: Sequence[tuple[int, bytes]]) -> ReferencePage:
        """The ACTIVE references of one modality of those of the subjects that exist.

        Args:
            modality: whose references are read; no others are.
            names: partition and name in the feed of each subject.
        """

    async def subjects_named(self, names: Sequence[tuple[int, bytes]]) -> dict[bytes, SubjectSummary]:
        """Ids and galleries, by name, of those of the subjects that exist and can be read; no encounter is read.

        Args:
            names: partition and name in the feed of each subject.
        """

    async def partition_count(self) -> int:
        """Number of partitions, fixed when the store was made."""

    async def name_key(self) -> bytes:
        """The key of the names (gallery/store/keyed_names.py), with which a reader finds the subject of a name."""

    async def list(self, page_size: int, page_token: str = "", gallery: str = "") -> SubjectPage:
        """A page of subjects in order of id, of one gallery, or of all if it is "". One that cannot be read is named.

        Raises:
            FieldInvalid: the page token was not returned by a previous page of this list and gallery.
            GalleryNotFound: nobody was ever enrolled in this gallery, and it is not "default".
        """

    async def list_summaries(self, page_size: int, page_token: str = "", gallery: str = "") -> SummaryPage:
        """As `list`, of summaries: templates are not unpacked, so a subject with a damaged one is read."""

    async def count(self, gallery: str = "") -> int:
        """Number of subjects in one gallery, or in all if it is ""; takes constant time.

        Raises:
            GalleryNotFound: nobody was ever enrolled in this gallery, and it is not "default".
        """

    async def put_model(self, model_id: str, text: str, request_id: str, digest: str) -> Receipt:
        """Store a fusion model, replacing one with this id; idempotent under the request id.

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
            FieldInvalid: the page token was not returned by a previous page.
        """

    async def position(self, partitions: Sequence[int] = ()) -> ConsistencyToken:
        """The newest positions of the feeds of these partitions; of all, if none is named.

        Raises:
            FieldInvalid: the store has no such partition.
        """

    async def origin(self) -> ConsistencyToken:
        """The position before the first change, which every reader of this store has reached, and of no other store.

        A search with this token is answered only if the store confirms the history that the index has applied.
        """

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """Up to `limit` changes after positions, in order within each partition; waits up to `wait_s` for the first.

        Only the partitions that the token names are read; `START` stands for all from the beginning. Go on from the
        tokens of the changes, joined to `after` (tokens.py); after `START`, begin with what `position` returned, as
        the changes name no partition without any. A reader that waits learns within a second that its position is no
        longer in the feed; then a new epoch begins.

        Raises:
            FeedTruncated: the feed does not reach back to `after`; rebuild from `references`.
            FeedSetBack: `after` is in a history that was lost, e.g. as a backup was restored: discard what was read.
            FieldInvalid: the token was not made by this store.
        """

    def hurry(self) -> None:
        """Readers that wait for changes look again now, as a write is known to have been made."""

    async def check(self, *tokens: ConsistencyToken) -> None:
        """Return if each of these positions is in the store's history, or is older than the feed.

        Raises:
            StoreSetBack: one is not in the history, or of an older epoch: the store was set back to an earlier state.
            FieldInvalid: one was not made by this store.
        """

    def reached(self, applied: ConsistencyToken, wanted: ConsistencyToken) -> bool:
        """Whether a reader that has applied all changes up to `applied` has seen those up to `wanted`.

        Raises:
            FieldInvalid: `wanted` was not made by this store.
        """

    async def ping(self) -> None:
        """Return if the store answers."""

    async def close_idle(self) -> None:
        """Close idle connections, whose buffers may hold data of subjects that have since been erased."""

    async def close(self) -> None:
        """Release connections and files."""
