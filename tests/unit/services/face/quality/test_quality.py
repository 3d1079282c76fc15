"""Quality of face samples: one value, and a reason for each fault."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.quality import Quality, QualityReason
from biometrics.template import Position
from infra.images.decode import Image
from services.face.extractor import FaceExtractor
from services.face.quality.quality import RAMPS, assess
from studies.spoiled.spoiled_faces import spoilings

GOOD = {
    "embedding_norm": 14.0,
    "inter_eye_px": 90.0,
    "sharpness": 0.13,
    "brightness": 130.0,
    "burnt_share": 0.0,
    "contrast": 120.0,
    "turn_degrees": 5.0,
    "roll_degrees": 2.0,
    "inside_share": 1.0,
    "eyes_hidden": 0.0,
    "mouth_hidden": 0.0,
    "lower_tint": 4.0,
    "second_face_share": 0.0,
}


def test_a_good_face_has_no_reasons() -> None:
    """Its value is 100, without reasons, and the measures are kept."""
    assert Quality(100.0, (), GOOD) == assess(GOOD)


@pytest.mark.parametrize(("name", "low", "high", "reason"), RAMPS)
def test_each_measure_is_named_below_the_middle_of_its_ramp(
    name: str, low: float, high: float, reason: QualityReason
) -> None:
    """A measure in the worse half of its ramp gives its reason; one in the better half gives none."""
    worse, better = low + 0.45 * (high - low), low + 0.55 * (high - low)
    assert (reason,) == assess(GOOD | {name: worse}).reasons
    assert () == assess(GOOD | {name: better}).reasons


def test_the_worst_reason_comes_first() -> None:
    """Reasons are sorted by their components, lowest first."""
    faults = GOOD | {"contrast": 40.0, "turn_degrees": 69.0, "embedding_norm": 8.0}
    expected = (QualityReason.OFF_POSE, QualityReason.FEW_FEATURES, QualityReason.LOW_CONTRAST)
    assert expected == assess(faults).reasons


def test_only_the_embeddings_length_makes_the_value() -> None:
    """A component adds a reason and leaves the value unchanged."""
    assert 100.0 == assess(GOOD | {"contrast": 20.0}).value
    assert 50.0 == assess(GOOD | {"embedding_norm": 10.0}).value


def test_portraits_are_good(face_extractor: FaceExtractor, hopper: Image, astronaut: Image) -> None:
    """Sharp frontal portraits have a value over 70 and no reasons."""
    for portrait in (hopper, astronaut):
        quality = face_extractor.extract(portrait, Position.FACE).quality
        assert () == quality.reasons
        assert quality.value > 70


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("blurred by a tenth", QualityReason.BLURRED),
        ("moved by two fifths", QualityReason.BLURRED),
        ("a tenth as bright", QualityReason.UNDEREXPOSED),
        ("dark glasses", QualityReason.OCCLUDED),
        ("mask", QualityReason.OCCLUDED),
        ("cut through the nose", QualityReason.CROPPED),
        ("20 px wide", QualityReason.TOO_SMALL),
        ("turned by 30°", QualityReason.OFF_POSE),
    ],
)
def test_each_fault_is_named_and_costs(
    face_extractor: FaceExtractor, hopper: Image, astronaut: Image, name: str, reason: QualityReason
) -> None:
    """A spoiled portrait has the reason, and a lower value than the original."""
    found = face_extractor.extract(hopper, Position.FACE)
    spoiled = face_extractor.extract(spoilings(hopper, astronaut, found.details.face)[name], Position.FACE).quality
    assert reason in spoiled.reasons
    assert spoiled.value < found.quality.value


def test_burnt_skin_is_named(face_extractor: FaceExtractor, astronaut: Image) -> None:
    """A portrait twice as bright, with mostly white skin, is OVEREXPOSED."""
    bright = Image(np.minimum(astronaut.rgb.astype(np.uint16) * 2, 255).astype(np.uint8))
    assert QualityReason.OVEREXPOSED in face_extractor.extract(bright, Position.FACE).quality.reasons
