"""Quality from measurements."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.quality import QualityReason
from services.fingerprint.features import Minutiae
from services.fingerprint.quality import assess
from services.fingerprint.segmentation import FingerArea


def _area(cells: int = 300, clarity: float = 0.7, contrast: float = 40.0) -> FingerArea:
    mask = np.arange(400).reshape(20, 20) < cells
    return FingerArea(mask, np.full((20, 20), clarity, np.float32), np.full((20, 20), contrast, np.float32))


def _minutiae(count: int = 40, confidence: float = 0.9) -> Minutiae:
    zero = np.zeros(count, np.float32)
    return Minutiae(zero, zero, zero, zero > 0, np.full(count, confidence, np.float32))


def test_a_good_sample_has_quality_100_and_no_reasons() -> None:
    """Nothing is found to be lacking."""
    quality = assess(_area(), _minutiae())
    assert (100.0, ()) == (quality.value, quality.reasons)


@pytest.mark.parametrize(
    ("area", "minutiae", "reason"),
    [
        (_area(cells=60), _minutiae(), QualityReason.SMALL_AREA),
        (_area(clarity=0.25), _minutiae(), QualityReason.BLURRED),
        (_area(contrast=8), _minutiae(), QualityReason.LOW_CONTRAST),
        (_area(), _minutiae(count=8), QualityReason.FEW_FEATURES),
        (_area(), _minutiae(confidence=0.36), QualityReason.FEW_FEATURES),
    ],
)
def test_what_is_lacking_is_named_and_lowers_the_value(
    area: FingerArea, minutiae: Minutiae, reason: QualityReason
) -> None:
    """One weak measurement gives its reason and a value under 90."""
    quality = assess(area, minutiae)
    assert (reason,) == quality.reasons
    assert 0 < quality.value < 90


def test_reasons_stand_worst_first() -> None:
    """A tiny area comes before a slightly low contrast."""
    quality = assess(_area(cells=35, contrast=12), _minutiae())
    assert (QualityReason.SMALL_AREA, QualityReason.LOW_CONTRAST) == quality.reasons


def test_nothing_found_is_quality_0() -> None:
    """Without a finger the value is 0 and finite."""
    assert assess(_area(cells=0), _minutiae(count=0)).value == 0.0
