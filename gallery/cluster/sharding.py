"""How an index is spread over machines."""

from __future__ import annotations

from dataclasses import dataclass

from gallery.cluster.messages import Importable, ShardSpec
from gallery.cluster.placement import Needs
from gallery.cluster.plan import partitions_of_shards
from gallery.index.search.compare import EXHAUSTIVE_ROWS


@dataclass(frozen=True)
class Sharding:
    """How an index is spread over machines.

    Args:
        address: of the Ray cluster: "auto", or host:port of its head.
        shard_count: number of shards; 2 to 4 for each machine, so that they can be spread evenly.
        needs: what each replica of a shard needs.
        store: opens the store on any machine of the cluster.
        comparator: makes the comparator there.
        snapshots: makes the reader of the store's snapshots there, of the store; None: they are not used.
        segment_size: as in `ExactIndex`.
        threads: as in `ExactIndex`, for each shard.
        exhaustive_rows: as in `ExactIndex`.
    """

    address: str
    shard_count: int
    needs: Needs
    store: Importable
    comparator: Importable
    snapshots: Importable | None = None
    segment_size: int = 4096
    threads: int = 1
    exhaustive_rows: int = EXHAUSTIVE_ROWS

    def specs(self, partition_count: int) -> list[ShardSpec]:
        """What the shards of a store of so many partitions are made of.

        Raises:
            ConfigurationInvalid: there are more shards than partitions.
        """
        options = {name: getattr(self, name) for name in ("segment_size", "threads", "exhaustive_rows")}
        parts = partitions_of_shards(partition_count, self.shard_count)
        return [
            ShardSpec(each, partition_count, self.store, self.comparator, options, self.snapshots) for each in parts
        ]
