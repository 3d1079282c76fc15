"""Checks that what a store says of the subjects of writing_process.py agrees."""

from __future__ import annotations

from collections import Counter

from gallery.store.subject_store import PartitionedStore
from gallery.store.values import START, ChangeKind
from tests.support.stores.writing_process import enrolments_of


async def require_whole(store: PartitionedStore) -> Counter[str]:
    """Check subjects, encounters, lists, counts and feed of a store without erasures; returns encounters by subject."""
    found = {each.subject_id: each for each in (await store.list(10**6)).subjects}
    for subject_id, subject in found.items():
        wanted = enrolments_of(int(subject_id.rpartition("-")[2]))
        assert tuple(each.encounter for each in wanted[: len(subject.encounters)]) == subject.encounters
    assert [len(found)] * 2 == [await store.count(), await store.count("default")]
    assert sorted(found) == [each.subject_id for each in (await store.list(10**6, gallery="default")).subjects]
    encounters = Counter({subject_id: len(each.encounters) for subject_id, each in found.items()})
    puts = Counter(each.name for each in await store.changes(START, 10**6, 0) if each.kind is not ChangeKind.DELETE)
    identity = await store.backend.identity()
    assert {identity.key(subject_id).name: count for subject_id, count in encounters.items()} == puts
    return encounters
