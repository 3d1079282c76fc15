"""Which of a subject's ten fingers in the index a probe is compared with."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest

from biometrics.template import FINGERS, Position, Template
from gallery.index.exact import ExactIndex, IndexHit
from gallery.store.port import SubjectStore
from tests.support.builders import enrolment, reference, vector
from tests.support.fakes.comparators import VectorComparator, VectorStack

DIRECTIONS = np.linspace(0, 3, len(FINGERS))


def ridges(finger: Position, subject: int = 0) -> list[float]:
    """A distinct unit vector for each finger of two subjects."""
    angle = DIRECTIONS[FINGERS.index(finger)]
    pair = [float(np.cos(angle)), float(np.sin(angle))]
    return [*pair, 0.0, 0.0] if subject == 0 else [0.0, 0.0, *pair]


def probe(finger: Position, subject: int = 0) -> Template:
    """A capture of that finger."""
    return vector(ridges(finger, subject))


@pytest.fixture
async def index(store: SubjectStore) -> AsyncIterator[ExactIndex[VectorStack]]:
    """An index of anna with ten named fingers, and of ben with ten fingers of unknown position."""
    await store.enroll(enrolment("anna", *(reference(ridges(finger), finger) for finger in FINGERS)))
    await store.enroll(enrolment("ben", *(reference(ridges(finger, 1), Position.UNKNOWN) for finger in FINGERS)))
    index = ExactIndex(store, VectorComparator())
    await index.start()
    yield index
    await index.close()


@pytest.mark.parametrize("finger", FINGERS)
async def test_a_probe_of_unknown_position_finds_the_subject_by_any_finger(
    index: ExactIndex[VectorStack], finger: Position
) -> None:
    """The probe is compared with all ten fingers, and the hit names the matching position."""
    hit = index.search(probe(finger), Position.UNKNOWN, "default", 1)[0]
    assert ("anna", finger, 10) == (hit.subject_id, hit.reference_position, hit.comparison_count)
    assert 1.0 == pytest.approx(hit.score)


@pytest.mark.parametrize("finger", FINGERS)
async def test_a_probe_of_a_stated_position_meets_that_one_and_unknown_ones(
    index: ExactIndex[VectorStack], finger: Position
) -> None:
    """The probe is compared with anna's finger of that position and with all ten of ben's."""
    hits = index.search(probe(finger), finger, "default", 5)
    assert [("anna", finger, 1), ("ben", Position.UNKNOWN, 10)] == [
        (hit.subject_id, hit.reference_position, hit.comparison_count) for hit in hits
    ]
    assert [1.0, 0.0] == pytest.approx([hit.score for hit in hits])
    assert ["ben", "anna"] == [hit.subject_id for hit in index.search(probe(finger, 1), finger, "default", 5)]


async def test_a_finger_said_to_be_another_is_not_found_by_it(index: ExactIndex[VectorStack]) -> None:
    """Anna's right thumb, sent as her left little finger, is compared with that finger only."""
    thumb, little = Position.RIGHT_THUMB, Position.LEFT_LITTLE
    expected = float(np.dot(ridges(thumb), ridges(little)))
    hits = index.score_subjects(probe(thumb), little, ["anna"])
    assert [IndexHit("anna", pytest.approx(expected), little, 1)] == hits
