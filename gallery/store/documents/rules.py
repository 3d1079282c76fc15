"""Rules of documents that all adapters share: limits, the partition of a key, and the error of a lost race."""

from __future__ import annotations

import re
from hashlib import blake2b

from biometrics.errors import DocumentChanged, FieldInvalid

MAX_KEY_BYTES = 512
"""Most bytes of a key, in UTF-8."""
MAX_BODY_BYTES = 1 << 20
"""Most bytes of a document."""
MAX_PAGE = 1000
"""Most documents that one call reads."""

_COLLECTION = re.compile(r"[a-z][a-z0-9-]{0,62}")


def check_collection(collection: str) -> str:
    """Return the name of a collection if it can be used; raises FieldInvalid."""
    if not _COLLECTION.fullmatch(collection):
        raise FieldInvalid(
            "collection", "use up to 63 lower-case letters, digits and hyphens, beginning with a letter."
        )
    return collection


def key_bytes(key: str) -> bytes:
    """The bytes of a key, by which documents are ordered; raises FieldInvalid."""
    encoded = text_bytes(key)
    if not 0 < len(encoded) <= MAX_KEY_BYTES:
        raise FieldInvalid("key", f"it has {len(encoded)} bytes; 1 to {MAX_KEY_BYTES} are allowed.")
    return encoded


def text_bytes(text: str) -> bytes:
    """The bytes of a part of a key; raises FieldInvalid."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise FieldInvalid("key", "it has characters that are no Unicode text.") from None


def check_body(body: bytes) -> bytes:
    """Return the bytes of a document if they are not too many; raises FieldInvalid."""
    if len(body) > MAX_BODY_BYTES:
        raise FieldInvalid("body", f"it has {len(body)} bytes; {MAX_BODY_BYTES} are allowed.")
    return body


def check_limit(limit: int) -> int:
    """Return a number of documents if one call can read so many; raises FieldInvalid."""
    if not 0 <= limit <= MAX_PAGE:
        raise FieldInvalid("limit", f"{limit} documents; up to {MAX_PAGE} can be read at once.")
    return limit


def partition_of_key(key: str, partition_count: int) -> int:
    """The partition of a document: a hash of the first part of its key."""
    first = text_bytes(key.partition("/")[0])
    return int.from_bytes(blake2b(first, digest_size=8, person=b"documents").digest(), "big") % partition_count


def changed(collection: str, version: int) -> DocumentChanged:
    """The error for a document of another version than was expected; `version` is 0 if it does not exist."""
    return DocumentChanged(
        "Another writer changed this document meanwhile. Read it again, and repeat the change if it is still wanted.",
        collection=collection,
        version=str(version),
    )
