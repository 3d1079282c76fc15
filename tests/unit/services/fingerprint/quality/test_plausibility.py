"""Checks for one finger and dark ridges, on synthetic ridges."""

from __future__ import annotations

import numpy as np
import pytest

from services.fingerprint.extraction.segmentation import find_finger
from services.fingerprint.quality.plausibility import has_dark_background, shows_several_fingers
from tests.unit.services.fingerprint.areas import arched_finger, rings


@pytest.mark.parametrize("gap_px", [0, 16, 64])
def test_two_fingers_side_by_side_are_detected(gap_px: int) -> None:
    """Whether they are apart or touch in the middle."""
    gap = np.full((320, gap_px), 255, np.uint8)
    assert shows_several_fingers(find_finger(np.hstack([arched_finger(), gap, arched_finger()])))


def test_parts_of_one_finger_are_not_several() -> None:
    """A vertical smear, the crease of a joint, and a speck beside the finger leave it one finger."""
    smeared, creased, specked = (np.pad(arched_finger(480, 320), 64, constant_values=255) for _ in range(3))
    smeared[:, 200:248] = 90
    creased[280:328] = 255
    specked[16:80, 16:80] = rings(64, 64)
    for picture in (arched_finger(), smeared, creased, specked):
        assert not shows_several_fingers(find_finger(picture))


def test_a_dark_background_is_detected() -> None:
    """True for black around light ridges; false for a finger that fills the image."""
    finger, filled = arched_finger(), rings(320, 320).astype(np.uint8)
    assert not has_dark_background(finger, find_finger(finger))
    assert has_dark_background(255 - finger, find_finger(255 - finger))
    assert not has_dark_background(255 - filled, find_finger(filled))
