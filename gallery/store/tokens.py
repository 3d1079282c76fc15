"""Consistency tokens: positions in the change feeds of a store's partitions.

A token reads `<adapter>.<store id>.<position>`, several positions joined by `~`. A position reads
`<partition>-<epoch>-<mark>-<major>-<minor>`, e.g.

    redis.5f0c1d2e.7-1c9f00a2-9b3e07aa-1767225600000-0

The adapter and the store's random id show which store made the token. The two numbers order the positions of one
partition. The mark is random for each entry of the feed and shows a lost write: after a backup is restored and written
to, a number that is used again has another mark. The epoch is random for each life of a partition: it changes when the
store learns that writes were lost, and then positions of an older epoch are not believed. Example, SQLite:

    write 57                                    sqlite.5f0c1d2e.7-1c9f00a2-9b3e07aa-57-0
    backup of write 56 restored, new write      sqlite.5f0c1d2e.7-1c9f00a2-1c44d0f3-57-0    the first token is refused
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from secrets import token_hex

from biometrics.errors import FieldInvalid
from gallery.store.values import START, ConsistencyToken

NO_MARK = "00000000"
"""The mark of the position before the first entry."""
MAX_NUMBER = 2**64 - 1
Number = tuple[int, int]

_HEAD = re.compile(r"([a-z]+)\.([0-9a-f]{8})\.(.*)")
_POSITION = re.compile(r"([0-9]{1,4})-([0-9a-f]{8})-([0-9a-f]{8})-([0-9]{1,20})-([0-9]{1,20})")


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """A position in the feed of one partition.

    Args:
        partition: 0 to 4095.
        epoch: 8 hexadecimal digits, random per life of the partition.
        mark: 8 hexadecimal digits, random per entry of the feed.
        number: (major, minor), each 0 to 2⁶⁴ − 1; later positions are greater.
    """

    partition: int
    epoch: str
    mark: str
    number: Number

    def is_after(self, other: FeedPosition | None) -> bool:
        """Whether it is a later one than `other`, or of another epoch."""
        return other is None or self.epoch != other.epoch or self.number > other.number

    def __str__(self) -> str:
        major, minor = self.number
        return f"{self.partition}-{self.epoch}-{self.mark}-{major}-{minor}"


@dataclass(frozen=True)
class Positions:
    """At most one position for each partition of a store; what a token stands for.

    Args:
        adapter: kind of store, e.g. "sqlite"; "" if unknown.
        store_id: 8 hexadecimal digits; "" if unknown.
        of: the positions by partition; empty for `START` and for the token of the origin.
    """

    adapter: str
    store_id: str
    of: Mapping[int, FeedPosition]

    @cached_property
    def token(self) -> ConsistencyToken:
        """The positions as an opaque token."""
        if not self.store_id:
            return START
        return ConsistencyToken(f"{self.adapter}.{self.store_id}.{'~'.join(str(each) for each in self.of.values())}")

    def advanced(self, later: Iterable[FeedPosition]) -> Positions:
        """These positions, replaced by later ones of the same partitions."""
        return Positions(self.adapter, self.store_id, {**self.of, **{each.partition: each for each in later}})

    def reached(self, wanted: Positions) -> bool:
        """Whether each wanted position is at or before the one here; none is reached if its partition is not here.

        Raises:
            FieldInvalid: the wanted ones are of another store.
        """
        if wanted.store_id and self.store_id and (wanted.adapter, wanted.store_id) != (self.adapter, self.store_id):
            raise not_ours()
        return all(
            each.partition in self.of and self.of[each.partition].number >= each.number for each in wanted.of.values()
        )


NOWHERE = Positions("", "", {})
"""The positions of `START`."""


def new_mark() -> str:
    """A random mark for a new entry, or a random epoch."""
    return token_hex(4)


@lru_cache(maxsize=64)
def parse(token: ConsistencyToken, adapter: str, store_id: str = "") -> Positions:
    """Read a token of this kind of store; with `store_id`, of this store only. `START` has no positions.

    Raises:
        FieldInvalid: the token was made by another store, or by none.
    """
    if token == START:
        return Positions(adapter, store_id, {})
    head = _HEAD.fullmatch(token)
    if head is None or head[1] != adapter or store_id not in ("", head[2]):
        raise not_ours()
    positions = [_position(text) for text in head[3].split("~")] if head[3] else []
    return Positions(adapter, head[2], {each.partition: each for each in positions})


def partitions_of(token: ConsistencyToken) -> tuple[int, ...]:
    """The partitions that a token names; none for `START` and for the token of the origin.

    Raises:
        FieldInvalid: it is no token.
    """
    return tuple(parse(token, token.partition(".")[0]).of)


def reached(applied: ConsistencyToken, wanted: ConsistencyToken) -> bool:
    """Whether one token is at or after another one in each partition of that one.

    Raises:
        FieldInvalid: they are not of one store.
    """
    adapter = (applied or wanted).partition(".")[0]
    return parse(applied, adapter).reached(parse(wanted, adapter))


def joined(tokens: Sequence[ConsistencyToken]) -> ConsistencyToken:
    """One token for several of one store: of each partition the latest position, and of several epochs the last one.

    Raises:
        FieldInvalid: they are not of one store.
    """
    adapter = store_id = ""
    latest: dict[int, FeedPosition] = {}
    for token in tokens:
        if token != START:
            positions = parse(token, adapter or token.partition(".")[0], store_id)
            adapter, store_id = positions.adapter, positions.store_id
            latest |= {p: each for p, each in positions.of.items() if each.is_after(latest.get(p))}
    return Positions(adapter, store_id, latest).token


def _position(text: str) -> FeedPosition:
    match = _POSITION.fullmatch(text)
    if match is None or max(int(match[4]), int(match[5])) > MAX_NUMBER:
        raise not_ours()
    return FeedPosition(int(match[1]), match[2], match[3], (int(match[4]), int(match[5])))


def not_ours() -> FieldInvalid:
    """The error for a token that this store did not make."""
    return FieldInvalid("consistency_token", "This is no token of this store. Send it as a write returned it.")
