"""What is asked and cannot be honoured is refused, and nothing of a body is told."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest

from tests.service.osia.bodies import encounter, text

MARK = "MARKMARKMARKMARK"
IMAGE = {"biometricType": "FINGER", "image": text(MARK.encode())}


def enrol(**more: Any) -> tuple[str, str, Any]:
    """A creation."""
    return "POST", "/v1/persons", encounter("g", IMAGE, **more)


def search(**data: Any) -> tuple[str, str, Any]:
    """A search with one sample."""
    return "POST", "/v1/identify/g", {"filter": {}, "biometricData": [data]}


REFUSED = {
    "client data": enrol(clientData=MARK),
    "biographic data": enrol(biographicData={"name": MARK}),
    "contextual data": enrol(contextualData={"place": MARK}),
    "an unknown field": enrol(**{MARK: 1}),
    "an unknown status": enrol(status=MARK),
    "no galleries": enrol(galleries=[]),
    "a gallery twice": enrol(galleries=["a", "a"]),
    "the reserved gallery": enrol(galleries=["ALL"]),
    "an id that is not in the path": enrol(encounterId=MARK),
    "a filter": ("POST", "/v1/identify/g", {"filter": {MARK: 1}, "biometricData": [IMAGE]}),
    "a filter of an enrolled probe": ("POST", "/v1/identify/g/p", {"biometricType": ["FACE"]}),
    "a level of accuracy": ("POST", "/v1/identify/g?accuracyLevel=1", {"filter": {}, "biometricData": [IMAGE]}),
    "a level of service": ("POST", "/v1/verify/g/p?serviceLevel=1", {"biometricData": [IMAGE]}),
    "too many candidates": ("POST", "/v1/identify/g?maxNbCand=101", {"filter": {}, "biometricData": [IMAGE]}),
    "a threshold of another scale": ("POST", "/v1/verify/g/p?threshold=3500", {"biometricData": [IMAGE]}),
    "an unknown parameter": ("GET", f"/v1/galleries?{MARK}=1", None),
    "a text that is no image": enrol(),
    "a text that is not base64": search(biometricType="FACE", image=f"{MARK}!"),
    "a record that is cut off": search(biometricType="FINGER", image=text(b"FIR\x00020\x00" + MARK.encode())),
    "a template of another format": search(biometricType="FINGER", template=IMAGE["image"], templateFormat=MARK),
    "a template of a face": search(biometricType="FACE", template=IMAGE["image"], templateFormat="ISO_19794_2"),
    "an image and a template": search(biometricType="FINGER", image=IMAGE["image"], template=IMAGE["image"]),
    "no sample": search(biometricType="FACE"),
    "a signature": search(biometricType="SIGNATURE", image=IMAGE["image"]),
    "a palm": search(biometricType="FINGER", biometricSubType="LEFT_THENAR", image=IMAGE["image"]),
    "raw pixels of another size": search(
        biometricType="FINGER", image=IMAGE["image"], compression="NONE", width=9, height=9, bitdepth=8
    ),
    "encrypted data": search(**IMAGE, encryption={"type": "JWE", "scope": "$"}),
    "an address that is not allowed": search(biometricType="FACE", imageRef=f"https://example.org/{MARK}"),
    "a list": ("POST", "/v1/persons", [MARK]),
    "a callback to an address that is not allowed": ("GET", f"/v1/galleries?callback=https://example.org/{MARK}", None),
    "an empty number": ("GET", "/v1/persons/p/encounters/e?priority=", None),
    "an empty callback": ("GET", "/v1/galleries?callback=", None),
    "an empty word": ("GET", "/v1/persons/p/encounters/e/templates?biometricType=", None),
    "an unknown status to set": ("PUT", f"/v1/persons/p/encounters/e/status?status={MARK}", None),
    "an encounter whose status cannot be set": ("PUT", "/v1/persons/nobody/encounters/e/status?status=ACTIVE", None),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_honoured(osia: httpx.Client, case: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is 400 with a sentence, and neither that nor a log tells anything of the body."""
    method, path, body = REFUSED[case]
    url, more = httpx.URL(path), {"json": body} if body is not None else {}
    with caplog.at_level(logging.DEBUG, "biofusion"):
        answer = osia.request(method, url.path, params=dict(url.params), **more)
    assert 400 == answer.status_code
    assert len(answer.json()["message"]) > 10
    assert MARK not in answer.text
    assert text(MARK.encode())[:12] not in answer.text + caplog.text
    assert MARK not in caplog.text


def test_bodies_that_are_none(osia: httpx.Client) -> None:
    """What is no JSON, or has no end, is 400; a parameter that is required is."""
    for data in (b"{", b"NaN", b"[" * 100_000, b"\xff"):
        assert 400 == osia.post("/v1/persons", content=data).status_code
    assert 400 == osia.get("/v1/galleries", params={"transactionId": ""}).status_code


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/persons/p/encounters", {"GET", "HEAD", "POST"}),
        ("/v1/persons/p/encounters/e", {"GET", "HEAD", "POST", "PUT", "DELETE"}),
        ("/v1/galleries", {"GET", "HEAD"}),
    ],
)
def test_methods_that_a_path_has_not(osia_address: str, path: str, methods: set[str]) -> None:
    """They are 405, and the header Allow names all methods that the path has."""
    answer = httpx.request("PATCH", f"{osia_address}{path}?transactionId=t", trust_env=False)
    assert (405, methods) == (answer.status_code, set(answer.headers["allow"].split(", ")))
    head = httpx.request("HEAD", f"{osia_address}/v1/galleries?transactionId=t", trust_env=False)
    assert (200, b"") == (head.status_code, head.content)


def test_tasks_that_are_not_there(osia: httpx.Client) -> None:
    """They are 404."""
    assert 404 == osia.get("/v1/tasks/none/status").status_code
    assert 404 == osia.post("/v1/tasks/none/redeliver").status_code
