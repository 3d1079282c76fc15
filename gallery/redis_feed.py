"""Reading the change feed of a Redis store: a stream whose entry ids are the feed positions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from biometrics.errors import FeedTruncated
from gallery.redis_server import Keys, new_store, store_id
from gallery.store import Change, ChangeKind, ConsistencyToken
from gallery.tokens import MAX_NUMBER, FeedPosition, parse_token

ADAPTER = "redis"
MAX_BLOCK_S = 1.0
"""Longest wait in one command: how late a reader notices that the store was wiped."""

Number = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FeedState:
    """The stream at one moment.

    Args:
        store_id: of the store.
        newest: id of the newest entry ever added, (0, 0) for none.
        oldest: id of the first entry kept, None for none.
        lost: entries were trimmed off its beginning.
        entries: those that were asked for, as (id, fields).
    """

    store_id: str
    newest: Number
    oldest: Number | None
    lost: bool
    entries: Sequence[tuple[bytes, dict[bytes, bytes]]]

    def reaches_back_to(self, after: Number) -> bool:
        """Whether no entry after `after` is missing.

        The id of the last trimmed entry is not known: a reader that stands exactly there is told
        False too, which costs a rebuild and no correctness.
        """
        if after >= self.newest:
            return after == self.newest
        return not self.lost or (self.oldest is not None and after >= self.oldest)


async def newest(client: Redis, keys: Keys) -> ConsistencyToken:
    """The newest feed position."""
    state = await _read(client, keys, (MAX_NUMBER, 0), 1)
    return FeedPosition(ADAPTER, state.store_id, state.newest).token


async def changes(client: Redis, keys: Keys, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
    """Up to `limit` changes after a position; waits up to `wait_s` for the first.

    Raises:
        FeedTruncated: changes after the position are gone, or the position was never reached.
        FieldInvalid: a token of another store.
    """
    deadline = time.monotonic() + wait_s
    while True:
        number = parse_token(after, ADAPTER).number
        state = await _read(client, keys, number, limit)
        parse_token(after, ADAPTER, state.store_id)
        if not state.reaches_back_to(number):
            raise FeedTruncated("The change feed does not reach back to this position. Read all subjects again.")
        remaining_s = min(MAX_BLOCK_S, deadline - time.monotonic())
        if state.entries or remaining_s <= 0:
            return [_change(state.store_id, *entry) for entry in state.entries]
        await client.xread({keys("feed"): _text(number)}, count=1, block=max(1, round(remaining_s * 1000)))


async def _read(client: Redis, keys: Keys, after: Number, limit: int) -> FeedState:
    """Store id, stream facts and entries at one moment."""
    async with client.pipeline(transaction=True) as pipe:
        pipe.set(keys("store"), new_store(), nx=True)
        pipe.get(keys("store"))
        pipe.xinfo_stream(keys("feed"))
        pipe.xrange(keys("feed"), min=f"({_text(after)}", count=limit)
        _, store, facts, entries = await pipe.execute(raise_on_error=False)
    if isinstance(facts, ResponseError) and "no such key" in str(facts):
        return FeedState(store_id(store), (0, 0), None, lost=False, entries=())
    for reply in (store, facts, entries):
        if isinstance(reply, Exception):
            raise reply
    return _state(store_id(store), facts, entries)


def _state(store: str, facts: dict[str, Any], entries: Sequence[tuple[bytes, dict[bytes, bytes]]]) -> FeedState:
    return FeedState(
        store_id=store,
        newest=stream_number(facts["last-generated-id"]),
        oldest=stream_number(facts["recorded-first-entry-id"]) if facts["length"] else None,
        lost=facts["entries-added"] > facts["length"],
        entries=entries,
    )


def _change(store: str, entry_id: bytes, fields: dict[bytes, bytes]) -> Change:
    position = FeedPosition(ADAPTER, store, stream_number(entry_id))
    return Change(position.token, ChangeKind(fields[b"k"].decode()), fields[b"s"].decode())


def stream_number(entry_id: bytes) -> Number:
    """`b"1767225600000-0"` → (1767225600000, 0)."""
    major, minor = entry_id.split(b"-")
    return int(major), int(minor)


def _text(number: Number) -> str:
    return f"{number[0]}-{number[1]}"
