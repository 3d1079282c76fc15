"""The outer JSON of requests and answers: a version, and in requests the inner JSON as base64."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from adapters.mosip_biosdk.codes import Refused, Status, Unreadable

VERSION = "1.0"
Json = dict[str, Any]


def opened(body: bytes) -> Json:
    """The inner object of a request.

    Raises:
        Unreadable: no JSON object with `version` and `request`, another version, or a `request` that is no base64 of a
            JSON object.
    """
    outer = _object(body, "The body")
    if outer.get("version") != VERSION:
        raise Unreadable("BIO_SDK_001", f"version is not {VERSION}, the only one that is served.")
    request = outer.get("request")
    if not isinstance(request, str):
        raise Unreadable("INVALID_REQUEST_BODY", "request is missing, or is no text.")
    return _object(_decoded(request), "request")


def answer(response: object, errors: list[Json] | None = None) -> Json:
    """The outer object of an answer."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"version": VERSION, "responsetime": now, "response": response, "errors": errors or []}


def result(response: object) -> Json:
    """The answer of a request that was done."""
    return answer({"statusCode": int(Status.SUCCESS), "statusMessage": "OK", "response": response})


def refusal(refused: Refused) -> Json:
    """The answer of one that was not."""
    response = {"statusCode": int(refused.status), "statusMessage": refused.message, "response": refused.response}
    return answer(response)


def unreadable(error: Unreadable) -> Json:
    """The answer to a body that is no request."""
    return answer(None, [{"code": error.code, "message": error.message}])


def _decoded(text: str) -> bytes:
    """Both alphabets of RFC 4648, with and without padding: MOSIP's clients use either."""
    plain = text.strip().rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("INVALID_REQUEST_BODY", "request is no base64.") from None


def _object(data: bytes, name: str) -> Json:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Unreadable("INVALID_REQUEST_BODY", f"{name} is no JSON.") from None
    if not isinstance(found, dict):
        raise Unreadable("INVALID_REQUEST_BODY", f"{name} is no JSON object.")
    return found
