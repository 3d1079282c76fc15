from __future__ import annotations

import numpy as np
import pytest

from services.iris.segmentation.circles import Circle, directions, fit_circle


def test_exact_points() -> None:
    """Points on a circle give that circle."""
    xs, ys = 100 + 40 * directions(32)[0], 80 + 40 * directions(32)[1]

    circle, share = fit_circle(xs, ys, np.ones(32, np.float32))

    assert pytest.approx((100, 80, 40), abs=1e-3) == (circle.x, circle.y, circle.radius)
    assert 1.0 == share


def test_outliers_are_dropped() -> None:
    """A quarter of the points, all too far out, moves the circle by at most 0.5 px."""
    radii = np.full(60, 40.0, np.float32)
    radii[::4] = np.random.default_rng(0).uniform(48, 60, 15)
    xs, ys = 100 + radii * directions(60)[0], 80 + radii * directions(60)[1]

    circle, share = fit_circle(xs, ys, np.ones(60, np.float32))

    assert pytest.approx((100, 80, 40), abs=0.5) == (circle.x, circle.y, circle.radius)
    assert pytest.approx(45 / 60, abs=0.02) == share


def test_scaling_keeps_pixel_areas() -> None:
    """In a doubled image the centre of pixel 0 is between pixels 0 and 1."""
    assert Circle(0.5, 2.5, 6.0) == Circle(0.0, 1.0, 3.0).scaled(2.0)
