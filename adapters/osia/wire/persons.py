"""Operations on persons and their encounters, except their creation."""

from __future__ import annotations

from typing import Any, Protocol

from biofusion.fusion.v1 import encounters_pb2, galleries_pb2, subjects_pb2
from biofusion.type.v1 import modality_pb2

from adapters.osia.call import Call
from adapters.osia.faults import GONE, Refused, bad
from adapters.osia.reading.bodies import ACTIVE, encounter, galleries
from adapters.osia.wire import answers
from adapters.osia.wire.names import SUBTYPES, TYPES
from adapters.osia.wire.samples import Fetch, read
from adapters.wire.fusion import Fusion

UNKNOWN = "UNKNOWN"
"""The encounterType of an encounter that was not enrolled here."""


class EncounterTypes(Protocol):
    """Remembers the encounterType of encounters, which fusion has no place for."""

    def put(self, person: str, encounter: str, kind: str) -> None:
        """Remember it."""

    def get(self, person: str, encounter: str) -> str:
        """It; "" if it is not known."""

    def forget(self, person: str, encounters: list[str]) -> None:
        """Forget those of these encounters."""


class Persons:
    """Reads, updates, deletes, moves and merges. Methods raise Refused and CallFailed.

    Args:
        fusion: the service.
        types: of encounters.
        fetch: of bytes that are referred to.
        drops_data: whether contextual and biographic data are dropped; else they are refused.
    """

    def __init__(self, fusion: Fusion, types: EncounterTypes, fetch: Fetch, *, drops_data: bool) -> None:
        self._fusion, self._types, self._fetch = fusion, types, fetch
        self._encounter = encounter(drops_data=drops_data)

    async def subject(self, person: str) -> subjects_pb2.Subject:
        """All of a person."""
        request = subjects_pb2.GetSubjectRequest(subject_id=person)
        answer: subjects_pb2.GetSubjectResponse = await self._fusion.ask(
            self._fusion.stubs.subjects.GetSubject, request
        )
        return answer.subject

    async def read_all(self, call: Call) -> list[dict[str, Any]]:
        """ReadAllEncounters."""
        found = await self.subject(call.person)
        return [self._told(call.person, each, found) for each in found.encounters]

    async def read_one(self, call: Call) -> dict[str, Any]:
        """ReadEncounter."""
        found = await self.subject(call.person)
        return self._told(call.person, chosen(found, call.encounter), found)

    async def update(self, call: Call) -> dict[str, Any]:
        """updateEncounter: all of it is replaced, its galleries too."""
        body = self._encounter(call.body, "")
        if body.get("encounterId", call.encounter) != call.encounter:
            raise bad("encounterId: it is not that of the path.")
        found = await self.subject(call.person)
        chosen(found, call.encounter)
        check_galleries(found, body["galleries"], alone=True)
        samples, missing = await read(body["biometricData"], "biometricData", self._fetch)
        request = encounters_pb2.UpdateEncounterRequest(**self._of(call, "update"), samples=samples, missing=missing)
        done = await self._fusion.ask(self._fusion.stubs.encounters.UpdateEncounter, request)
        await self._set_galleries(call, found, body["galleries"])
        await self.set_state(call, body["status"])
        self._types.put(call.person, call.encounter, body["encounterType"])
        return {"personId": call.person, "encounterId": call.encounter, "others": {"qualities": qualities(done)}}

    async def update_status(self, call: Call) -> None:
        """UpdateEncounterStatus."""
        await self.set_state(call, call.query["status"])

    async def update_galleries(self, call: Call) -> None:
        """updateEncounterGalleries: those of the person, if it has no other encounter."""
        wanted = galleries(call.body, "")
        found = await self.subject(call.person)
        chosen(found, call.encounter)
        check_galleries(found, wanted, alone=True)
        await self._set_galleries(call, found, wanted)

    async def delete_one(self, call: Call) -> None:
        """deleteEncounter; the last one with its person."""
        request = encounters_pb2.DeleteEncounterRequest(**self._of(call))
        await self._fusion.ask(self._fusion.stubs.encounters.DeleteEncounter, request)
        self._types.forget(call.person, [call.encounter])

    async def delete_all(self, call: Call) -> None:
        """DeleteAll."""
        found = await self.subject(call.person)
        request = subjects_pb2.DeleteSubjectRequest(request_id=call.request_id(), subject_id=call.person)
        await self._fusion.ask(self._fusion.stubs.subjects.DeleteSubject, request)
        self._types.forget(call.person, [each.encounter_id for each in found.encounters])

    async def merge(self, call: Call) -> None:
        """MergeEncounter."""
        target, source = call.path["personIdTarget"], call.path["personIdSource"]
        request = subjects_pb2.MergeSubjectsRequest(
            request_id=call.request_id(), target_subject_id=target, source_subject_id=source
        )
        await self._fusion.ask(self._fusion.stubs.subjects.MergeSubjects, request)
        moved = await self.subject(target)
        self._moved(source, target, [each.encounter_id for each in moved.encounters])

    async def move(self, call: Call) -> None:
        """MoveEncounter."""
        target, source = call.path["personIdTarget"], call.path["personIdSource"]
        request = encounters_pb2.MoveEncounterRequest(
            request_id=call.request_id(),
            source_subject_id=source,
            encounter_id=call.encounter,
            target_subject_id=target,
        )
        await self._fusion.ask(self._fusion.stubs.encounters.MoveEncounter, request)
        self._moved(source, target, [call.encounter])

    async def set_state(self, call: Call, status: str, encounter_id: str = "") -> None:
        """Let an encounter be searched, or not."""
        stubs, is_active = self._fusion.stubs.encounters, status == ACTIVE
        kind = encounters_pb2.ActivateEncounterRequest if is_active else encounters_pb2.DeactivateEncounterRequest
        fields = self._of(call, f"state {status}", encounter_id)
        await self._fusion.ask(stubs.ActivateEncounter if is_active else stubs.DeactivateEncounter, kind(**fields))

    async def _set_galleries(self, call: Call, found: subjects_pb2.Subject, wanted: list[str]) -> None:
        stubs, had = self._fusion.stubs.galleries, set(found.galleries)
        if joined := sorted(set(wanted) - had):
            request_id = call.request_id("join")
            join = galleries_pb2.JoinGalleriesRequest(request_id=request_id, subject_id=call.person, galleries=joined)
            await self._fusion.ask(stubs.JoinGalleries, join)
        if left := sorted(had - set(wanted)):
            request_id = call.request_id("leave")
            leave = galleries_pb2.LeaveGalleriesRequest(request_id=request_id, subject_id=call.person, galleries=left)
            await self._fusion.ask(stubs.LeaveGalleries, leave)

    def _of(self, call: Call, step: str = "", encounter_id: str = "") -> dict[str, str]:
        named = encounter_id or call.encounter
        return {"request_id": call.request_id(step), "subject_id": call.person, "encounter_id": named}

    def _told(self, person: str, each: subjects_pb2.Encounter, found: subjects_pb2.Subject) -> dict[str, Any]:
        kind = self._types.get(person, each.encounter_id) or UNKNOWN
        return answers.encounter(each, found.galleries, kind)

    def _moved(self, source: str, target: str, encounters: list[str]) -> None:
        for each in encounters:
            if kind := self._types.get(source, each):
                self._types.put(target, each, kind)
        self._types.forget(source, encounters)


