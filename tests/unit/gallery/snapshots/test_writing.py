"""Making snapshots."""

from __future__ import annotations

from pathlib import Path

import pytest

from biometrics.errors import SnapshotsUnavailable, StoreUnavailable
from biometrics.template import Modality
from gallery.sealing.key_table import KeyRef
from gallery.snapshots.directory import PART, Directory, DirectoryPart
from gallery.snapshots.writing import begun_at, make_snapshot
from tests.support.builders import enrolment, reference
from tests.support.fakes.meanwhile_backend import MeanwhileBackend
from tests.support.fakes.snapshot_gallery import MODALITY, SnapshotGallery


class FullDirectory(Directory):
    """Its disk has room for the first bytes only."""

    def begin(self, name: str) -> DirectoryPart:
        """See SnapshotFolder."""
        part = super().begin(name)
        self.begun = self._path / (name + PART)
        part._file.close()
        part._file = open("/dev/full", "wb", buffering=0)  # noqa: PTH123, SIM115  # the part closes it
        return part


def files(path: Path) -> list[str]:
    """Names of all files."""
    return sorted(each.name for each in path.iterdir())


async def slots(gallery: SnapshotGallery) -> list[bytes]:
    """Names of the keys of the registered snapshots."""
    return [each.key_slot for each in await gallery.backend.snapshots(MODALITY, [0, 1])]


async def test_content_and_counts(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """A snapshot has all subjects of its partition, the position from before, and the counts and size it says."""
    (before,) = await gallery.backend.newest([0])
    made = await gallery.make()
    stored = await gallery.stored()
    assert await gallery.read(made.row) == stored
    assert (made.subjects, made.references, made.unreadable) == (len(stored), len(stored), 0)
    assert made.size == (tmp_path / made.row.name).stat().st_size
    assert made.row.position == before
    assert begun_at(made.row) == 0.0


async def test_empty_partition(tmp_path: Path) -> None:
    """A partition without subjects has a snapshot without subjects."""
    gallery = SnapshotGallery(Directory(tmp_path))
    made = await gallery.make()
    assert await gallery.read(made.row) == {}


async def test_no_plaintext(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """Neither templates nor ids nor galleries are readable in a file, and only its owner may read it."""
    canary = b"canary template!"
    await gallery.store.enroll(enrolment("canary-subject", reference([*canary])))
    for partition in (0, 1):
        path = tmp_path / (await gallery.make(partition)).row.name
        raw = path.read_bytes()
        own = [data for _, templates in (await gallery.stored(partition)).values() for data in templates]
        assert own
        assert not [word for word in (*own, b"canary-subject", b"default") if word in raw]
        assert path.stat().st_mode & 0o077 == 0


async def test_two_are_kept(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """The two newest stay; the file and the key of an older one are gone."""
    first = (await gallery.make()).row
    others = [(await gallery.make()).row for _ in range(2)]
    assert [*reversed(others)] == list(await gallery.backend.snapshots(MODALITY, [0]))
    assert files(tmp_path) == sorted(row.name for row in others)
    keys = gallery.store.keys_of(await gallery.backend.identity())
    assert await keys.find(0, [KeyRef.unpack(first.key_slot)]) == [None]
    assert None not in await keys.find(0, [KeyRef.unpack(row.key_slot) for row in others])


async def test_partitions_and_modalities_are_apart(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """Making one removes none of another partition or modality."""
    kept = [(await gallery.make(1)).row for _ in range(2)]
    iris = await make_snapshot(gallery.store, gallery.folder, 0, Modality.IRIS)
    assert iris is not None
    for _ in range(3):
        await gallery.make()
    assert {row.name for row in (*kept, iris.row)} <= set(files(tmp_path))


async def test_enrolment_meanwhile(tmp_path: Path) -> None:
    """If a subject is enrolled meanwhile, the snapshot is registered with the position from before it."""
    backend = MeanwhileBackend(partition_count=1)
    gallery = SnapshotGallery(Directory(tmp_path), backend)
    await gallery.enroll(10)
    (before,) = await backend.newest([0])
    backend.meanwhile = lambda: gallery.enroll(1, first=50)
    made = await gallery.make()
    assert made.row.position == before


async def test_later_run_wins(tmp_path: Path) -> None:
    """Of two runs for one partition the later one completes, and the earlier one is given up."""
    backend = MeanwhileBackend(partition_count=1)
    gallery = SnapshotGallery(Directory(tmp_path), backend)
    await gallery.enroll(10)

    async def another() -> None:
        await gallery.make()

    backend.meanwhile = another
    assert await make_snapshot(gallery.store, gallery.folder, 0, MODALITY, page_size=2) is None
    (row,) = await backend.snapshots(MODALITY, [0])
    assert files(tmp_path) == [row.name]
    assert await gallery.read(row) == await gallery.stored()


async def test_store_fails_meanwhile(tmp_path: Path) -> None:
    """A run that the store's failure ends leaves no file; the next one drops its entry in the register, and its key."""
    backend = MeanwhileBackend(partition_count=1)
    gallery = SnapshotGallery(Directory(tmp_path), backend)
    await gallery.enroll(10)

    async def fail() -> None:
        backend.down = True

    backend.meanwhile = fail
    with pytest.raises(StoreUnavailable):
        await gallery.make()
    assert files(tmp_path) == []
    backend.down = False
    left = await slots(gallery)
    made = await gallery.make()
    assert await slots(gallery) == [made.row.key_slot]
    keys = gallery.store.keys_of(await backend.identity())
    assert await keys.find(0, [KeyRef.unpack(each) for each in left]) == [None] * len(left)


async def test_killed_run(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """What a killed run leaves, an entry in the register and a part of a file, is removed by the next run."""
    row = (await gallery.make()).row
    (tmp_path / row.name).rename(tmp_path / (row.name + PART))
    made = await gallery.make()
    assert files(tmp_path) == [made.row.name]
    assert await slots(gallery) == [made.row.key_slot]
    keys = gallery.store.keys_of(await gallery.backend.identity())
    assert await keys.find(0, [KeyRef.unpack(row.key_slot)]) == [None]


async def test_full_disk(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """A full disk is SnapshotsUnavailable; nothing is registered, and no file is left."""
    folder = FullDirectory(tmp_path)
    with pytest.raises(SnapshotsUnavailable, match="no space left"):
        await make_snapshot(gallery.store, folder, 0, MODALITY)
    assert await slots(gallery) == []
    assert files(tmp_path) == []
    assert await gallery.backend.key_slots() == []
