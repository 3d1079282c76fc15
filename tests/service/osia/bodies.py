"""Bodies of requests that tests share."""

from __future__ import annotations

import base64
from typing import Any

from tests.service import pictures


def text(data: bytes) -> str:
    """Base64."""
    return base64.b64encode(data).decode()


def eye(identity: int, capture: int = 0, **more: Any) -> dict[str, Any]:
    """A rendered eye."""
    image = text(pictures.eye(identity, capture))
    return {"biometricType": "IRIS", "biometricSubType": "EYE_LEFT", "image": image, **more}


def encounter(gallery: str, *data: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An encounter in one gallery."""
    made = {"status": "ACTIVE", "encounterType": "civil", "galleries": [gallery], "biometricData": list(data)}
    return made | more
