"""An index over several machines: shards in Ray actors, each with some partitions of the store."""
