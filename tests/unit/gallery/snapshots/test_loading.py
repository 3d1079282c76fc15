"""Loading partitions from snapshots, and from the store where none can be used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from biometrics.errors import SnapshotsUnavailable
from gallery.snapshots.directory import Directory, DirectoryFile
from gallery.snapshots.fault import Fault
from gallery.snapshots.loading import Load
from gallery.snapshots.reading import SnapshotReader
from gallery.snapshots.writing import make_snapshot
from gallery.store.tokens import parse
from gallery.store.values import START
from tests.support.builders import enrolment, reference
from tests.support.fakes.snapshot_gallery import MODALITY, Rows, SnapshotGallery, content


def begin(gallery: SnapshotGallery, *partitions: int) -> Load:
    """A load of these partitions, of all if none is named."""
    return Load(gallery.store, SnapshotReader(gallery.store, gallery.folder), MODALITY, partitions, page_size=3)


async def loaded(load: Load) -> Rows:
    """Content of all pages."""
    return content([page async for page in load.pages()])


async def everything(gallery: SnapshotGallery) -> Rows:
    """Content of the store."""
    return {**await gallery.stored(0), **await gallery.stored(1)}


async def spoil(gallery: SnapshotGallery, tmp_path: Path, place: int) -> None:
    """Change a byte of the newest snapshot of partition 0."""
    row = (await gallery.backend.snapshots(MODALITY, [0]))[0]
    raw = bytearray((tmp_path / row.name).read_bytes())
    raw[place] ^= 1
    (tmp_path / row.name).write_bytes(raw)


async def test_without_snapshots(gallery: SnapshotGallery) -> None:
    """Without snapshots, or without a reader of them, all partitions are read from the store, up to now."""
    for load in (begin(gallery), Load(gallery.store, None, MODALITY, (), page_size=3)):
        assert await loaded(load) == await everything(gallery)
        assert load.token == await gallery.store.position()
        assert load.from_snapshots == load.refused == []


async def test_from_snapshots(gallery: SnapshotGallery) -> None:
    """A partition with a snapshot is loaded from it, the others from the store; the token says from where to follow."""
    made = await gallery.make()
    then = await gallery.stored(0)
    await gallery.enroll(20, first=100)
    load = begin(gallery)
    assert await loaded(load) == {**then, **await gallery.stored(1)}
    assert load.from_snapshots == [made.row]
    positions = parse(load.token, "memory")
    assert positions.of[0] == made.row.position
    assert [positions.of[1]] == await gallery.backend.newest([1])
    names = {each.name for each in await gallery.store.changes(load.token, 100, 0)}
    identity = await gallery.backend.identity()
    assert names == {identity.key(each).name for each in set(await gallery.stored(0)) - set(then)}


async def test_the_log_says_what_came_from_snapshots(
    gallery: SnapshotGallery, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says how many partitions were loaded from snapshots, and why others were not."""
    caplog.set_level("INFO")
    await gallery.make()
    await loaded(begin(gallery))
    assert "FINGERPRINT: read, 1 of 2 partitions from snapshots, " in caplog.text
    await spoil(gallery, tmp_path, place=-1)
    caplog.clear()
    await loaded(begin(gallery))
    assert "A snapshot is not loaded: " in caplog.text
    assert "FINGERPRINT: read, 0 of 2 partitions from snapshots, " in caplog.text


async def test_chosen_partitions(gallery: SnapshotGallery) -> None:
    """Only the partitions that are named are loaded and in the token."""
    await gallery.make()
    for partition in (0, 1):
        load = begin(gallery, partition)
        assert await loaded(load) == await gallery.stored(partition)
        assert list(parse(load.token, "memory").of) == [partition]


async def test_empty_partition(tmp_path: Path) -> None:
    """An empty partition is loaded from its snapshot, with its position."""
    gallery = SnapshotGallery(Directory(tmp_path))
    made = await gallery.make()
    load = begin(gallery, 0)
    assert load.token == START
    assert await loaded(load) == {}
    assert parse(load.token, "memory").of[0] == made.row.position


