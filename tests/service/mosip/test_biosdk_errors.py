"""What is wrong with a request is told by the codes, and nothing of it gets into an answer or a log."""

from __future__ import annotations

import base64
import json
import logging

import pytest

from infra.settings import Settings
from tests.service.mosip import made
from tests.support.mosip.sdk import Client, record, running_sdk, segment

MARKER = "SuperSecretRidge"


def outer(request: object, version: str = "1.0") -> bytes:
    """A body around anything."""
    inner = base64.b64encode(json.dumps(request).encode()).decode()
    return json.dumps({"version": version, "request": inner}).encode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "INVALID_REQUEST_BODY"),
        (b"[" * 100_000, "INVALID_REQUEST_BODY"),
        (b"[]", "INVALID_REQUEST_BODY"),
        (b'{"version": "1.0"}', "INVALID_REQUEST_BODY"),
        (b'{"version": "1.0", "request": "%%%"}', "INVALID_REQUEST_BODY"),
        (outer([]), "INVALID_REQUEST_BODY"),
        (outer({}, "7.0"), "BIO_SDK_001"),
    ],
)
def test_bodies_that_are_no_requests(sdk: Client, body: bytes, code: str) -> None:
    """They get an error in the envelope."""
    answer = sdk.post("match", body)
    assert [code] == [each["code"] for each in answer["errors"]]
    assert answer["response"] is None


@pytest.mark.parametrize(
    ("operation", "request_", "status"),
    [
        ("check-quality", {}, 402),
        ("match", {"sample": record()}, 402),
        ("convert-format", {"sample": record()}, 402),
        ("check-quality", {"sample": record()}, 404),
        ("check-quality", {"sample": []}, 401),
        ("check-quality", {"sample": record(), "modalitiesToCheck": ["VOICE"]}, 401),
        ("match", {"sample": record(), "gallery": []}, 401),
        ("convert-format", {"sample": record(), "sourceFormat": "BMP", "targetFormat": "IMAGE/PNG"}, 401),
        ("extract-template", {"sample": {"segments": [{"bdbInfo": {"type": ["FINGER"]}, "bdb": [1, 999]}]}}, 401),
        ("extract-template", {"sample": {"segments": [None] * 65}}, 401),
    ],
)
def test_requests_that_lack_something(sdk: Client, operation: str, request_: dict[str, object], status: int) -> None:
    """The code says whether it is missing, invalid or not in the record; the message says what."""
    answer = sdk.ask(operation, request_)["response"]
    assert status == answer["statusCode"], answer
    assert answer["statusMessage"]


def test_nothing_of_a_sample_is_told(sdk: Client, caplog: pytest.LogCaptureFixture) -> None:
    """A marker in data, words and headers is in no answer and no log, whatever fails."""
    caplog.set_level(logging.DEBUG)
    valid_record = bytes(each % 256 for each in made.good("FINGER")["bdb"])
    blocks = [MARKER.encode() * 9, b"BFT\x01" + MARKER.encode(), valid_record[:60] + MARKER.encode() * 40]
    segments = [segment("FINGER", each, "Right", "IndexFinger") for each in blocks]
    segments.append(segment("FINGER", valid_record, MARKER))
    segments.append({**made.good("FINGER"), "bdb": MARKER + "%"})
    told = ""
    for each in segments:
        asked = {"sample": record(each), "gallery": [record(made.good("FINGER"))]}
        asked |= {"sourceFormat": "ISO19794_4_2011", "targetFormat": "IMAGE/PNG"}
        for operation in ("check-quality", "extract-template", "match", "convert-format"):
            answer = sdk.ask(operation, asked)
            assert 401 == answer["response"]["statusCode"], (operation, answer["response"]["statusMessage"])
            told += json.dumps(answer)
    assert MARKER not in told + caplog.text


def test_services_that_are_away() -> None:
    """The code is 500, and the message names no address."""
    nowhere = "127.0.0.1:1"
    settings = Settings(
        adapter_port=0, adapter_fusion_target=nowhere, face_target=nowhere, default_deadline_s=1.0, drain_s=0.1
    )
    with running_sdk(settings) as away:
        answer = away.ask("extract-template", {"sample": record(made.good("FACE"))})["response"]
    assert 500 == answer["statusCode"]
    assert "127.0.0.1" not in answer["statusMessage"]
