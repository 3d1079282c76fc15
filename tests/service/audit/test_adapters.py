"""What the adapters, and the services behind them, never tell of the biometrics in a request."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from adapters.osia.app import build
from adapters.osia.operations import OPERATIONS, Operation
from audit.reading import records
from biometrics.template import Position
from formats.codes import finger_code
from fusion.wire.witness.export import readable
from infra.models.model_cache import asset
from infra.settings import Settings
from rendering.eyes import render_eye
from tests.service.osia.bodies import encounter, text
from tests.support.adapters.running import running_adapter
from tests.support.jobs.receiver import Receiver, receiver
from tests.support.mosip.sdk import Client, record, running_sdk, segment
from tests.support.records.image_records import fir_2011
from tests.support.records.of_pictures import PNG_FINGER, filed, finger
from tests.support.telemetry.seen import seen_spans

MARK = "MarkedRidgeMarkedRidge"
FORMS = (
    MARK,
    *(base64.b64encode(b"x" * shift + MARK.encode())[4:-4].decode() for shift in range(3)),
    ", ".join(map(str, MARK.encode())),
    MARK.encode().hex(),
)
"""The marker as it stands, in base64, as a list of numbers and in hexadecimal digits."""


def marked(pixels: np.ndarray[Any, Any]) -> bytes:
    """A sound PNG with the marker in a comment."""
    information, file = PngImagePlugin.PngInfo(), io.BytesIO()
    information.add_text("Comment", MARK)
    Image.fromarray(pixels).save(file, "PNG", pnginfo=information, compress_level=1)
    return file.getvalue()


EYE = {"biometricType": "IRIS", "biometricSubType": "EYE_LEFT", "image": text(marked(render_eye(51, 0)))}
WORDS = ("captureDevice", "impressionType", "mimeType", "metadata", "comment", "vendor", "algorithm", "captureDate")
GOOD = EYE | dict.fromkeys(WORDS, MARK)
CUT = marked(render_eye(51, 0))[:3000]
BAD: dict[str, dict[str, Any]] = {
    "no image": {"image": text(MARK.encode() * 9)},
    "cut off": {"image": text(CUT)},
    "no base64": {"image": f"{MARK}%"},
    "an object": {"image": {MARK: MARK}},
    "a word": {"biometricSubType": MARK},
    "a type": {"biometricType": MARK},
    "an unknown field": {MARK: MARK},
    "a format": {"biometricType": "FINGER", "template": text(MARK.encode()), "templateFormat": MARK},
    "a template": {"biometricType": "FINGER", "template": text(b"FMR\0 20\0" + MARK.encode() * 9)},
    "a record": {"biometricType": "FINGER", "image": text(b"FIR\x00020\x00" + MARK.encode() * 9)},
    "an address": {"biometricType": "FINGER", "imageRef": f"https://127.0.0.1/{MARK}"},
}


@pytest.fixture
def told(place: Path, caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """What a test adds to, and all lines of logs, spans and records of the audit log beside it."""
    caplog.set_level(logging.DEBUG)
    found: list[str] = []
    with seen_spans() as spans:
        yield found
    assert len(spans) > 10
    audited = [json.dumps(readable(each), default=repr) for each in records(place / "log")]
    assert audited
    lines = [f"{each.getMessage()} {each.exc_text or ''} {each.args!r}" for each in caplog.records]
    everything = "\n".join([*found, *lines, *map(repr, spans), *audited])
    assert [] == [form for form in FORMS if form in everything]


@pytest.fixture
def there() -> Iterator[Receiver]:
    """Who takes callbacks."""
    with receiver() as made:
        yield made


@pytest.fixture
def osia(address: str, tmp_path: Path, there: Receiver) -> Iterator[httpx.Client]:
    """A caller of OSIA's adapter."""
    (tmp_path / "key").write_bytes(b"k" * 32)
    settings = Settings(
        adapter_port=0,
        adapter_fusion_target=address,
        osia_database=str(tmp_path / "osia.db"),
        osia_key_file=str(tmp_path / "key"),
        osia_callback_origins=there.origin,
        drain_s=1.0,
    )
    with (
        running_adapter(settings, build) as at,
        httpx.Client(base_url=at, params={"transactionId": "t"}, trust_env=False, timeout=60) as client,
    ):
        yield client


