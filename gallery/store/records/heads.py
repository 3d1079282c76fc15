"""The head of a subject ↔ bytes: all that a write must know of it, so that an added encounter rewrites nothing else.

A msgpack array `[VERSION, subject_id, galleries, next number, encounters, references, key]`; key is 10 bytes, where the
subject's key is (gallery/sealing/key_table.py). While encounters of the subject are being moved away, the version is 3
and the array ends with the move (moves.py).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import Self

import msgpack  # type: ignore[import-untyped]  # no type hints of its own

from biometrics.errors import BiofusionError, RecordUnreadable
from gallery.sealing.key_table import KEY_REF, KeyRef
from gallery.store.records.leaving import Leaving
from gallery.subject import check_id

VERSION = 2
"""Version 1 was a whole subject (gallery/operations/record.py)."""
MOVING_VERSION = 3
"""The version of a head with a move, so that a program that knows no moves does not write to the subject."""

DAMAGED = (ValueError, TypeError, OverflowError, struct.error, msgpack.exceptions.UnpackException, BiofusionError)


@dataclass(frozen=True, slots=True)
class Head:
    """Head of a subject.

    Args:
        subject_id: its id.
        galleries: the galleries that it is in, sorted.
        next_number: number of the encounter that is added next.
        encounter_count: how many encounters it has.
        reference_count: how many references it has, over all encounters.
        key_ref: where its key is.
        leaving: encounters that are being moved to another subject; None: none are.
    """

    subject_id: str
    galleries: tuple[str, ...]
    next_number: int
    encounter_count: int
    reference_count: int
    key_ref: KeyRef
    leaving: Leaving | None = None

    @property
    def packed(self) -> bytes:
        """The head's bytes."""
        packed: bytes = msgpack.packb(
            [
                VERSION if self.leaving is None else MOVING_VERSION,
                self.subject_id,
                list(self.galleries),
                self.next_number,
                self.encounter_count,
                self.reference_count,
                self.key_ref.packed,
                *([] if self.leaving is None else [self.leaving.fields]),
            ]
        )
        return packed

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """Read a head.

        Raises:
            RecordUnreadable: it is damaged, or of a newer version.
        """
        try:
            version, *fields = msgpack.unpackb(packed)
            if version != VERSION and (version, len(fields)) != (MOVING_VERSION, 7):
                raise newer(version, VERSION)
            subject_id, galleries, next_number, encounters, references, key, *move = fields
            counts = (next_number, encounters, references)
            if version == VERSION and move:
                raise damaged()
            leaving = Leaving.read(*move) if move else None
            return cls(check_id(subject_id, "id"), tuple(galleries), *counts, KeyRef.unpack(key), leaving)
        except RecordUnreadable:
            raise
        except DAMAGED as error:
            raise damaged() from error

    def with_encounter(self, galleries: tuple[str, ...], references: int) -> Self:
        """The head with one more encounter, added to these galleries."""
        return replace(
            self,
            galleries=tuple(sorted({*self.galleries, *galleries})),
            next_number=self.next_number + 1,
            encounter_count=self.encounter_count + 1,
            reference_count=self.reference_count + references,
        )


def searched_fields(packed: bytes) -> tuple[tuple[str, ...], tuple[int, int]]:
    """Galleries, and page and slot of the key: all that a search needs of a head, without an object for it.

    Raises:
        RecordUnreadable: it is damaged, or of a newer version.
    """
    try:
        version, _, galleries, _, _, _, key, *move = msgpack.unpackb(packed)
        page, slot, _ = KEY_REF.unpack(key)
        "".join(galleries)  # raises TypeError unless all are texts
        if (version, len(move)) in ((VERSION, 0), (MOVING_VERSION, 1)):
            return tuple(galleries), (page, slot)
    except DAMAGED as error:
        raise damaged() from error
    raise newer(version, VERSION)


def newer(version: object, known: int) -> RecordUnreadable:
    """The error for a record of a version that this program does not read."""
    return RecordUnreadable(
        f"A subject's record has version {version}, and this program reads {known}. Use the program that wrote it."
    )


def damaged() -> RecordUnreadable:
    """The error for a record that is damaged."""
    return RecordUnreadable("A subject's record is damaged. Restore the store from a backup.")


def key_missing() -> RecordUnreadable:
    """The error for a subject whose key is not in the key table."""
    return RecordUnreadable(
        "The key table does not have the key of this subject. Restore the key table that belongs to the store."
    )
