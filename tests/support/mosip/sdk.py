"""The adapter on a free port in a thread of this process, and requests as MOSIP's compliance kit sends them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from adapters.mosip_biosdk.app import build
from infra.settings import Settings
from tests.support.adapters.running import running_adapter

CREATED = {"date": {"year": 2024, "month": 2, "day": 29}, "time": {"hour": 1, "minute": 2, "second": 3, "nano": 4}}


@dataclass(frozen=True)
class Client:
    """A client of the SDK.

    Args:
        http: keeps the address.
    """

    http: httpx.Client

    def ask(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """The whole answer."""
        inner = base64.urlsafe_b64encode(json.dumps(request).encode()).decode()
        return self.post(operation, json.dumps({"version": "1.0", "request": inner}).encode())

    def post(self, operation: str, body: bytes) -> dict[str, Any]:
        """The answer to any body; its HTTP status is always 200."""
        answer = self.http.post(f"/biosdk-service/{operation}", content=body)
        assert 200 == answer.status_code
        return dict(answer.json())


@contextmanager
def running_sdk(settings: Settings) -> Iterator[Client]:
    """A client of a running adapter."""
    with (
        running_adapter(settings, build) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=120) as http,
    ):
        yield Client(http)


def segment(kind: str, data: bytes, *subtype: str, as_text: bool = False) -> dict[str, Any]:
    """A record as Gson writes it."""
    block = base64.b64encode(data).decode() if as_text else memoryview(data).cast("b").tolist()
    form = {"organization": "Mosip", "type": {"FINGER": "7", "FACE": "8", "IRIS": "9"}[kind]}
    quality = {"algorithm": {"organization": "HMAC", "type": "SHA-256"}, "score": 90}
    return {
        "version": {"major": 1, "minor": 1},
        "cbeffversion": {"major": 1, "minor": 1},
        "birInfo": {"integrity": False},
        "bdbInfo": {
            "format": form,
            "creationDate": CREATED,
            "type": [kind],
            "subtype": list(subtype),
            "level": "RAW",
            "purpose": "ENROLL",
            "quality": quality,
        },
        "bdb": block,
        "others": {},
    }


def record(*segments: dict[str, Any]) -> dict[str, Any]:
    """A BiometricRecord."""
    return {"segments": list(segments), "others": {}}
