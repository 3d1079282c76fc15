"""The head of a subject ↔ bytes: all that a write must know of it, so that an added encounter rewrites nothing else.

A msgpack array `[VERSION, subject_id, galleries, next number, encounters, references, key]`; key is 10 bytes, where the
subject's key is (gallery/sealing/key_table.py).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import Self

import msgpack  # type: ignore[import-untyped]  # no type hints of its own

from biometrics.errors import BiofusionError, RecordUnreadable
from gallery.sealing.key_table import KEY_REF, KeyRef
from gallery.subject import check_id

VERSION = 2
"""Version 1 was a whole subject (gallery/operations/record.py)."""

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
    """

    subject_id: str
    galleries: tuple[str, ...]
    next_number: int
    encounter_count: int
    reference_count: int
    key_ref: KeyRef

    @property
    def packed(self) -> bytes:
        """The head's bytes."""
        packed: bytes = msgpack.packb(
            [
                VERSION,
                self.subject_id,
                list(self.galleries),
                self.next_number,
                self.encounter_count,
                self.reference_count,
                self.key_ref.packed,
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
            if version != VERSION:
                raise newer(version, VERSION)
            subject_id, galleries, next_number, encounters, references, key = fields
            ref = KeyRef.unpack(key)
            return cls(check_id(subject_id, "id"), tuple(galleries), next_number, encounters, references, ref)
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
        version, _, galleries, _, _, _, key = msgpack.unpackb(packed)
        page, slot, _ = KEY_REF.unpack(key)
        "".join(galleries)  # raises TypeError unless all are texts
        if version == VERSION:
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
