"""Loaded by schemathesis: gives half of the valid requests what they need to be honoured, and counts the answers.

Requests that are made from the interface's file alone name persons who are not there, and hold no biometrics: nearly
all are refused. It runs in schemathesis' own environment, so it imports nothing of the project.
"""

from __future__ import annotations

import atexit
import json
import os
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import schemathesis

KNOWN = json.loads(Path(os.environ["SOAK_OSIA_KNOWN"]).read_text(encoding="utf-8"))
"""`samples`: biometric data, a template first; `callbacks`: addresses that are allowed."""
PERSONS = [f"person-{number}" for number in range(8)]
ENCOUNTERS, GALLERIES = ["first", "second", "third"], ["one", "two", "ALL"]
ANY = {
    "personId": PERSONS,
    "personIdTarget": PERSONS,
    "personIdSource": PERSONS,
    "encounterId": ENCOUNTERS,
    "galleryId": GALLERIES,
}
FORMATS = ["ISO_19794_2", "ISO_19794_2_NS", "ISO_19794_2_CS", "ISO_19794_2_2011", "ANSI_378", "ANSI_378_2009"]
REFUSED = ("accuracyLevel", "serviceLevel", "instance", "qualityFormat", "biometricSubType")

tasks = [""]
counted: Counter[str] = Counter()


@schemathesis.hook
def before_call(_context: Any, case: Any, _options: Any) -> None:
    """Change half of the requests that the file allows."""
    chance = Random(case.id)
    if case.meta is None or case.meta.generation.mode.value != "positive" or chance.random() < 0.5:
        return
    for name in case.path_parameters or ():
        case.path_parameters[name] = chance.choice(ANY.get(name, tasks)) or "none"
    query = {name: value for name, value in (case.query or {}).items() if name not in {"callback", *REFUSED}}
    usable = {
        "maxNbCand": chance.randint(1, 100),
        "threshold": chance.randint(1, 9),
        "priority": chance.randint(0, 9),
        "offset": chance.randint(0, 3),
        "limit": chance.randint(1, 3),
        "status": chance.choice(["ACTIVE", "INACTIVE"]),
        "biometricType": "FINGER",
        "templateFormat": chance.choice(FORMATS),
        "transactionId": str(chance.random()),
    }
    case.query = {name: usable.get(name, value) for name, value in query.items()}
    if "tasks" not in case.path and chance.random() < 0.2:
        case.query["callback"] = chance.choice(KNOWN["callbacks"])
    if body := _body(case, chance):
        case.body = body


@schemathesis.hook
def after_call(_context: Any, case: Any, response: Any) -> None:
    """Count an answer; a task is asked for later."""
    counted[f"{case.operation.definition.raw.get('operationId', case.operation.label)} {response.status_code}"] += 1
    if response.status_code == 202:
        tasks.append(response.json()["taskId"])


@atexit.register
def write() -> None:
    """Write what was counted."""
    if counted:
        Path(os.environ["SOAK_OSIA_COUNTED"]).write_text(json.dumps(counted), encoding="utf-8")


def _body(case: Any, chance: Random) -> Any:
    """A body that can be honoured; None if the operation has another, or none."""
    method, path = case.method.upper(), case.path
    data = KNOWN["samples"][:1] if chance.random() < 0.9 else chance.sample(KNOWN["samples"], 2)  # as images take long
    galleries = chance.sample(GALLERIES[:2], chance.randint(1, 2))
    if path.endswith("/galleries") and method == "PUT":
        return galleries
    if "/persons" in path and method in {"POST", "PUT"} and path.rsplit("/", 2)[1:].count("encounters"):
        status = chance.choice(["ACTIVE", "INACTIVE"])
        return {"status": status, "encounterType": "civil", "galleries": galleries, "biometricData": data}
    if path == "/v1/identify/{galleryId}":
        return {"filter": {}, "biometricData": data}
    if path == "/v1/verify":
        return {"biometricData1": data, "biometricData2": chance.sample(data, 1)}
    return {"biometricData": data} if path.startswith("/v1/verify") else None
