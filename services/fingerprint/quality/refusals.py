"""Refuses images without one finger, and fingers without minutiae: the reasons, and what to do about them."""

from __future__ import annotations

import numpy as np

from biometrics.errors import AcquisitionFailed
from services.fingerprint.extraction.scale import MIN_CELLS
from services.fingerprint.extraction.segmentation import FingerArea
from services.fingerprint.quality.plausibility import shows_several_fingers
from services.fingerprint.template.features import MIN_MINUTIAE, Minutiae


def check_one_finger(area: FingerArea) -> None:
    """Refuse an image without a finger area, or with several.

    Raises:
        AcquisitionFailed: FINGER_NOT_FOUND or MULTIPLE_FINGERS.
    """
    if np.count_nonzero(area.mask) < MIN_CELLS:
        raise _not_found("the area with ridges is too small")
    if shows_several_fingers(area):
        raise AcquisitionFailed(
            "The image shows more than one finger. Cut it into single fingers and send one image for each.",
            reason="MULTIPLE_FINGERS",
        )


def check_minutiae(found: Minutiae, least_confidence: float, first: Minutiae) -> None:
    """Refuse too few minutiae, and unclear ones unless those of the first look were clear.

    Args:
        found: by all looks.
        least_confidence: on average.
        first: found by the first look.

    Raises:
        AcquisitionFailed: TOO_FEW_MINUTIAE or FINGER_NOT_FOUND.
    """
    if len(found) < MIN_MINUTIAE:
        raise AcquisitionFailed(
            f"Only {len(found)} minutiae were found, and at least {MIN_MINUTIAE} are needed. Capture the finger again, "
            "with more of it on the sensor.",
            reason="TOO_FEW_MINUTIAE",
            found=str(len(found)),
        )
    if max(float(each.confidence.mean()) for each in (found, first) if len(each)) < least_confidence:
        raise _not_found("the apparent ridges have no clear minutiae")


def _not_found(why: str) -> AcquisitionFailed:
    return AcquisitionFailed(
        f"No fingerprint was found: {why}. Send one finger, dark ridges on a light background, with its scanner's "
        "resolution.",
        reason="FINGER_NOT_FOUND",
    )
