"""Which partitions a shard has, and which shard moves when machines come and go. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from biometrics.errors import ConfigurationInvalid


def partitions_of_shards(partition_count: int, shard_count: int) -> list[tuple[int, ...]]:
    """Contiguous ranges of partitions, one per shard, whose sizes differ by 1 at most.

    Raises:
        ConfigurationInvalid: there are more shards than partitions, or none.
    """
    if not 1 <= shard_count <= partition_count:
        raise ConfigurationInvalid(
            f"{shard_count} shards cannot hold {partition_count} partitions. Use 1 to {partition_count} shards."
        )
    ends = [number * partition_count // shard_count for number in range(shard_count + 1)]
    return [tuple(range(first, end)) for first, end in pairwise(ends)]


def next_move(
    nodes_of_shards: Mapping[int, Sequence[str]], nodes: Collection[str], leaving: Collection[str] = ()
) -> int | None:
    """The shard that should be placed anew, or None.

    First those with a replica on a machine that leaves or is gone. Then, while a machine has at least two replicas more
    than another one, a shard of the fullest machine that has no replica on the emptiest one.

    Args:
        nodes_of_shards: ids of the machines of each shard's replicas.
        nodes: ids of all machines that are up.
        leaving: ids of machines that are to be emptied.
    """
    staying = [node for node in nodes if node not in leaving]
    if not staying:
        return None
    held = Counter(dict.fromkeys(staying, 0))
    for shard, places in sorted(nodes_of_shards.items()):
        if any(node not in held for node in places):
            return shard
        held.update(places)
    emptiest, fullest = min(held, key=lambda node: (held[node], node)), max(held, key=lambda node: (held[node], node))
    if held[fullest] - held[emptiest] < 2:
        return None
    movable = [s for s, places in sorted(nodes_of_shards.items()) if fullest in places and emptiest not in places]
    return movable[0] if movable else None
