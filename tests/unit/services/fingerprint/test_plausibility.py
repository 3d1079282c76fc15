"""One finger, upright, dark on light, at its resolution: each judged on ridges that the tests make up."""

from __future__ import annotations

import numpy as np
import pytest

from services.fingerprint.plausibility import arch, has_dark_ground, shows_several_fingers, suspected_scale
from services.fingerprint.segmentation import find_finger
from tests.unit.services.fingerprint.areas import finger_area, rings


def _finger(height: int = 320, width: int = 256) -> np.ndarray:
    """An upright arch on white: an ellipse of ridges whose common centre lies below it."""
    y, x = np.mgrid[:height, :width]
    inside = np.hypot((x - width / 2) / (width / 2 - 24), (y - height / 2) / (height / 2 - 24)) < 1
    return np.where(inside, rings(height, width, centre=(width / 2, height)), 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("period_px", "scale"), [(4.0, 2.0), (4.5, 2.0), (6.0, None), (9.0, None), (12.0, None), (15.0, 0.5), (20.0, 0.5)]
)
def test_the_period_of_the_ridges_shows_a_wrong_resolution(period_px: float, scale: float | None) -> None:
    """Ridges of 6 to 12 px are possible at 500 dpi, finer and coarser ones are not."""
    area = find_finger(rings(320, 320, period_px).astype(np.uint8))
    assert period_px == pytest.approx(area.period_px, rel=0.08)
    assert scale == suspected_scale(area)


def test_without_ridges_there_is_no_period() -> None:
    """A blank is not suspected of another resolution."""
    area = find_finger(np.full((320, 320), 200, np.uint8))
    assert (0.0, None) == (area.period_px, suspected_scale(area))


@pytest.mark.parametrize("gap_px", [0, 16, 64])
def test_two_fingers_side_by_side_are_several(gap_px: int) -> None:
    """Apart, or touching at the waist."""
    gap = np.full((320, gap_px), 255, np.uint8)
    assert shows_several_fingers(find_finger(np.hstack([_finger(), gap, _finger()])))


def test_parts_of_one_finger_are_not_several() -> None:
    """A smear down the middle, the crease of a joint, and a speck beside the finger leave it one finger."""
    smeared, creased, specked = (np.pad(_finger(480, 320), 64, constant_values=255) for _ in range(3))
    smeared[:, 200:248] = 90
    creased[280:328] = 255
    specked[16:80, 16:80] = rings(64, 64)
    for picture in (_finger(), smeared, creased, specked):
        assert not shows_several_fingers(find_finger(picture))


def test_the_ground_shows_which_ridges_are_light() -> None:
    """Black around light ridges is unusual; a finger that fills the image says nothing."""
    finger, filled = _finger(), rings(320, 320).astype(np.uint8)
    assert not has_dark_ground(finger, find_finger(finger))
    assert has_dark_ground(255 - finger, find_finger(255 - finger))
    assert not has_dark_ground(255 - filled, find_finger(filled))


def test_the_arch_tells_up_from_down() -> None:
    """Ridges arch upwards in an upright print, downwards in one that is turned by 180°, and neither when it lies."""
    upright, turned, lying = (arch(find_finger(np.rot90(_finger(), quarter))) for quarter in (0, 2, 1))
    assert upright > 0.2
    assert -upright == pytest.approx(turned, abs=0.02)
    assert abs(lying) < 0.15


def test_nothing_has_no_arch() -> None:
    """Without a finger the arch is 0."""
    assert 0.0 == arch(finger_area(cells=0))
