"""The highest LLR of combinations of samples, and the largest gallery for it."""

from __future__ import annotations

from math import log10

import pytest

from biometrics.template import Modality
from fusion.configured import fusion_model
from fusion.models.reach import LARGEST_GALLERY, reachable, reaches
from infra.settings import Settings
from tests.unit.fusion.world import model


def test_reach_is_that_of_the_sum() -> None:
    """One sample of each modality reaches the sum of their calibrations' bounds, and a gallery of that size."""
    by_counts = {tuple(each.counts.items()): each for each in reaches(model())}
    alone = by_counts[((Modality.FACE, 1),)]
    bound = model().calibrations["face-test-1"].llr_max
    assert (pytest.approx(bound), pytest.approx(10.0**-bound)) == (alone.llr, alone.lowest_fmr)
    assert pytest.approx(3 * bound) == reachable(model(), dict.fromkeys(Modality, 1))
    assert 2 * 5 * 3 - 1 == len(by_counts)
    assert all(each.largest_gallery <= LARGEST_GALLERY for each in by_counts.values())


def test_shipped_fingers_reach_less_than_their_sum() -> None:
    """Fingers of one person repeat each other, so ten reach less than ten times one, but each one adds something."""
    shipped = fusion_model(Settings.from_environment({}))
    one, two, four, ten = (reachable(shipped, {Modality.FINGERPRINT: count}) for count in (1, 2, 4, 10))
    assert one < two < four < ten < 10 * one
    assert one == pytest.approx(shipped.calibrations["fingerprint-signs-1"].llr_max)


def test_a_match_needs_what_is_reachable() -> None:
    """The reach meets the threshold of the largest gallery, and not that of a larger one."""
    shipped = fusion_model(Settings.from_environment({}))
    for each in reaches(shipped):
        if 0 < each.largest_gallery < LARGEST_GALLERY:
            assert log10(each.largest_gallery) - log10(shipped.fpir) <= each.llr + 1e-9
            assert log10(each.largest_gallery + 1) - log10(shipped.fpir) > each.llr - 1e-9
