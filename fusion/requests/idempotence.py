"""What makes a write safe to repeat: the caller's request id, and a digest of what was asked."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable

from biometrics.errors import FieldInvalid


def check_request_id(request_id: str) -> str:
    """Return the request id in lower case if it is a UUID of version 4.

    Raises:
        FieldInvalid: it is not.
    """
    try:
        parsed = uuid.UUID(request_id)
    except ValueError:
        parsed = uuid.UUID(int=0)
    if parsed.version != 4 or str(parsed) != request_id.lower():
        raise FieldInvalid("request_id", "a UUID of version 4 is needed, e.g. from `uuidgen`.")
    return str(parsed)


def digest_of(parts: Iterable[bytes]) -> str:
    """SHA-256, hex, of length-prefixed parts."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
