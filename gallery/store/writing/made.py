"""Writes of a backend, made of what is to be stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gallery.sealing import sealed_set
from gallery.sealing.key_table import KeyRef
from gallery.sealing.sealed_set import Place
from gallery.store.backend import Backend
from gallery.store.changes import Expiry, Outcome, Request, Write
from gallery.store.records import encounters
from gallery.store.records.heads import Head
from gallery.store.rows import ReferenceRow, SubjectKey, SubjectRows
from gallery.store.rules import subject_not_found
from gallery.store.values import ChangeKind
from gallery.store.writing.requests import any_request
from gallery.subject import Encounter, EncounterState


def sealed(encounter: Encounter, key: SubjectKey, number: int, ref: KeyRef, secret: bytes) -> list[ReferenceRow]:
    """The rows of an encounter's references.

    Args:
        encounter: the encounter.
        key: where its subject is stored.
        number: of the encounter.
        ref: where the subject's key is.
        secret: the key.
    """
    active = encounter.state is EncounterState.ACTIVE
    rows = []
    for modality in dict.fromkeys(each.modality for each in encounter.references):
        own = [each for each in encounter.references if each.modality is modality]
        place = Place(key.partition, key.name, number, modality)
        rows.append(ReferenceRow(number, modality, active, sealed_set.seal(own, place, ref, secret)))
    return rows


def expiries(added: Sequence[Encounter]) -> tuple[Expiry, ...]:
    """The times of expiry of encounters that are added."""
    return tuple(Expiry(e.encounter_id, encounters.micros(e.expire_time)) for e in added if e.expire_time is not None)


def erasure(request: Request, subject_id: str, key: SubjectKey, head: bytes) -> Write:
    """The write that erases a subject.

    Raises:
        SubjectNotFound: the head is b"".
    """
    if not head:
        raise subject_not_found(subject_id)
    current = Head.unpack(head)
    return Write(
        key=key,
        subject_id=subject_id,
        request=request,
        expected=head,
        head=b"",
        kind=ChangeKind.DELETE,
        left=current.galleries,
        key_slots=(current.key_ref.packed,),
    )


def head_with(old: Head, kept: Sequence[Encounter], ref: KeyRef) -> Head:
    """The head of a subject that has these encounters only, and its key in this place."""
    return replace(
        old,
        next_number=len(kept),
        encounter_count=len(kept),
        reference_count=sum(len(each.references) for each in kept),
        key_ref=ref,
        leaving=None,
    )


def rewriting(request: Request, rows: SubjectRows, kept: Sequence[Encounter], ref: KeyRef, secret: bytes) -> Write:
    """The write that leaves a subject these encounters only, under a new key; the old one must be destroyed.

    Args:
        request: of the write.
        rows: what the subject has.
        kept: its encounters after the write, at least one, oldest first.
        ref: where the new key is.
        secret: the new key.
    """
    old = Head.unpack(rows.head)
    return Write(
        key=rows.key,
        subject_id=rows.subject_id,
        request=request,
        expected=rows.head,
        head=head_with(old, kept, ref).packed,
        kind=ChangeKind.CUT,
        encounters=tuple(encounters.pack(each, number) for number, each in enumerate(kept)),
        references=[row for number, each in enumerate(kept) for row in sealed(each, rows.key, number, ref, secret)],
        key_slots=(old.key_ref.packed,),
        anew=True,
        expiries=expiries(kept),
        leaving=None if old.leaving is None else False,
    )


async def drop_remains(backend: Backend, subject_id: str, key: SubjectKey, head: bytes) -> bool:
    """Remove the rows of an erased subject, which a restored backup has brought back and nobody can see.

    Returns False if they are other ones by now.
    """
    written = await backend.write(erasure(any_request(), subject_id, key, head))
    return written.outcome is Outcome.WRITTEN
