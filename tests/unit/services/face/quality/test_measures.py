"""Measures of a face."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from biometrics.template import Position
from infra.images.decode import Image
from services.face.detection.landmarks import TEMPLATE, align
from services.face.extractor import FaceExtractor
from services.face.quality.measures import inside_share, lower_tint, measure, shading, sharpness
from services.face.template.faces import Face, Pose

FACE = Face((0, 0, 112, 112), tuple((float(x), float(y)) for x, y in TEMPLATE), 0.9, Pose(3, 4, -7))


@pytest.fixture
def aligned(face_extractor: FaceExtractor, hopper: Image) -> np.ndarray:
    """A portrait's face, 112×112 px."""
    return align(hopper.rgb, np.array(face_extractor.extract(hopper, Position.FACE).details.face.landmarks))


def measured(aligned: np.ndarray, face: Face = FACE) -> dict[str, float]:
    """All measures of a face that fills an image of 112×112 px."""
    return measure(face, aligned, (112, 112), 12.0)


def test_size_and_pose(aligned: np.ndarray) -> None:
    """The template's eyes are 35 px apart; yaw and pitch form one angle; roll has no sign."""
    found = measured(aligned)
    assert pytest.approx(35.2, abs=0.1) == found["inter_eye_px"]
    assert (5.0, 7.0) == (found["turn_degrees"], found["roll_degrees"])
    assert (12.0, 1.0) == (found["embedding_norm"], found["inside_share"])


def test_sharpness_falls_with_blur_in_any_direction(aligned: np.ndarray) -> None:
    """Out of focus, or moved in either direction, it falls below two thirds; contrast does not change it."""
    gray = np.asarray(cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY), np.uint8)
    moved = [cv2.blur(gray, size) for size in ((13, 1), (1, 13))]
    for spoiled in (cv2.GaussianBlur(gray, (0, 0), 4.0), *moved):
        assert sharpness(np.asarray(spoiled, np.uint8)) < 0.67 * sharpness(gray)
    assert pytest.approx(sharpness(gray), rel=0.15) == sharpness((gray // 3 + 80).astype(np.uint8))


def test_exposure(aligned: np.ndarray) -> None:
    """A darker face has lower brightness and contrast; white skin counts as overexposed."""
    dark, light = (aligned // 4).astype(np.uint8), np.minimum(aligned.astype(int) * 3, 255).astype(np.uint8)
    assert measured(dark)["brightness"] < 0.3 * measured(aligned)["brightness"]
    assert measured(dark)["contrast"] < 0.3 * measured(aligned)["contrast"]
    assert 0.05 > measured(aligned)["burnt_share"] < 0.2 < measured(light)["burnt_share"]


def test_smooth_eyes_are_hidden_only_if_both_are(aligned: np.ndarray) -> None:
    """A dark bar over both eyes hides them; over one eye it does not."""
    both, one = aligned.copy(), aligned.copy()
    both[42:62, 22:90] = one[42:62, 22:56] = 20
    assert measured(both)["eyes_hidden"] > 0.6
    assert measured(one)["eyes_hidden"] < 0.35 > measured(aligned)["eyes_hidden"]


def test_a_mask_is_smooth_and_of_another_colour(aligned: np.ndarray) -> None:
    """A light blue mask below the nose is smooth, and its tint far from the skin's."""
    masked = aligned.copy()
    masked[76:112, 20:92] = (150, 190, 230)
    assert measured(masked)["mouth_hidden"] > 0.8
    assert measured(aligned)["mouth_hidden"] < 0.45
    assert lower_tint(masked) > lower_tint(aligned) + 10


def test_share_inside_of_the_frame() -> None:
    """Cut between the eyes, half of the inner face is inside; moved out of the frame, nothing."""
    away = replace(FACE, landmarks=tuple((x + 300, y) for x, y in FACE.landmarks))
    assert pytest.approx(0.5, abs=0.02) == inside_share(FACE, (112, 56))
    assert 0.0 == inside_share(away, (112, 112))


def test_shading_of_photograph_and_paper(aligned: np.ndarray) -> None:
    """A photographed face is shaded nearly everywhere, black lines on white paper nearly nowhere."""
    paper = np.full((112, 112, 3), 255, np.uint8)
    paper[40:44], paper[:, 50:53] = 0, 0
    assert 0.0 == shading(paper)
    assert shading(aligned) > 0.4
