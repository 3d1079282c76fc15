"""Eyes are changed as stated, and where their circles are afterwards is known."""

from __future__ import annotations

import numpy as np
import pytest

from rendering.eyes import render
from services.iris.segmentation.circles import Circle
from studies.spoiled.known_eyes import Changed, Known
from studies.spoiled.other_cameras import CHANGES, cut, dark_iris, pale_limbus, smaller


@pytest.fixture(scope="module")
def eye() -> Known:
    """A rendered eye with its circles, wide open."""
    drawn = render(1, 0, 320, 240, opening=1.0)
    pupil, limbus = (Circle(each.x, each.y, each.radius) for each in (drawn.pupil, drawn.limbus))
    ys, xs = np.mgrid[:240, :320]
    around = np.hypot((xs - limbus.x) / 2.2, ys - limbus.y) < limbus.radius
    return Known(drawn.image, pupil, limbus, around)


def levels(changed: Changed, eye: Known) -> tuple[float, float, float]:
    """Median grey levels of pupil, iris and sclera where they are in the changed image."""
    pupil, limbus = changed.moved(eye.pupil), changed.moved(eye.limbus)
    there = Known(changed.gray, pupil, limbus, np.ones(changed.gray.shape, bool))
    inner, outer = there.away(pupil), there.away(limbus)
    beside = np.abs(np.mgrid[: changed.gray.shape[0], : changed.gray.shape[1]][0] - limbus.y) < 0.3 * limbus.radius
    ring = (inner > 1.2) & (outer < 0.9) & beside
    return there.median(inner < 0.7), there.median(ring), there.median((outer > 1.1) & (outer < 1.4) & beside)


@pytest.mark.parametrize("name", list(CHANGES))
def test_every_change_gives_a_picture(eye: Known, name: str) -> None:
    """The changed image is grey and differs from the original."""
    changed = CHANGES[name](eye)

    assert np.uint8 == changed.gray.dtype
    assert changed.gray.shape != eye.gray.shape or np.any(changed.gray != eye.gray)


def test_a_border_of_the_iris_is_weakened(eye: Known) -> None:
    """A dark iris is nearer to its pupil and a pale limbus nearer to its iris, each by its share."""
    pupil, iris, sclera = levels(Changed(eye.gray), eye)
    _, darker, _ = levels(dark_iris(0.15)(eye), eye)
    _, _, paler = levels(pale_limbus(0.12)(eye), eye)

    assert pytest.approx(0.15 * (iris - pupil), abs=4) == darker - pupil
    assert abs(paler - iris) < 0.5 * abs(sclera - iris)


@pytest.mark.parametrize("change", [cut(-0.4, 0), cut(0.1, 0), cut(0, -0.3), cut(0, 0.5), smaller(0.55)])
def test_circles_move_with_the_picture(eye: Known, change: object) -> None:
    """What is in the pupil, or of the pupil in the frame, is as dark as before."""
    before, iris, _ = levels(Changed(eye.gray), eye)

    after, ring, _ = levels(change(eye), eye)  # type: ignore[operator]  # a function of CHANGES

    assert pytest.approx(before, abs=8) == after
    assert pytest.approx(iris, abs=15) == ring
