"""How far samples of one position repeat each other, by their likeness."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.errors import FieldInvalid
from evaluation.calibration.near_repeats import NEAR_REPEATS
from evaluation.calibration.sample_likeness import CHOICES, Table, fitted, mated_llrs, non_mated_llrs, rhos

PEOPLE, CAPTURES, REPEATS = 30, 3, 6


def made() -> Table:
    """People whose samples share a part of their LLRs against others, larger the more alike they are."""
    random = np.random.default_rng(3)
    size = CAPTURES + REPEATS
    person = np.repeat(np.arange(PEOPLE), size)
    capture = np.tile([*range(CAPTURES), *[0] * REPEATS], PEOPLE)
    original = np.tile([True] * CAPTURES + [False] * REPEATS, PEOPLE)
    common = random.normal(size=(PEOPLE, PEOPLE * size))
    first = random.normal(size=(PEOPLE * CAPTURES, PEOPLE * size))[person * CAPTURES + capture]
    own = random.normal(size=(person.size, PEOPLE * size))
    llrs = -1.0 + 0.6 * common[person] + 0.6 * first + 0.53 * own
    same = person[:, None] == person
    repeat = same & (capture[:, None] == capture)
    likeness = np.where(repeat, 0.97, np.where(same, 0.5, 0.0)) + random.uniform(-0.02, 0.02, same.shape)
    likeness = (likeness + likeness.T) / 2
    np.fill_diagonal(likeness, 1.0)
    llrs[same] = 3.0
    return Table(person, person, np.zeros_like(person), capture, original, likeness, llrs)


def test_rho_is_the_correlation_of_samples_as_alike():
    """Separate captures have the rho of 0.36 they were made with; near repeats have rho 1."""
    dependence = fitted(made())
    assert 0.36 == pytest.approx(float(dependence.of(0.5)), abs=0.06)
    assert 1.0 == float(dependence.of(0.97))
    assert 0.53 > dependence.likenesses[-1]


def test_repeats_gain_another_person_nothing():
    """Several near repeats or separate captures of another person reach no LLR more often than one, up to chance."""
    table, dependence = made(), fitted(made())
    for choice, count in (("near repeats of one capture", 7), ("captures of their own", 3), ("both", 9)):
        one, several = (non_mated_llrs(table, dependence, CHOICES[choice], each) for each in (1, count))
        assert np.mean(several >= 0.5) <= 1.2 * np.mean(one >= 0.5)
        assert np.mean(several >= 1.0) <= 0.1


def test_people_gain_by_separate_captures():
    """Two captures of LLR 3 that repeat each other little are worth 4."""
    table, dependence = made(), fitted(made())
    one, two = (mated_llrs(table, dependence, count) for count in (1, 2))
    assert (PEOPLE * CAPTURES, PEOPLE * CAPTURES) == (one.size, two.size)
    assert [3.0] * one.size == one.tolist()
    assert np.median(two) > 4.0


def test_samples_that_differ_are_not_added_up():
    """Two samples of one position that score against each other have rho 1, as in fusion."""
    table = made()
    table.llrs[0, 1] = -2.0
    assert 1.0 == rhos(table, fitted(table), np.array([0, 1]))[0, 1]


def test_one_image_of_each_source_is_refused():
    """Without two captures of any source the fit is refused."""
    table = made()
    alone = Table(
        np.arange(table.source.size),
        table.person,
        table.sensor,
        table.capture,
        table.original,
        table.likeness,
        table.llrs,
    )
    with pytest.raises(FieldInvalid, match="two images"):
        fitted(alone)


@pytest.mark.parametrize("shape", [(120, 160), (120, 160, 3)], ids=["grey", "colour"])
def test_near_repeats_are_images_like_the_capture(shape):
    """Near repeats are uint8, about as large, equal for equal seeds, and all but the copy differ from the capture."""
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    for name, again in NEAR_REPEATS.items():
        one, other = (again(pixels, np.random.default_rng(1)) for _ in range(2))
        assert np.uint8 == one.dtype
        assert (one == other).all()
        assert all(0.75 * side <= new <= 1.1 * side for side, new in zip(pixels.shape[:2], one.shape[:2], strict=True))
        assert (name == "copy") == (one.shape == pixels.shape and bool((one == pixels).all()))
