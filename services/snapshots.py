"""The snapshots of a matching service: read when its index is loaded, and made beside it."""

from __future__ import annotations

from biometrics.template import Modality
from gallery.snapshots.folder import SnapshotFolder
from gallery.snapshots.maker import SnapshotMaker
from gallery.snapshots.open_folder import open_folder
from gallery.snapshots.reading import SnapshotReader
from gallery.store.port import SubjectStore
from gallery.store.subject_store import PartitionedStore
from infra.settings import Settings


def snapshot_reader(store: SubjectStore, settings: Settings) -> SnapshotReader | None:
    """Reads the snapshots of the store; None if the settings name no folder of them.

    Raises:
        ConfigurationInvalid, ModuleNotFoundError: as `open_folder`.
    """
    folder = _folder(settings)
    return SnapshotReader(store, folder) if folder and isinstance(store, PartitionedStore) else None


def snapshot_maker(store: SubjectStore, settings: Settings, modality: Modality) -> SnapshotMaker | None:
    """Makes snapshots of one modality; None if the settings name no folder of them. Raises as `snapshot_reader`."""
    folder = _folder(settings)
    return SnapshotMaker(store, folder, modality) if folder and isinstance(store, PartitionedStore) else None


def _folder(settings: Settings) -> SnapshotFolder | None:
    return open_folder(settings.snapshots, settings.snapshots_endpoint)
