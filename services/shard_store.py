"""Opens the store in a shard's process, by the settings in the environment of its machine."""

from __future__ import annotations

from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from gallery.store.port import SubjectStore
from infra.settings import Settings


def shard_store() -> SubjectStore:
    """The store; neither its password nor the name of its key passes through the cluster.

    The variable of `gallery/erased_memory.py` must be set on that machine before Ray starts: this process cannot start
    itself anew.

    Raises:
        ConfigurationInvalid: as `Settings.from_environment` and `open_store`.
    """
    settings = Settings.from_environment()
    return open_store(settings.store, StoreOptions.of(settings))
