"""Computes a fingerprint sample's quality, 0–100, with reasons, in the spirit of ISO/IEC 29794-4.

Six parts, each a measurement mapped to 0–1. The value is 100 · minutiae: the comparator pairs minutiae, so their number
and confidence predict its errors best. The other parts do not change it, but are named: parts under 0.6 become
reasons. A print whose scale or pose is doubtful (extraction/scale.py, extraction/pose.py) has at most 10, so
that no decision rests on it.

| part | measurement | 0 at | 1 at | reason |
|---|---|---|---|---|
| minutiae | Σ confidence of the minutiae, on a logarithmic scale | 3 | 60 | FEW_FEATURES |
| area | mm² of finger | 0 | 100 | SMALL_AREA |
| clarity | mean ridge clarity of the finger's cells | 0.05 | 0.4 | BLURRED |
| contrast | median standard deviation of the ridges, grey levels | 2 | 15 | LOW_CONTRAST |
| wetness | share of the finger that is dark | 0.8 | 0.4 | TOO_WET |
| dryness | share of the finger that is dark | 0.05 | 0.2 | TOO_DRY |

Chosen on seven sensors by the errors among the fifth of comparisons of lowest value
(docs/decisions/0072-fingerprint-quality.md).
"""

from __future__ import annotations

from dataclasses import replace
from math import log

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.quality import Quality, QualityReason, ramp
from services.fingerprint.extraction.pose import Pose, arch
from services.fingerprint.extraction.scale import Reading
from services.fingerprint.extraction.segmentation import FingerArea
from services.fingerprint.template.features import CELL_PX, RESOLUTION_DPI, Minutiae

CELL_MM2 = (CELL_PX / RESOLUTION_DPI * 25.4) ** 2
REASON_BELOW = 0.6
DOUBTFUL = 10.0  # below the minimum for enrolment and decisions
NEIGHBOURHOOD_PX = 15  # around a pixel: contains at least one ridge and one valley


def assess(gray: NDArray[np.uint8], area: FingerArea, minutiae: Minutiae, *, inverted: bool = False) -> Quality:
    """Quality of a sample, with the raw measurements.

    Args:
        gray: uint8, shape (height, width), 500 dpi, dark ridges unless `inverted`.
        area: the finger in it.
        minutiae: on the finger.
        inverted: whether the image has light ridges; reported as a measure, without loss of quality.
    """
    measures = _measure(255 - gray if inverted else gray, area, minutiae)
    parts = _parts(measures)
    weak = sorted((value, reason) for reason, value in parts.items() if value < REASON_BELOW)
    return Quality(
        value=100.0 * parts[QualityReason.FEW_FEATURES],
        reasons=tuple(reason for _, reason in weak),
        measures=measures | {"inverted": float(inverted)},
    )


def with_doubts(quality: Quality, reading: Reading, pose: Pose) -> Quality:
    """Add the doubts about resolution and pose to a quality; the horizontal resolution becomes a measure.

    Args:
        quality: as `assess` returns it.
        reading: the image at 500 dpi, with its resolution.
        pose: of the print.
    """
    doubts = [QualityReason.RESOLUTION_IMPLAUSIBLE] if reading.is_doubtful else []
    doubts += [QualityReason.OFF_POSE] if pose.is_doubtful else []
    turned = [QualityReason.TURNED] if pose.turned_degrees else []
    return Quality(
        min(quality.value, DOUBTFUL) if doubts else quality.value,
        (*doubts, *quality.reasons, *turned),
        {**quality.measures, "resolution_dpi": reading.resolution.horizontal_dpi},
    )


def hidden(quality: Quality) -> Quality:
    """The quality of a print that could only be read once its ground was taken off: that is named first."""
    return replace(quality, reasons=(QualityReason.OCCLUDED, *quality.reasons))


def _parts(measures: dict[str, float]) -> dict[QualityReason, float]:
    """The part of each reason, 0–1, by the table of the module."""
    return {
        QualityReason.FEW_FEATURES: ramp(log(max(measures["minutiae_confidence_sum"], 1.0)), log(3.0), log(60.0)),
        QualityReason.SMALL_AREA: ramp(measures["area_mm2"], 0.0, 100.0),
        QualityReason.BLURRED: ramp(measures["clarity"], 0.05, 0.4),
        QualityReason.LOW_CONTRAST: ramp(measures["contrast"], 2.0, 15.0),
        QualityReason.TOO_WET: ramp(measures["dark_share"], 0.8, 0.4),
        QualityReason.TOO_DRY: ramp(measures["dark_share"], 0.05, 0.2),
    }


def _measure(gray: NDArray[np.uint8], area: FingerArea, minutiae: Minutiae) -> dict[str, float]:
    finger = area.mask
    return {
        "minutiae_confidence_sum": float(minutiae.confidence.sum()),
        "area_mm2": float(finger.sum() * CELL_MM2),
        "clarity": float(area.clarity[finger].mean()),
        "contrast": float(np.median(area.contrast[finger])),
        "dark_share": _dark_share(gray, area.pixels[: gray.shape[0], : gray.shape[1]]),
        "arch": arch(area),
    }


def _dark_share(gray: NDArray[np.uint8], finger: NDArray[np.bool_]) -> float:
    """Share of the finger's pixels darker than the mean of the lightest and the darkest pixel nearby.

    It rises where ridges run together and falls where they are broken.
    """
    smooth = cv2.GaussianBlur(gray, (0, 0), 1.0)
    size = (NEIGHBOURHOOD_PX, NEIGHBOURHOOD_PX)
    kernel = np.ones(size, np.uint8)
    middle = (cv2.dilate(smooth, kernel).astype(np.float32) + cv2.erode(smooth, kernel)) / 2
    return float(np.mean((smooth < cv2.boxFilter(middle, -1, size))[finger]))
