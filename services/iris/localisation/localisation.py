"""Locates the eye: pupil and limbus from the network, refined on the image and checked against each other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from services.iris.localisation.gaze import FRONT, View
from services.iris.localisation.limbus import LimbusFit, refine_limbus
from services.iris.localisation.pupil import FROM_STEP, PupilFit, refine_pupil, step_inside
from services.iris.segmentation.circles import Circle, Gray
from services.iris.segmentation.mask_circles import MaskCircle, MaskCircles
from services.iris.segmentation.network import Segmentation

MIN_CONFIDENCE = 0.7  # in the iris's circle
MIN_IRIS_SUPPORT, MIN_PUPIL_SUPPORT = 0.2, 0.3  # of the circles; the network extrapolates behind lids
MIN_ROUNDNESS = 0.55  # of the pupil
MIN_PUPIL_CONTRAST = 8.0  # grey levels
FAINT_CONTRAST, CLEAR_EDGE = (
    4.0,
    0.8,
)  # least contrast, grey levels, of a pupil whose edge shows on so much of its circle
MIN_RATIO, MAX_RATIO = 0.12, 0.8  # pupil to iris radius
MAX_OFFSET = 0.25  # between the centres, in iris radii


@dataclass(frozen=True, slots=True, eq=False)
class Eye:
    """The circles of an eye, plausible together, px of the image.

    Args:
        pupil: inner circle.
        limbus: outer circle.
        iris: in the network's mask.
        view: the viewing direction before straightening.
    """

    pupil: PupilFit
    limbus: LimbusFit
    iris: MaskCircle
    view: View

    @property
    def confidence(self) -> float:
        """The network's in the iris, 0–1."""
        return self.iris.confidence

    @property
    def iris_roundness(self) -> float:
        """Shorter over longer axis of the iris, 0–1; low where the eye looks aside."""
        return min(self.iris.roundness, self.view.roundness)


def find_eye(gray: Gray, found: Segmentation, circles: MaskCircles, view: View = FRONT) -> Eye | None:
    """Refine pupil and limbus; None if the network is not certain of them, or the two do not form an eye.

    Args:
        gray: uint8 (height, width), straightened.
        found: the network's segmentation of it.
        circles: the circles in its masks.
        view: the viewing direction before straightening.
    """
    if not _certain(circles.iris, circles.pupil):
        return None
    pupil = refine_pupil(gray, circles.pupil.circle)
    limbus = refine_limbus(gray, circles.iris.circle, pupil.circle, found)
    eye = Eye(pupil, limbus, circles.iris, view)
    return eye if _plausible(eye) else None


def find_inner_eye(gray: Gray, found: Segmentation, eye: Eye) -> Eye | None:
    """Take the presumed pupil for a dark iris, and a darker disc in it for the pupil; None if the two form no eye.

    Args:
        gray: uint8 (height, width), straightened.
        found: the network's segmentation of it.
        eye: the presumed eye.
    """
    outer = eye.pupil.circle
    pupil = refine_pupil(gray, Circle(outer.x, outer.y, step_inside(gray, outer).radius), FROM_STEP)
    near = refine_limbus(gray, outer, pupil.circle, found).circle
    limbus = refine_limbus(gray, near, pupil.circle, found)
    inner = replace(eye, pupil=pupil, limbus=limbus)
    return inner if _plausible(inner) else None


def _certain(iris: MaskCircle, pupil: MaskCircle) -> bool:
    return (
        iris.support >= MIN_IRIS_SUPPORT
        and pupil.support >= MIN_PUPIL_SUPPORT
        and iris.confidence >= MIN_CONFIDENCE
        and pupil.roundness >= MIN_ROUNDNESS
    )


def _plausible(eye: Eye) -> bool:
    inner, outer = eye.pupil.circle, eye.limbus.circle
    offset = np.hypot(inner.x - outer.x, inner.y - outer.y) / outer.radius
    ratio = inner.radius / outer.radius
    least = FAINT_CONTRAST if eye.pupil.support >= CLEAR_EDGE else MIN_PUPIL_CONTRAST
    return bool(MIN_RATIO <= ratio <= MAX_RATIO and offset <= MAX_OFFSET and eye.pupil.contrast >= least)
