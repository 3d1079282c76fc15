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
    MAX_SIDE_PX,
    MODEL_ID,
    FingerFeatures,
    FingerprintDetails,
    Minutiae,
    pack,
)
from services.fingerprint.network import MinutiaeNetwork
from services.fingerprint.plausibility import has_dark_ground, shows_several_fingers, suspected_scale
from services.fingerprint.quality import assess
from services.fingerprint.resolution import resize, scale_to_500_dpi, usable_resolution
from services.fingerprint.segmentation import FingerArea, find_finger

MIN_SIDE_PX = 96  # at 500 dpi: 4.9 mm
MIN_CELLS = 40  # of 16 × 16 px at 500 dpi: 26 mm²
MIN_MEAN_CONFIDENCE = 0.55  # FVC2002's lowest: 0.62; hair and cloth in portraits: 0.52
SURE_MEAN_CONFIDENCE = 0.65  # to take an odd image for a finger at another resolution
MIN_MINUTIAE = 5


class FingerprintExtractor:
    """Extracts minutiae with LEADER (Cappelli, Ferrara, arXiv 2602.15493, 2026).

    1. Scale to 500 dpi (resolution.py).
    2. Find the finger area (segmentation.py). Refuse ridges of half or twice a finger's width, an image
       without a finger area, and one with several (plausibility.py).
    3. Network: suppressed confidence for every pixel; direction and type where it is at least 0.3.
       Where the ground is darker than the finger, the inverted image too: the surer reading is used.
    4. Minutiae: confidence ≥ 0.35, on the finger, the 100 most confident; refuse fewer than
       five, and a mean confidence under 0.55, which is no finger's.
    5. Quality (quality.py) and template (features.py).
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
                no clear minutiae), RESOLUTION_IMPLAUSIBLE (ridges of half or twice a finger's width),
                MULTIPLE_FINGERS (large areas of ridges side by side) or TOO_FEW_MINUTIAE (under five).
        """
        check_position(self.modality, position)
        resolution = usable_resolution(image.resolution_dpi)
        gray = scale_to_500_dpi(image.gray, resolution)
        _check_size(gray)
        area = find_finger(gray)
        self._check_resolution(gray, area, resolution)
        _check_one_finger(area)
        minutiae, inverted = self._read(gray, area)
        _check_minutiae(minutiae)
        minutiae = minutiae.select(np.arange(min(len(minutiae), MAX_MINUTIAE)))
        features = FingerFeatures(gray.shape[1], gray.shape[0], area.mask, minutiae)
        scale = gray.shape[1] / image.gray.shape[1]
        return Extraction(
            Template(self.modality, self.model_id, pack(features)),
            assess(gray, area, minutiae, inverted=inverted),
            FingerprintDetails(features, _in_image(minutiae, scale), resolution, scale),
        )

    def _read(self, gray: NDArray[np.uint8], area: FingerArea) -> tuple[Minutiae, bool]:
        """The minutiae on the finger, and whether the image was inverted to find them."""
        found = self._minutiae(gray, area)
        if has_dark_ground(gray, area):
            other = self._minutiae(255 - gray, area)
            if other.confidence.sum() > found.confidence.sum():
                return other, True
        return found, False

    def _minutiae(self, gray: NDArray[np.uint8], area: FingerArea) -> Minutiae:
        """The minutiae on the finger area, by falling confidence."""
        found = self._network.detect(gray, area.mask)
        rows, columns = (found.y // CELL_PX).astype(np.intp), (found.x // CELL_PX).astype(np.intp)
        return found.select(area.mask[rows, columns])

    def _check_resolution(self, gray: NDArray[np.uint8], area: FingerArea, resolution_dpi: float) -> None:
        """Refuse an image that shows a finger only when it is read at half or at twice the resolution."""
        scale = suspected_scale(area)
        if scale is None or max(gray.shape) * scale > MAX_SIDE_PX:
            return
        scaled = resize(gray, scale)
        there = find_finger(scaled)
        finger_there = np.count_nonzero(there.mask) >= MIN_CELLS
        if finger_there and _is_finger(self._minutiae(scaled, there), SURE_MEAN_CONFIDENCE):
            width, read_dpi = ("twice" if scale < 1 else "half"), resolution_dpi / scale
            raise AcquisitionFailed(
                f"At {resolution_dpi:g} dpi the ridges are about {width} as wide as a finger's; at {read_dpi:.0f} dpi "
                "it looks like one. State the resolution of the scanner.",
                reason="RESOLUTION_IMPLAUSIBLE",
                resolution_dpi=f"{resolution_dpi:g}",
            )


def _check_size(gray: NDArray[np.uint8]) -> None:
    if min(gray.shape) < MIN_SIDE_PX:
        raise ImageTooSmall(
            f"The image is {gray.shape[1]}×{gray.shape[0]} px at 500 dpi; at least {MIN_SIDE_PX} px a side are needed. "
            "Send the whole finger, or state the resolution.",
            width=str(gray.shape[1]),
            height=str(gray.shape[0]),
        )


def _check_one_finger(area: FingerArea) -> None:
    if np.count_nonzero(area.mask) < MIN_CELLS:
        raise _not_found("too small an area shows ridges")
    if shows_several_fingers(area):
        raise AcquisitionFailed(
            "The image shows more than one finger. Cut it into single fingers and send one image for each.",
            reason="MULTIPLE_FINGERS",
        )


def _check_minutiae(found: Minutiae) -> None:
    if len(found) < MIN_MINUTIAE:
        raise AcquisitionFailed(
            f"Only {len(found)} minutiae were found, and at least {MIN_MINUTIAE} are needed. Capture the finger again, "
            "with more of it on the sensor.",
            reason="TOO_FEW_MINUTIAE",
            found=str(len(found)),
        )
    if not _is_finger(found):
        raise _not_found("what looks like ridges has no clear minutiae")


def _is_finger(found: Minutiae, least_confidence: float = MIN_MEAN_CONFIDENCE) -> bool:
    return len(found) >= MIN_MINUTIAE and float(found.confidence.mean()) >= least_confidence


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
