"""Strengthening ridges, and putting together what was found in two looks."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.errors import AcquisitionFailed
from biometrics.template import Position
from infra.images.decode import Image
from services.extraction import Extraction
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.extraction.ridge_signs import RidgeSigns
from services.fingerprint.extraction.second_look import merged, shows_little, strengthened
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.template.features import Minutiae
from tests.unit.services.fingerprint.areas import arched_finger, finger_area, rings
from tests.unit.services.fingerprint.on_its_ground import OnItsGround


def _minutiae(*places: tuple[float, float, float, float]) -> Minutiae:
    """Of x, y, angle and confidence each."""
    x, y, angle, confidence = np.asarray(places, np.float32).T
    return Minutiae(x, y, angle, x < 0, confidence)


def _row(*confidences: float) -> Minutiae:
    """In a row across the middle of an arched finger."""
    count = len(confidences)
    places = np.zeros(count, np.float32)
    x = np.linspace(64, 192, count, dtype=np.float32)
    return Minutiae(x, places + 110, places, places < 0, np.asarray(confidences, np.float32))


class _Looks:
    """A network that finds what it is told, look by look."""

    def __init__(self, *found: Minutiae) -> None:
        self._found = found
        self.looks = 0

    def detect(self, gray: np.ndarray, finger: np.ndarray) -> Minutiae:
        assert finger.any()
        self.looks += 1
        return self._found[self.looks - 1]


def _noisy(clean: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0.0, 80.0, clean.shape)
    return np.clip(clean + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("shape", [(96, 96), (192, 192), (171, 203)])
def test_strengthened_ridges_stand_out_of_noise(shape: tuple[int, int]) -> None:
    """Of rings under noise twice as strong the strengthened image is nearer to the rings, in the same places."""
    clean = rings(*shape)
    noisy = _noisy(clean)
    found = strengthened(noisy)
    assert (shape, np.uint8) == (found.shape, found.dtype)
    before, after = (np.corrcoef(clean.ravel(), each.ravel())[0, 1] for each in (noisy, found))
    assert after > before + 0.15


def test_flat_ground_stays_flat() -> None:
    """A blank image has nothing to strengthen."""
    assert np.ptp(strengthened(np.full((128, 128), 90, np.uint8))) <= 1


def test_a_minutia_that_both_looks_found_counts_once() -> None:
    """The more confident of those within 8 px and 0.6 rad is kept, all others too, by falling confidence."""
    one = _minutiae((50, 50, 0.1, 0.6), (90, 50, 1.0, 0.9))
    other = _minutiae((54, 53, 6.2, 0.8), (90, 50, 2.0, 0.5), (99, 50, 1.0, 0.4))
    found = merged(one, other)
    assert [90.0, 54.0, 90.0, 99.0] == found.x.tolist()
    assert [0.9, 0.8, 0.5, 0.4] == pytest.approx(found.confidence.tolist())


def test_two_looks_without_minutiae_give_none() -> None:
    """Nothing and nothing is nothing."""
    none = _minutiae((1, 1, 0, 0.5)).select(np.zeros(1, np.bool_))
    assert 0 == len(merged(none, none))


@pytest.mark.parametrize(
    ("cells", "confidences", "expected"),
    [(300, [0.8] * 9, False), (300, [0.6] * 9, True), (151, [0.8] * 9, True), (151, [0.8], False), (300, [], False)],
)
def test_small_fingers_and_unclear_minutiae_are_worth_a_second_look(
    cells: int, confidences: list[float], *, expected: bool
) -> None:
    """Under 100 mm² or a mean confidence of 0.7, if there are two minutiae at least."""
    assert expected == shows_little(_row(*confidences), finger_area(cells))


@pytest.mark.parametrize(
    ("height", "first", "second", "reason", "looks"),
    [
        (320, [0.5] * 9, [0.9] * 9, "FINGER_NOT_FOUND", 1),
        (320, [0.8] * 4, [0.9] * 9, "TOO_FEW_MINUTIAE", 1),
        (320, [0.8] * 9, [], "", 1),
        (320, [0.6] * 9, [0.4] * 12, "", 2),
        (220, [0.5] * 9, [0.9] * 12, "", 2),
        (220, [0.6] * 4, [0.4] * 12, "", 2),
        (220, [0.9], [0.9] * 9, "TOO_FEW_MINUTIAE", 1),
    ],
)
def test_strengthened_ridges_are_no_sign_of_a_finger_but_in_small_images(
    ridge_signs: RidgeSigns, height: int, first: list[float], second: list[float], reason: str, looks: int
) -> None:
    """A larger image is refused by its first look; a small one by both, and not if the first found clear minutiae."""
    network = _Looks(_row(*first), _row(*second))
    extractor = OnItsGround(network, ridge_signs)
    image = Image(arched_finger(height), 500.0)
    if reason:
        with pytest.raises(AcquisitionFailed) as refusal:
            extractor.extract(image, Position.UNKNOWN)
        assert reason == refusal.value.reason
    else:
        assert len(extractor.extract(image, Position.UNKNOWN).details.features.minutiae) >= 5
    assert looks == network.looks


def test_a_small_noisy_print_matches(
    extractor: FingerprintExtractor, fingers: list[Image], extractions: list[Extraction[FingerprintDetails]]
) -> None:
    """A piece of 192 × 192 px under noise scores as a match with another impression of its finger."""
    piece = extractor.extract(Image(_noisy(fingers[0].gray[150:342, 110:302])), Position.UNKNOWN)
    comparator = FingerprintComparator()
    assert comparator.compare_templates(piece.template, [extractions[1].template])[0] > 1.0
