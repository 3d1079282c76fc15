"""Where the eye is: pupil and limbus, checked against each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.iris.circles import Circle, Gray, fill_glints
from services.iris.limbus import LimbusFit, find_limbus
from services.iris.pupil import PupilFit, find_pupil

MIN_PUPIL_CONTRAST, MIN_PUPIL_SUPPORT = 10.0, 0.55
MIN_LIMBUS_SUPPORT = 0.65
MIN_RATIO, MAX_RATIO = 0.15, 0.75  # pupil to iris radius
MAX_OFFSET = 0.18  # between the centres, in iris radii


@dataclass(frozen=True, slots=True)
class Eye:
    """The circles of an eye, plausible as one."""

    pupil: PupilFit
    limbus: LimbusFit


def find_eye(gray: Gray) -> Eye | None:
    """Find pupil and limbus; None where there is no pupil, or the two do not make an eye.

    Args:
        gray: uint8 (height, width), longer side 320 px.
    """
    filled = fill_glints(gray)
    pupil = find_pupil(filled)
    if pupil is None or pupil.contrast < MIN_PUPIL_CONTRAST or pupil.support < MIN_PUPIL_SUPPORT:
        return None
    if not _in_frame(pupil.circle, gray):
        return None
    limbus = find_limbus(filled, pupil.circle)
    return Eye(pupil, limbus) if _plausible(pupil, limbus) else None


def _in_frame(circle: Circle, gray: Gray) -> bool:
    """Whether at most a tenth of the radius is cut off."""
    height, width = gray.shape
    nearest = min(circle.x, circle.y, width - 1 - circle.x, height - 1 - circle.y)
    return bool(nearest >= 0.9 * circle.radius)


def _plausible(pupil: PupilFit, limbus: LimbusFit) -> bool:
    inner, outer = pupil.circle, limbus.circle
    offset = np.hypot(inner.x - outer.x, inner.y - outer.y) / outer.radius
    ratio = inner.radius / outer.radius
    return bool(MIN_RATIO <= ratio <= MAX_RATIO and offset <= MAX_OFFSET and limbus.support >= MIN_LIMBUS_SUPPORT)
