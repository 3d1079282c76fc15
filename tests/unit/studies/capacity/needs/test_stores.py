"""What is measured of a store."""

from __future__ import annotations

from gallery.store.subject_store import PartitionedStore
from studies.capacity.answers.people import EYE
from studies.capacity.needs.figures import COUNTS, of, read_figures
from studies.capacity.needs.stores import enroll, measured_store
from tests.support.fakes.memory_backend import MemoryBackend
from tests.support.fakes.memory_keys import MemoryKey, MemoryKeyTable


async def test_subjects_have_all_positions():
    """Every subject is enrolled with a face, ten fingers and two eyes, in one encounter."""
    store = PartitionedStore(MemoryBackend(), MemoryKeyTable(), MemoryKey())
    await enroll(store, range(5))
    subjects = (await store.list(10)).subjects

    assert [sum(COUNTS.values())] * 5 == [len(each.active_references) for each in subjects]


async def test_a_store_is_measured(tmp_path, monkeypatch):
    """A SQLite store, its indexes and its snapshots keep at least the sealed sets and the templates of each subject."""
    monkeypatch.setenv("BIOFUSION_PARTITION_COUNT", "1")
    found, planned = await measured_store(f"sqlite:///{tmp_path}/made-up.db", 64), read_figures()

    assert found["sqlite_bytes"].value > 0.9 * sum(of(planned, "sealed_bytes", each) for each in COUNTS)
    for modality, count in COUNTS.items():
        assert of(found, "snapshot_bytes", modality) > 0.9 * count * of(planned, "template_bytes", modality)
    assert of(found, "index_bytes", EYE) > 0.9 * of(planned, "template_bytes", EYE)
    assert [] == [name for name in found if name not in planned]
