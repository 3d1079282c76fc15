"""Cutting small prints out of prints, and counting their errors."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.template import Modality, Template
from services.fingerprint.template.features import MODEL_ID, FingerFeatures, Minutiae, pack
from studies.capture.small_prints import SIDE_PX, errors, piece_of


def template_of(seed: int) -> Template:
    """Twenty minutiae in places of their own."""
    random = np.random.default_rng(seed)
    x, y = random.integers(0, SIDE_PX, (2, 20)).astype(np.float32)
    angle = random.uniform(0, 6.28, 20).astype(np.float32)
    signs = random.integers(0, 2**32, 20, np.uint32)
    minutiae = Minutiae(x, y, angle, np.zeros(20, np.bool_), np.ones(20, np.float32), signs)
    data = pack(FingerFeatures(SIDE_PX, SIDE_PX, np.ones((12, 12), np.bool_), minutiae))
    return Template(Modality.FINGERPRINT, MODEL_ID, data)


def test_a_piece_lies_around_the_finger_and_inside_the_image() -> None:
    """It is cut around the middle of the cells, as far as the image goes; a small image is taken whole."""
    gray = np.arange(400 * 400).reshape(400, 400).astype(np.uint8)
    finger = np.zeros((25, 25), np.bool_)
    finger[10, 12] = True
    assert gray[72:264, 104:296].tolist() == piece_of(gray, finger, np.zeros(2)).tolist()
    assert gray[208:, :192].tolist() == piece_of(gray, finger, np.array([300.0, -300.0])).tolist()
    assert (100, 120) == piece_of(gray[:100, :120], finger[:7, :8], np.zeros(2)).shape


def test_a_piece_without_a_template_fails_all_its_mated_comparisons() -> None:
    """Of three pieces of one finger two match; one is refused, and so two of three mated comparisons fail."""
    fingers = [("a", "1")] * 3 + [("b", "1")]
    found = errors(fingers, [template_of(1), template_of(1), None, template_of(2)])
    assert (1, 3, 2) == (found.refused, found.mated, found.non_mated)
    assert pytest.approx(2 / 3) == found.eer
    assert (None, None) == found.fnmrs
