"""Compares what was found in a slap with the truth."""

from __future__ import annotations

import cv2
import numpy as np

from biometrics.errors import AcquisitionFailed
from infra.images.decode import Image
from rendering.slaps import DPI
from services.fingerprint.slap.found import FoundFinger, Segmentation
from services.fingerprint.slap.segment import segment
from studies.slaps.drawing import Drawn

RIGHT, SHORT, WRONG = "right", "short", "WRONG"
WHOLE_SHARE, LEAST_SHARE = 0.8, 0.5
"""Of the tip that is within the outline: a whole tip, and one that is not wrong yet."""
FOREIGN_SHARE, MOST_FOREIGN_SHARE = 0.05, 0.2
"""Of the outline that lies on another finger: of a right one, and of one that is not wrong yet."""


def judge(drawn: Drawn) -> tuple[str, Segmentation | None]:
    """Segment a slap and judge the result.

    Returns:
        The reason of a refusal; RIGHT: every finger has its position and at least 0.8 of its tip, and at most 0.05
        of its ridges are of other fingers; SHORT: every finger has its position, and at least half of a tip; WRONG:
        else, and whenever a slap was not refused that must be. And what was found.
    """
    try:
        found = segment(Image(drawn.made.gray, DPI), drawn.slap, drawn.missing)
    except AcquisitionFailed as error:
        return error.reason, None
    if tuple(each.position for each in found.segments) != drawn.truth:
        return WRONG, found
    marks = [_mark(drawn, each, number) for number, each in enumerate(found.fingers, 1)]
    return next((each for each in (WRONG, SHORT) if each in marks), RIGHT), found


def _mark(drawn: Drawn, finger: FoundFinger, number: int) -> str:
    labels = drawn.made.labels
    inside = cv2.fillPoly(np.zeros_like(labels), [np.round(finger.outline).astype(np.int32)], 1) > 0
    within = labels[inside]
    tip = float((within == number).sum()) / max(float((labels == number).sum()), 1.0)
    foreign = float(((within > 0) & (within % 100 != number)).sum()) / max(float((within > 0).sum()), 1.0)
    if tip < LEAST_SHARE or foreign > MOST_FOREIGN_SHARE:
        return WRONG
    return SHORT if tip < WHOLE_SHARE or foreign > FOREIGN_SHARE else RIGHT
