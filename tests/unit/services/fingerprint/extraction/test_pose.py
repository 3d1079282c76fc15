"""Orientation of a print, on synthetic ridges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from services.fingerprint.extraction.pose import Pose, arch, find_pose, flanks
from services.fingerprint.extraction.segmentation import find_finger
from tests.unit.services.fingerprint.areas import arched_finger, finger_area, rings


def test_the_arch_distinguishes_up_from_down() -> None:
    """It is positive for an upright print, negative after rotation by 180°, and about 0 for one on its side."""
    upright, turned, lying = (arch(find_finger(np.rot90(arched_finger(), quarter))) for quarter in (0, 2, 1))
    assert upright > 0.2
    assert -upright == pytest.approx(turned, abs=0.02)
    assert abs(lying) < 0.15


@pytest.mark.parametrize("turns", range(4))
def test_the_arch_of_a_rotated_print_needs_no_rotated_image(turns: int) -> None:
    """Computed for a rotation angle, it equals that of the rotated image to 0.02."""
    turned = np.ascontiguousarray(np.rot90(arched_finger(320, 320), turns))
    assert arch(find_finger(turned)) == pytest.approx(arch(find_finger(arched_finger(320, 320)), 90 * turns), abs=0.02)


@pytest.mark.parametrize(
    ("turns", "pose"),
    [(0, Pose()), (1, Pose(270, is_doubtful=True)), (2, Pose(180)), (3, Pose(90, is_doubtful=True))],
)
def test_a_print_is_rotated_upright(turns: int, pose: Pose) -> None:
    """One upside down surely, one on its side in doubt."""
    assert pose == find_pose(find_finger(np.ascontiguousarray(np.rot90(arched_finger(), turns))))


def test_a_print_without_a_clear_pose_is_left_as_it_is() -> None:
    """Concentric ridges; and, in doubt, a piece of under 100 mm² that arches downwards."""
    assert Pose() == find_pose(find_finger(rings(320, 320, centre=(160.0, 160.0)).astype(np.uint8)))
    assert Pose(is_doubtful=True) == find_pose(find_finger(np.ascontiguousarray(arched_finger(200, 200)[::-1])))


def test_a_print_is_not_in_doubt_for_its_middle() -> None:
    """Ridges that arch downwards leave no doubt if the flanks rise inwards; the other way round they do."""
    across = np.linspace(-1, 1, 20)[None].repeat(20, axis=0)
    level = replace(finger_area(cells=400), direction=np.zeros((20, 20), np.complex64))
    middle = np.where(np.abs(across) < 0.7, 0.4j, -0.3j) * np.sign(across)
    area = replace(level, direction=middle.astype(np.complex64))
    assert (True, True) == (arch(area) < -0.02, flanks(area) > 0.0)
    assert Pose() == find_pose(area)
    assert find_pose(replace(area, direction=-area.direction)).is_doubtful


def test_without_a_finger_arch_and_flanks_are_0() -> None:
    """For an empty mask."""
    assert (0.0, 0.0) == (arch(finger_area(cells=0)), flanks(finger_area(cells=0)))
