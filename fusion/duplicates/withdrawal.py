"""Takes back an encounter that was stored before a duplicate of it was seen."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Protocol, runtime_checkable
from uuid import uuid4

from gallery.store.port import SubjectStore
from gallery.store.values import Enrolment, Receipt
from gallery.subject import EncounterState

log = logging.getLogger("biofusion.duplicates")

DIGEST = "duplicate-check"
"""Digest of these writes: their request ids are random, so none is repeated."""


@runtime_checkable
class EncounterLife(Protocol):
    """What a store must be able to do with one encounter."""

    async def set_encounter_state(
        self, subject_id: str, encounter_id: str, state: EncounterState, request_id: str, digest: str
    ) -> Receipt:
        """ACTIVE: the encounter's references are searched; INACTIVE: they are stored, and not searched."""

    async def delete_encounter(self, subject_id: str, encounter_id: str, request_id: str, digest: str) -> Receipt:
        """Delete an encounter; the last one erases the subject."""


async def hold(store: SubjectStore, enrolment: Enrolment) -> Receipt | None:
    """Make a stored encounter INACTIVE; None if the store cannot.

    A store without `set_encounter_state` erases a new subject and stores it again; it cannot hold an encounter that was
    added to an older subject.
    """
    subject_id, encounter = enrolment.subject_id, enrolment.encounter
    if isinstance(store, EncounterLife):
        inactive = EncounterState.INACTIVE
        return await store.set_encounter_state(subject_id, encounter.encounter_id, inactive, str(uuid4()), DIGEST)
    if await withdraw(store, enrolment) is None:
        return None
    held = replace(encounter, state=EncounterState.INACTIVE)
    return await store.enroll(replace(enrolment, request_id=str(uuid4()), digest=DIGEST, encounter=held))


async def withdraw(store: SubjectStore, enrolment: Enrolment) -> Receipt | None:
    """Erase a stored encounter; None if the store cannot: see `hold`."""
    subject_id, encounter_id = enrolment.subject_id, enrolment.encounter.encounter_id
    if isinstance(store, EncounterLife):
        return await store.delete_encounter(subject_id, encounter_id, str(uuid4()), DIGEST)
    if enrolment.create_subject:
        return await store.delete(subject_id, str(uuid4()), DIGEST)
    log.error("an encounter that was added to a subject cannot be taken back: it stays active")
    return None
