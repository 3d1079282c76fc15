"""Indexes of some partitions each give together what one index of all gives, and both equal brute force."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise

import pytest

from biometrics.template import Position, Template
from gallery.index.exact import ExactIndex, IndexHit
from gallery.store.port import SubjectStore
from tests.contract.index.changes import random_probe, random_write
from tests.contract.index.searches import FINGER, PROBE
from tests.support.brute_force import brute_force, usable
from tests.support.fakes.comparators import VectorComparator, VectorStack

Indexes = Sequence[ExactIndex[VectorStack]]
GALLERIES = ("g1", "g2", "g3")


@pytest.fixture
async def whole(store: SubjectStore) -> AsyncIterator[ExactIndex[VectorStack]]:
    """An index of all partitions, which purges often."""
    index = ExactIndex(store, VectorComparator(), page_size=3, segment_size=8, purge_s=0.001)
    await index.start()
    yield index
    await index.close()


@pytest.fixture
async def parts(store: SubjectStore) -> AsyncIterator[Indexes]:
    """Three indexes of a third of the partitions each."""
    count = await store.partition_count()
    indexes = [
        ExactIndex(store, VectorComparator(), page_size=3, segment_size=8, partitions=range(first, count, 3))
        for first in range(3)
    ]
    for index in indexes:
        await index.start()
    yield indexes
    for index in indexes:
        await index.close()


def gathered(indexes: Indexes, probe: Template, position: Position, gallery: str, limit: int) -> list[IndexHit]:
    """The best subjects of several indexes together."""
    hits = [hit for index in indexes for hit in index.search(probe, position, gallery, limit)]
    return sorted(hits, key=lambda hit: (-hit.score, hit.subject_id))[:limit]


async def test_parts_give_together_what_the_whole_gives(
    store: SubjectStore, whole: ExactIndex[VectorStack], parts: Indexes
) -> None:
    """After random writes, searches, scores and counts of the parts, of the whole and of brute force are equal."""
    rng = random.Random(0)
    for number in range(90):
        await random_write(store, rng, number)
        if number % 30 == 29:
            token = await store.position()
            for index in (whole, *parts):
                await index.wait_for(token, 30)
            await check(store, whole, parts, rng)


async def check(store: SubjectStore, whole: ExactIndex[VectorStack], parts: Indexes, rng: random.Random) -> None:
    """Assert that the parts and the whole equal brute force over the store."""
    subjects = (await store.list(1000)).subjects
    ids = [subject.subject_id for subject in subjects]
    for position in (Position.UNKNOWN, *rng.sample(list(Position), 4)):
        probe = random_probe(rng)
        for gallery in GALLERIES:
            members = [subject for subject in subjects if gallery in subject.galleries]
            expected = brute_force(probe, position, members)[:4]
            assert expected == whole.search(probe, position, gallery, 4) == gathered(parts, probe, position, gallery, 4)
        expected = brute_force(probe, position, subjects)
        scored = [hit for index in parts for hit in index.score_subjects(probe, position, ids)]
        assert expected == whole.score_subjects(probe, position, ids)
        assert expected == sorted(scored, key=lambda hit: (-hit.score, hit.subject_id))
    for gallery in GALLERIES:
        count = sum(bool(usable(subject)) for subject in subjects if gallery in subject.galleries)
        assert count == whole.count(gallery) == sum(index.count(gallery) for index in parts)


async def test_searches_in_threads_see_each_subject_in_a_state_that_it_had(
    store: SubjectStore, whole: ExactIndex[VectorStack]
) -> None:
    """While subjects change, are erased, purged and enrolled again, every hit is that of one state of its subject."""
    rng, possible, is_over = random.Random(5), set[IndexHit](), asyncio.Event()
    answers: list[Sequence[IndexHit]] = []

    async def search_often() -> None:
        ids = [f"s{number}" for number in range(12)]
        while not is_over.is_set():
            answers.append(await asyncio.to_thread(whole.search, PROBE, FINGER, "g1", 20))
            answers.append(await asyncio.to_thread(whole.score_subjects, PROBE, FINGER, ids))

    async def write_often() -> None:
        for number in range(150):
            await random_write(store, rng, number)
            possible.update(brute_force(PROBE, FINGER, (await store.list(1000)).subjects))
        await whole.wait_for(await store.position(), 30)
        is_over.set()

    await asyncio.gather(search_often(), search_often(), write_often())
    assert {hit for hits in answers for hit in hits} <= possible
    assert {len(hits) for hits in answers} != {0}
    for hits in answers:
        assert len(hits) == len({hit.subject_id for hit in hits})
        assert all((-one.score, one.subject_id) < (-other.score, other.subject_id) for one, other in pairwise(hits))
