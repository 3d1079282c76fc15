"""The snapshots of a matching service, as its settings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from biometrics.errors import ConfigurationInvalid
from biometrics.template import Modality
from gallery.snapshots.maker import SnapshotMaker
from gallery.snapshots.reading import SnapshotReader
from gallery.store.subject_store import PartitionedStore
from infra.settings import Settings
from services.snapshots import snapshot_maker, snapshot_reader
from tests.support.fakes.memory_backend import MemoryBackend
from tests.support.fakes.memory_keys import MemoryKey, MemoryKeyTable


def store() -> PartitionedStore:
    """An empty store."""
    return PartitionedStore(MemoryBackend(), MemoryKeyTable(), MemoryKey())


def test_without_a_folder() -> None:
    """Without a folder no snapshots are read or made."""
    assert snapshot_reader(store(), Settings()) is None
    assert snapshot_maker(store(), Settings(), Modality.FACE) is None


def test_with_a_folder(tmp_path: Path) -> None:
    """With a folder they are read and made."""
    settings = Settings(snapshots=str(tmp_path))
    assert isinstance(snapshot_reader(store(), settings), SnapshotReader)
    assert isinstance(snapshot_maker(store(), settings, Modality.FACE), SnapshotMaker)


def test_unusable_folder() -> None:
    """A folder that cannot be one is refused at the start."""
    with pytest.raises(ConfigurationInvalid):
        snapshot_reader(store(), Settings(snapshots="s3://"))
