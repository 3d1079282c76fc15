"""One search over all shards, in one round or in two, under the deadline of the request."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from secrets import token_hex

from gallery.cluster.gather import Gathered, gather
from gallery.cluster.messages import Query, ShardHits
from gallery.cluster.replicas import ShardReplicas
from gallery.cluster.screening import Screening
from gallery.index.search.rank import IndexHit
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
        known = Screening(query.limit, self.share, self.exhaustive_rows)
        asked = gather(
            shards, lambda s, r: r.actor.screen.remote(self._for(query, s, middle), key, 0), middle, is_wanted
        )
        lost = list(asked.missing)
        known.take(asked.answers, asked.replicas)
        while numbers := known.short():
            more = gather(
                [each for each in shards if each.number in numbers],
                lambda s, r: r.actor.screen.remote(self._for(query, s, until), key, known.wanted),
                until,
                is_wanted,
                known.in_order,
            )
            known.take(more.answers, more.replicas)
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


def merged(parts: Sequence[ShardHits], limit: int) -> list[IndexHit]:
    """The best subjects of all parts, in order of falling score, then of subject id."""
    hits = chain.from_iterable(each.hits for each in parts)
    return sorted(hits, key=lambda hit: (-hit.score, hit.subject_id))[:limit]
