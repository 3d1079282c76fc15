"""One search over all shards, in one round or in two, under the deadline of the request."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from secrets import token_hex

import numpy as np

from gallery.cluster.gather import Gathered, gather
from gallery.cluster.messages import Query, Screened, ShardHits
from gallery.cluster.replicas import Replica, ShardReplicas
from gallery.index.search.rank import IndexHit
from gallery.index.search.rounds import cut_of, floor_of, wanted_of
from gallery.patience import IsWanted
from gallery.store.values import ConsistencyToken

LONGEST_S = 30.0
"""Longest search, in seconds, of a caller that states no deadline."""
USED_SHARE = 0.8
"""Share of the time left that is spent on waiting for shards; the rest is for the way back."""


@dataclass(frozen=True)
class Scattering:
    """Makes searches.

    Args:
        exhaustive_rows: as in the shards' indexes.
        share: the comparator's screened share; 0: each shard finds the best of its rows by itself.
        seen: the token that a search of these partitions must see.
        left_s: returns the seconds left until the deadline of the current call.
    """

    exhaustive_rows: int
    share: float
    seen: Callable[[Sequence[int]], ConsistencyToken]
    left_s: Callable[[], float]

    def budget_s(self) -> float:
        """Seconds that may be spent on waiting for shards."""
        return min(LONGEST_S, USED_SHARE * self.left_s())

    def search(self, query: Query, shards: Sequence[ShardReplicas], is_wanted: IsWanted) -> Gathered:
        """The `ShardHits` of all shards, as they would be if one index held all rows. Raises as `gather`."""
        budget_s = self.budget_s()
        if self.share:
            return self._in_two_rounds(query, shards, budget_s, is_wanted)
        until = time.monotonic() + budget_s
        return gather(shards, lambda s, r: r.actor.search.remote(self._for(query, s, until)), until, is_wanted)

    def score(
        self,
        query: Query,
        ids: Callable[[ShardReplicas], Sequence[str]],
        shards: Sequence[ShardReplicas],
        is_wanted: IsWanted,
    ) -> Gathered:
        """The `ShardHits` of named subjects. Raises as `gather`."""
        until = time.monotonic() + self.budget_s()
        return gather(shards, lambda s, r: r.actor.score.remote(self._for(query, s, until), ids(s)), until, is_wanted)

    def _in_two_rounds(
        self, query: Query, shards: Sequence[ShardReplicas], budget_s: float, is_wanted: IsWanted
    ) -> Gathered:
        key, begin = token_hex(8), time.monotonic()
        middle, until = begin + budget_s / 2, begin + budget_s
        known = _Screening(query.limit, self.share, self.exhaustive_rows)
        asked = gather(
            shards, lambda s, r: r.actor.screen.remote(self._for(query, s, middle), key, 0), middle, is_wanted
        )
        lost = list(asked.missing)
        known.take(asked)
        while numbers := known.short():
            more = gather(
                [each for each in shards if each.number in numbers],
                lambda s, r: r.actor.screen.remote(self._for(query, s, until), key, known.wanted),
                until,
                is_wanted,
                known.in_order,
            )
            known.take(more)
            known.drop(more.missing)
            lost += more.missing
        floor = known.floor
        rest = [each for each in shards if each.number in known.parts]
        found = gather(
            rest,
            lambda s, r: r.actor.compare.remote(self._for(query, s, until), key, floor),
            until,
            is_wanted,
            known.in_order,
        )
        found.missing += lost
        found.error = found.error or asked.error
        return found

    def _for(self, query: Query, shard: ShardReplicas, until: float) -> Query:
        left_s = max(0.0, until - time.monotonic())
        return replace(query, left_s=left_s, seen=self.seen(shard.partitions))


@dataclass
class _Screening:
    """What the first rounds of all shards have shown."""

    limit: int
    share: float
    exhaustive_rows: int
    parts: dict[int, Screened] = field(default_factory=dict)
    replicas: dict[int, Replica] = field(default_factory=dict)

    def take(self, asked: Gathered) -> None:
        """Take the answers of shards."""
        self.parts.update(asked.answers)
        self.replicas.update(asked.replicas)

    def drop(self, missing: Sequence[ShardReplicas]) -> None:
        """Leave out shards of which no replica answers any more."""
        for each in missing:
            self.parts.pop(each.number)

    def in_order(self, shard: ShardReplicas) -> list[Replica]:
        """The replicas of a shard to ask, first the one that screened."""
        first = self.replicas[shard.number]
        return [first, *(each for each in shard.in_turn() if each is not first)]

    @property
    def row_count(self) -> int:
        """Rows of all shards."""
        return sum(each.row_count for each in self.parts.values())

    @property
    def least(self) -> int:
        """Most references of a subject, times the limit."""
        return max(1, self.limit * max((each.widest for each in self.parts.values()), default=0))

    @property
    def wanted(self) -> int:
        """Number of rows of all shards that are compared in full."""
        return wanted_of(self.row_count, self.share, self.exhaustive_rows, self.least)

    @property
    def cut(self) -> float:
        """The lowest screening score among the best `wanted` of all; −inf if there are not so many."""
        return cut_of(
            np.concatenate([np.empty(0, np.float32), *(each.scores for each in self.parts.values())]), self.wanted
        )

    @property
    def floor(self) -> float:
        """The lowest screening score that is compared in full."""
        return floor_of(self.cut, max((each.error for each in self.parts.values()), default=0.0))

    def short(self) -> set[int]:
        """The shards that may have further rows among the best of all than they have told."""
        wanted, cut = self.wanted, self.cut
        return {
            number
            for number, part in self.parts.items()
            if not part.is_all and part.scores.size < wanted and part.scores[-1] > cut
        }


def merged(parts: Sequence[ShardHits], limit: int) -> list[IndexHit]:
    """The best subjects of all parts, in order of falling score, then of subject id."""
    hits = chain.from_iterable(each.hits for each in parts)
    return sorted(hits, key=lambda hit: (-hit.score, hit.subject_id))[:limit]
