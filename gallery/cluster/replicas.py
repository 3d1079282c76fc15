"""What the searching process knows of its shards: their partitions, their replicas, and which of these are ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from gallery.cluster.messages import ShardStatus
from gallery.partitions import partition_of

USUAL_WEIGHT = 0.2
"""Weight of the newest time in the average of answering times."""
FIRST_USUAL_S = 0.3
"""Average answering time before the first answer, in seconds."""

_turns = count()


@dataclass(eq=False)
class Replica:
    """One replica of a shard.

    Args:
        actor: its handle.
        status: its newest state; None if it does not answer.
        is_dead: whether it will not come back by itself.
    """

    actor: Any = field(repr=False)
    status: ShardStatus | None = None
    is_dead: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether it answered last time, and had loaded its partitions."""
        return self.status is not None and self.status.is_ready

    def failed(self) -> None:
        """It did not answer: it is not asked again before it has told its state."""
        self.status = None


@dataclass(eq=False)
class ShardReplicas:
    """All replicas of one shard, in one placement group. Replaced as a whole when the shard moves.

    Args:
        number: of the shard.
        partitions: of the shard.
        replicas: at least one.
        group: their placement group.
        users: number of searches that use it now.
        usual_s: average time of an answer, in seconds.
    """

    number: int
    partitions: tuple[int, ...]
    replicas: Sequence[Replica]
    group: Any = field(repr=False)
    users: int = 0
    usual_s: float = FIRST_USUAL_S

    @property
    def is_ready(self) -> bool:
        """Whether a replica is ready."""
        return any(each.is_ready for each in self.replicas)

    @property
    def is_whole(self) -> bool:
        """Whether all replicas are ready."""
        return all(each.is_ready for each in self.replicas)

    @property
    def has_died(self) -> bool:
        """Whether a replica will not come back by itself."""
        return any(each.is_dead for each in self.replicas)

    @property
    def is_healthy(self) -> bool:
        """Whether a replica is ready and has not dropped its copy in the last 3 s."""
        return any(each.status and each.status.is_healthy for each in self.replicas)

    @property
    def last_error(self) -> str:
        """Why a replica cannot follow the store; "" if all that answer can."""
        return next((each.status.last_error for each in self.replicas if each.status and each.status.last_error), "")

    def highest(self, count: str) -> int:
        """The highest value of a count that its replicas' states have."""
        return max((getattr(each.status, count) for each in self.replicas if each.status), default=0)

    def in_turn(self) -> list[Replica]:
        """The replicas that are ready, beginning with another one at each call."""
        ready = [each for each in self.replicas if each.is_ready]
        turn = next(_turns) % len(ready) if ready else 0
        return ready[turn:] + ready[:turn]

    def answered(self, took_s: float) -> None:
        """Count the time of an answer into the average."""
        self.usual_s += USUAL_WEIGHT * (took_s - self.usual_s)


def of_shards(
    subject_ids: Sequence[str], shards: Sequence[ShardReplicas], partition_count: int
) -> dict[int, list[str]]:
    """The ids, each once, by number of the shard that has them."""
    shard_of = {partition: each.number for each in shards for partition in each.partitions}
    found: dict[int, list[str]] = {}
    for subject_id in dict.fromkeys(subject_ids):
        found.setdefault(shard_of[partition_of(subject_id, partition_count)], []).append(subject_id)
    return found
