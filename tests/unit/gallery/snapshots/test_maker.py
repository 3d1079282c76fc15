"""Making snapshots in the background."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gallery.sealing.key_table import KeyRef
from gallery.snapshots.directory import Directory
from gallery.snapshots.maker import ABANDONED_S, Pace, SnapshotMaker
from gallery.snapshots.names import new_name
from gallery.snapshots.writing import begun_details
from gallery.store.backend import SnapshotRow
from tests.support.builders import enrolment
from tests.support.fakes.snapshot_gallery import MODALITY, SnapshotGallery


class Time:
    """A clock that stands still, and a wait that ends at once and is noted; the task ends after some waits."""

    def __init__(self, most: int = 1000) -> None:
        self.now, self.waits, self._most = 1_000_000.0, list[float](), most

    def clock(self) -> float:
        """Seconds since 1970."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Note the wait."""
        self.waits.append(seconds)
        if len(self.waits) == self._most:
            raise asyncio.CancelledError


def maker(gallery: SnapshotGallery, time: Time, *partitions: int) -> SnapshotMaker:
    """A maker that makes a new snapshot after changes of half of the subjects."""
    pace = Pace(share=0.5, pause_s=2.0, round_s=30.0)
    return SnapshotMaker(gallery.store, gallery.folder, MODALITY, partitions, pace, time.clock, time.sleep)


async def made_of(made: SnapshotMaker) -> list[int]:
    """Partitions of which a round made snapshots."""
    return [each.row.partition for each in await made.round()]


async def test_only_what_is_due(gallery: SnapshotGallery) -> None:
    """A partition gets its first snapshot at once, and the next after changes of the share, and not before."""
    time = Time()
    each = maker(gallery, time)
    assert await made_of(each) == [0, 1]
    assert time.waits == [2.0, 2.0]
    count = len(await gallery.in_partition(0))
    ids = (f"n{number}" for number in range(1000))
    identity = await gallery.backend.identity()
    own = (subject_id for subject_id in ids if identity.key(subject_id).partition == 0)
    for _ in range(count - 1):
        assert await made_of(each) == []
        await gallery.store.enroll(enrolment(next(own)))
    await gallery.store.enroll(enrolment(next(own)))
    assert await made_of(each) == [0]
    assert await made_of(each) == []


async def test_chosen_partitions(gallery: SnapshotGallery) -> None:
    """Only the partitions that are named are looked at."""
    assert await made_of(maker(gallery, Time(), 1)) == [1]


async def test_empty_partitions(tmp_path: Path) -> None:
    """Partitions without subjects need no snapshot."""
    assert await made_of(maker(SnapshotGallery(Directory(tmp_path)), Time())) == []


async def test_after_an_erasure(gallery: SnapshotGallery) -> None:
    """An erasure makes the snapshots of its partition unusable, and the next round makes a new one."""
    each = maker(gallery, Time())
    await each.round()
    await gallery.erase((await gallery.in_partition(1))[0])
    assert await made_of(each) == [1]


async def test_after_the_feed_was_trimmed(gallery: SnapshotGallery) -> None:
    """A snapshot to which the feed does not reach back is replaced."""
    each = maker(gallery, Time())
    await each.round()
    await gallery.enroll(4, first=100)
    gallery.backend.trim()
    assert await made_of(each) == [0, 1]


async def test_lost_file(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """A snapshot whose file was lost is made again."""
    each = maker(gallery, Time())
    (first, _) = await each.round()
    (tmp_path / first.row.name).unlink()
    assert await made_of(each) == []  # it may be that another process writes it now
    each._clock = lambda: 2_000_000.0
    assert await made_of(each) == [0]


@pytest.mark.parametrize("passed", [ABANDONED_S, -ABANDONED_S])
async def test_another_process(gallery: SnapshotGallery, passed: float) -> None:
    """A partition of which another process makes a snapshot is left to it for an hour, by clocks set back too."""
    time = Time()
    (position,) = await gallery.backend.newest([0])
    details = begun_details(time.now)
    name = new_name(gallery.backend.store_id, 0, MODALITY)
    begun = SnapshotRow(0, MODALITY, name, KeyRef(0, 200).packed, position, details)
    assert await gallery.backend.put_snapshot(begun)
    each = maker(gallery, time, 0)
    assert await made_of(each) == []
    time.now += passed
    assert await made_of(each) == [0]
    assert begun not in await gallery.backend.snapshots(MODALITY, [0])


async def test_destroyed_partition(gallery: SnapshotGallery, caplog: pytest.LogCaptureFixture) -> None:
    """A partition whose keys were destroyed is left out, and the others get their snapshots."""
    identity = await gallery.backend.identity()
    await gallery.store.rotation(identity).destroy_partition(0)
    gallery.store = gallery.reopened()
    assert await made_of(maker(gallery, Time())) == [1]
    assert "No snapshot of FINGERPRINT partition 0 (1 of 2) is made: The data key of partition 0 was" in caplog.text


async def test_runs_until_cancelled(gallery: SnapshotGallery, caplog: pytest.LogCaptureFixture) -> None:
    """Rounds are made with pauses, progress and failures are in the log, and a failure does not end them."""
    caplog.set_level("INFO")
    time = Time(most=4)
    with pytest.raises(asyncio.CancelledError):
        await maker(gallery, time).run()
    assert time.waits == [30.0, 2.0, 2.0, 30.0]
    assert "Snapshot of FINGERPRINT partition 0 (1 of 2): " in caplog.text
    gallery.backend.down = True
    with pytest.raises(asyncio.CancelledError):
        await maker(gallery, Time(most=3)).run()
    assert caplog.text.count("No snapshots are made now: The store is down.") == 2