def asked(operation: Operation, data: dict[str, Any]) -> tuple[str, Any]:
    """The path of an operation, and a body with this biometric data."""
    names = {"personId": "p", "encounterId": "e", "galleryId": "g", "personIdTarget": "p", "personIdSource": "q"}
    path = operation.path.format(**names)
    if not operation.has_body or operation.name.startswith("identifyFrom"):
        return path, None
    bodies: dict[str, Any] = {
        "updateEncounterGalleries": ["g"],
        "identify": {"filter": {}, "biometricData": [data]},
        "verifyFromId": {"biometricData": [data]},
        "verifyFromBio": {"biometricData1": [EYE], "biometricData2": [data]},
    }
    return path, bodies.get(operation.name, encounter("g", data))


def test_osia_tells_nothing(osia: httpx.Client, there: Receiver, tmp_path: Path, told: list[str]) -> None:
    """No operation repeats a marker in biometric data, honoured or refused, at once, by callback or in its file."""
    statuses: dict[str, set[int]] = {}
    tasks = []
    for data in (GOOD, *(EYE | each for each in BAD.values())):
        for operation in OPERATIONS:
            path, body = asked(operation, data)
            if body is None and data is not GOOD:
                continue
            query = {"status": "ACTIVE"} if operation.name == "updateEncounterStatus" else {}
            more = {"json": body} if body is not None else {}
            answer = osia.request(operation.method, path, params=query, **more)
            told.append(answer.text)
            statuses.setdefault(operation.name, set()).add(answer.status_code)
            accepted = osia.request(operation.method, path, params=query | {"callback": there.url}, **more)
            tasks.append(accepted.json()["taskId"])
            if data is GOOD and operation.name == "deleteAll":
                osia.post("/v1/persons/p/encounters/e", json=encounter("g", GOOD)).raise_for_status()
    assert {200, 400} <= statuses["createEncounterNoIds"] & statuses["verifyFromBio"] & statuses["identify"]
    for each in tasks:
        for _ in range(4000):
            if osia.get(f"/v1/tasks/{each}/status").json() == "COMPLETED":
                break
        else:
            raise AssertionError(each)
        told.append(osia.get(f"/v1/tasks/{each}/status").text)
    assert len(tasks) == len(there.received)
    told += [f"{path} {headers} {body.decode()}" for path, headers, body in there.received]
    told += [each.read_bytes().decode("latin-1") for each in tmp_path.glob("osia.db*")]


def test_the_sdk_tells_nothing(address: str, told: list[str]) -> None:
    """No operation repeats a marker in samples and their headers, whether they are used or refused."""
    pixels = finger(1)
    good = fir_2011(filed(pixels, finger_code(Position.RIGHT_INDEX), marked(pixels), PNG_FINGER))
    usable = segment("FINGER", good, "Right", "IndexFinger", as_text=True)
    words = usable | {"bdbInfo": usable["bdbInfo"] | {"index": MARK}, "others": {MARK: MARK}, "sb": MARK}
    cases = [usable, words, segment("FINGER", good, MARK), usable | {"bdb": f"{MARK}%"}]
    cases += [segment("FINGER", each, "Right", "IndexFinger") for each in (good[:900], good[:60] + MARK.encode() * 40)]
    cases.append(segment("FINGER", b"BFT\x01" + MARK.encode() * 3, "Right", "IndexFinger"))
    statuses = set()
    with running_sdk(Settings(adapter_port=0, adapter_fusion_target=address, drain_s=0.1)) as sdk:
        for each in cases:
            statuses |= _all_operations(sdk, each, told)
        told.append(json.dumps(sdk.post("match", MARK.encode())))
        told.append(json.dumps(sdk.ask("match", {MARK: MARK})))
    assert {200, 401} <= statuses


def _without_pictures(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer of segment, which gives back what shows one finger, less that."""
    cut = ((answer.get("response") or {}).get("response") or {}).get("segments") or []
    for each in cut:
        assert each.pop("bdb")
    return answer


def _all_operations(sdk: Client, each: dict[str, Any], told: list[str]) -> set[int]:
    statuses = set()
    request = {"sample": record(each), "gallery": [record(each)], "flags": {MARK: MARK}}
    request |= {"sourceFormat": "ISO19794_4_2011", "targetFormat": "IMAGE/PNG"}
    for operation in ("init", "check-quality", "extract-template", "match", "convert-format", "segment"):
        answer = sdk.ask(operation, request | ({"initParams": {MARK: MARK}} if operation == "init" else {}))
        told.append(json.dumps(_without_pictures(answer) if operation == "segment" else answer))
        statuses.add((answer.get("response") or {}).get("statusCode", 0))
    return statuses


def test_the_marker_is_in_what_is_sent() -> None:
    """Each form is found where it stands: the test above could fail."""
    assert MARK.encode() in marked(render_eye(51, 0))
    assert any(form in GOOD["image"] for form in FORMS)
    assert any(form in text(asset("finger-1")[:9] + MARK.encode()) for form in FORMS)
