"""Perturbed fingerprint templates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biometrics.template import Modality, Template
from services.fingerprint.template.features import MODEL_ID, FingerFeatures, Minutiae, mask_shape, pack, unpack
from studies.perturbed.perturbations import Change, false, half, missing, perturbed, shifted


def made_up(count: int = 80) -> Template:
    """Minutiae all over a 320×480 px finger."""
    random = np.random.default_rng(3)
    x, y = random.uniform(0, (320, 480), (count, 2)).T.astype(np.float32)
    angle = random.uniform(0, 6, count).astype(np.float32)
    signs, sure = random.integers(0, 2**32, count, np.uint32), np.full(count, 0.9, np.float32)
    found = Minutiae(np.minimum(x, 319), np.minimum(y, 479), angle, x > 100, sure, signs)
    mask = np.ones(mask_shape(320, 480), np.bool_)
    return Template(Modality.FINGERPRINT, MODEL_ID, pack(FingerFeatures(320, 480, mask, found)))


def points(template: Template) -> set[tuple[float, float]]:
    """The positions of its minutiae."""
    found = unpack(template.data).minutiae
    return set(zip(found.x.tolist(), found.y.tolist(), strict=True))


@pytest.mark.parametrize("change", [missing(0.4), half, shifted(4.0), false(0.2)])
def test_a_change_is_the_same_for_the_same_seed(change: Change) -> None:
    """Equal seeds give equal changes, another seed another one."""
    template = made_up()
    assert perturbed(template, (change,), 5) == perturbed(template, (change,), 5)
    assert perturbed(template, (change,), 5) != perturbed(template, (change,), 6)


def test_nothing_is_changed_without_a_change() -> None:
    """Without a change the template stays equal."""
    assert made_up() == perturbed(made_up(), (), 1)


def test_missing_minutiae_are_missing() -> None:
    """About the given share of minutiae is removed; the others are unchanged."""
    template = made_up()
    left = points(perturbed(template, (missing(0.4),), 1))
    assert left < points(template)
    assert 48 == pytest.approx(len(left), abs=12)


def test_half_a_finger_has_half_the_area_and_its_minutiae_only() -> None:
    """The cells on one side of a line stay, and only their minutiae."""
    features = unpack(perturbed(made_up(), (half,), 2).data)
    rows, columns = (features.minutiae.y // 16).astype(int), (features.minutiae.x // 16).astype(int)
    assert 300 == pytest.approx(features.mask.sum(), abs=20)
    assert 20 < len(features.minutiae) < 60
    assert features.mask[rows, columns].all()


@pytest.mark.parametrize("change", [missing(0.4), half, false(0.2)])
def test_minutiae_keep_their_signs(change: Change) -> None:
    """Those that are left have the signs that they had, in their order, also where others are added."""
    before = unpack(made_up().data)
    after = change(before, np.random.default_rng(1)).minutiae.signs
    assert before.minutiae.signs is not None
    assert after is not None
    kept = [each for each in after.tolist() if each in set(before.minutiae.signs.tolist())]
    assert kept == [each for each in before.minutiae.signs.tolist() if each in kept]
    assert len(kept) == min(len(after), len(before.minutiae))


def test_minutiae_without_signs_get_none() -> None:
    """Neither those that were there nor those that are added."""
    before = unpack(made_up().data)
    bare = replace(before, minutiae=replace(before.minutiae, signs=None))
    assert false(0.2)(bare, np.random.default_rng(1)).minutiae.signs is None


def test_shifted_minutiae_have_a_few_other_signs() -> None:
    """About nine in a hundred differ, as where real minutiae are read that far away."""
    before = unpack(made_up().data)
    after = shifted(4.0)(before, np.random.default_rng(1))
    assert before.minutiae.signs is not None
    assert after.minutiae.signs is not None
    flipped = [each.bit_count() for each in (before.minutiae.signs ^ after.minutiae.signs).tolist()]
    assert 0.09 == pytest.approx(np.mean(flipped) / 32, abs=0.03)


def test_shifted_minutiae_are_about_that_far_away() -> None:
    """The standard deviation of the shifts is the given number of px."""
    before = unpack(made_up().data)
    after = shifted(4.0)(before, np.random.default_rng(1))
    moved = np.concatenate([after.minutiae.x - before.minutiae.x, after.minutiae.y - before.minutiae.y])
    assert 4.0 == pytest.approx(moved.std(), abs=0.8)


def test_false_minutiae_are_added_up_to_the_limit() -> None:
    """A share of a fifth adds 16 minutiae to eighty, but only five to ninety-five, as 100 is the limit."""
    assert 96 == len(unpack(perturbed(made_up(80), (false(0.2),), 1).data).minutiae)
    assert 100 == len(unpack(perturbed(made_up(95), (false(0.2),), 1).data).minutiae)
