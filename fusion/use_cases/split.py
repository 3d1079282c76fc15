"""Use case "split": some encounters of a subject, which are of another person, go to a new subject."""

from __future__ import annotations

from biometrics.errors import FieldInvalid
from gallery.store.life.values import Move
from gallery.store.port import SubjectStore
from gallery.store.values import Receipt


async def split(move: Move, store: SubjectStore) -> Receipt:
    """Move the encounters. Idempotent under the request id.

    Raises:
        FieldInvalid: these are all encounters of the subject, so that none would be left.
        SubjectNotFound, SubjectExists, EncounterNotFound, SubjectFull: see SubjectStore.move_encounters.
    """
    before = await store.before(move.request_id, move.digest, move.source_id)
    if before.done is None and before.subject_exists:
        subject = await store.get(move.source_id)
        if {each.encounter_id for each in subject.encounters} <= set(move.encounter_ids):
            raise FieldInvalid("encounter_ids", "these are all of the subject's; leave at least one, or merge instead.")
    return await store.move_encounters(move)
