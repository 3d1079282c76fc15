from __future__ import annotations

import numpy as np
import pytest

from training.iris.samples import MIN_SEEN, NO_DATA, TARGETS, Sample, sample

SEEDS = range(24)
IRIS, PUPIL, OPENING, NOISE = range(len(TARGETS))
LEAST_SEEN = 60  # px of a pupil; the halo of a highlight may cover less
HALO = 2  # grey levels by which it may raise a larger one


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "wide"])
def samples(request: pytest.FixtureRequest) -> list[Sample]:
    """Twenty-four rendered samples."""
    return [sample(seed, wide=request.param) for seed in SEEDS]


@pytest.fixture(scope="module")
def eyes(samples: list[Sample]) -> list[Sample]:
    """The samples that show an eye."""
    return [one for one in samples if one.targets.any()]


def test_same_seed_same_sample() -> None:
    """Equal seeds give equal samples; another seed and a wide one of the same seed are others."""
    one, again, next_, wide = sample(3, wide=False), sample(3, wide=False), sample(4, wide=False), sample(3, wide=True)

    assert np.array_equal(one.image, again.image)
    assert np.array_equal(one.targets, again.targets)
    assert not np.array_equal(one.image, next_.image)
    assert not np.array_equal(one.image, wide.image)


def test_shapes(samples: list[Sample]) -> None:
    """Images and targets have the size of the network's input."""
    for one in samples:
        assert ((128, 160), np.uint8) == (one.image.shape, one.image.dtype)
        assert ((4, 128, 160), np.bool_) == (one.targets.shape, one.targets.dtype)


def test_eyes_and_others(samples: list[Sample], eyes: list[Sample]) -> None:
    """Most samples show an eye, and some do not."""
    assert len(samples) // 2 < len(eyes) < len(samples)


def test_pupil_lies_in_the_iris(eyes: list[Sample]) -> None:
    """The pupil's disc is part of the iris's, and at most half of it."""
    for one in eyes:
        iris, pupil = one.targets[IRIS], one.targets[PUPIL]
        assert not np.any(pupil & ~iris)
        assert 0 < pupil.sum() < 0.6 * iris.sum()


def test_pupil_is_not_brighter_than_the_iris(eyes: list[Sample]) -> None:
    """Outside lids, lashes and reflections a pupil is no brighter than the iris around it, if enough of it shows."""
    for one in eyes:
        clear = one.targets[OPENING] & ~one.targets[NOISE]
        pupil, ring = clear & one.targets[PUPIL], clear & one.targets[IRIS] & ~one.targets[PUPIL]
        if pupil.sum() > LEAST_SEEN:
            assert np.median(one.image[pupil]) < np.median(one.image[ring]) + HALO


def test_discs_continue_under_the_lids(eyes: list[Sample]) -> None:
    """In some eyes a part of the iris disc lies outside the opening, in none more than is allowed."""
    hidden = []
    for one in eyes:
        ring = one.targets[IRIS] & ~one.targets[PUPIL]
        hidden.append(1 - np.mean(one.targets[OPENING][ring]))

    assert 0.05 < max(hidden) < 1 - MIN_SEEN + 0.1


def test_nothing_is_marked_outside_the_image(samples: list[Sample]) -> None:
    """Where an image does not fill the input, the rest is grey and belongs to no target."""
    beside = [one for one in samples if np.all(one.image[:, :5] == NO_DATA) or np.all(one.image[:3] == NO_DATA)]

    assert beside
    for one in beside:
        empty = np.all(one.image == NO_DATA, axis=0) | np.all(one.image == NO_DATA, axis=1)[:, None]
        assert not np.any(one.targets & empty)