@pytest.mark.parametrize("place", [0, 3000, -40])
async def test_older_one_is_tried(gallery: SnapshotGallery, tmp_path: Path, place: int) -> None:
    """If the newest snapshot is damaged anywhere, the older one completes it, and changes are followed from there."""
    older = await gallery.make()
    await gallery.enroll(60, first=100)
    await gallery.make()
    await spoil(gallery, tmp_path, place)
    load = begin(gallery, 0)
    rows = await loaded(load)
    assert rows.items() <= (await gallery.stored(0)).items()
    assert load.from_snapshots == [older.row]
    assert [each.reason for each in load.refused] == [Fault.DAMAGED]
    assert parse(load.token, "memory").of[0] == older.row.position


async def test_store_completes_a_damaged_one(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """What a damaged snapshot has not yielded comes from the store, and the changes since the snapshot are followed."""
    await gallery.enroll(60, first=100)
    made = await gallery.make()
    yielded = next(iter(await gallery.read(made.row)))
    await gallery.store.enroll(enrolment(yielded, reference([9, 9, 9, 9]), encounter_id="e2", create_subject=False))
    await spoil(gallery, tmp_path, -40)
    load = begin(gallery, 0)
    rows, stored = await loaded(load), await gallery.stored(0)
    assert rows.keys() == stored.keys()
    assert {each for each in rows if rows[each] != stored[each]} == {yielded}
    identity = await gallery.backend.identity()
    (change,) = await gallery.store.changes(load.token, 100, 0)
    assert change.name == identity.key(yielded).name


async def test_unreadable_then_repaired(gallery: SnapshotGallery) -> None:
    """A subject that could not be read when the snapshot was made is read from the store again."""
    whole = await gallery.stored(0)
    key = (await gallery.backend.identity()).key(next(iter(whole)))
    rows = gallery.backend.rows[key]
    gallery.backend.rows[key] = replace(rows, head=b"?")
    made = await gallery.make()
    assert made.unreadable == 1
    pages = [page async for page in begin(gallery, 0).pages()]
    assert [name for page in pages for name in page.unreadable] == [key.name]
    gallery.backend.rows[key] = rows
    assert await loaded(begin(gallery, 0)) == whole


async def test_erased_during_the_load(gallery: SnapshotGallery) -> None:
    """A subject that is erased while its partition is loaded is in the changes that follow."""
    await gallery.make()
    load = begin(gallery, 0)
    pages = load.pages()
    first = await anext(pages)
    erased = first.subject_ids[0]
    await gallery.erase(erased)
    rest = [page async for page in pages]
    rows = content([first, *rest])
    changes = await gallery.store.changes(load.token, 100, 0)
    assert [each.name for each in changes] == [(await gallery.backend.identity()).key(erased).name]
    assert rows.keys() - {erased} == (await gallery.stored(0)).keys()


class FailingFile(DirectoryFile):
    """Fails after its first chunk."""

    reads = 0

    def readinto(self, buffer: memoryview) -> int:
        """See OpenFile."""
        self.reads += 1
        if self.reads > 5:
            raise SnapshotsUnavailable("The folder of the snapshots cannot be used: it is gone.")
        return super().readinto(buffer)


class FailingDirectory(Directory):
    """Its files fail while they are read."""

    def open(self, name: str) -> FailingFile:
        """See SnapshotFolder."""
        return FailingFile(self._path / name)


async def test_folder_fails(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """If the folder fails while a snapshot is read, the partition is completed from the store."""
    await gallery.make()
    load = Load(gallery.store, SnapshotReader(gallery.store, FailingDirectory(tmp_path)), MODALITY, [0], page_size=3)
    assert await loaded(load) == await gallery.stored(0)
    assert [type(each) for each in load.refused] == [SnapshotsUnavailable]
    assert load.from_snapshots == []


async def test_large_page(gallery: SnapshotGallery) -> None:
    """A snapshot of subjects that need several chunks has each subject once, with its own templates."""
    big = [float(number) for number in range(60_000)]
    for number in range(12):
        await gallery.store.enroll(enrolment(f"big{number}", reference([*big, number])))
    made = await make_snapshot(gallery.store, gallery.folder, 0, MODALITY, page_size=1000)
    assert made is not None
    load = begin(gallery, 0)
    pages = [page async for page in load.pages()]
    assert load.from_snapshots == [made.row]
    assert len(pages) > 1
    assert max(page.templates.data.size for page in pages) < 1_000_000
    assert content(pages) == await gallery.stored(0)
