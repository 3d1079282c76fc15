"""Requests of writes: their hashes, and the token of what they wrote."""

from __future__ import annotations

from hashlib import blake2b
from secrets import token_bytes

from gallery.store.changes import Request
from gallery.store.keyed_names import SIZE, request_hash, request_name
from gallery.store.rows import StoreIdentity, SubjectKey
from gallery.store.rules import request_id_reused
from gallery.store.tokens import FeedPosition, Positions

MAX_ATTEMPTS = 64
"""How often a write is tried if other writes change the same subject meanwhile."""


def request_of(request_id: str, digest: str) -> Request:
    """The hashes of a request."""
    return Request(request_name(request_id), request_hash(request_id, digest))


def arrival_of(request: Request, source: SubjectKey) -> Request:
    """The request by which the target of a move is written: unique for the move's request and its source."""
    name = blake2b(request.name + request.content + source.name, digest_size=SIZE, person=b"arrival").digest()
    return Request(name, request.content)


def any_request() -> Request:
    """A request that nobody repeats."""
    return Request(token_bytes(SIZE), token_bytes(SIZE))


def raise_if_reused(request_id: str, digest: str, content: bytes) -> None:
    """Return if the receipt's content hash is that of the request.

    Raises:
        RequestIdReused: it is of another request.
    """
    if content and content != request_hash(request_id, digest):
        raise request_id_reused(request_id)


def token_of(identity: StoreIdentity, position: FeedPosition) -> Positions:
    """The position as positions of the store."""
    return Positions(identity.adapter, identity.store_id, {position.partition: position})
