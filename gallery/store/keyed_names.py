"""Hashes that stand for ids in the change feed and in receipts, so that neither names an erased subject.

All are BLAKE2b (RFC 7693), 16 bytes. A subject's name depends on the store's key, which is made with the
store: equal ids have equal names in one store, and different names in every other store. A receipt depends on the
request's id, which the store does not keep: it can be compared with a request that is sent again, but not reversed.
"""

from __future__ import annotations

from hashlib import blake2b
from secrets import token_bytes

SIZE = 16
"""Bytes of a name, a key or a hash: among 10⁹ names, two are equal with a probability of 10⁻²¹."""


def new_key() -> bytes:
    """A random key for a new store."""
    return token_bytes(SIZE)


def subject_name(key: bytes, subject_id: str) -> bytes:
    """The name that stands for the subject's id in the feed."""
    return blake2b(subject_id.encode(), key=key, digest_size=SIZE).digest()


def request_name(request_id: str) -> bytes:
    """The name by which the receipt of a request is found. No key is needed: a UUID of version 4 cannot be guessed."""
    return blake2b(request_id.encode(), digest_size=SIZE, person=b"request").digest()


def request_hash(request_id: str, digest: str) -> bytes:
    """The hash of the request's content that the receipt keeps."""
    key = blake2b(request_id.encode(), digest_size=SIZE, person=b"content").digest()
    return blake2b(digest.encode(), key=key, digest_size=SIZE).digest()
