"""Idempotent writes: the caller's request id, and a digest of the request's content."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable

from biometrics.errors import FieldInvalid


def check_request_id(request_id: str) -> str:
    """Return the request id in lower case if it is a UUID of version 4.

    Raises:
        FieldInvalid: it is not a UUID of version 4.
    """
    try:
        parsed = uuid.UUID(request_id)
    except ValueError:
        parsed = uuid.UUID(int=0)
    if parsed.version != 4 or str(parsed) != request_id.lower():
        raise FieldInvalid("request_id", "a UUID of version 4 is needed, e.g. from `uuidgen`.")
    return str(parsed)


def digest_of(parts: Iterable[bytes]) -> str:
    """SHA-256, in hex, of the parts, each prefixed by its length."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def derived_uuid(text: str) -> str:
    """A UUID in the form of version 4, made from the SHA-256 of a text."""
    return str(uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))
