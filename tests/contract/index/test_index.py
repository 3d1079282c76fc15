"""ExactIndex on both stores: equal to brute force over the store, at once after every write."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from biometrics.errors import BiofusionError, FieldInvalid, IndexBehind
from biometrics.template import Modality, Position, Template
from gallery.index.exact import ExactIndex, IndexHit
from gallery.store.port import SubjectStore
from gallery.store.redis.store import RedisStore
from gallery.store.values import ConsistencyToken
from gallery.subject import Subject
from tests.support.brute_force import brute_force, usable
from tests.support.builders import MODEL_ID, enrolment, random_encounter, random_reference, reference, vector
from tests.support.fakes import VectorComparator, VectorStack
from tests.support.redis_process import RedisProcess

OpenStore = Callable[..., SubjectStore]

PROBE = vector([1, 0, 0, 0])
FINGER = Position.RIGHT_INDEX


@pytest.fixture
async def index(store: SubjectStore) -> AsyncIterator[ExactIndex[VectorStack]]:
    """A started index with pages and segments so small that all of its paths are walked."""
    index = ExactIndex(store, VectorComparator(), page_size=3, segment_size=8)
    await index.start()
    yield index
    await index.close()


async def test_an_acknowledged_enrolment_is_searchable_at_once(
    store: SubjectStore, index: ExactIndex[VectorStack]
) -> None:
    """After waiting for the receipt's token the subject is found, and after a deletion's it is not."""
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
    """After random writes the followed index, and one loaded afresh, equal brute force over the store."""
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


async def test_searching_threads_are_not_disturbed_by_the_tail(
    store: SubjectStore, index: ExactIndex[VectorStack]
) -> None:
    """While subjects come and go, every search in a thread finds the one that stays, once, with its best score."""
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


async def test_an_index_that_is_behind_says_so(store: SubjectStore) -> None:
    """An index whose tail does not run times out; a token of no store is invalid; the start is always reached."""
    index = ExactIndex(store, VectorComparator())
    with pytest.raises(IndexBehind):
        index.search(PROBE, FINGER, "default", 5)
    with pytest.raises(IndexBehind):
        await index.wait_for((await store.enroll(enrolment("anna"))).token, 0.01)
    with pytest.raises(FieldInvalid):
        await index.wait_for(ConsistencyToken("nonsense"), 0.01)
    assert (False, 0) == (index.is_ready, index.skipped_count)
    await index.start()
    await index.wait_for(ConsistencyToken(""), 0)
    assert index.is_ready
    await index.close()


async def test_an_index_overtaken_by_a_trimmed_feed_rebuilds(open_store: OpenStore) -> None:
    """A tail that stood still while the feed was trimmed beyond it ends up equal to the store."""
    store = open_store(feed_length=10)
    await store.enroll(enrolment("gone"))
    index = ExactIndex(store, VectorComparator())
    await index.start()
    await index.close()  # the tail stands still
    await store.delete("gone", "r", "d")
    for number in range(250):
        await store.enroll(enrolment(f"s{number}"))
    assert 1 == index.count("default")
    tail = asyncio.create_task(index.run())
    await index.wait_for(await store.position(), 30)
    assert 250 == index.count("default")
    tail.cancel()


async def test_an_index_serves_while_redis_is_down_and_rebuilds_when_it_comes_back_empty(
    own_redis: RedisProcess,
) -> None:
    """What was loaded is served without the store; a store that lost everything leaves nothing in the index."""
    store = RedisStore(own_redis.url)
    index = ExactIndex(store, VectorComparator())
    await store.enroll(enrolment("anna"))
    await index.start()
    own_redis.wipe()
    assert ["anna"] == [hit.subject_id for hit in index.search(PROBE, FINGER, "default", 5)]
    own_redis.start()
    receipt = await store.enroll(enrolment("ben"))
    await until_applied(index, receipt.token)
    assert ["ben"] == [hit.subject_id for hit in index.search(PROBE, FINGER, "default", 5)]
    assert (True, "") == (index.is_ready, index.last_error)
    await index.close()
    await store.close()


async def test_a_closed_index_leaves_no_thread(store: SubjectStore) -> None:
    """Neither its own nor those of searches on several segments; it can be searched again, and closed again."""
    for number in range(5):
        await store.enroll(enrolment(f"s{number}"))
    await store.count()
    index = ExactIndex(store, VectorComparator(), page_size=3, segment_size=1, threads=3)
    for _ in range(2):
        before = threads_named("compare")
        await index.start()
        assert 5 == len(index.search(PROBE, FINGER, "default", 5))
        assert before < threads_named("compare")
        await index.close()
        assert threads_named("compare") <= before


async def test_a_closed_store_leaves_no_thread(open_store: OpenStore) -> None:
    """Neither readers nor the writer."""
    before = threads_named("store")
    store = open_store()
    await asyncio.gather(*(store.enroll(enrolment(f"s{number}")) for number in range(5)), store.count())
    await store.close()
    assert threads_named("store") <= before


def threads_named(prefix: str) -> set[threading.Thread]:
    """The threads whose names begin so."""
    return {thread for thread in threading.enumerate() if thread.name.startswith(prefix)}


async def until_applied(index: ExactIndex[VectorStack], token: ConsistencyToken) -> None:
    """Wait for a token of a store that the index may not know yet."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await index.wait_for(token, 1)
            except FieldInvalid:
                await asyncio.sleep(0)  # lets the index go on; no time is waited for


async def random_write(store: SubjectStore, rng: random.Random, number: int) -> ConsistencyToken:
    """Enrol, add to, or delete one of few subjects; "" when the store refuses."""
    subject_id = f"s{rng.randrange(12)}"
    try:
        if rng.random() < 0.25:
            return (await store.delete(subject_id, f"r{number}", "d")).token
        galleries = tuple(rng.sample(["g1", "g2"], rng.randrange(1, 3)))
        wanted = enrolment(subject_id, galleries=galleries, create_subject=rng.random() < 0.6)
        return (await store.enroll(replace(wanted, encounter=random_encounter(rng, f"e{number}")))).token
    except BiofusionError:
        return ConsistencyToken("")


def check_against_brute_force(
    index: ExactIndex[VectorStack], subjects: tuple[Subject, ...], rng: random.Random
) -> None:
    """Searches, scores, counts and skipped references are those of the subjects."""
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


def random_probe(rng: random.Random) -> Template:
    """A finger of the accepted model."""
    return replace(random_reference(rng).template, modality=Modality.FINGERPRINT, model_id=MODEL_ID)
