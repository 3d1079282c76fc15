"""The operation that returns templates."""

from __future__ import annotations

import base64
from typing import Any

from biofusion.fusion.v1 import encounters_pb2, subjects_pb2

from adapters.osia.call import Call
from adapters.osia.faults import GONE, Refused, bad
from adapters.osia.wire import answers
from adapters.osia.wire.names import FORMATS, POSITIONS, SUBTYPES, TYPES
from adapters.osia.wire.persons import Persons, chosen
from adapters.wire.fusion import Fusion


class Templates:
    """Exports templates. Methods raise Refused and CallFailed.

    Args:
        fusion: the service.
        persons: reads encounters.
    """

    def __init__(self, fusion: Fusion, persons: Persons) -> None:
        self._fusion, self._persons = fusion, persons

    async def read(self, call: Call) -> list[dict[str, Any]]:
        """readTemplate: finger minutiae in the format of a standard."""
        stated = call.query.get("templateFormat", "ISO_19794_2")
        if stated not in FORMATS or call.query.get("biometricType", "FINGER") != "FINGER":
            raise bad(f"Templates are given of fingers, in the formats {', '.join(FORMATS)}; no other has a standard.")
        if call.query.get("qualityFormat", answers.QUALITY) != answers.QUALITY:
            raise bad(f"qualityFormat: {answers.QUALITY} is known.")
        wanted = call.query.get("biometricSubType", "")
        if wanted and wanted not in POSITIONS["FINGER"]:
            raise bad("biometricSubType: it is no finger.")
        found = chosen(await self._persons.subject(call.person), call.encounter)
        fingers = {
            each.position: each
            for each in found.references
            if TYPES[each.modality] == "FINGER" and wanted in {"", SUBTYPES[each.position]}
        }
        if not fingers:
            raise Refused(GONE, "The encounter has no such template.")
        return [await self._template(call, stated, each) for each in fingers.values()]

    async def _template(self, call: Call, stated: str, each: subjects_pb2.Reference) -> dict[str, Any]:
        request = encounters_pb2.ExportEncounterRequest(
            subject_id=call.person, encounter_id=call.encounter, format=FORMATS[stated], positions=[each.position]
        )
        answer = await self._fusion.ask(self._fusion.stubs.encounters.ExportEncounter, request)
        told: dict[str, Any] = {
            "biometricType": "FINGER",
            "biometricSubType": SUBTYPES[each.position],
            "template": base64.b64encode(answer.records[0].data).decode(),
            "templateFormat": stated,
            "algorithm": each.model_id,
            "vendor": answers.VENDOR,
        }
        if each.HasField("quality"):
            told |= {"quality": round(each.quality), "qualityFormat": answers.QUALITY}
        return told
