"""What the first rounds of all shards have shown: how far each must look to find what one index would find.

The best screening scores of all rows are to be compared in full. Each shard tells its own best; if it might have more
among the best of all than it told, it is asked again (gallery/index/search/rounds.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gallery.cluster.messages import Screened
from gallery.cluster.replicas import Replica, ShardReplicas
from gallery.index.search.rounds import cut_of, floor_of, wanted_of


@dataclass
class Screening:
    """The first rounds of all shards.

    Args:
        limit: most subjects returned.
        share: the comparator's screened share, above 0.
        exhaustive_rows: as in the shards' indexes.
        parts: the answers by number of the shard.
        replicas: who gave them.
    """

    limit: int
    share: float
    exhaustive_rows: int
    parts: dict[int, Screened] = field(default_factory=dict)
    replicas: dict[int, Replica] = field(default_factory=dict)

    def take(self, answers: Mapping[int, Screened], replicas: Mapping[int, Replica]) -> None:
        """Take the answers of shards, by number of the shard, in the place of earlier ones."""
        self.parts.update(answers)
        self.replicas.update(replicas)

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
