"""Where the eye is: pupil and limbus by the network, refined on the image and checked against each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.iris.localisation.gaze import FRONT, View
from services.iris.localisation.limbus import LimbusFit, refine_limbus
from services.iris.localisation.pupil import PupilFit, refine_pupil
from services.iris.segmentation.circles import Gray
from services.iris.segmentation.mask_circles import MaskCircle, MaskCircles
from services.iris.segmentation.network import Segmentation

MIN_CONFIDENCE = 0.7  # of the iris disc
MIN_IRIS_SUPPORT, MIN_PUPIL_SUPPORT = 0.2, 0.3  # of the discs; what lids hide of the iris is guessed
MIN_ROUNDNESS = 0.55  # of the pupil
MIN_PUPIL_CONTRAST = 8.0  # grey levels
MIN_RATIO, MAX_RATIO = 0.12, 0.8  # pupil to iris radius
MAX_OFFSET = 0.25  # between the centres, in iris radii


@dataclass(frozen=True, slots=True)
class Eye:
    """The circles of an eye, plausible as one, px of the image.

    Args:
        pupil: the inner one.
        limbus: the outer one.
        confidence: of the network in the iris, 0–1.
        iris_roundness: shorter over longer axis of the iris, 0–1; low where the eye looks aside.
    """

    pupil: PupilFit
    limbus: LimbusFit
    confidence: float
    iris_roundness: float


def find_eye(gray: Gray, found: Segmentation, discs: MaskCircles, view: View = FRONT) -> Eye | None:
    """Refine pupil and limbus; None where the network is not certain of them, or the two do not make an eye.

    Args:
        gray: uint8 (height, width), straightened.
        found: what the network says of it.
        discs: in its masks.
        view: from where the eye was seen before.
    """
    if not _certain(discs.iris, discs.pupil):
        return None
    pupil = refine_pupil(gray, discs.pupil.circle)
    limbus = refine_limbus(gray, discs.iris.circle, pupil.circle, found)
    eye = Eye(pupil, limbus, discs.iris.confidence, min(discs.iris.roundness, view.roundness))
    return eye if _plausible(eye) else None


def _certain(iris: MaskCircle, pupil: MaskCircle) -> bool:
    return (
        iris.confidence >= MIN_CONFIDENCE
        and iris.support >= MIN_IRIS_SUPPORT
        and pupil.support >= MIN_PUPIL_SUPPORT
        and pupil.roundness >= MIN_ROUNDNESS
    )


def _plausible(eye: Eye) -> bool:
    inner, outer = eye.pupil.circle, eye.limbus.circle
    offset = np.hypot(inner.x - outer.x, inner.y - outer.y) / outer.radius
    ratio = inner.radius / outer.radius
    return bool(MIN_RATIO <= ratio <= MAX_RATIO and offset <= MAX_OFFSET and eye.pupil.contrast >= MIN_PUPIL_CONTRAST)
