"""What the feed and the receipts hold in place of ids: keyed hashes, so that nothing names who was erased.

All are BLAKE2b with a key (RFC 7693), 16 bytes. A subject's name needs the store's key, which is made with the store:
equal ids have equal names in one store, and other names in every other store. A receipt needs the request's id, which
the store does not keep: what it holds can be compared with a request that is sent again, and read by nobody else.
"""

from __future__ import annotations

from hashlib import blake2b
from secrets import token_bytes

SIZE = 16
"""Bytes of a name, a key or a hash: two of a thousand million names are equal with a chance of 10⁻²¹."""


def new_key() -> bytes:
    """The key of a new store."""
    return token_bytes(SIZE)


def subject_name(key: bytes, subject_id: str) -> bytes:
    """What the feed calls the subject."""
    return blake2b(subject_id.encode(), key=key, digest_size=SIZE).digest()


def request_name(request_id: str) -> bytes:
    """What the receipt of a request is found by. No key: a UUID of version 4 cannot be guessed."""
    return blake2b(request_id.encode(), digest_size=SIZE, person=b"request").digest()


def request_hash(request_id: str, digest: str) -> bytes:
    """What the receipt keeps of the request's content."""
    key = blake2b(request_id.encode(), digest_size=SIZE, person=b"content").digest()
    return blake2b(digest.encode(), key=key, digest_size=SIZE).digest()