def chosen(found: subjects_pb2.Subject, encounter_id: str) -> subjects_pb2.Encounter:
    """An encounter of a person. Raises Refused: there is none of this id."""
    for each in found.encounters:
        if each.encounter_id == encounter_id:
            return each
    raise Refused(GONE, "The person has no such encounter.")


def check_galleries(found: subjects_pb2.Subject, wanted: list[str], *, alone: bool) -> None:
    """Refuse galleries that would change those of the person's other encounters. Raises Refused.

    Args:
        found: the person.
        wanted: galleries of the encounter.
        alone: whether the encounter is there already, so that it may be the only one.
    """
    if set(wanted) != set(found.galleries) and not (alone and len(found.encounters) == 1):
        raise bad(
            "galleries: all encounters of a person are in the same galleries here, and this person has others that "
            f"are in {', '.join(sorted(found.galleries))}."
        )


def qualities(done: Any) -> list[dict[str, Any]]:
    """The quality, 0–100, of each sample that was enrolled."""
    return [
        {
            "biometricType": TYPES[each.modality],
            "biometricSubType": SUBTYPES.get(each.position, "UNKNOWN"),
            "quality": round(each.quality.value),
        }
        for each in done.reports
        if each.modality != modality_pb2.MODALITY_UNSPECIFIED
    ]
