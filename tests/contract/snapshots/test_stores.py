"""Snapshots over every kind of store, read by another store object, as by another process."""

from __future__ import annotations

import uuid
from pathlib import Path

from gallery.snapshots.directory import Directory
from gallery.snapshots.fault import Fault
from gallery.snapshots.loading import Load
from gallery.snapshots.maker import Pace, SnapshotMaker
from gallery.snapshots.reading import SnapshotReader
from gallery.snapshots.writing import make_snapshot
from gallery.store.subject_store import PartitionedStore
from tests.contract.conftest import PARTITIONS, OpenStore
from tests.support.builders import enrolment, reference
from tests.support.fakes.snapshot_gallery import MODALITY, Rows, content

SMALL = 10


async def rest(seconds: float) -> None:
    """Do not wait."""


def maker(store: PartitionedStore, path: Path) -> SnapshotMaker:
    """Makes snapshots after changes of half of the subjects, without pauses."""
    return SnapshotMaker(store, Directory(path), MODALITY, pace=Pace(share=0.5), sleep=rest)


def load(store: PartitionedStore, path: Path) -> Load:
    """A load of all partitions."""
    return Load(store, SnapshotReader(store, Directory(path)), MODALITY, (), 7)


async def rows(store: PartitionedStore) -> Rows:
    """Content of a store."""
    return content([page async for page in store.references(MODALITY, (), 100)])


async def enroll(store: PartitionedStore, first: int, count: int) -> None:
    """Enrol subjects of these numbers."""
    for number in range(first, first + count):
        galleries = ("default", f"g{number % 3}")
        await store.enroll(enrolment(f"s{number}", reference([number, 1, 2, 3]), galleries=galleries))


async def test_snapshots_and_tail(open_store: OpenStore, tmp_path: Path) -> None:
    """What is loaded from snapshots and the changes that follow give the content of the store."""
    store, folder = open_store(), tmp_path / "snapshots"
    await enroll(store, 0, 20)
    assert len(await maker(store, folder).round()) == PARTITIONS
    assert await maker(store, folder).round() == []
    before = await rows(store)
    await enroll(store, 20, 5)
    other = open_store()
    loading = load(other, folder)
    assert content([page async for page in loading.pages()]) == before
    assert len(loading.from_snapshots) == PARTITIONS
    changes = await other.changes(loading.token, 100, 0)
    tail = await other.references_of(MODALITY, [(each.partition, each.name) for each in changes])
    assert {**before, **content([tail])} == await rows(store)


async def test_erasure(open_store: OpenStore, tmp_path: Path) -> None:
    """An erasure makes the snapshots of its partition unusable for everybody; the next round makes another."""
    store, folder = open_store(), tmp_path / "snapshots"
    await enroll(store, 0, 20)
    await maker(store, folder).round()
    other = open_store()
    reader = SnapshotReader(other, Directory(folder))
    partition = (await store.backend.identity()).key("s3").partition
    before = (await reader.registered(MODALITY, range(PARTITIONS)))[partition]
    await store.delete("s3", str(uuid.uuid4()), "d")
    assert partition not in await reader.registered(MODALITY, range(PARTITIONS))
    assert await store.backend.key_slots() == []
    assert not [each for each in before if await store.backend.put_snapshot(each.row)]
    loading = load(other, folder)
    assert content([page async for page in loading.pages()]) == await rows(store)
    assert len(loading.from_snapshots) == PARTITIONS - 1
    assert [each.row.partition for each in await maker(store, folder).round()] == [partition]


async def test_two_are_kept(open_store: OpenStore, tmp_path: Path) -> None:
    """Of each partition two snapshots stay registered and in the folder, the newest first."""
    store, folder = open_store(), tmp_path / "snapshots"
    await enroll(store, 0, 20)
    made = [await make_snapshot(store, Directory(folder), 1, MODALITY) for _ in range(4)]
    found = await SnapshotReader(store, Directory(folder)).registered(MODALITY, range(PARTITIONS))
    assert [each.row for each in found[1]] == [each.row for each in made[:1:-1] if each]
    names = [each.row.name for candidates in found.values() for each in candidates]
    assert sorted(names) == Directory(folder).names("")


async def test_too_old(open_store: OpenStore, tmp_path: Path) -> None:
    """When the feed does not reach back to the snapshots, the store is read."""
    store, folder = open_store(feed_length=SMALL), tmp_path / "snapshots"
    await enroll(store, 0, 20)
    await maker(store, folder).round()
    for number in range(20):
        await enroll(store, 100 * (number + 1), 20)
    loading = load(store, folder)
    loaded = content([page async for page in loading.pages()])
    changes = await store.changes(loading.token, 10_000, 0)
    tail = await store.references_of(MODALITY, [(each.partition, each.name) for each in changes])
    assert {**loaded, **content([tail])} == await rows(store)
    assert {each.reason for each in loading.refused} == {Fault.TOO_OLD}
    assert len(loading.refused) + len(loading.from_snapshots) == PARTITIONS


async def test_set_back(open_store: OpenStore, tmp_path: Path) -> None:
    """Snapshots of an earlier epoch are refused, and the store is read."""
    store, folder = open_store(), tmp_path / "snapshots"
    await enroll(store, 0, 20)
    await maker(store, folder).round()
    await store.backend.renew_epochs(await store.backend.newest(range(PARTITIONS)))
    loading = load(store, folder)
    assert content([page async for page in loading.pages()]) == await rows(store)
    assert {each.reason for each in loading.refused} == {Fault.OTHER_EPOCH}
    assert loading.token == await store.position()
