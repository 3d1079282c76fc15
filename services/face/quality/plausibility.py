"""Refuses detections that are not a photograph of a recognisable face."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import AcquisitionFailed
from services.face.quality.measures import shading

MIN_NORM = 6.5  # LFW's lowest: 9.0; half of YuNet's false detections in backgrounds: under 5.8
MIN_SHADING = 0.15  # LFW's lowest: 0.56; drawings with lines and even areas: at most 0.13


def require_photograph(aligned: NDArray[np.uint8]) -> None:
    """Refuse a face of even areas and hard lines: a drawing, or a face overexposed until little else is left.

    Args:
        aligned: uint8 (112, 112, 3).

    Raises:
        AcquisitionFailed: FACE_WITHOUT_SHADING.
    """
    share = shading(aligned)
    if share < MIN_SHADING:
        raise AcquisitionFailed(
            "The face has no shading: it is drawn or overexposed. Send a photograph of a face whose skin is not white "
            "from overexposure.",
            reason="FACE_WITHOUT_SHADING",
            shading=f"{share:.2f}",
        )


def require_recognisable(norm: float) -> None:
    """Refuse what the embedding network does not see as a face, or a face too blurred or hidden to be recognised.

    Args:
        norm: length of the embedding before it is scaled to 1.

    Raises:
        AcquisitionFailed: FACE_NOT_FOUND.
    """
    if norm < MIN_NORM:
        raise AcquisitionFailed(
            "No recognisable face was found: the detection is something else, or too blurred, hidden or overexposed. "
            "Send a sharp image of one uncovered face.",
            reason="FACE_NOT_FOUND",
            embedding_norm=f"{norm:.1f}",
        )
