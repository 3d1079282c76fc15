"""An index of references of two models on both stores equals brute force by each, while references are replaced."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from biometrics.errors import TemplateModelMismatch
from biometrics.template import Position, Template
from gallery.index.exact import ExactIndex, IndexHit
from gallery.store.port import SubjectStore
from gallery.subject import Subject
from tests.contract.index.changes import random_probe, random_write
from tests.contract.index.searches import FINGER
from tests.support.brute_force import brute_force
from tests.support.builders import MODEL_ID, enrolment, reference, vector
from tests.support.fakes.comparators import ScreeningVectorComparator, VectorComparator, VectorStack

OLD_ID = "vector-0"
BOTH = [MODEL_ID, OLD_ID]


def index_of(store: SubjectStore, comparator: type[VectorComparator] = VectorComparator) -> ExactIndex[VectorStack]:
    """An index of both models with small pages and segments."""
    other = comparator(model_id=OLD_ID, comparator_id="dot-0")
    return ExactIndex(store, comparator(), page_size=3, segment_size=8, others=[other])


@pytest.fixture
async def index(store: SubjectStore) -> AsyncIterator[ExactIndex[VectorStack]]:
    """A started index of both models."""
    index = index_of(store)
    await index.start()
    yield index
    await index.close()


def old(template: Template) -> Template:
    """The same features by the old model."""
    return template.of_model(OLD_ID)


def as_own(subject: Subject, model_id: str) -> Subject:
    """The subject with its references of this model only, as if they were of the index's own."""
    encounters = [
        replace(
            each,
            references=tuple(
                replace(one, template=one.template.of_model(MODEL_ID))
                for one in each.references
                if one.template.model_id == model_id
            ),
        )
        for each in subject.encounters
    ]
    return replace(subject, encounters=tuple(encounters))


def by_each(
    probe: Template, position: Position, subjects: Sequence[Subject], models: Sequence[str]
) -> list[list[IndexHit]]:
    """What a search by these models finds: each hit counts the comparisons by all of them."""
    found = [brute_force(probe, position, [as_own(each, model_id) for each in subjects]) for model_id in models]
    counts: Counter[str] = Counter()
    for hits in found:
        counts.update({hit.subject_id: hit.comparison_count for hit in hits})
    return [[replace(hit, comparison_count=counts[hit.subject_id]) for hit in hits] for hits in found]


@pytest.mark.parametrize("seed", range(4))
async def test_each_model_is_searched_like_brute_force(
    store: SubjectStore, index: ExactIndex[VectorStack], seed: int
) -> None:
    """After random writes an index that followed them, and one newly loaded, find what brute force finds by each."""
    rng = random.Random(seed)
    token = ""
    for number in range(60):
        token = await random_write(store, rng, number) or token
    await index.wait_for(token, 30)
    fresh = index_of(store, ScreeningVectorComparator)
    await fresh.start()
    everyone = (await store.list(1000)).subjects
    for _ in range(20):
        probe, position = random_probe(rng), rng.choice([FINGER, Position.UNKNOWN, Position.LEFT_THUMB])
        gallery = rng.choice(["g1", "g2"])
        among = [each for each in everyone if gallery in each.galleries]
        for one in (index, fresh):
            found = one.search_reachable(probe, position, gallery, 1000, others=[old(probe)])
            assert by_each(probe, position, among, BOTH) == [list(found.hits), *map(list, found.others)]
            assert by_each(probe, position, among, [OLD_ID])[0] == one.search(old(probe), position, gallery, 1000)
            names = [each.subject_id for each in everyone]
            assert by_each(probe, position, everyone, BOTH) == one.score_by_each([probe, old(probe)], position, names)
    for model_id in BOTH:
        held = brute_force(vector([1, 0, 0, 0]), Position.UNKNOWN, [as_own(each, model_id) for each in everyone])
        assert len(held) == index.count_of(model_id) == fresh.count_of(model_id)
    await fresh.close()


async def test_counts_and_models_follow_the_references(store: SubjectStore, index: ExactIndex[VectorStack]) -> None:
    """A model is held while a subject has a reference of it; a template of a third model is refused."""
    assert [] == index.models()
    await store.enroll(enrolment("anna", reference([1, 0, 0, 0], model_id=OLD_ID)))
    more = enrolment("anna", reference([2, 0, 0, 0]), encounter_id="e2", create_subject=False)
    await index.wait_for((await store.enroll(more)).token, 30)
    assert (BOTH, 1, 1, 1) == (index.models(), index.count("default"), index.count_of(MODEL_ID), index.count_of(OLD_ID))
    token = (await store.enroll(enrolment("ben", reference([0, 1, 0, 0], model_id=OLD_ID)))).token
    await index.wait_for(token, 30)
    found = index.search_reachable(vector([1, 0, 0, 0]), FINGER, "default", 10)
    assert ([IndexHit("anna", 2.0, FINGER, 1)], 1, ()) == (found.hits, found.subject_count, found.others)
    for subject_id in ("anna", "ben"):
        token = (await store.delete(subject_id, f"r-{subject_id}", "d")).token
    await index.wait_for(token, 30)
    assert ([], 0, 0) == (index.models(), index.count_of(OLD_ID), index.count_of("vector-9"))
    with pytest.raises(TemplateModelMismatch):
        index.search_reachable(vector([1, 0, 0, 0]), FINGER, "default", 10, others=[vector([1, 0, 0, 0], model_id="x")])


async def test_a_gallery_of_one_model_is_searched_as_by_an_index_of_one(store: SubjectStore) -> None:
    """Without references of the other model results, bit for bit, and memory are those of an index of one model."""
    rng = random.Random(5)
    for number in range(40):
        values = [rng.random() for _ in range(4)]
        await store.enroll(enrolment(f"s{number}", reference(values), reference(values[::-1], Position.LEFT_THUMB)))
    alone = ExactIndex(store, VectorComparator(), page_size=3, segment_size=8)
    index = index_of(store)
    await alone.start()
    await index.start()
    for position in (FINGER, Position.UNKNOWN):
        probe = vector([rng.random() for _ in range(4)])
        expected = alone.search_reachable(probe, position, "default", 17)
        assert expected == index.search_reachable(probe, position, "default", 17)
        both = index.search_reachable(probe, position, "default", 17, others=[old(probe)])
        assert (expected.hits, expected.subject_count, ([],)) == (both.hits, both.subject_count, both.others)
        assert alone.score_subjects(probe, position, ["s3"]) == index.score_subjects(probe, position, ["s3"])
    assert alone.memory_bytes == index.memory_bytes
    await alone.close()
    await index.close()
