"""The life cycle of encounters and subjects in the in-memory store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from biometrics.errors import (
    EncounterChanged,
    EncounterExists,
    EncounterNotFound,
    FieldInvalid,
    PreconditionFailed,
    SubjectExists,
    SubjectNotFound,
)
from gallery.store.life.values import Expiring, Move
from gallery.store.limits import require_room
from gallery.store.values import ChangeKind, Receipt
from gallery.subject import Encounter, EncounterState, Subject
from tests.support.fakes.memory_galleries import MemoryGalleries, head_of


@dataclass
class MemoryLife(MemoryGalleries):
    """LifeCycle in dicts."""

    async def replace_encounter(
        self,
        subject_id: str,
        encounter: Encounter,
        request_id: str,
        digest: str,
        *,
        expected: Encounter | None = None,
    ) -> Receipt:
        """See LifeCycle."""

        def change(subject: Subject) -> Subject:
            old = _encounter(subject, encounter.encounter_id)
            if expected and (old.references, old.missing) != (expected.references, expected.missing):
                raise EncounterChanged("It was changed.")
            time = encounter.update_time or encounter.create_time
            new = replace(old, references=encounter.references, missing=encounter.missing, update_time=time)
            return _with(subject, old, new)

        return await self._changed(subject_id, encounter.encounter_id, request_id, digest, change, ChangeKind.CUT)

    async def set_encounter_state(
        self, subject_id: str, encounter_id: str, state: EncounterState, request_id: str, digest: str
    ) -> Receipt:
        """See LifeCycle."""

        def change(subject: Subject) -> Subject:
            old = _encounter(subject, encounter_id)
            return _with(subject, old, replace(old, state=state))

        return await self._changed(subject_id, encounter_id, request_id, digest, change)

    async def set_retention(
        self, subject_id: str, encounter_id: str, expire_time: datetime | None, request_id: str, digest: str
    ) -> Receipt:
        """See LifeCycle."""

        def change(subject: Subject) -> Subject:
            old = _encounter(subject, encounter_id)
            return _with(subject, old, replace(old, expire_time=expire_time))

        return await self._changed(subject_id, encounter_id, request_id, digest, change)

    async def expired(self, before: datetime, limit: int, after: Expiring | None = None) -> Sequence[Expiring]:
        """See LifeCycle."""
        await self.ping()
        found = [
            Expiring(each.expire_time, subject.subject_id, each.encounter_id)
            for subject in self.subjects.values()
            for each in subject.encounters
            if each.expire_time is not None and each.expire_time < before
        ]
        return sorted(each for each in found if after is None or each > after)[:limit]

    async def delete_encounter(
        self,
        subject_id: str,
        encounter_id: str,
        request_id: str,
        digest: str,
        *,
        expired_before: datetime | None = None,
    ) -> Receipt:
        """See LifeCycle."""

        def change(subject: Subject) -> Subject:
            old = _encounter(subject, encounter_id)
            if expired_before and not (old.expire_time and old.expire_time < expired_before):
                raise PreconditionFailed("It does not expire.", reason="NOT_EXPIRED")
            return _with(subject, old, None)

        return await self._changed(subject_id, encounter_id, request_id, digest, change, ChangeKind.CUT)

    async def move_encounters(self, move: Move) -> Receipt:
        """See LifeCycle. The feed has a change of the source when the move begins, and when it ends."""
        await self.ping()
        move = replace(move, galleries=await self.resolved(move.galleries))
        if move.source_id == move.target_id:
            raise FieldInvalid("target_id", "The same.")
        if done := self._done(move.request_id, move.digest, move.source_id):
            return replace(done, subject_id=move.target_id)
        source = self.subjects.get(move.source_id)
        if source is None:
            raise SubjectNotFound(move.source_id)
        ids = move.encounter_ids or [each.encounter_id for each in source.encounters]
        moved = [_encounter(source, each) for each in dict.fromkeys(ids)]
        left = Subject(source.subject_id, source.galleries, tuple(e for e in source.encounters if e not in moved))
        takes_galleries = move.create_target or not left.encounters
        moved = [each for each in source.encounters if each in moved]
        target = self._target(move, moved, move.galleries or (source.galleries if takes_galleries else ()))
        await self._append(move.source_id, ChangeKind.PUT)
        self.subjects[move.target_id] = target
        self.ever |= set(target.galleries)
        await self._append(move.target_id, ChangeKind.PUT)
        receipt = await self._stored(left, move.request_id, move.digest, "")
        return replace(receipt, subject_id=move.target_id)

    def _target(self, move: Move, moved: Sequence[Encounter], galleries: tuple[str, ...]) -> Subject:
        current = self.subjects.get(move.target_id)
        if current is None and not move.create_target:
            raise SubjectNotFound(move.target_id)
        if current is not None and move.create_target:
            raise SubjectExists(move.target_id)
        new = current or Subject(move.target_id, (), ())
        for each in moved:
            new = new.with_encounter(each, galleries)
        require_room(head_of(new), head_of(current) if current else None)
        if len({each.encounter_id for each in new.encounters}) < len(new.encounters):
            raise EncounterExists(move.target_id)
        return new


def _encounter(subject: Subject, encounter_id: str) -> Encounter:
    for each in subject.encounters:
        if each.encounter_id == encounter_id:
            return each
    raise EncounterNotFound(encounter_id)


def _with(subject: Subject, old: Encounter, new: Encounter | None) -> Subject:
    """The subject with an encounter replaced, or removed."""
    found = [new if each is old else each for each in subject.encounters]
    return replace(subject, encounters=tuple(each for each in found if each is not None))
