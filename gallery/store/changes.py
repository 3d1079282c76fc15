"""Writes of a backend and what becomes of them, and entries of its feeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gallery.store.rows import EncounterRow, ReferenceRow, SubjectKey
from gallery.store.tokens import FeedPosition
from gallery.store.values import ChangeKind


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
class Expiry:
    """When an encounter expires.

    Args:
        encounter_id: of an encounter of the subject that is written.
        time: µs since 1970 UTC; None: never.
    """

    encounter_id: str
    time: int | None


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
        anew: all encounters and references that the subject has, and their times of expiry, are removed before; and all
            snapshots of the partition, as an erasure does, since they hold what is removed.
        changed: encounters that the subject has and keeps, with new records.
        activity: numbers of encounters whose references are searched from now on, or no longer.
        expiries: times of expiry that are set or removed.
        leaving: True: the subject is listed by `Backend.leaving` from now on; False: no longer, as after an erasure.
        unless: nothing is written if the partition has a receipt of this name; b"": whatever it has.
        key_slots: names of the keys (sealing/subject_keys.py) that must be destroyed after this write; the backend
            remembers them until `forget_key_slots`. An erasure also removes all snapshots of the partition, and
            remembers their keys likewise, as they hold the subject.
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
    anew: bool = False
    changed: Sequence[EncounterRow] = ()
    activity: Sequence[tuple[int, bool]] = ()
    expiries: Sequence[Expiry] = ()
    leaving: bool | None = None
    unless: bytes = b""
    key_slots: Sequence[bytes] = ()


class Outcome(StrEnum):
    """What became of a write.

    WRITTEN: it was carried out. DONE: its request was carried out before. BARRED: there is the receipt that it must not
    find (`Write.unless`). CHANGED: the head is another one.
    TAKEN: an encounter id is taken. REPLACED: the database now holds another store. Except for WRITTEN nothing was
    changed.
    """

    WRITTEN = "WRITTEN"
    DONE = "DONE"
    BARRED = "BARRED"
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
