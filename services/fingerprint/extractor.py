"""Extracts the template of one finger from an image: LEADER minutiae on the finger area, at 500 dpi."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import AcquisitionFailed, ImageTooLarge
from biometrics.quality import QualityReason
from biometrics.template import Modality, Position, Template, check_position
from infra.deadlines import current_deadline
from infra.images.decode import Image
from services.extraction import Extraction
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.extraction.ground import without_ground
from services.fingerprint.extraction.network import MinutiaeNetwork
from services.fingerprint.extraction.placement import place, placement
from services.fingerprint.extraction.pose import find_pose
from services.fingerprint.extraction.resolution import scaled_shape, told_resolution
from services.fingerprint.extraction.ridge_signs import RidgeSigns
from services.fingerprint.extraction.scale import Reading, read
from services.fingerprint.extraction.second_look import merged, shows_little, strengthened
from services.fingerprint.extraction.segmentation import FingerArea, find_finger
from services.fingerprint.quality.contactless import Look, contactless, look_of
from services.fingerprint.quality.plausibility import has_dark_background
from services.fingerprint.quality.quality import assess, hidden, with_doubts
from services.fingerprint.quality.refusals import check_minutiae, check_one_finger
from services.fingerprint.template.features import (
    CELL_PX,
    MAX_MINUTIAE,
    MODEL_ID,
    FingerFeatures,
    Minutiae,
    pack,
)

MIN_MEAN_CONFIDENCE = 0.55  # FVC2002's lowest: 0.62; hair and cloth in portraits: 0.52
SURE_MEAN_CONFIDENCE = 0.65  # for a resolution that rests on the ridges alone, and without the ground
CLEARER = 0.05  # mean confidence that a print in doubt must gain without its ground
HIDDEN = ("FINGER_NOT_FOUND", "TOO_FEW_MINUTIAE")  # refusals that a ground may cause
SMALL_PX = 60_000  # at 500 dpi, 155 mm²: in smaller images a second look may find what makes them a finger


class FingerprintExtractor:
    """Extracts minutiae with LEADER (Cappelli, Ferrara, arXiv 2602.15493, 2026).

    1. Refuse a photograph of a finger (quality/contactless.py). Scale to 500 dpi, as stated or by the ridges, and find
       the finger area (extraction/scale.py, segmentation.py).
    2. Refuse an image without a finger area, or with several (quality/plausibility.py). Rotate a print that is upside
       down or on its side (extraction/pose.py).
    3. Network: confidence of every pixel after non-maximum suppression; direction and type where it is at least 0.3.
       If the background is darker than the finger, also on the inverted image: the larger sum of confidence wins. A
       small finger, and one with little to see, is read again with its ridges strengthened (extraction/second_look.py).
    4. Minutiae: confidence ≥ 0.35, on the finger, the 100 most confident. Refuse fewer than five, and a mean confidence
       under 0.55, which no finger has, or under 0.65 at an estimated resolution: by the first look alone, as
       strengthening draws ridges on anything; in an image under 155 mm² by both.
    5. The signs of the ridges around each minutia (extraction/ridge_signs.py), on the inverted image if that was read.
       Quality (quality/quality.py) and template (template/features.py).
    6. If there is no finger or none with enough minutiae, or if its resolution is doubtful: all that again with the
       ground taken off (extraction/ground.py), in images of 155 mm² and more. What is read then counts if its mean
       confidence is 0.65, and 0.05 more than on the ground, and neither its resolution nor its pose is in doubt.
    """

    modality = Modality.FINGERPRINT
    model_id = MODEL_ID

    def __init__(self, network: MinutiaeNetwork, ridge_signs: RidgeSigns) -> None:
        self._network, self._ridge_signs = network, ridge_signs

    @classmethod
    def load(cls) -> FingerprintExtractor:
        """Load the networks from the model cache.

        Raises:
            ModelUnavailable: one is not in the cache; `biofusion models` fetches it.
            ModelCorrupt: its bytes are not the manifest's.
        """
        return cls(MinutiaeNetwork.load(), RidgeSigns.load())

    def extract(self, image: Image, position: Position) -> Extraction[FingerprintDetails]:
        """Extract the template of the one finger in an image.

        Args:
            image: its resolution is used if it is 250–1000 dpi and the ridges do not contradict it.
            position: stated finger; only checked to be a finger or unknown.

        Raises:
            PositionInvalid: not a finger's position.
            ImageTooLarge: over 1200 px a side at 500 dpi.
            ImageTooSmall: under 96 px a side at 500 dpi.
            AcquisitionFailed: FINGER_NOT_FOUND (under 26 mm² of ridges, or apparent ridges without clear minutiae),
                MULTIPLE_FINGERS (large areas of ridges side by side), TOO_FEW_MINUTIAE (under five) or
                CONTACTLESS_IMAGE (a photograph of a finger, or one of the former and it may be a photograph).
        """
        check_position(self.modality, position)
        look = look_of(image)
        if look is Look.PHOTOGRAPH:
            raise contactless()
        try:
            return self._extract(image, is_surely_print=look is not Look.DOUBTFUL)
        except (AcquisitionFailed, ImageTooLarge) as error:
            if look is Look.DOUBTFUL:
                raise contactless() from error
            raise

    def _extract(self, image: Image, *, is_surely_print: bool) -> Extraction[FingerprintDetails]:
        reading = read(image)
        try:
            found = self._found(image, reading, MIN_MEAN_CONFIDENCE)
        except AcquisitionFailed as refusal:
            cleared = self._cleared(image) if is_surely_print and refusal.reason in HIDDEN else None
            if cleared is None:
                raise
            return cleared
        cleared = self._cleared(image) if is_surely_print and reading.is_doubtful else None
        return cleared if cleared and _clarity(cleared) >= _clarity(found) + CLEARER else found

    def _cleared(self, image: Image) -> Extraction[FingerprintDetails] | None:
        """What is read once the ground is taken off; None if that leaves no finger, or one in doubt."""
        if prod(scaled_shape(image.gray, told_resolution(image))) < SMALL_PX:
            return None
        current_deadline.get().check()
        cleared = without_ground(image)
        reading = read(cleared)
        if reading.is_doubtful:
            return None
        try:
            found = self._found(cleared, reading, SURE_MEAN_CONFIDENCE)
        except AcquisitionFailed:
            return None
        if QualityReason.OFF_POSE in found.quality.reasons:
            return None
        return replace(found, quality=hidden(found.quality))

    def _found(self, image: Image, reading: Reading, least_confidence: float) -> Extraction[FingerprintDetails]:
        check_one_finger(reading.area)
        current_deadline.get().check()
        pose = find_pose(reading.area)
        gray, area = _turned(reading, pose.turned_degrees) if pose.turned_degrees else (reading.gray, reading.area)
        minutiae, inverted = self._read(gray, area, SURE_MEAN_CONFIDENCE if reading.is_odd else least_confidence)
        signs = self._ridge_signs.of(255 - gray if inverted else gray, minutiae)
        features = FingerFeatures(gray.shape[1], gray.shape[0], area.mask, replace(minutiae, signs=signs))
        placed = placement(image.gray.shape, gray.shape, pose.turned_degrees)
        quality = with_doubts(assess(gray, area, minutiae, inverted=inverted), reading, pose)
        return Extraction(
            Template(self.modality, self.model_id, pack(features)),
            quality,
            FingerprintDetails(
                features,
                place(minutiae, placed),
                reading.resolution,
                pose.turned_degrees,
                placed,
            ),
        )

    def _read(self, gray: NDArray[np.uint8], area: FingerArea, least_confidence: float) -> tuple[Minutiae, bool]:
        """The minutiae on the finger area by falling confidence, and whether they were found on the inverted image."""
        first, inverted = self._look(gray, area), False
        if has_dark_background(gray, area):
            other = self._look(255 - gray, area)
            if other.confidence.sum() > first.confidence.sum():
                first, gray, inverted = other, 255 - gray, True
        if gray.size >= SMALL_PX:
            check_minutiae(first, least_confidence, first)
        found = self._with_second_look(first, gray, area) if shows_little(first, area) else first
        check_minutiae(found, least_confidence, first)
        return found.select(np.arange(min(len(found), MAX_MINUTIAE))), inverted

    def _with_second_look(self, found: Minutiae, gray: NDArray[np.uint8], area: FingerArea) -> Minutiae:
        current_deadline.get().check()
        return merged(found, self._look(strengthened(gray), area))

    def _look(self, gray: NDArray[np.uint8], area: FingerArea) -> Minutiae:
        found = self._network.detect(gray, area.mask)
        rows, columns = (found.y // CELL_PX).astype(np.intp), (found.x // CELL_PX).astype(np.intp)
        return found.select(area.mask[rows, columns])


def _clarity(found: Extraction[FingerprintDetails]) -> float:
    """The mean confidence of the minutiae, 0–1."""
    return float(found.details.minutiae.confidence.mean())


def _turned(reading: Reading, degrees: int) -> tuple[NDArray[np.uint8], FingerArea]:
    """The print rotated counter-clockwise by a multiple of 90°, and the finger area in it."""
    turned = np.ascontiguousarray(np.rot90(reading.gray, degrees // 90))
    return turned, find_finger(turned)
