"""Making prints at other scales and poses, and counting how they are read."""

from __future__ import annotations

import numpy as np

from studies.capture.scale_and_pose import changes, outcomes
from tests.unit.services.fingerprint.areas import arched_finger


def test_the_changes_are_what_they_are_called() -> None:
    """Changes of a print of 1000 dpi have the sizes, tags and rotations of their names; untagged ones have no tag."""
    gray = arched_finger(640, 512)
    sent = {name: image for name, (image, _, _) in changes(gray, 1000.0).items()}
    assert (1000.0, None) == (sent["as it is"].resolution_dpi, sent["untagged"].resolution_dpi)
    assert ((230, 184), None) == (sent["360 dpi, untagged"].gray.shape, sent["360 dpi, untagged"].resolution_dpi)
    assert ((320, 256), 600.0) == (sent["500 dpi, tagged 600"].gray.shape, sent["500 dpi, tagged 600"].resolution_dpi)
    assert ((384, 307), 600.0) == (sent["600 dpi, tagged so"].gray.shape, sent["600 dpi, tagged so"].resolution_dpi)
    assert (640, 256) == sent["500 × 1000 dpi, tagged so"].gray.shape
    assert gray[-1, -1] == sent["turned by 180°"].gray[0, 0]


def test_right_wrong_and_doubted_are_counted() -> None:
    """Ridges of 9 px are read right with and without a tag, and at twice the size; a wrong tag gives a doubt."""
    names = ("as it is", "untagged", "1000 dpi, untagged", "500 dpi, tagged 600", "turned by 180°")
    found = outcomes([(arched_finger(), 500.0)], names)
    assert {"right": 1, "FILE": 1} == found["as it is"]
    assert {"right": 1, "ASSUMED": 1} == found["untagged"]
    assert {"right": 1, "ESTIMATED": 1} == found["1000 dpi, untagged"]
    assert {"right, doubted": 1, "ESTIMATED": 1} == found["500 dpi, tagged 600"]
    assert {"right": 1, "FILE": 1, "turned": 1} == found["turned by 180°"]


def test_every_change_has_one_outcome_per_print() -> None:
    """Every print is right or wrong, doubted or not; a blank image gets the scale that its tag states."""
    found = outcomes([(np.full((320, 256), 200, np.uint8), 500.0)])
    for count in found.values():
        assert 1 == sum(count[told] for told in ("right", "wrong", "right, doubted", "wrong, doubted"))
