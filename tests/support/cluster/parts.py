"""What the shards of a test's cluster are made by."""

from __future__ import annotations

import time
from pathlib import Path

from gallery.store.open_store import open_store
from gallery.store.subject_store import PartitionedStore

POLL_S = 0.05


def opened(url: str, stop: str) -> PartitionedStore:
    """The store, once the file `stop` does not exist (any more): until then the shard does not come up."""
    while Path(stop).exists():
        time.sleep(POLL_S)
    return open_store(url)
