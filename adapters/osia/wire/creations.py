"""Operations that create encounters."""

from __future__ import annotations

from typing import Any

from biofusion.fusion.v1 import encounters_pb2, subjects_pb2

from adapters.osia.call import Call
from adapters.osia.faults import CONFLICT, Refused, bad
from adapters.osia.reading.bodies import INACTIVE, encounter
from adapters.osia.wire.persons import EncounterTypes, Persons, check_galleries, qualities
from adapters.osia.wire.samples import Fetch, Read, read
from adapters.wire.fusion import Fusion
from infra.calling.calls import CallFailed


class Creations:
    """Enrols. Methods raise Refused and CallFailed.

    The ids that are made here follow from the call's seed: a repetition of the call answers the first result.

    Args:
        fusion: the service.
        persons: reads persons.
        types: of encounters.
        fetch: of bytes that are referred to.
        drops_data: whether contextual and biographic data are dropped; else they are refused.
    """

    def __init__(
        self, fusion: Fusion, persons: Persons, types: EncounterTypes, fetch: Fetch, *, drops_data: bool
    ) -> None:
        self._fusion, self._persons, self._types, self._fetch = fusion, persons, types, fetch
        self._encounter = encounter(drops_data=drops_data)

    async def without_ids(self, call: Call) -> dict[str, Any]:
        """CreateEncounterNoIds."""
        return await self._create(call, f"P-{call.request_id('person')}", f"E-{call.request_id('encounter')}")

    async def without_id(self, call: Call) -> dict[str, Any]:
        """CreateEncounterNoId."""
        return await self._create(call, call.person, f"E-{call.request_id('encounter')}")

    async def with_ids(self, call: Call) -> dict[str, Any]:
        """CreateEncounter."""
        return await self._create(call, call.person, call.encounter)

    async def _create(self, call: Call, person: str, encounter_id: str) -> dict[str, Any]:
        body = self._encounter(call.body, "")
        if "encounterId" in body and body["encounterId"] != call.path.get("encounterId"):
            raise bad("encounterId: it is not that of the path. Leave it out, or use createEncounter.")
        content = await read(body["biometricData"], "biometricData", self._fetch)
        done = await self._enrol(call, person, encounter_id, body, content)
        if done.replayed and not await self._is_there(person, encounter_id):
            raise Refused(CONFLICT, "This transaction's encounter was deleted or moved. Use another transactionId.")
        if body["status"] == INACTIVE:
            fields = {"request_id": call.request_id("state"), "subject_id": person, "encounter_id": encounter_id}
            request = encounters_pb2.DeactivateEncounterRequest(**fields)
            await self._fusion.ask(self._fusion.stubs.encounters.DeactivateEncounter, request)
        self._types.put(person, encounter_id, body["encounterType"])
        others = {} if done.replayed else {"others": {"qualities": qualities(done)}}
        return {"personId": person, "encounterId": encounter_id, **others}

    async def _enrol(self, call: Call, person: str, encounter_id: str, body: dict[str, Any], content: Read) -> Any:
        samples, missing = content
        request = subjects_pb2.EnrollSubjectRequest(
            request_id=call.request_id("enrol new"),
            subject_id=person,
            encounter_id=encounter_id,
            galleries=body["galleries"],
            samples=samples,
            missing=missing,
        )
        try:
            return await self._fusion.ask(self._fusion.stubs.subjects.EnrollSubject, request)
        except CallFailed as error:
            if error.reason != "SUBJECT_EXISTS" or "personId" not in call.path:
                raise
        request.add_encounter, request.request_id = True, call.request_id("enrol added")
        check_galleries(await self._persons.subject(person), body["galleries"], alone=False)
        return await self._fusion.ask(self._fusion.stubs.subjects.EnrollSubject, request)

    async def _is_there(self, person: str, encounter_id: str) -> bool:
        request = encounters_pb2.GetEncounterRequest(subject_id=person, encounter_id=encounter_id)
        try:
            await self._fusion.ask(self._fusion.stubs.encounters.GetEncounter, request)
        except CallFailed as error:
            if error.status != "NOT_FOUND":
                raise
            return False
        return True
