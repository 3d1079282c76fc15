"""Taking the ground off a print, and what is read then."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from biometrics.errors import AcquisitionFailed
from biometrics.quality import QualityReason
from biometrics.template import Position
from infra.images.decode import Image
from rendering.grounds import Ground
from rendering.latents import Latent, latent
from services.extraction import Extraction
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.extraction.course import agreement, ridge_area
from services.fingerprint.extraction.ground import without_ground, without_peaks
from services.fingerprint.extraction.segmentation import find_finger
from services.fingerprint.extractor import FingerprintExtractor
from tests.unit.services.fingerprint.areas import arched_finger, rings
from tests.unit.services.fingerprint.on_its_ground import OnItsGround

RULED = Latent(part=0.9, contrast=80, kind=Ground.LINES, pattern=28, noise=10)
LINES = np.tile(40 * np.sin(np.arange(384) * 2 * np.pi / 8), (448, 1))


def _coarse_noise(side: int = 320) -> np.ndarray:
    noise = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 50, (side, side)), (0, 0), 2)
    return np.clip(128 + 5 * noise, 0, 255).astype(np.uint8)


def test_parallel_lines_are_cut_off_and_bent_ridges_are_not() -> None:
    """Of waves of one period those that run straight over the whole image lose most of their contrast."""
    straight, bent = without_peaks(LINES.astype(np.float32)), without_peaks(rings(448, 384, 8.0).astype(np.float32))
    assert straight.std() < 0.3 * LINES.std()
    assert bent.std() > 3 * straight.std()


def test_directions_agree_on_ridges_and_not_in_noise() -> None:
    """Both look like ridges cell by cell, but only ridges go on from cell to cell."""
    ridges, noise = find_finger(rings(320, 320).astype(np.uint8)), find_finger(_coarse_noise())
    assert noise.mask.mean() > 0.8
    assert agreement(ridges).mean() > 0.9
    assert agreement(noise).mean() < 0.5
    assert (True, False) == (ridge_area(ridges).mean() > 0.9, ridge_area(noise).mean() > 0.1)


@pytest.mark.parametrize("picture", [LINES + 128, np.full((300, 300), 90), _coarse_noise()])
def test_where_there_is_nothing_but_ground_nothing_is_left(picture: np.ndarray) -> None:
    """Lines, a blank and noise become even, so no finger is found there."""
    cleared = without_ground(Image(picture.astype(np.uint8), 500.0)).gray
    assert np.count_nonzero(find_finger(cleared).mask) < 40


def test_a_finger_on_lines_is_what_is_left() -> None:
    """Its area is found again, and little farther than a cell around; size and resolution stay, at 1000 dpi too."""
    finger = np.pad(arched_finger(), 64, constant_values=255)
    inside = find_finger(finger).mask
    ruled = np.clip(0.7 * finger + LINES, 0, 255).astype(np.uint8)
    sent = Image(cv2.resize(ruled, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), 1000.0)
    cleared = without_ground(sent)
    assert (sent.gray.shape, 1000.0) == (cleared.gray.shape, cleared.resolution_dpi)
    found = find_finger(cv2.resize(cleared.gray, finger.shape[::-1], interpolation=cv2.INTER_AREA)).mask
    assert np.count_nonzero(found & inside) > 0.6 * np.count_nonzero(inside)
    around = cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert np.count_nonzero(found & ~around) < 0.1 * np.count_nonzero(found)


@pytest.mark.parametrize(("seed", "as_it_is"), [(0, "refused"), (1, "in doubt")])
def test_a_print_that_its_ground_hides_is_read_without_it(
    extractor: FingerprintExtractor,
    fingers: list[Image],
    extractions: list[Extraction[FingerprintDetails]],
    seed: int,
    as_it_is: str,
) -> None:
    """On ruled lines that are taken for the finger: it matches then, better than on its ground, which is named."""
    image = Image(latent(fingers[0].gray, RULED, np.random.default_rng(seed)), 500.0)
    comparator, other = FingerprintComparator(), [extractions[1].template]
    found, score = extractor.extract(image, Position.UNKNOWN), 0.0
    on_its_ground = OnItsGround.like(extractor)
    if as_it_is == "refused":
        with pytest.raises(AcquisitionFailed):
            on_its_ground.extract(image, Position.UNKNOWN)
    else:
        before = on_its_ground.extract(image, Position.UNKNOWN)
        score = float(comparator.compare_templates(before.template, other)[0])
        assert QualityReason.RESOLUTION_IMPLAUSIBLE in before.quality.reasons
    assert comparator.compare_templates(found.template, other)[0] > max(3.0, score + 1)
    assert QualityReason.OCCLUDED == found.quality.reasons[0]
    assert found.quality.value > 60


def test_a_print_that_is_read_well_is_left_as_it_is(
    extractor: FingerprintExtractor, fingers: list[Image], extractions: list[Extraction[FingerprintDetails]]
) -> None:
    """Template and quality are those of the extractor that takes no ground off."""
    as_it_is = OnItsGround.like(extractor).extract(fingers[2], Position.UNKNOWN)
    assert (as_it_is.template, as_it_is.quality) == (extractions[2].template, extractions[2].quality)


def test_clear_minutiae_of_a_print_in_doubt_are_kept(extractor: FingerprintExtractor, fingers: list[Image]) -> None:
    """A print of another resolution than stated is read as it is, in doubt: without its ground it is less clear."""
    image = Image(cv2.resize(fingers[0].gray, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC), 500.0)
    found, as_it_is = (each.extract(image, Position.UNKNOWN) for each in (extractor, OnItsGround.like(extractor)))
    assert QualityReason.RESOLUTION_IMPLAUSIBLE in found.quality.reasons
    assert (as_it_is.template, as_it_is.quality) == (found.template, found.quality)


@pytest.mark.parametrize("side", [240, 320])
def test_noise_is_no_print_without_its_ground_either(extractor: FingerprintExtractor, side: int) -> None:
    """It is refused by the reason that it had before; in images under 155 mm² nothing is taken off."""
    image = Image(_coarse_noise(side), 500.0)
    reasons = []
    for each in (extractor, OnItsGround.like(extractor)):
        with pytest.raises(AcquisitionFailed) as refusal:
            each.extract(image, Position.UNKNOWN)
        reasons.append(refusal.value.reason)
    assert reasons[0] == reasons[1]


def test_a_refused_print_stays_refused_if_the_image_may_be_a_photograph(
    extractor: FingerprintExtractor, fingers: list[Image]
) -> None:
    """Ground is taken off prints only."""
    image = Image(latent(fingers[0].gray, RULED, np.random.default_rng(0)), 500.0)
    with pytest.raises(AcquisitionFailed):
        extractor._extract(replace(image), is_surely_print=False)
