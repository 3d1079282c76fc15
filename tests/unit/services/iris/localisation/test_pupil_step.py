"""A darker disc in a pupil is a step; reflections, noise and a pupil's own edge are not."""

from __future__ import annotations

import numpy as np
import pytest

from services.iris.localisation.pupil import FROM_STEP, refine_pupil, step_inside
from services.iris.looks.look import STEP
from services.iris.segmentation.circles import Circle

PUPIL = Circle(160.0, 120.0, 80.0)
DARK, NOISE = 30.0, 2.0  # grey levels


def picture(step: float = 0.0, share: float = 0.5, aside: float = 0.0) -> np.ndarray:
    """A pupil in an iris, brighter by `step` outside an inner disc that is `share` as wide and `aside` px off."""
    ys, xs = np.mgrid[:240, :320]
    away = np.hypot(xs - PUPIL.x, ys - PUPIL.y)
    inner = np.hypot(xs - PUPIL.x - aside, ys - PUPIL.y) < share * PUPIL.radius
    values = np.where(away < PUPIL.radius, DARK + step * ~inner, 120.0)
    noise = NOISE * np.random.default_rng(0).standard_normal(values.shape)
    return np.asarray(np.clip(np.rint(values + noise), 0, 255), np.uint8)


@pytest.mark.parametrize("share", [0.35, 0.5, 0.7])
@pytest.mark.parametrize("aside", [0.0, 4.0])
@pytest.mark.parametrize("step", [4.0, 10.0, 40.0])
def test_a_darker_disc_is_detected(step: float, share: float, aside: float) -> None:
    """Step and radius are measured within a half and a fifth, with the disc centred or 5 % of the radius off."""
    found = step_inside(picture(step, share, aside), PUPIL)

    assert found.levels == pytest.approx(step, abs=step / 2)
    assert found.radius == pytest.approx(share * PUPIL.radius, rel=0.2)


@pytest.mark.parametrize("aside", [0.0, 12.0])
def test_a_darker_disc_is_refined(aside: float) -> None:
    """From the step's radius about the presumed pupil's centre, a disc is found that lies 30 % of its radius aside."""
    gray = picture(10.0, 0.5, aside)
    start = Circle(PUPIL.x, PUPIL.y, step_inside(gray, PUPIL).radius)

    found = refine_pupil(gray, start, FROM_STEP)

    assert (found.circle.x, found.circle.radius) == pytest.approx((PUPIL.x + aside, 40.0), abs=2.0)
    assert found.support > 0.8


def test_a_uniform_pupil_has_no_step() -> None:
    """Noise of two grey levels is no step."""
    assert step_inside(picture(), PUPIL).levels < STEP


@pytest.mark.parametrize("away", [0.0, 0.3, 0.5, 0.7])
def test_reflections_are_no_step(away: float) -> None:
    """Neither a spot nor a ring of light is a step: the pupil is dark outside it."""
    ys, xs = np.mgrid[:240, :320]
    spot, ring = picture(), picture()
    spot[np.hypot(xs - PUPIL.x - away * PUPIL.radius, ys - PUPIL.y) < 15] = 255
    ring[np.abs(np.hypot(xs - PUPIL.x, ys - PUPIL.y) - away * PUPIL.radius) < 6] = 255

    assert step_inside(spot, PUPIL).levels < STEP
    assert step_inside(ring, PUPIL).levels < STEP
