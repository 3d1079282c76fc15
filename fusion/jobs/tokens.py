"""Page tokens of lists of jobs and of results: where the next page begins."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from biometrics.errors import FieldInvalid

HEAD_BYTES = 12


def token(place: str, scope: str) -> str:
    """The token of the page after a place; `scope` says of which list. Callers are not meant to read it."""
    head = sha256(json.dumps([scope, place]).encode()).digest()[:HEAD_BYTES]
    return urlsafe_b64encode(head + place.encode()).decode()


def parse_token(text: str, scope: str) -> str:
    """The place in a token; "" for the first page.

    Raises:
        FieldInvalid: the token was not returned by a previous page of this list.
    """
    if not text:
        return ""
    try:
        place = urlsafe_b64decode(text.encode())[HEAD_BYTES:].decode()
    except ValueError:
        place = ""
    if token(place, scope) != text:
        raise FieldInvalid(
            "page_token",
            "it was not returned by this call. Send the next_page_token of the page before, with the same filter, or "
            "leave it empty to begin anew.",
        )
    return place
