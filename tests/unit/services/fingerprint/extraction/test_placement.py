"""Mapping of a rotated and scaled print to the image sent."""

from __future__ import annotations

import numpy as np
import pytest

from services.fingerprint.extraction.placement import place, place_points, placement, px_per_px
from services.fingerprint.template.features import Minutiae


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_each_pixel_of_a_rotated_print_is_mapped_to_the_image(degrees: int) -> None:
    """The print's value at a pixel is the image's value at the mapped position."""
    image = np.arange(7 * 5).reshape(7, 5)
    turned = np.rot90(image, degrees // 90)
    rows, columns = np.indices(turned.shape).reshape(2, -1)
    x, y = place_points(np.stack([columns, rows], 1).astype(float), placement(image.shape, turned.shape, degrees)).T
    assert turned[rows, columns].tolist() == image[np.rint(y).astype(int), np.rint(x).astype(int)].tolist()


def test_horizontal_and_vertical_scales_may_differ() -> None:
    """The centre is fixed; an oblique direction becomes steeper if the image is stretched vertically."""
    placed = placement((201, 101), (101, 101))
    one, angle = np.full(1, 50, np.float32), np.full(1, np.pi / 4, np.float32)
    found = place(Minutiae(one, one, angle, one > 0, one), placed)
    assert (50.0, 100.0) == (found.x[0], found.y[0])
    assert np.arctan(201 / 101) == pytest.approx(found.angle[0])
    assert np.sqrt(201 / 101) == pytest.approx(px_per_px(placed))


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_directions_are_rotated_back(degrees: int) -> None:
    """The minutiae of a rotated print are rotated back in the image."""
    one = np.ones(1, np.float32)
    found = place(
        Minutiae(one, one, np.full(1, 1.0, np.float32), one > 0, one),
        placement((10, 10), (10, 10), degrees),
    )
    assert (1.0 - np.radians(degrees)) % (2 * np.pi) == pytest.approx(found.angle[0], abs=1e-6)
