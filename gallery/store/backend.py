"""The port to a database that keeps a store's bytes. The packages `sqlite` and `redis` implement it.

A backend knows partitions, names, numbers and bytes, and no templates: what the bytes mean, and the rules of writing, are
in `subject_store.py`. Every write touches one partition, and is carried out completely or not at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from biometrics.template import Modality
from gallery.partitions import partition_of
from gallery.store.keyed_names import subject_name
from gallery.store.tokens import FeedPosition
from gallery.store.values import ChangeKind


@dataclass(frozen=True, slots=True)
class StoreIdentity:
    """What a store was made with.

    Args:
        adapter: kind of backend, as in tokens: "sqlite" or "redis".
        store_id: 8 hexadecimal digits, random.
        partition_count: a power of two.
        name_key: key of the names (keyed_names.py).
    """

    adapter: str
    store_id: str
    partition_count: int
    name_key: bytes = field(repr=False)

    def key(self, subject_id: str) -> SubjectKey:
        """Partition and name of a subject."""
        return SubjectKey(partition_of(subject_id, self.partition_count), subject_name(self.name_key, subject_id))


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """Where a subject is stored.

    Args:
        partition: of the subject.
        name: 16 bytes, the subject's name in the feed.
    """

    partition: int
    name: bytes


@dataclass(frozen=True, slots=True)
class EncounterRow:
    """One encounter of a subject, without its references.

    Args:
        encounter_id: unique within the subject.
        number: 0 to 65,535; rises with each encounter added, and is not used again while the subject exists.
        record: its other fields (records/encounters.py).
    """

    encounter_id: str
    number: int
    record: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """The references of one modality of one encounter.

    Args:
        number: of the encounter.
        modality: of all of them.
        active: whether they are searched.
        sealed: the sealed set (gallery/sealing/sealed_set.py).
    """

    number: int
    modality: Modality
    active: bool
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SubjectRows:
    """All that was asked for of one subject, as it was at one moment.

    Args:
        key: where it is stored.
        subject_id: its id.
        head: its other fields (records/heads.py).
        encounters: by rising number; empty if they were not asked for.
        references: by rising number; of the modalities that were asked for.
    """

    key: SubjectKey
    subject_id: str
    head: bytes = field(repr=False)
    encounters: Sequence[EncounterRow] = ()
    references: Sequence[ReferenceRow] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """Hashes of a write's request (keyed_names.py).

    Args:
        name: 16 bytes, by which its receipt is found in the partition.
        content: 16 bytes, the hash of its content.
    """

    name: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class Write:
    """A change of one subject.

    Args:
        key: where the subject is stored.
        subject_id: its id.
        request: its receipt is stored with the change, and makes it happen once.
        expected: the head that the subject must have now; b"" if it must not exist.
        head: the new head; b"" erases the subject with all its rows.
        kind: of the change in the feed.
        joined: galleries that the subject comes into.
        left: galleries that it leaves; for an erasure all that it is in.
        encounters: encounters added; none of these ids may be taken.
        references: references added.
        key_slots: names of the keys (sealing/subject_keys.py) that must be destroyed after this write; the backend
            remembers them until `forget_key_slots`. An erasure also removes all snapshots of the partition, and remembers
            their keys likewise, as they hold the subject.
    """

    key: SubjectKey
    subject_id: str
    request: Request
    expected: bytes = field(repr=False)
    head: bytes = field(repr=False)
    kind: ChangeKind
    joined: Sequence[str] = ()
    left: Sequence[str] = ()
    encounters: Sequence[EncounterRow] = ()
    references: Sequence[ReferenceRow] = field(default=(), repr=False)
    key_slots: Sequence[bytes] = ()


class Outcome(StrEnum):
    """What became of a write.

    WRITTEN: it was carried out. DONE: its request was carried out before. CHANGED: the head is another one.
    TAKEN: an encounter id is taken. REPLACED: the database now holds another store. Except for WRITTEN nothing was changed.
    """

    WRITTEN = "WRITTEN"
    DONE = "DONE"
    CHANGED = "CHANGED"
    TAKEN = "TAKEN"
    REPLACED = "REPLACED"


@dataclass(frozen=True, slots=True)
class Written:
    """Answer to a write.

    Args:
        outcome: what became of it.
        position: the feed position that contains the write, if it was carried out now or before; else None.
        content: content hash in the receipt, if its request was carried out before; else b"".
        head: the present head, if it is not the expected one; else b"".
    """

    outcome: Outcome
    position: FeedPosition | None = None
    content: bytes = b""
    head: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """What a partition knows before a write, at one moment.

    Args:
        head: the subject's head; b"" if it does not exist.
        position: feed position of the request's write, if it was carried out before; else None.
        content: content hash in its receipt; else b"".
    """

    head: bytes = field(repr=False)
    position: FeedPosition | None = None
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a partition's feed."""

    position: FeedPosition
    kind: ChangeKind
    name: bytes


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """A snapshot of one partition's references of one modality (gallery/snapshots).

    Args:
        partition: of its subjects.
        modality: of its references.
        name: of its file.
        key_slot: name of its key (sealing/subject_keys.py).
        position: feed position before the snapshot was begun: the changes after it are not in it, or not all.
        details: its other fields, packed.
    """

    partition: int
    modality: Modality
    name: str
    key_slot: bytes
    position: FeedPosition
    details: bytes = b""


class Held(StrEnum):
    """What a feed says of a position: HELD, it is in the history; OLDER, the feed does not reach back so far; LOST."""

    HELD = "HELD"
    OLDER = "OLDER"
    LOST = "LOST"


@dataclass(frozen=True, slots=True)
class FeedPart:
    """Part of a partition's feed, at one moment.

    Args:
        held: what the feed says of the position that was asked for.
        entries: those after it, in order; none unless it is HELD.
    """

    held: Held
    entries: Sequence[Entry] = ()


class Backend(Protocol):
    """The bytes of one store.

    Every method raises StoreUnavailable if the database does not answer, and ConfigurationInvalid if this program cannot
    use it: another version, a configuration that may lose writes, another number of partitions than was asked for.
    """

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

    async def key_slots(self) -> Sequence[tuple[int, bytes]]:
        """Partition and name of the keys that must be destroyed (`Write.key_slots`), oldest first."""

    async def forget_key_slots(self, partition: int, slots: Sequence[bytes]) -> None:
        """These keys are destroyed."""

    async def put_snapshot(self, snapshot: SnapshotRow) -> bool:
        """Register a snapshot, unless a subject of its partition was erased after its position; returns whether it was.

        Also not registered if its position is not in the feed any more, or of an older epoch.
        """

    async def snapshots(self, modality: Modality, partitions: Sequence[int]) -> Sequence[SnapshotRow]:
        """The registered snapshots of these partitions, newest first within each."""

    async def drop_snapshot(self, snapshot: SnapshotRow) -> None:
        """Remove a snapshot from the register; its key must be destroyed (`key_slots`)."""

    async def put_model(self, model_id: str, text: str, request: Request) -> Written:
        """Store a text under an id, or remove it if the text is "". The outcome is WRITTEN or DONE, or CHANGED if there
        was nothing to remove. Models and their receipts are in partition 0; its position is not advanced.
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
