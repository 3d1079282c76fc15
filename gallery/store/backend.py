"""The port to a database that keeps a store's bytes. The packages `sqlite` and `redis` implement it.

A backend knows partitions, names, numbers and bytes, and no templates: what the bytes mean, and the rules of writing,
are in `subject_store.py`. Every write touches one partition, and is carried out completely or not at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from biometrics.template import Modality
from gallery.store.changes import Entry, Expiry, FeedPart, Held, Known, Outcome, Request, Write, Written
from gallery.store.documents.port import Documents
from gallery.store.rows import (
    EncounterRow,
    ExpiryRow,
    ReferenceRow,
    SnapshotRow,
    StoreIdentity,
    SubjectKey,
    SubjectRows,
)
from gallery.store.tokens import FeedPosition

__all__ = [
    "Backend",
    "EncounterRow",
    "Entry",
    "Expiry",
    "ExpiryRow",
    "FeedPart",
    "Held",
    "Known",
    "Outcome",
    "ReferenceRow",
    "Request",
    "SnapshotRow",
    "StoreIdentity",
    "SubjectKey",
    "SubjectRows",
    "Write",
    "Written",
]


class Backend(Protocol):
    """The bytes of one store.

    Every method raises StoreUnavailable if the database does not answer, and ConfigurationInvalid if this program
    cannot use it: another version, a configuration that may lose writes, another number of partitions than was asked
    for.
    """

    @property
    def documents(self) -> Documents:
        """The documents of this store."""

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why acknowledged writes may be lost, if such a database was accepted; known after the first call."""

    async def identity(self) -> StoreIdentity:
        """The store's identity; a new store is made if there is none. Cached until the database is another one."""

    async def write(self, write: Write) -> Written:
        """Carry out a write; when this returns it is on the disk, as far as `doubts` is empty."""

    async def known(self, key: SubjectKey, request: Request) -> Known:
        """What the partition knows of a subject and a request; many concurrent callers share a read."""

    async def read(
        self, keys: Sequence[SubjectKey], modalities: Sequence[Modality], *, encounters: bool
    ) -> list[SubjectRows | None]:
        """Those of the subjects that exist, in order, each as it was at one moment; None for the others.

        Args:
            keys: which subjects; several may be equal.
            modalities: whose references are read; none, if empty.
            encounters: whether their encounters are read.
        """

    async def ids(self, after: str, limit: int, gallery: str) -> list[str]:
        """Up to `limit` ids of subjects after one, in order of id, over all partitions; of one gallery, or all if "".

        Raises:
            GalleryNotFound: nobody was ever enrolled in this gallery, and it is not "default".
        """

    def scan(
        self, modality: Modality, partitions: Sequence[int], page_size: int
    ) -> AsyncIterator[Sequence[SubjectRows]]:
        """All subjects of these partitions with their references of one modality, a page of subjects at a time.

        A page holds subjects of one partition or of several, and no encounters. A subject that is written meanwhile may
        come as before or after, or not at all if it is new: the feed says so.
        """

    async def counts(self, gallery: str) -> Mapping[int, int]:
        """Number of subjects by partition, in one gallery, or all if ""; takes constant time.

        Raises:
            GalleryNotFound: nobody was ever enrolled in this gallery, and it is not "default".
        """

    async def galleries(self) -> list[str]:
        """All galleries that anybody was ever enrolled in, and "default", in order."""

    async def newest(self, partitions: Sequence[int]) -> list[FeedPosition]:
        """The newest position of each of these partitions' feeds; cheap, as it is asked some 20 times a second."""

    async def entries(self, after: FeedPosition, limit: int) -> FeedPart:
        """Whether the feed of the position's partition holds it, and up to `limit` entries after it, at one moment."""

    async def held(self, positions: Sequence[FeedPosition]) -> list[Held]:
        """What the feeds say of these positions. One of an older epoch is LOST; number (0, 0) is HELD in its epoch.

        (0, 0) is OLDER if entries were dropped from the beginning of the feed.
        """

    async def renew_epochs(self, seen: Sequence[FeedPosition]) -> None:
        """Begin a new epoch in each of these partitions whose epoch is still that of the position."""

    async def key_slots(self, partitions: Sequence[int] = ()) -> Sequence[tuple[int, bytes]]:
        """Partition and name of the keys that must be destroyed (`Write.key_slots`), oldest first.

        Args:
            partitions: which are asked; all, if empty.
        """

    async def forget_key_slots(self, partition: int, slots: Sequence[bytes]) -> None:
        """These keys are destroyed."""

    async def put_snapshot(self, snapshot: SnapshotRow) -> bool:
        """Register a snapshot, unless a subject of its partition was erased after its position; returns whether it was.

        It is registered before its file is written, so that an erasure during the writing destroys its key. Not
        registered if its position is not in the feed any more, or of an older epoch.
        """

    async def snapshots(self, modality: Modality, partitions: Sequence[int]) -> Sequence[SnapshotRow]:
        """The registered snapshots of these partitions, newest first within each."""

    async def drop_snapshot(self, snapshot: SnapshotRow) -> None:
        """Remove a snapshot from the register, if it is there; its key must be destroyed (`key_slots`)."""

    async def expiring(self, before: int, after: ExpiryRow | None, limit: int) -> list[ExpiryRow]:
        """Up to `limit` encounters that expire before a time (µs since 1970), in order, after a row of this order.

        Takes a time that does not depend on how many others are stored. A time of 2255 or later may be 32 µs off.
        """

    async def leaving(self, partitions: Sequence[int] = ()) -> list[str]:
        """Ids of the subjects whose encounters are being moved (`Write.leaving`), of these partitions or of all."""

    async def put_alias(self, alias: str, gallery: str, request: Request) -> Written:
        """Let a name stand for a gallery, or for none any more if the gallery is ""; as `put_model`."""

    async def aliases(self) -> Mapping[str, str]:
        """All names that stand for galleries, and which."""

    async def put_model(self, model_id: str, text: str, request: Request) -> Written:
        """Store a text under an id, or remove it if the text is "".

        The outcome is WRITTEN or DONE, or CHANGED if there was nothing to remove. Models and their receipts are in
        partition 0; its position is not advanced.
        """

    async def model(self, model_id: str) -> str | None:
        """The text under this id, or None."""

    async def model_ids(self, after: str, limit: int) -> list[str]:
        """Up to `limit` ids of models after one, in order."""

    async def ping(self) -> None:
        """Return if the database answers."""

    async def close_idle(self) -> None:
        """Close idle connections, whose buffers may hold data of subjects that have since been erased."""

    async def close(self) -> None:
        """Release connections and files."""
