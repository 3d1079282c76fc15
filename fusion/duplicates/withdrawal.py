"""Takes back an encounter that was stored before a duplicate of it was seen."""

from __future__ import annotations

from uuid import uuid4

from gallery.store.port import SubjectStore
from gallery.store.values import Enrolment, Receipt
from gallery.subject import EncounterState

DIGEST = "duplicate-check"
"""Digest of these writes: their request ids are random, so none is repeated."""


async def hold(store: SubjectStore, enrolment: Enrolment) -> Receipt:
    """Make a stored encounter INACTIVE."""
    ids = enrolment.subject_id, enrolment.encounter.encounter_id
    return await store.set_encounter_state(*ids, EncounterState.INACTIVE, str(uuid4()), DIGEST)


async def withdraw(store: SubjectStore, enrolment: Enrolment) -> Receipt:
    """Erase a stored encounter."""
    ids = enrolment.subject_id, enrolment.encounter.encounter_id
    return await store.delete_encounter(*ids, str(uuid4()), DIGEST)
