"""Passes over an index: several searches in one pass, and screening of large galleries."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from biometrics.template import Position
from gallery.index.exact import ExactIndex, IndexHit
from gallery.index.search.search import Search, Searching
from gallery.index.state import IndexState
from gallery.store.subject_store import PartitionedStore
from gallery.subject import Subject
from tests.support.builders import encounter, enrolment, reference, vector
from tests.support.fakes.comparators import ScreeningVectorComparator, VectorStack
from tests.support.fakes.memory_backend import MemoryBackend
from tests.support.fakes.memory_keys import MemoryKey, MemoryKeyTable
from tests.support.stores.pages import content_of

FINGERS = (Position.LEFT_THUMB, Position.RIGHT_INDEX, Position.UNKNOWN)
GALLERIES = ("g1", "g2")


@pytest.fixture(scope="module")
def subjects() -> dict[str, Subject]:
    """4,000 subjects with up to three fingers in one or two galleries."""
    rng = random.Random(1)
    return {
        f"s{number}": Subject(
            f"s{number}",
            tuple(rng.sample(GALLERIES, rng.randrange(1, 3))),
            (encounter(*(reference(values(rng), position) for position in rng.choices(FINGERS, k=rng.randrange(4)))),),
        )
        for number in range(4000)
    }


def values(rng: random.Random) -> list[float]:
    """Four whole numbers, so that scores are exact and ties frequent."""
    return [rng.randrange(-9, 10) for _ in range(4)]


def state_of(subjects: dict[str, Subject], segment_size: int) -> IndexState[VectorStack]:
    """The subjects in segments of at most this size."""
    comparator = ScreeningVectorComparator()
    return content_of(*subjects.values(), segment_size=segment_size, comparator=comparator).state


def random_searches(count: int) -> list[Search]:
    """Searches of any probe, position, gallery (one of them unknown) and limit."""
    rng = random.Random(2)
    return [
        Search(
            vector(values(rng)),
            rng.choice(FINGERS),
            rng.choice((*GALLERIES, "unknown")),
            rng.choice((0, 1, 20, 900)),
        )
        for _ in range(count)
    ]


def test_searches_answered_together_get_what_each_gets_alone(subjects: dict[str, Subject]) -> None:
    """One pass for 60 searches gives the same hits as 60 passes with other segments and numbers of threads."""
    searches = random_searches(60)
    alone, state = Searching(ScreeningVectorComparator(), 1), state_of(subjects, 5000)
    expected = [alone.answers([search], state)[0] for search in searches]
    together = Searching(ScreeningVectorComparator(), 3).answers(searches, state_of(subjects, 300))
    assert expected == together
    assert {0, 1, 20} < {len(hits) for (hits,) in expected}


async def test_searches_from_many_threads_get_what_each_gets_alone(subjects: dict[str, Subject]) -> None:
    """Sixteen threads that search one index at once get the hits that one thread gets."""
    index = await started([*subjects.values()], segment_size=300, threads=2)
    rng = random.Random(3)
    asked = [(vector(values(rng)), rng.choice(FINGERS), rng.choice(GALLERIES), 20) for _ in range(64)]
    expected = [index.search(*each) for each in asked]
    with ThreadPoolExecutor(16) as threads:
        assert expected == list(threads.map(lambda each: index.search(*each), asked))
    await index.close()


async def test_a_subject_that_screens_badly_is_no_candidate_but_can_be_scored() -> None:
    """Of 4,000 subjects the one with the best score and the worst screening score is not found, but can be scored."""
    people = [subject_of("hidden", [-1, 9, 0, 0]), *(subject_of(f"s{n}", [n % 7, 0, 0, 0]) for n in range(3999))]
    index = await started(people)
    probe, finger = vector([1, 9, 0, 0]), Position.RIGHT_INDEX
    assert "hidden" not in [hit.subject_id for hit in index.search(probe, finger, "g1", 5)]
    assert [IndexHit("hidden", 80.0, finger, 1)] == index.score_subjects(probe, finger, ["hidden"])


async def test_as_many_subjects_are_returned_as_were_asked_for() -> None:
    """A search for 1,500 subjects returns 1,500, although only 1,000 rows would else be compared."""
    index = await started([subject_of(f"s{n}", [n, 0, 0, 0]) for n in range(4000)])
    hits = index.search(vector([1, 0, 0, 0]), Position.RIGHT_INDEX, "g1", 1500)
    assert [f"s{n}" for n in range(3999, 2499, -1)] == [hit.subject_id for hit in hits]


def subject_of(subject_id: str, numbers: Sequence[float]) -> Subject:
    """A subject of gallery g1 with one finger."""
    return Subject(subject_id, ("g1",), (encounter(reference(numbers)),))


async def started(subjects: Sequence[Subject], segment_size: int = 4096, threads: int = 0) -> ExactIndex[VectorStack]:
    """An index that has loaded the subjects and does not follow the store."""
    store = PartitionedStore(MemoryBackend(), MemoryKeyTable(), MemoryKey())
    for each in subjects:
        wanted = enrolment(each.subject_id, galleries=each.galleries)
        await store.enroll(replace(wanted, encounter=each.encounters[0]))
    index = ExactIndex(store, ScreeningVectorComparator(), segment_size=segment_size, threads=threads)
    await index.start()
    await index.close()
    return index
