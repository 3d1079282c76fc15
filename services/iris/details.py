"""What a person can be shown of an iris."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.iris.localisation.gaze import View
from services.iris.looks.look import Seen
from services.iris.looks.pose import circle_turned_back, points_turned_back, view_turned_back
from services.iris.segmentation.circles import Circle


@dataclass(frozen=True, slots=True)
class IrisDetails:
    """What a person can be shown of an iris, in px of the image that was sent.

    Args:
        pupil: px of the original image, or, where the eye looks aside, of its straightened view.
        limbus: the same.
        view: from where the eye is seen; turns coordinates of that view into those of the original image.
        opening: float32 (n, 2), the outline of the eye's opening, px of the original image.
        confidence: of the network in the iris, 0–1.
        iris_roundness: shorter over longer axis of the iris, 0–1; low where the eye looks aside.
        visible_fraction: share of the iris ring that is neither hidden nor outside the frame, 0–1.
        visible: bool (64, 512), the same by place on the rubber sheet.
        turned_degrees: counter-clockwise, 0, 90, 180 or 270, by which the image was turned before it was read.
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


def describe(seen: Seen, shown: NDArray[np.bool_], quarters: int, scale: float) -> IrisDetails:
    """Tell of an eye where it lies in the image that was sent.

    Args:
        seen: the eye, in the image that was looked at.
        shown: bool (64, 512), what is visible, by place on the rubber sheet.
        quarters: by how many quarters, counter-clockwise, the image was turned before.
        scale: px of the image that was sent per px of the one that was looked at.
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
        float(np.mean(shown)),
        np.roll(shown, quarters * shown.shape[1] // 4, axis=1),
        90 * quarters,
    )
