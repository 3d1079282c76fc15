"""Combination of an eye's measures into one value with reasons."""

from __future__ import annotations

import pytest

from biometrics.quality import Quality, QualityReason
from biometrics.template import Position
from infra.images.decode import Image
from rendering.eyes import render_eye
from services.extraction import Extraction
from services.iris.details import IrisDetails
from services.iris.extractor import IrisExtractor
from services.iris.quality.quality import RAMPS, assess

GOOD = {
    "visible_fraction": 1.0,
    "uncertainty": 0.1,
    "iris_pupil_contrast": 90.0,
    "iris_sclera_contrast": 30.0,
    "texture": 1.8,
    "edge": 0.35,
    "offset": 0.03,
    "roundness": 0.95,
    "tilt": 5.0,
    "upright": 1.0,
    "iris_radius_px": 120.0,
    "margin": 0.5,
    "pupil_ratio": 0.4,
}


def assessed(**faults: float) -> Quality:
    """The quality of a good image with some measures replaced."""
    return assess(GOOD | faults)


def test_good_image() -> None:
    """A good image has the value 100, no reasons, and its measures."""
    quality = assessed()

    assert (100.0, (), GOOD) == (quality.value, quality.reasons, quality.measures)


@pytest.mark.parametrize(
    ("measure", "value", "reason"),
    [
        ("visible_fraction", 0.5, QualityReason.OCCLUDED),
        ("uncertainty", 0.5, QualityReason.LOW_CONTRAST),
        ("iris_pupil_contrast", 12.0, QualityReason.LOW_CONTRAST),
        ("iris_sclera_contrast", 0.0, QualityReason.LOW_CONTRAST),
        ("texture", 0.5, QualityReason.BLURRED),
        ("edge", 0.06, QualityReason.BLURRED),
        ("offset", 0.2, QualityReason.OFF_POSE),
        ("roundness", 0.6, QualityReason.OFF_POSE),
        ("tilt", 45.0, QualityReason.OFF_POSE),
        ("upright", -0.8, QualityReason.OFF_POSE),
        ("iris_radius_px", 40.0, QualityReason.TOO_SMALL),
        ("margin", -1.3, QualityReason.CROPPED),
        ("pupil_ratio", 0.13, QualityReason.DILATED_OR_CONSTRICTED),
        ("pupil_ratio", 0.78, QualityReason.DILATED_OR_CONSTRICTED),
    ],
)
def test_fault_is_named(measure: str, value: float, reason: QualityReason) -> None:
    """Each fault lowers the value below 75 and is the only reason."""
    quality = assessed(**{measure: value})

    assert (reason,) == quality.reasons
    assert quality.value < 75.0


def test_every_measure_that_counts_is_tried_above() -> None:
    """Every ramp has a test of its fault above."""
    assert set(GOOD) == {name for name, *_ in RAMPS}


def test_worst_fault_comes_first() -> None:
    """Reasons are sorted by loss of quality."""
    quality = assessed(visible_fraction=0.7, edge=0.05)

    assert (QualityReason.BLURRED, QualityReason.OCCLUDED) == quality.reasons


def test_faults_of_one_reason_count_once_and_those_of_two_multiply() -> None:
    """A blur lowers texture and edge; it is not counted twice."""
    assert pytest.approx(50.0) == assessed(texture=1.1, edge=0.1).value
    assert pytest.approx(25.0) == assessed(texture=1.1, visible_fraction=0.6).value


def test_blurred_capture_is_worse(
    extractor: IrisExtractor, extractions: dict[tuple[int, int], Extraction[IrisDetails]]
) -> None:
    """Blur lowers texture and edge of a rendered eye."""
    blurred = extractor.extract(Image(render_eye(0, 0, blur=5.0)), Position.LEFT_EYE).quality.measures

    sharp = extractions[0, 0].quality.measures
    assert blurred["edge"] < 0.7 * sharp["edge"]
    assert blurred["texture"] < sharp["texture"] - 0.4
