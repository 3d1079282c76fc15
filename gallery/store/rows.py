"""Rows of subjects, as a backend stores and returns them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from biometrics.template import Modality
from gallery.partitions import partition_of
from gallery.store.keyed_names import subject_name
from gallery.store.tokens import FeedPosition


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


class SubjectKey(NamedTuple):
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


@dataclass(slots=True)  # not frozen: a page has thousands, and each would take four times as long to make
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


@dataclass(slots=True)  # not frozen: a page has thousands, and each would take four times as long to make
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


class ExpiryRow(NamedTuple):
    """An encounter that expires. Rows are ordered as tuples.

    Args:
        time: µs since 1970 UTC.
        subject_id: its subject.
        encounter_id: its id.
    """

    time: int
    subject_id: str
    encounter_id: str


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
