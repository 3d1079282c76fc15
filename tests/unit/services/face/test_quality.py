"""Quality of face samples: each fault lowers it and is named."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from biometrics.quality import Quality, QualityReason
from biometrics.template import Position
from infra.image import Image
from services.face.alignment import align
from services.face.extractor import FaceExtractor
from services.face.features import Pose
from services.face.overlay import draw
from services.face.quality import assess


def quality(extractor: FaceExtractor, pixels: np.ndarray) -> Quality:
    """The quality of a picture's chosen face."""
    return extractor.extract(Image(pixels), Position.FACE).quality


def test_a_good_portrait(face_extractor: FaceExtractor, hopper: Image) -> None:
    """A sharp frontal portrait has nothing against it."""
    assert (100.0, ()) == (quality(face_extractor, hopper.rgb).value, quality(face_extractor, hopper.rgb).reasons)


def spoilt(kind: str, rgb: np.ndarray) -> np.ndarray:
    """The picture with one fault."""
    tone = rgb.astype(np.float32)
    faults = {
        "small": lambda: cv2.resize(rgb, None, fx=0.2, fy=0.2, interpolation=cv2.INTER_AREA),
        "blurred": lambda: cv2.GaussianBlur(rgb, (0, 0), 7),
        "dark": lambda: (tone * 0.2).astype(np.uint8),
        "light": lambda: (255 - (255 - tone) * 0.12).astype(np.uint8),
        "flat": lambda: (128 + (tone - 128) * 0.2).astype(np.uint8),
        "cropped": lambda: np.ascontiguousarray(rgb[:, 240:]),
    }
    return np.asarray(faults[kind]())


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("small", QualityReason.TOO_SMALL),
        ("blurred", QualityReason.BLURRED),
        ("dark", QualityReason.UNDEREXPOSED),
        ("light", QualityReason.OVEREXPOSED),
        ("flat", QualityReason.LOW_CONTRAST),
        ("cropped", QualityReason.CROPPED),
    ],
)
def test_each_fault_is_named(face_extractor: FaceExtractor, hopper: Image, kind: str, reason: QualityReason) -> None:
    """A fault brings the quality under 70 and its reason among those given."""
    found = quality(face_extractor, spoilt(kind, hopper.rgb))
    assert reason in found.reasons
    assert found.value < 70


@pytest.mark.parametrize("pose", [Pose(60, 0, 0), Pose(0, -45, 0), Pose(0, 0, 40)])
def test_a_turned_head_is_named(face_extractor: FaceExtractor, hopper: Image, pose: Pose) -> None:
    """A turned or tilted head is the one reason of an otherwise good portrait."""
    face = face_extractor.extract(hopper, Position.FACE).details.face
    aligned = align(hopper.rgb, np.array(face.landmarks))
    assert (QualityReason.OFF_POSE,) == assess(replace(face, pose=pose), aligned, (600, 512)).reasons


def test_overlay_marks_the_chosen_face(face_extractor: FaceExtractor, hopper: Image) -> None:
    """The picture keeps its size, is green on the box's edge, and is untouched far from the face."""
    details = face_extractor.extract(hopper, Position.FACE).details
    picture = draw(hopper, details)
    left, top, _, height = details.face.box
    assert hopper.rgb.shape == picture.shape
    assert [0, 230, 80] == picture[int(top + height / 2), int(left)].tolist()
    assert np.array_equal(hopper.rgb[500:], picture[500:])


def test_overlay_draws_over_a_grey_image(face_extractor: FaceExtractor, hopper: Image) -> None:
    """A grey image is drawn on in colour."""
    grey = Image(hopper.gray)
    picture = draw(grey, face_extractor.extract(grey, Position.FACE).details)
    assert np.any(picture[:, :, 0] != picture[:, :, 1])
