"""Opens the store and its snapshots in a shard's process, by the settings in the environment of its machine."""

from __future__ import annotations

from gallery.snapshots.reading import SnapshotReader
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from gallery.store.subject_store import PartitionedStore
from infra.settings import Settings
from services.snapshots import snapshot_reader


def shard_store() -> PartitionedStore:
    """The store; neither its password nor the name of its key passes through the cluster.

    The variable of `gallery/erased_memory.py` must be set on that machine before Ray starts: this process cannot start
    itself anew.

    Raises:
        ConfigurationInvalid: as `Settings.from_environment` and `open_store`.
    """
    settings = Settings.from_environment()
    return open_store(settings.store, StoreOptions.of(settings))


def shard_snapshots(store: PartitionedStore) -> SnapshotReader | None:
    """The reader of the store's snapshots; None if the settings name no folder of them. Raises as `snapshot_reader`."""
    return snapshot_reader(store, Settings.from_environment())
