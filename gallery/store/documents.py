"""The port to small documents with versions, e.g. the rows of jobs, and the rules that all of its adapters share.

A document is some bytes under a key in a collection. It is never part of a subject, and holds no biometric data. Writes
are compared with the version that their writer has read, so that two writers never overwrite each other unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

from biometrics.errors import DocumentChanged, FieldInvalid

MAX_KEY_BYTES = 512
"""Most bytes of a key, in UTF-8."""
MAX_BODY_BYTES = 1 << 20
"""Most bytes of a document."""
MAX_PAGE = 1000
"""Most documents that one call reads."""

_COLLECTION = re.compile(r"[a-z][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Document:
    """One document.

    Args:
        key: 1 to 512 bytes of text. What comes before the first "/" decides its partition, so that documents with the
            same beginning are kept together.
        version: positive; each write gives a greater one than the key ever had, also if it was deleted meanwhile.
        body: at most 1 MiB.
    """

    key: str
    version: int
    body: bytes


class Documents(Protocol):
    """Collections of documents. A write that has returned is as durable as an enrolment (`Backend.doubts`).

    A collection exists as soon as a document is put. Every method raises StoreUnavailable if the database does not
    answer, and FieldInvalid for a collection, key or body beyond the limits.
    """

    async def get(self, collection: str, key: str) -> Document | None:
        """The document, or None."""

    async def get_many(self, collection: str, keys: Sequence[str]) -> list[Document | None]:
        """Up to 1,000 documents, in the order of the keys; None for those that do not exist."""

    async def put(self, collection: str, key: str, body: bytes, expected_version: int) -> int:
        """Write a document, and return its new version.

        Args:
            collection: lower-case letters, digits and hyphens, beginning with a letter.
            key: of the document.
            body: replaces what it had.
            expected_version: the version that it must have; 0: it must not exist.

        Raises:
            DocumentChanged: it has another version. If the connection broke during a call, this may be the outcome of
                its repetition although the first try was carried out: read the document.
        """

    async def delete(self, collection: str, key: str, expected_version: int) -> None:
        """Remove a document of this version. Raises as `put`; also if it does not exist."""

    async def list(self, collection: str, after: str, limit: int, prefix: str = "") -> list[Document]:
        """Up to `limit` documents whose keys follow `after`, in the order of the keys' bytes.

        Args:
            collection: which.
            after: a key, which need not exist; "": from the beginning.
            limit: 1 to 1000.
            prefix: what the keys begin with. If it has a "/", one partition is read; otherwise up to `limit` documents
                of each.
        """


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
