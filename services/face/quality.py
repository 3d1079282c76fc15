"""How useful a face sample is, from what can be computed without another model.

Components in the manner of ISO/IEC 29794-5: face size, sharpness, exposure, contrast, pose, cropping, and the
detection score. Each is 0–1; the quality is 100 times their product, so that every fault lowers it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.quality import Quality, QualityReason, ramp
from services.face.alignment import TEMPLATE, similarity
from services.face.features import Face

INNER = np.s_[24:104, 24:88]  # of the aligned face: eyebrows to chin, cheek to cheek
REASON_BELOW = 0.7  # a component below this is named as a reason


def assess(face: Face, aligned: NDArray[np.uint8], frame: tuple[int, int]) -> Quality:
    """Assess a face sample.

    Args:
        face: the face, in pixels of the image.
        aligned: uint8 (112, 112, 3), the face upright.
        frame: height and width of the image.
    """
    measures = _measures(face, aligned, frame)
    components = _components(measures)
    worst_first = sorted(components, key=components.__getitem__)
    reasons = tuple(reason for reason in worst_first if components[reason] < REASON_BELOW)
    product = float(np.prod(list(components.values())))
    return Quality(100.0 * product, reasons, measures)


def _measures(face: Face, aligned: NDArray[np.uint8], frame: tuple[int, int]) -> dict[str, float]:
    """Raw measurements; sharpness, brightness and contrast are in grey levels (0–255) of the aligned face."""
    gray = cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY)
    inner = gray[INNER]
    dark, light = (float(value) for value in np.percentile(inner, [5, 95]))
    return {
        "inter_eye_px": face.inter_eye_px,
        "sharpness": float(cv2.Laplacian(inner, cv2.CV_64F).std()),
        "brightness": float(inner.mean()),
        "contrast": light - dark,
        "turn_degrees": float(np.hypot(face.pose.yaw, face.pose.pitch)),
        "roll_degrees": abs(face.pose.roll),
        "inside_share": _inside_share(face, frame),
        "detection_score": face.score,
    }


def _components(measures: dict[str, float]) -> dict[QualityReason, float]:
    """Each fault's component: 1 where it costs nothing, 0 where it makes the sample useless."""
    return {
        QualityReason.TOO_SMALL: ramp(measures["inter_eye_px"], 4.0, 28.0),
        QualityReason.BLURRED: ramp(measures["sharpness"], 2.0, 12.0),
        QualityReason.UNDEREXPOSED: ramp(measures["brightness"], 15.0, 60.0),
        QualityReason.OVEREXPOSED: ramp(measures["brightness"], 250.0, 210.0),
        QualityReason.LOW_CONTRAST: ramp(measures["contrast"], 10.0, 60.0),
        QualityReason.OFF_POSE: ramp(measures["turn_degrees"], 75.0, 20.0) * ramp(measures["roll_degrees"], 60.0, 20.0),
        QualityReason.CROPPED: ramp(measures["inside_share"], 0.5, 0.95),
        QualityReason.OCCLUDED: ramp(measures["detection_score"], 0.5, 0.8),
    }


def _inside_share(face: Face, frame: tuple[int, int]) -> float:
    """Share of the aligned face's inner part that the image shows."""
    matrix = similarity(np.array(face.landmarks), TEMPLATE)
    rows, columns = np.mgrid[INNER]
    grid = np.stack([columns.ravel(), rows.ravel()]) - matrix[:, 2:]
    x, y = np.linalg.solve(matrix[:, :2], grid)
    return float(np.mean((x >= 0) & (y >= 0) & (x < frame[1]) & (y < frame[0])))
