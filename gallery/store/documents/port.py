"""The port to small documents with versions, e.g. the rows of jobs.

A document is some bytes under a key in a collection. It is never part of a subject, and holds no biometric data but
what is sealed with a key that can be destroyed (review/keeping/vault.py). Writes are compared with the version that
their writer has read, so that two writers never overwrite each other unnoticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


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
