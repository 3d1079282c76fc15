"""ExactIndex on both stores equals brute force over the store, immediately after every write."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from biometrics.template import Modality, Position
from gallery.index.exact import ExactIndex, IndexHit
from gallery.store.port import SubjectStore
from gallery.subject import Subject
from tests.contract.index.changes import random_probe, random_write
from tests.contract.index.searches import FINGER, PROBE
from tests.support.brute_force import brute_force, usable
from tests.support.builders import MODEL_ID, enrolment, reference
from tests.support.fakes.comparators import VectorComparator, VectorStack


@pytest.fixture
async def index(store: SubjectStore) -> AsyncIterator[ExactIndex[VectorStack]]:
    """A started index with pages and segments small enough to exercise all of its code paths."""
    index = ExactIndex(store, VectorComparator(), page_size=3, segment_size=8)
    await index.start()
    yield index
    await index.close()


async def test_an_acknowledged_enrolment_is_searchable_at_once(
    store: SubjectStore, index: ExactIndex[VectorStack]
) -> None:
    """After waiting for an enrolment's token the subject is found, and after waiting for its deletion's it is not."""
    receipt = await store.enroll(enrolment("anna", reference([2, 0, 0, 0])))
    await index.wait_for(receipt.token, 30)
    assert [IndexHit("anna", 2.0, FINGER, 1)] == index.search(PROBE, FINGER, "default", 5)
    assert 1 == index.count("default")
    receipt = await store.delete("anna", "r", "d")
    await index.wait_for(receipt.token, 30)
    assert [] == index.search(PROBE, FINGER, "default", 5)
    assert 0 == index.count("default")


async def test_a_new_gallery_of_a_known_subject_is_searchable(
    store: SubjectStore, index: ExactIndex[VectorStack]
) -> None:
    """An encounter that adds a gallery makes the earlier references searchable in it."""
    await store.enroll(enrolment("anna", reference([2, 0, 0, 0])))
    added = enrolment("anna", reference([1, 0, 0, 0]), galleries=("watch",), encounter_id="e2", create_subject=False)
    await index.wait_for((await store.enroll(added)).token, 30)
    assert [IndexHit("anna", 2.0, FINGER, 2)] == index.search(PROBE, FINGER, "watch", 5)
    assert [] == index.search(PROBE, FINGER, "unknown", 5)


@pytest.mark.parametrize("seed", range(5))
async def test_results_equal_brute_force(store: SubjectStore, index: ExactIndex[VectorStack], seed: int) -> None:
    """After random writes an index that followed them, and one newly loaded, equal brute force over the store."""
    rng = random.Random(seed)
    for number in range(60):
        token = await random_write(store, rng, number)
        if token and number % 20 == 19:
            await index.wait_for(token, 30)
    await index.wait_for(await store.position(), 30)
    fresh = ExactIndex(store, VectorComparator(), page_size=4, segment_size=6)
    await fresh.start()
    subjects = (await store.list(1000)).subjects
    for tested in (index, fresh):
        check_against_brute_force(tested, subjects, rng)
    await fresh.close()


async def test_searches_in_threads_are_not_disturbed_by_changes(
    store: SubjectStore, index: ExactIndex[VectorStack]
) -> None:
    """While others are enrolled and erased, every search in a thread finds the subject that stays once, at its best."""
    await index.wait_for((await store.enroll(enrolment("stays", reference([9, 0, 0, 0])))).token, 30)

    async def search_often() -> None:
        for _ in range(100):
            hits = await asyncio.to_thread(index.search, PROBE, FINGER, "default", 2)
            assert IndexHit("stays", 9.0, FINGER, 1) == hits[0]
            assert len(hits) == len({hit.subject_id for hit in hits})

    async def write_often() -> None:
        for number in range(30):
            await store.enroll(enrolment(f"s{number}"))
            if number % 3:
                await store.delete(f"s{number}", f"r{number}", "d")

    await asyncio.gather(search_often(), search_often(), write_often())


def check_against_brute_force(
    index: ExactIndex[VectorStack], subjects: tuple[Subject, ...], rng: random.Random
) -> None:
    """Assert that searches, scores, counts and skipped references equal brute force over the subjects."""
    ids = [f"s{number}" for number in range(12)]
    for position in (Position.UNKNOWN, *rng.sample(list(Position), 5)):
        probe = random_probe(rng)
        for gallery in ("g1", "g2", "g3"):
            members = [subject for subject in subjects if gallery in subject.galleries]
            for limit in (1, 3, 50):
                assert brute_force(probe, position, members)[:limit] == index.search(probe, position, gallery, limit)
        assert brute_force(probe, position, subjects) == index.score_subjects(probe, position, [*ids, *ids, "none"])
    for gallery in ("g1", "g2", "g3"):
        assert sum(bool(usable(s)) for s in subjects if gallery in s.galleries) == index.count(gallery)
    fingers = [r for s in subjects for r in s.active_references if r.modality is Modality.FINGERPRINT]
    assert sum(r.template.model_id != MODEL_ID for r in fingers) == index.skipped_count
