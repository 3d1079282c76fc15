from __future__ import annotations

import pytest

from biometrics.quality import Quality, QualityReason
from biometrics.template import Position
from evaluation.rendered_eyes import render_eye
from infra.image import Image
from services.extraction import Extraction
from services.iris.circles import Circle
from services.iris.extractor import IrisDetails, IrisExtractor
from services.iris.quality import assess

GOOD = {
    "visible_fraction": 0.9,
    "iris_pupil_contrast": 90.0,
    "iris_sclera_contrast": 30.0,
    "sharpness": 0.35,
}


def assessed(pupil_radius: float = 45.0, limbus: Circle = Circle(320, 240, 120), **measures: float) -> Quality:
    """The quality of a good image with some measures replaced."""
    return assess(Circle(320, 240, pupil_radius), limbus, (640, 480), **(GOOD | measures))


def test_good_image() -> None:
    """An image without fault is worth 100 and has no reasons."""
    quality = assessed()

    assert (100.0, ()) == (quality.value, quality.reasons)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"visible_fraction": 0.3}, QualityReason.OCCLUDED),
        ({"iris_pupil_contrast": 12.0}, QualityReason.LOW_CONTRAST),
        ({"iris_sclera_contrast": 2.0}, QualityReason.LOW_CONTRAST),
        ({"sharpness": 0.06}, QualityReason.BLURRED),
        ({"pupil_radius": 20.0}, QualityReason.DILATED_OR_CONSTRICTED),
        ({"pupil_radius": 88.0}, QualityReason.DILATED_OR_CONSTRICTED),
        ({"limbus": Circle(60, 240, 120)}, QualityReason.CROPPED),
        ({"limbus": Circle(320, 240, 40), "pupil_radius": 15.0}, QualityReason.TOO_SMALL),
    ],
)
def test_fault_is_named(fault: dict[str, float], reason: QualityReason) -> None:
    """Each fault lowers the value below 75 and is the only reason."""
    quality = assessed(**fault)

    assert (reason,) == quality.reasons
    assert quality.value < 75.0


def test_worst_fault_comes_first() -> None:
    """Reasons are ordered by how much they cost."""
    quality = assessed(visible_fraction=0.45, sharpness=0.05)

    assert (QualityReason.BLURRED, QualityReason.OCCLUDED) == quality.reasons


def test_blurred_capture_is_worse(
    extractor: IrisExtractor, extractions: dict[tuple[int, int], Extraction[IrisDetails]]
) -> None:
    """Blur lowers the measured sharpness of a rendered eye."""
    blurred = extractor.extract(Image(render_eye(0, 0, blur=6.0)), Position.LEFT_EYE)

    sharp = extractions[0, 0].quality.measures["sharpness"]
    assert blurred.quality.measures["sharpness"] < 0.6 * sharp
