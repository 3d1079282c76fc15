"""The grid for finding nearby minutiae."""

from __future__ import annotations

import numpy as np

from services.fingerprint.template.arrays import workspace
from services.fingerprint.template.features import MAX_MINUTIAE
from services.fingerprint.template.grid import first_entry, lay_grid


def test_all_minutiae_within_20_px_are_listed_once_by_rising_index() -> None:
    """For 2,000 positions in and around a print, the list contains every nearby minutia."""
    random, w = np.random.default_rng(0), workspace()
    points = np.rint(random.uniform(-300, 0, (3, MAX_MINUTIAE)))
    extent = lay_grid(points, MAX_MINUTIAE, w.head, w.follower)
    for x, y in random.uniform(-360, 60, (2000, 2)):
        listed = []
        entry = first_entry(x, y, extent, w.head)
        while entry >= 0:
            listed.append(entry & 127)
            entry = int(w.follower[entry])
        near = np.flatnonzero(np.hypot(points[0] - x, points[1] - y) <= 20.0).tolist()
        assert sorted(set(listed)) == listed
        assert set(near) <= set(listed)


def test_a_grid_of_no_minutiae_lists_none() -> None:
    """The list of every position is empty."""
    w = workspace()
    extent = lay_grid(np.zeros((3, MAX_MINUTIAE)), 0, w.head, w.follower)
    assert {-1} == {first_entry(x, y, extent, w.head) for x in (-500.0, 0.0, 1.0) for y in (-30.0, 0.0, 500.0)}
