"""Reads the change feed of a Redis store: a stream whose entry ids are the feed positions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from biometrics.errors import FeedSetBack, FeedTruncated
from gallery.store.redis.keys import Identity, Keys
from gallery.store.rules import store_set_back
from gallery.store.tokens import NO_MARK, FeedPosition, parse_token
from gallery.store.values import Change, ChangeKind, ConsistencyToken

ADAPTER = "redis"
MAX_BLOCK_S = 1.0
"""Longest wait, in seconds, of one command: a reader notices after at most this time that the store was set back."""

Number = tuple[int, int]
Entry = tuple[bytes, dict[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class FeedState:
    """State of the stream at one moment.

    Args:
        store_id: id of the store.
        oldest: number of the first entry kept, None if there is none.
        lost: whether entries were trimmed off its beginning.
        marks: mark of each queried position that is in the stream.
        entries: the entries that were asked for.
    """

    store_id: str
    oldest: Number | None
    lost: bool
    marks: dict[Number, str]
    entries: Sequence[Entry]

    def holds(self, position: FeedPosition) -> bool | None:
        """Whether the position is in the feed with its mark; None if it is older than the feed."""
        number = position.number
        if number in self.marks:
            return self.marks[number] == position.mark
        if number == (0, 0) and not self.lost:
            return position.mark == NO_MARK
        return None if self.lost and self.oldest is not None and number < self.oldest else False


async def newest(client: Redis, keys: Keys) -> ConsistencyToken:
    """The newest feed position."""
    async with client.pipeline(transaction=True) as pipe:
        pipe.get(keys("store"))
        pipe.xrevrange(keys("feed"), count=1)
        store, last = await pipe.execute()
    return _position(Identity.read(store).store_id, last[0]) if last else _begin(Identity.read(store).store_id)


async def changes(client: Redis, keys: Keys, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
    """Up to `limit` changes after a position; waits up to `wait_s` for the first.

    Raises:
        FeedTruncated: changes after the position are no longer kept.
        FeedSetBack: the position is not in the store's history.
        FieldInvalid: the token was made by another store.
    """
    deadline = time.monotonic() + wait_s
    while True:
        position = parse_token(after, ADAPTER)
        state = await _read(client, keys, [position], position.number, limit)
        parse_token(after, ADAPTER, state.store_id)
        held = state.holds(position)
        if held is None:
            raise FeedTruncated("The change feed does not reach back to this position. Read all subjects again.")
        if not held:
            raise FeedSetBack("The store was set back to a time before this position. Read all subjects again.")
        remaining_s = min(MAX_BLOCK_S, deadline - time.monotonic())
        if state.entries or remaining_s <= 0:
            return [_change(state.store_id, entry) for entry in state.entries]
        await client.xread({keys("feed"): _text(position.number)}, count=1, block=max(1, round(remaining_s * 1000)))


async def check(client: Redis, keys: Keys, tokens: Sequence[ConsistencyToken]) -> None:
    """Return if each of these positions is in the store's history, or is older than the feed.

    Raises:
        StoreSetBack: one is not in the history.
        FieldInvalid: one was made by another store.
    """
    positions = [parse_token(token, ADAPTER) for token in tokens]
    state = await _read(client, keys, positions, (0, 0), 1)
    for token in tokens:
        parse_token(token, ADAPTER, state.store_id)
    if any(state.holds(position) is False for position in positions):
        raise store_set_back()


async def _read(client: Redis, keys: Keys, positions: Sequence[FeedPosition], after: Number, limit: int) -> FeedState:
    """Read store id, stream facts, positions and entries in one transaction."""
    async with client.pipeline(transaction=True) as pipe:
        pipe.get(keys("store"))
        pipe.xinfo_stream(keys("feed"))
        pipe.xrange(keys("feed"), min=f"({_text(after)}", count=limit)
        for position in positions:
            pipe.xrange(keys("feed"), min=_text(position.number), max=_text(position.number))
        store, facts, entries, *found = await pipe.execute(raise_on_error=False)
    if isinstance(facts, ResponseError) and "no such key" in str(facts):
        return FeedState(Identity.read(store).store_id, None, lost=False, marks={}, entries=())
    for reply in (store, facts, entries, *found):
        if isinstance(reply, Exception):
            raise reply
    kept = [entry for each in found for entry in each]
    return FeedState(
        store_id=Identity.read(store).store_id,
        oldest=stream_number(facts["recorded-first-entry-id"]) if facts["length"] else None,
        lost=facts["entries-added"] > facts["length"],
        marks={stream_number(entry_id): fields[b"m"].decode() for entry_id, fields in kept},
        entries=entries,
    )


def _change(store_id: str, entry: Entry) -> Change:
    _, fields = entry
    return Change(_position(store_id, entry), ChangeKind(fields[b"k"].decode()), fields[b"n"])


def _position(store_id: str, entry: Any) -> ConsistencyToken:
    entry_id, fields = entry
    return FeedPosition(ADAPTER, store_id, stream_number(entry_id), fields[b"m"].decode()).token


def _begin(store_id: str) -> ConsistencyToken:
    return FeedPosition(ADAPTER, store_id, (0, 0)).token


def stream_number(entry_id: bytes) -> Number:
    """`b"1767225600000-0"` → (1767225600000, 0)."""
    major, minor = entry_id.split(b"-")
    return int(major), int(minor)


def _text(number: Number) -> str:
    return f"{number[0]}-{number[1]}"
