"""Extraction from real and unusable images."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from biometrics.errors import ImageTooLarge, ImageTooSmall, PositionInvalid
from biometrics.quality import QualityReason
from biometrics.resolution import Resolution, ResolutionSource
from biometrics.template import Modality, Position
from infra.images.decode import Image
from services.extraction import Extraction
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.extraction.resolution import ASSUMED
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.template.features import unpack

MATCH = 1.0  # 2.6 times the score at FMR 1e-3 on FVC2002


Found = Extraction[FingerprintDetails]


def score(a: Found, b: Found) -> float:
    """The score of two extractions."""
    comparator = FingerprintComparator()
    return float(comparator.compare(comparator.stack([a.template]), comparator.stack([b.template]))[0, 0])


def test_impressions_of_one_finger_match_and_of_two_do_not(extractions: list[Found]) -> None:
    """The two impressions of one finger score over 1, the other finger's under 0.3 with both."""
    first, second, other = extractions
    assert score(first, second) > MATCH
    assert score(first, other) < 0.3
    assert score(second, other) < 0.3


def test_an_extraction_carries_template_quality_and_details(extractions: list[Found]) -> None:
    """A clear finger gives a template of the model, a quality over 80 and its minutiae as details."""
    found = extractions[0]
    unpacked = unpack(found.template.data)
    assert (Modality.FINGERPRINT, "fingerprint-leader-3") == (found.template.modality, found.template.model_id)
    assert found.quality.value > 80
    assert found.quality.reasons == ()
    assert ASSUMED == found.details.resolution
    assert 500.0 == found.quality.measures["resolution_dpi"]
    assert sorted(found.details.minutiae.y.tolist()) == unpacked.minutiae.y.tolist()
    assert found.details.features.mask.tolist() == unpacked.mask.tolist()
    assert 0.3 < found.details.features.mask.mean() < 0.6


@pytest.mark.parametrize(("factor", "resolution_dpi"), [(1.5, 750.0), (0.8, 400.0)])
def test_resolution_is_taken_into_account(
    extractor: FingerprintExtractor,
    fingers: list[Image],
    extractions: list[Found],
    factor: float,
    resolution_dpi: float,
) -> None:
    """An image scanned at another resolution matches, and its details are in its own pixels."""
    size = (round(400 * factor), round(500 * factor))
    scanned = Image(cv2.resize(fingers[0].gray, size, interpolation=cv2.INTER_AREA), resolution_dpi)
    found = extractor.extract(scanned, Position.UNKNOWN)
    assert score(extractions[0], found) > 3 * MATCH
    assert Resolution(resolution_dpi, resolution_dpi, ResolutionSource.FILE) == found.details.resolution
    assert (400, 500) == (found.details.features.width_px, found.details.features.height_px)
    assert np.allclose((found.details.minutiae.x + 0.5) / factor, found.details.features.minutiae.x + 0.5, atol=0.01)


def test_an_implausible_resolution_is_ignored(
    extractor: FingerprintExtractor, fingers: list[Image], extractions: list[Found]
) -> None:
    """72 dpi in the metadata changes nothing."""
    found = extractor.extract(replace(fingers[0], resolution_dpi=72.0), Position.UNKNOWN)
    assert extractions[0].template.data == found.template.data


def test_a_small_part_has_a_lower_quality(extractor: FingerprintExtractor, fingers: list[Image]) -> None:
    """A fingertip is extracted, with reasons."""
    tip = extractor.extract(Image(fingers[0].gray[60:160, 100:220].copy()), Position.UNKNOWN)
    assert {QualityReason.SMALL_AREA, QualityReason.FEW_FEATURES} == set(tip.quality.reasons)
    assert tip.quality.value < 30


def test_size_limits(extractor: FingerprintExtractor) -> None:
    """Under 96 px and over 1,200 px a side at 500 dpi are refused."""
    with pytest.raises(ImageTooSmall, match="80×300"):
        extractor.extract(Image(np.full((300, 80), 200, np.uint8)), Position.UNKNOWN)
    with pytest.raises(ImageTooLarge, match="2001×300"):
        extractor.extract(Image(np.full((300, 2001), 200, np.uint8)), Position.UNKNOWN)
    with pytest.raises(ImageTooLarge, match="2002×300"):
        extractor.extract(Image(np.full((150, 1001), 200, np.uint8), 250.0), Position.UNKNOWN)


def test_a_faces_position_is_refused(extractor: FingerprintExtractor, fingers: list[Image]) -> None:
    """Positions of other modalities are refused."""
    with pytest.raises(PositionInvalid):
        extractor.extract(fingers[0], Position.LEFT_EYE)
