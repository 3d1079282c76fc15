"""The findings of an iris extraction to show to a person."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.iris.localisation.gaze import View
from services.iris.looks.look import SeenEye
from services.iris.looks.pose import circle_turned_back, points_turned_back, view_turned_back
from services.iris.segmentation.circles import Circle


@dataclass(frozen=True, slots=True)
class IrisDetails:
    """The findings of an extraction, in px of the image sent.

    Args:
        pupil: px of the image sent or, if the eye looks aside, of its straightened view.
        limbus: in the same coordinates.
        view: the viewing direction; converts coordinates of the straightened view into those of the image sent.
        opening: float32 (n, 2), outline of the eye's opening, px of the image sent.
        confidence: the network's in the iris, 0–1.
        iris_roundness: shorter over longer axis of the iris, 0–1; low where the eye looks aside.
        visible_fraction: share of the iris ring that is neither hidden nor outside the frame, 0–1.
        visible: bool (64, 512), visibility of each sample of the rubber sheet.
        turned_degrees: rotation applied to the image before reading, counter-clockwise: 0, 90, 180 or 270.
    """

    pupil: Circle
    limbus: Circle
    view: View
    opening: NDArray[np.float32] = field(repr=False)
    confidence: float
    iris_roundness: float
    visible_fraction: float
    visible: NDArray[np.bool_] = field(repr=False)
    turned_degrees: int = 0


def describe(seen: SeenEye, shown: NDArray[np.bool_], quarters: int, scale: float) -> IrisDetails:
    """Convert the findings on an eye into coordinates of the image sent.

    Args:
        seen: the eye in the processed image.
        shown: bool (64, 512), visibility of each sample of the rubber sheet.
        quarters: quarter turns, counter-clockwise, applied to the image before.
        scale: px of the image sent per px of the processed image.
    """
    size, eye = seen.gray.shape, seen.eye
    pupil, limbus = (circle_turned_back(each.circle, quarters, size).scaled(scale) for each in (eye.pupil, eye.limbus))
    outline = points_turned_back(np.stack(seen.view.to_image(*seen.found.outline.T), axis=1), quarters, size)
    return IrisDetails(
        pupil,
        limbus,
        view_turned_back(seen.view, quarters, size).scaled(scale),
        (outline + np.float32(0.5)) * np.float32(scale) - np.float32(0.5),
        eye.confidence,
        eye.iris_roundness,
        np.count_nonzero(shown) / shown.size,
        np.roll(shown, quarters * shown.shape[1] // 4, axis=1) if quarters else shown,
        90 * quarters,
    )
