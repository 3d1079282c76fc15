"""gallery.index.exact: an index that begins with snapshots."""

from __future__ import annotations

from pathlib import Path

from biometrics.template import Position
from gallery.index.exact import ExactIndex
from gallery.snapshots.directory import Directory
from gallery.snapshots.reading import SnapshotReader
from tests.support.builders import enrolment, vector
from tests.support.fakes.comparators import VectorComparator
from tests.support.fakes.snapshot_gallery import MODALITY, SnapshotGallery

PROBE = vector([1, 2, 3, 4], MODALITY)


async def test_an_index_begins_with_a_snapshot_and_follows_the_feed(tmp_path: Path) -> None:
    """Subjects of a snapshot are not read from the store; those enrolled since, and after the load, are found too."""
    gallery = SnapshotGallery(Directory(tmp_path))
    await gallery.enroll(20)
    in_snapshot = await gallery.in_partition(0)
    await gallery.make()
    gallery.backend.damage(in_snapshot[0])
    await gallery.enroll(20, first=100)
    reader = SnapshotReader(gallery.store, gallery.folder)
    from_snapshot, from_store = (
        ExactIndex(gallery.store, VectorComparator(MODALITY), page_size=3, segment_size=8, snapshots=snapshots)
        for snapshots in (reader, None)
    )
    for index in (from_snapshot, from_store):
        await index.start()
    token = (await gallery.store.enroll(enrolment("late"))).token
    hits = []
    for index in (from_snapshot, from_store):
        await index.wait_for(token, 30)
        hits.append(index.search(PROBE, Position.UNKNOWN, "default", 100))
        await index.close()
    assert (0, 1) == (from_snapshot.unreadable_count, from_store.unreadable_count)
    assert (41, 40) == (from_snapshot.count(""), from_store.count(""))
    assert [hit for hit in hits[0] if hit.subject_id != in_snapshot[0]] == hits[1]
