"""Image of one finger → template: LEADER minutiae on the finger area, at 500 dpi."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import AcquisitionFailed, ImageTooSmall
from biometrics.template import Modality, Position, Template, check_position
from infra.image import Image
from services.extraction import Extraction
from services.fingerprint.features import (
    CELL_PX,
    MAX_MINUTIAE,
    MODEL_ID,
    FingerFeatures,
    FingerprintDetails,
    Minutiae,
    pack,
)
from services.fingerprint.network import MinutiaeNetwork
from services.fingerprint.quality import assess
from services.fingerprint.resolution import scale_to_500_dpi, usable_resolution
from services.fingerprint.segmentation import FingerArea, find_finger

MIN_SIDE_PX = 96  # at 500 dpi: 4.9 mm
MIN_CELLS = 40  # of 16 × 16 px at 500 dpi: 26 mm²
MIN_MEAN_CONFIDENCE = 0.55  # FVC2002's lowest: 0.62; hair and cloth in portraits: 0.52
MIN_MINUTIAE = 5


class FingerprintExtractor:
    """Extracts minutiae with LEADER (Cappelli, Ferrara, arXiv 2602.15493, 2026).

    1. Scale to 500 dpi (resolution.py).
    2. Find the finger area (segmentation.py); refuse an image without one.
    3. Network: suppressed confidence for every pixel; direction and type where it is at least 0.3.
    4. Minutiae: confidence ≥ 0.35, on the finger, the 100 most confident; refuse fewer than
       five, and a mean confidence under 0.55, which is no finger's.
    5. Quality (quality.py) and template (features.py).

    Dark ridges on a light ground are expected. An inverted image is not recognised as such: the
    minutiae are found in nearly the same places with endings and bifurcations exchanged.
    """

    modality = Modality.FINGERPRINT
    model_id = MODEL_ID

    def __init__(self, network: MinutiaeNetwork) -> None:
        self._network = network

    @classmethod
    def load(cls) -> FingerprintExtractor:
        """Load the hardened network from the model cache.

        Raises:
            ModelUnavailable: it is not there; `biofusion models` fetches it.
            ModelCorrupt: its bytes are not the manifest's.
        """
        return cls(MinutiaeNetwork.load())

    def extract(self, image: Image, position: Position) -> Extraction[FingerprintDetails]:
        """Extract the template of the one finger in an image.

        Args:
            image: its resolution is used where it is 250–1000 dpi; else 500 dpi are assumed.
            position: which finger it is said to be; only checked to be a finger or unknown.

        Raises:
            PositionInvalid: no finger's position.
            ImageTooLarge: over 1200 px a side at 500 dpi.
            ImageTooSmall: under 96 px a side at 500 dpi.
            AcquisitionFailed: FINGER_NOT_FOUND (under 26 mm² of ridges, or what looks like ridges gives
                no clear minutiae) or TOO_FEW_MINUTIAE (under five).
        """
        check_position(self.modality, position)
        resolution = usable_resolution(image.resolution_dpi)
        gray = scale_to_500_dpi(image.gray, resolution)
        area = _checked_area(gray)
        minutiae = _on_finger(self._network.detect(gray), area)
        features = FingerFeatures(gray.shape[1], gray.shape[0], area.mask, minutiae)
        scale = gray.shape[1] / image.gray.shape[1]
        return Extraction(
            Template(self.modality, self.model_id, pack(features)),
            assess(area, minutiae),
            FingerprintDetails(features, _in_image(minutiae, scale), resolution, scale),
        )


def _checked_area(gray: NDArray[np.uint8]) -> FingerArea:
    if min(gray.shape) < MIN_SIDE_PX:
        raise ImageTooSmall(
            f"The image is {gray.shape[1]}×{gray.shape[0]} px at 500 dpi; at least {MIN_SIDE_PX} px a side are needed. "
            "Send the whole finger, or state the resolution.",
            width=str(gray.shape[1]),
            height=str(gray.shape[0]),
        )
    area = find_finger(gray)
    if np.count_nonzero(area.mask) < MIN_CELLS:
        raise _not_found("too small an area shows ridges")
    return area


def _on_finger(found: Minutiae, area: FingerArea) -> Minutiae:
    """The 100 most confident minutiae on the finger area."""
    rows, columns = (found.y // CELL_PX).astype(np.intp), (found.x // CELL_PX).astype(np.intp)
    kept = found.select(area.mask[rows, columns])
    if len(kept) < MIN_MINUTIAE:
        raise AcquisitionFailed(
            f"Only {len(kept)} minutiae were found, and at least {MIN_MINUTIAE} are needed. Capture the finger again, "
            "with more of it on the sensor.",
            reason="TOO_FEW_MINUTIAE",
            found=str(len(kept)),
        )
    if kept.confidence.mean() < MIN_MEAN_CONFIDENCE:
        raise _not_found("what looks like ridges has no clear minutiae")
    return kept.select(np.arange(min(len(kept), MAX_MINUTIAE)))


def _not_found(why: str) -> AcquisitionFailed:
    return AcquisitionFailed(
        f"No fingerprint was found: {why}. Send one finger, dark ridges on a light ground, with its scanner's "
        "resolution.",
        reason="FINGER_NOT_FOUND",
    )


def _in_image(minutiae: Minutiae, scale: float) -> Minutiae:
    """Positions in px of the image that was sent; pixel centres map to pixel centres."""
    x, y = ((value + 0.5) / scale - 0.5 for value in (minutiae.x, minutiae.y))
    return Minutiae(
        x.astype(np.float32), y.astype(np.float32), minutiae.angle, minutiae.bifurcation, minutiae.confidence
    )
