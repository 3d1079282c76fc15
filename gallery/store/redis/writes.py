"""One atomic write to a Redis store: a Lua script that compares the record, replaces it and appends to the feed.

The script takes one round trip. It writes if the record is still the expected one, else it returns the current one.
Whether a write is new, refused or a repetition is decided in Python, as for every store (`gallery/store/rules.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from redis.asyncio import Redis

from biometrics.errors import StoreUnavailable
from gallery.store.keyed_names import SIZE, request_hash
from gallery.store.redis.feed import ADAPTER, stream_number
from gallery.store.redis.keys import Identity, Keys, raw
from gallery.store.rules import request_id_reused
from gallery.store.tokens import FeedPosition, new_mark
from gallery.store.values import Receipt

MAX_ATTEMPTS = 64
"""How often a write is tried if other writes change the same record meanwhile."""

ANY = b"*"
"""Value for the expected record by which any current record is overwritten."""

SCRIPT = """
local store, request, record, feed, erasing, galleries = unpack(KEYS, 1, 6)
local identity, hash, ttl_ms, expected, new, kind, name, mark, length, member = unpack(ARGV, 1, 10)
local held = redis.call('GET', store)
if held ~= identity then return {'STORE'} end
local done = redis.call('GET', request)
if done then return {'DONE', done} end
local current = redis.call('GET', record) or ''
if expected ~= '*' and current ~= expected then return {'RECORD', current} end
if new == '' then
  redis.call('DEL', record)
  for i = 7, #KEYS do redis.call('ZREM', KEYS[i], member) end
  redis.call('SET', erasing, mark)
else
  redis.call('SET', record, new)
  for i = 7, #KEYS do redis.call('ZADD', KEYS[i], 0, member) end
  for i = 11, #ARGV do redis.call('SADD', galleries, ARGV[i]) end
end
local id = '0-0'
if kind ~= '' then
  id = redis.call('XADD', feed, 'MAXLEN', '~', length, '*', 'k', kind, 'n', name, 'm', mark)
else
  local last = redis.call('XREVRANGE', feed, '+', '-', 'COUNT', 1)
  mark = '00000000'
  if last[1] then
    id = last[1][1]
    for i = 1, #last[1][2], 2 do
      if last[1][2][i] == 'm' then mark = last[1][2][i + 1] end
    end
  end
end
local receipt = hash .. mark .. id
redis.call('SET', request, receipt, 'PX', ttl_ms)
return {'WRITTEN', receipt}
"""


@dataclass(frozen=True, slots=True)
class Record:
    """The write of one record.

    Args:
        sets: sorted sets that its id is added to, or removed from if it is erased.
        new: its new bytes; empty to erase it.
        kind: kind of the change in the feed; "" for no change in the feed.
        galleries: the galleries that it is in.
    """

    sets: Sequence[str]
    new: bytes = field(default=b"", repr=False)
    kind: str = ""
    galleries: Sequence[str] = ()


Plan = Callable[[bytes], Record]
"""Makes the write from the current bytes of the record (empty if there is none). Raises errors of the rules."""


class Writing:
    """The writes of one store.

    Args:
        keys: key names of the namespace.
        feed_length: fewest changes that are kept.
        receipt_ttl_ms: milliseconds for which a request is remembered.
    """

    def __init__(self, keys: Keys, feed_length: int, receipt_ttl_ms: int) -> None:
        self._keys, self._feed_length, self._receipt_ttl_ms = keys, feed_length, receipt_ttl_ms

    async def write(
        self, client: Redis, identity: Identity, wanted: Receipt, key: str, plan: Plan, expected: bytes | None
    ) -> Receipt | None:
        """Carry out a write, unless its request was carried out before.

        Args:
            client: client of the server.
            identity: identity of the store.
            wanted: the receipt without its token.
            key: key of the record.
            plan: makes the write; called again if the record is not the expected one.
            expected: assumed bytes of the record; None to read them first.

        Returns:
            The receipt; None if the store has been replaced by another one.

        Raises:
            RequestIdReused: the request id was used with another digest.
            StoreUnavailable: other writes kept changing the record.
        """
        for _ in range(MAX_ATTEMPTS):
            if expected is None:
                done, current = await client.mget(self._keys.request(wanted.request_id), key)
                if done:
                    return receipt_of(identity, wanted, raw(done), replayed=True)
                expected = raw(current or b"")
            outcome, *found = await self._attempt(client, identity, wanted, key, plan(expected), expected)
            if outcome == b"STORE":
                return None
            if outcome != b"RECORD":
                return receipt_of(identity, wanted, found[0], replayed=outcome == b"DONE")
            expected = found[0]
        raise StoreUnavailable("The subject is being written too often now. Try again.")

    async def _attempt(
        self, client: Redis, identity: Identity, wanted: Receipt, key: str, record: Record, expected: bytes
    ) -> list[Any]:
        keys = self._keys
        shared = (keys("feed"), keys("erasing"), keys("galleries"))
        facts = (
            identity.value,
            request_hash(wanted.request_id, wanted.digest),
            self._receipt_ttl_ms,
            expected,
            record.new,
            record.kind,
            identity.name(wanted.subject_id),
            new_mark(),
            self._feed_length,
            wanted.subject_id,
        )
        outcome: list[Any] = await client.register_script(SCRIPT)(
            keys=[keys("store"), keys.request(wanted.request_id), key, *shared, *record.sets],
            args=[*facts, *record.galleries],
        )
        return outcome


def receipt_of(identity: Identity, wanted: Receipt, value: bytes, *, replayed: bool) -> Receipt:
    """The receipt stored in a `request` key.

    Raises:
        RequestIdReused: the request id was used with another digest.
    """
    if value[:SIZE] != request_hash(wanted.request_id, wanted.digest):
        raise request_id_reused(wanted.request_id)
    mark, entry_id = value[SIZE : SIZE + 8].decode(), value[SIZE + 8 :]
    position = FeedPosition(ADAPTER, identity.store_id, stream_number(entry_id), mark)
    return replace(wanted, token=position.token, replayed=replayed)
