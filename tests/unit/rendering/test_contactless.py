"""Photographs of fingers made from prints."""

from __future__ import annotations

import numpy as np

from rendering.contactless import Shot, photograph
from tests.unit.services.fingerprint.areas import arched_finger


def test_a_photograph_shows_what_the_shot_says() -> None:
    """The ground is in the corners, and a lamp on the left darkens the right; equal draws give equal pictures."""
    shot = Shot(ground=(20.0, 40.0, 90.0), clutter=0, relief=0, noise=0, jpeg=0, lamp=(-0.7, 0, 0.7))
    rgb, again = (photograph(arched_finger(), shot, np.random.default_rng(0)) for _ in range(2))
    height, width = rgb.shape[:2]
    assert (20, 40, 90) == tuple(rgb[2, 2])
    left, right = (rgb[height // 2, round(width * share)].astype(int) for share in (0.4, 0.65))
    assert left.sum() > right.sum()
    assert left[0] > left[1] > left[2]
    assert np.array_equal(rgb, again)
