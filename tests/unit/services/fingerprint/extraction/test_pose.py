"""Which way up a print is, by ridges that the tests make up."""

from __future__ import annotations

import numpy as np
import pytest

from services.fingerprint.extraction.pose import Pose, arch, find_pose
from services.fingerprint.extraction.segmentation import find_finger
from tests.unit.services.fingerprint.areas import arched_finger, finger_area, rings


def test_the_arch_tells_up_from_down() -> None:
    """Ridges arch upwards in an upright print, downwards in one that is turned by 180°, and neither when it lies."""
    upright, turned, lying = (arch(find_finger(np.rot90(arched_finger(), quarter))) for quarter in (0, 2, 1))
    assert upright > 0.2
    assert -upright == pytest.approx(turned, abs=0.02)
    assert abs(lying) < 0.15


@pytest.mark.parametrize("turns", range(4))
def test_the_arch_can_be_measured_as_if_the_print_were_turned(turns: int) -> None:
    """Without turning the image it is the same to 0.02."""
    turned = np.ascontiguousarray(np.rot90(arched_finger(320, 320), turns))
    assert arch(find_finger(turned)) == pytest.approx(arch(find_finger(arched_finger(320, 320)), 90 * turns), abs=0.02)


@pytest.mark.parametrize(
    ("turns", "pose"),
    [(0, Pose()), (1, Pose(is_doubtful=True)), (2, Pose(is_upside_down=True)), (3, Pose(is_doubtful=True))],
)
def test_a_print_upside_down_is_to_be_turned(turns: int, pose: Pose) -> None:
    """One that lies on its side is left, in doubt."""
    assert pose == find_pose(find_finger(np.ascontiguousarray(np.rot90(arched_finger(), turns))))


def test_what_shows_no_pose_is_left_as_it_is() -> None:
    """Ridges around their middle; and, in doubt, a piece of under 100 mm² that arches downwards."""
    assert Pose() == find_pose(find_finger(rings(320, 320, centre=(160.0, 160.0)).astype(np.uint8)))
    assert Pose(is_doubtful=True) == find_pose(find_finger(np.ascontiguousarray(arched_finger(200, 200)[::-1])))


def test_nothing_has_no_arch() -> None:
    """Without a finger the arch is 0."""
    assert 0.0 == arch(finger_area(cells=0))
