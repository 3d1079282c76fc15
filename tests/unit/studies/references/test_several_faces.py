"""Methods of enrolling several images of a face, on simulated vectors."""

from __future__ import annotations

import numpy as np
import pytest

from infra.images.decode import Image
from services.face.extractor import FaceExtractor
from studies.references.several_faces import POOR, WAYS, Faces, attempts, described, enrolled, lines
from studies.spoiled.spoiling import AS_IT_IS

PEOPLE, IMAGES = 30, 4
SUBJECTS = np.repeat([f"p{number:02}" for number in range(PEOPLE)], IMAGES)


def faces(noise: float, quality: float, seed: int = 1) -> Faces:
    """Four images each of 30 simulated people; with more noise they are farther from the person's direction."""
    people = np.repeat(np.random.default_rng(0).standard_normal((PEOPLE, 128)), IMAGES, axis=0)
    vectors = people + noise * np.random.default_rng(seed).standard_normal(people.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Faces(vectors.astype(np.float32), np.full(len(vectors), quality))


def test_a_mean_leans_towards_the_better_image() -> None:
    """The image of higher quality has the higher weight; images of equal quality have the same."""
    one = faces(1.0, 80.0)
    unequal = Faces(one.vectors, np.where(np.arange(len(SUBJECTS)) == 0, 90.0, 10.0))
    numbers = np.array([0, 1])
    mean, weighted = (enrolled(unequal, numbers, way)[0] for way in WAYS[3:])
    assert one.vectors[0] @ weighted > one.vectors[0] @ mean
    assert enrolled(one, numbers, WAYS[3]) == pytest.approx(enrolled(one, numbers, WAYS[4]), abs=1e-6)
    assert 1.0 == pytest.approx(float(np.linalg.norm(weighted)), abs=1e-6)


@pytest.mark.parametrize(("way", "scores"), [("one reference", 1), ("best", 2), ("mean", 1)])
def test_references_are_never_probes_of_their_person(way: str, scores: int) -> None:
    """Each person has four times two mated probes against two references; all images of others are non-mated probes."""
    good = faces(1.0, 80.0)
    found = attempts(good, good, SUBJECTS, 2, way)
    assert (PEOPLE * IMAGES * 2, scores) == found.mated.shape
    assert (PEOPLE * IMAGES * (PEOPLE - 1) * IMAGES, scores) == found.non_mated.shape
    assert found.mated.max() < 0.999


def test_two_images_err_less_than_one() -> None:
    """At a noise where one reference causes errors, two references cause fewer."""
    good, poor = faces(2.3, 80.0), faces(2.6, 30.0, 2)
    table = [
        line.strip("| ").split(" | ") for line in lines({AS_IT_IS: good, **dict.fromkeys(POOR, poor)}, SUBJECTS, [2])
    ]
    errors = {tuple(cells[:3]): float(cells[3]) for cells in table[1:]}
    for way in ("best", "mean", "weighted by quality"):
        assert errors["as they are", "2", way] < errors["as they are", "2", WAYS[0]]


def test_a_face_is_described_in_every_condition(face_extractor: FaceExtractor, hopper: Image, astronaut: Image) -> None:
    """Every condition gives a unit vector, and a quality that is lower where the image is spoiled."""
    found = described(face_extractor, astronaut, hopper)
    assert {AS_IT_IS, *POOR} == set(found)
    assert found[POOR[0]][1] < found[AS_IT_IS][1]
    assert 0.3 < float(found[POOR[1]][0] @ found[AS_IT_IS][0]) < 0.99
