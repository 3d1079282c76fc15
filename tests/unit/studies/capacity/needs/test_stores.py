"""What is measured of a store."""

from __future__ import annotations

import pytest

from gallery.store.subject_store import PartitionedStore
from studies.capacity.needs.figures import COUNTS, of, read_figures
from studies.capacity.needs.stores import enroll, stored_bytes
from tests.support.fakes.memory_backend import MemoryBackend, MemoryKey, MemoryKeyTable


@pytest.fixture
def backend():
    """A backend in memory."""
    return MemoryBackend()


@pytest.fixture
def store(backend):
    """A store in it."""
    return PartitionedStore(backend, MemoryKeyTable(), MemoryKey())


async def test_subjects_have_all_positions(backend, store):
    """Every subject is enrolled with a face, ten fingers and two eyes, in one encounter."""
    await enroll(store, range(5))

    assert 5 == len(backend.rows)
    for rows in backend.rows.values():
        assert len(COUNTS) == len(rows.references)
    (subject,) = (await store.list(1)).subjects
    assert sum(COUNTS.values()) == len(subject.active_references)


async def test_bytes_of_a_subject(backend, store):
    """The bytes are those that the second half of the subjects adds, near those that the plan computes with."""

    async def used():
        return 10**6 + sum(len(row.sealed) for rows in backend.rows.values() for row in rows.references)

    figures = read_figures()
    planned = sum(of(figures, "sealed_bytes", modality) for modality in COUNTS)
    assert planned == pytest.approx(await stored_bytes(store, used, 20), rel=0.1)
