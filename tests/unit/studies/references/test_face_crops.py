"""Means of several embeddings of a face."""

from __future__ import annotations

import numpy as np

from infra.images.decode import decode
from infra.models.model_cache import asset
from studies.references.face_crops import MEANS, crops, lines

CROPS = MEANS["all six"]


def test_crops_are_of_the_same_face() -> None:
    """There are six different images of 112×112 px; the raised crop equals the unchanged one shifted by two rows."""
    rgb = decode(asset("portrait-astronaut")).rgb
    landmarks = np.array([[200.0, 105.0], [246.0, 107.0], [227.0, 138.0], [205.0, 155.0], [243.0, 156.0]])
    pictures = crops(rgb, landmarks)
    assert set(CROPS) == set(pictures)
    assert {(112, 112, 3)} == {picture.shape for picture in pictures.values()}
    upright = pictures["as it is"].astype(int)
    moved = np.abs(pictures["higher"].astype(int)[10:90] - upright[12:92]).mean()
    assert moved < 0.5 * np.abs(pictures["lower"].astype(int)[10:90] - upright[12:92]).mean()


def test_the_mean_of_independent_noise_has_fewer_errors() -> None:
    """If the noise of crops is independent, the mean of more crops has fewer errors."""
    random = np.random.default_rng(0)
    people, subjects = np.repeat(random.standard_normal((60, 128)), 4, axis=0), np.repeat(np.arange(60).astype(str), 4)
    vectors = {}
    for crop in CROPS:
        noisy = people + 2.5 * random.standard_normal(people.shape)
        vectors[crop] = (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).astype(np.float32)
    table = [line.split(" | ") for line in lines(vectors, subjects)][1:]
    errors = {cells[0].strip("| "): float(cells[1]) for cells in table}
    assert list(MEANS) == list(errors)
    assert errors["all six"] < errors["and its mirror image"] < errors["as it is"]
