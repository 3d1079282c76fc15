"""Quality computed from measurements."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from biometrics.quality import Quality, QualityReason
from biometrics.resolution import Resolution, ResolutionSource
from services.fingerprint.extraction.pose import find_pose
from services.fingerprint.extraction.scale import Reading
from services.fingerprint.extraction.segmentation import FingerArea
from services.fingerprint.quality.quality import assess, hidden, with_doubts
from services.fingerprint.template.features import Minutiae
from tests.unit.services.fingerprint.areas import finger_area, rings

RINGS = rings(320, 320).astype(np.uint8)
GRAY = cv2.dilate(RINGS, np.ones((3, 3), np.uint8))  # ridges a little narrower than valleys


def _minutiae(count: int = 70, confidence: float = 0.9) -> Minutiae:
    zero = np.zeros(count, np.float32)
    return Minutiae(zero, zero, zero, zero > 0, np.full(count, confidence, np.float32))


def _arching(down: float) -> FingerArea:
    """Ridges that fall left of the middle and rise right of it, i.e. arch downwards by about `down`, −1 to 1."""
    across = np.linspace(-1, 1, 20)[None].repeat(20, axis=0)
    return replace(finger_area(cells=400), direction=(1j * down * np.sign(across)).astype(np.complex64))


def _read(area: FingerArea) -> Quality:
    reading = Reading(GRAY, area, Resolution(500, 500, ResolutionSource.FILE))
    return with_doubts(assess(GRAY, area, _minutiae()), reading, find_pose(area))


def test_a_good_sample_has_quality_100_and_no_reasons() -> None:
    """All measurements are good."""
    quality = assess(GRAY, finger_area(), _minutiae())
    assert (pytest.approx(100.0), ()) == (quality.value, quality.reasons)


@pytest.mark.parametrize(
    ("area", "minutiae", "reason"),
    [
        (finger_area(cells=60), _minutiae(), QualityReason.SMALL_AREA),
        (finger_area(clarity=0.2), _minutiae(), QualityReason.BLURRED),
        (finger_area(contrast=6), _minutiae(), QualityReason.LOW_CONTRAST),
        (finger_area(), _minutiae(count=12), QualityReason.FEW_FEATURES),
        (finger_area(), _minutiae(count=40, confidence=0.36), QualityReason.FEW_FEATURES),
    ],
)
def test_a_weak_measurement_is_named(area: FingerArea, minutiae: Minutiae, reason: QualityReason) -> None:
    """One weak measurement gives its reason."""
    assert (reason,) == assess(GRAY, area, minutiae).reasons


@pytest.mark.parametrize("area", [finger_area(cells=60), finger_area(clarity=0.2), finger_area(contrast=6)])
def test_only_few_or_uncertain_minutiae_lower_the_value(area: FingerArea) -> None:
    """A small, blurred or faint print of many minutiae has quality 100, a clear one of few has less."""
    assert pytest.approx(100.0) == assess(GRAY, area, _minutiae()).value
    assert assess(GRAY, finger_area(), _minutiae(count=12)).value < 50
    assert assess(GRAY, finger_area(), _minutiae(count=40, confidence=0.36)).value < 60


@pytest.mark.parametrize(
    ("gray", "reason"),
    [
        (cv2.erode(RINGS, np.ones((5, 5), np.uint8)), QualityReason.TOO_WET),
        (cv2.dilate(RINGS, np.ones((7, 7), np.uint8)), QualityReason.TOO_DRY),
    ],
)
def test_thick_and_thin_ridges_hint_at_moisture(gray: np.ndarray, reason: QualityReason) -> None:
    """Dark ridges that run together give TOO_WET, thin ones TOO_DRY."""
    assert (reason,) == assess(gray, finger_area(), _minutiae()).reasons


def test_an_inverted_image_is_measured_as_dark_ridges() -> None:
    """Light ridges that run together also give TOO_WET; the inversion is a measure."""
    wet = cv2.erode(RINGS, np.ones((5, 5), np.uint8))
    quality = assess(255 - wet, finger_area(), _minutiae(), inverted=True)
    assert ((QualityReason.TOO_WET,), 1.0) == (quality.reasons, quality.measures["inverted"])


@pytest.mark.parametrize("down", [0.04, 0.06, 0.09])
@pytest.mark.parametrize("cells", [100, 400])
def test_ridges_that_arch_downwards_are_doubtful(down: float, cells: int) -> None:
    """For a small arch and a small print too, quality is at most 10, with the reason."""
    area = replace(_arching(down), mask=finger_area(cells).mask)
    assert (QualityReason.OFF_POSE, True) == (_read(area).reasons[0], _read(area).value <= 10)


@pytest.mark.parametrize("down", [-1.0, -0.1, 0.0, 0.01])
def test_ridges_that_arch_little_are_not_doubtful(down: float) -> None:
    """Plain arches have the same quality as other prints."""
    quality = _read(_arching(down))
    assert (pytest.approx(100.0), ()) == (quality.value, quality.reasons)


def test_reasons_are_sorted_worst_first() -> None:
    """A tiny area comes before a slightly low contrast."""
    quality = assess(GRAY, finger_area(cells=20, contrast=9), _minutiae())
    assert (QualityReason.SMALL_AREA, QualityReason.LOW_CONTRAST) == quality.reasons


def test_without_minutiae_quality_is_0() -> None:
    """No other measurement compensates for missing minutiae."""
    assert 0.0 == assess(GRAY, finger_area(), _minutiae(count=0)).value


def test_a_hidden_print_names_that_first() -> None:
    """The value and all else stay."""
    quality = assess(GRAY, finger_area(clarity=0.2), _minutiae())
    assert replace(quality, reasons=(QualityReason.OCCLUDED, QualityReason.BLURRED)) == hidden(quality)
