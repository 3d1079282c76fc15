"""What becomes of images that are not one upright finger, dark on light, at the resolution they are said to have."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from biometrics.errors import AcquisitionFailed, ImageTooLarge
from biometrics.quality import QualityReason
from biometrics.template import Position
from infra.image import Image
from services.extraction import Extraction
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.features import FingerprintDetails
from services.fingerprint.resolution import resize

MATCH = 1.0  # three times the score at FMR 1e-3 on FVC2002


def _reason(extractor: FingerprintExtractor, image: Image) -> str:
    with pytest.raises(AcquisitionFailed) as caught:
        extractor.extract(image, Position.UNKNOWN)
    return caught.value.reason


def _score(a: Extraction[FingerprintDetails], b: Extraction[FingerprintDetails]) -> float:
    comparator = FingerprintComparator()
    return float(comparator.compare(comparator.stack([a.template]), comparator.stack([b.template]))[0, 0])


def _noise(block_px: int) -> Image:
    small = np.random.default_rng(0).integers(0, 256, (320 // block_px,) * 2).astype(np.uint8)
    return Image(cv2.resize(small, (320, 320), interpolation=cv2.INTER_CUBIC))


@pytest.mark.parametrize("image", [Image(np.full((300, 300), 220, np.uint8)), _noise(1), _noise(16)])
def test_an_image_without_ridges_is_refused(extractor: FingerprintExtractor, image: Image) -> None:
    """A blank image, and noise finer or coarser than ridges, are no finger."""
    assert "FINGER_NOT_FOUND" == _reason(extractor, image)


def test_noise_as_coarse_as_ridges_is_refused(extractor: FingerprintExtractor) -> None:
    """What looks like ridges here and there has no minutiae of a finger."""
    assert _reason(extractor, _noise(4)) in {"FINGER_NOT_FOUND", "TOO_FEW_MINUTIAE"}


@pytest.mark.parametrize("scale", [1.0, 0.5])
@pytest.mark.parametrize("portrait", ["hopper", "astronaut"])
def test_a_portrait_is_refused(
    extractor: FingerprintExtractor, portrait: str, scale: float, request: pytest.FixtureRequest
) -> None:
    """A photograph of a person is no finger, whatever its hair looks like, and no finger at another resolution."""
    gray = resize(request.getfixturevalue(portrait).gray, scale)
    assert _reason(extractor, Image(gray)) in {"FINGER_NOT_FOUND", "TOO_FEW_MINUTIAE"}


def test_ridges_without_minutiae_are_refused(extractor: FingerprintExtractor) -> None:
    """Parallel stripes have ridges, but nothing to compare."""
    row = (128 + 90 * np.sin(np.arange(320) * 2 * np.pi / 9)).astype(np.uint8)
    assert "TOO_FEW_MINUTIAE" == _reason(extractor, Image(np.tile(row, (320, 1))))


def test_three_minutiae_are_refused(extractor: FingerprintExtractor, fingers: list[Image]) -> None:
    """A piece of a finger with under five minutiae says how many there are and what to do."""
    with pytest.raises(AcquisitionFailed, match=r"Only 3 minutiae .* Capture the finger again") as caught:
        extractor.extract(Image(fingers[0].gray[96:216, 192:312].copy()), Position.UNKNOWN)
    assert ("TOO_FEW_MINUTIAE", "3") == (caught.value.reason, caught.value.metadata["found"])


@pytest.mark.parametrize("gap_px", [0, 48])
def test_two_fingers_side_by_side_are_refused(
    extractor: FingerprintExtractor, fingers: list[Image], gap_px: int
) -> None:
    """Apart or touching, two fingers are named, and so is what to do."""
    gap = np.full((500, gap_px), 255, np.uint8)
    with pytest.raises(AcquisitionFailed, match="Cut it into single fingers") as caught:
        extractor.extract(Image(np.hstack([fingers[0].gray, gap, fingers[2].gray])), Position.UNKNOWN)
    assert "MULTIPLE_FINGERS" == caught.value.reason


def test_a_slap_is_refused(extractor: FingerprintExtractor, fingers: list[Image]) -> None:
    """Four fingers are too wide for one finger's image, or, small enough, several."""
    slap = np.hstack([fingers[number].gray for number in (0, 2, 1, 2)])
    with pytest.raises(ImageTooLarge, match="Cut a slap"):
        extractor.extract(Image(slap), Position.UNKNOWN)
    assert "MULTIPLE_FINGERS" == _reason(extractor, Image(resize(slap, 0.7)))


@pytest.mark.parametrize(
    ("scale", "stated_dpi", "message"),
    [
        (0.5, None, "At 500 dpi the ridges are about half as wide as a finger's; at 250 dpi it looks like one."),
        (2.0, None, "At 500 dpi the ridges are about twice as wide as a finger's; at 1000 dpi it looks like one."),
        (1.0, 1000.0, "At 1000 dpi the ridges are about half as wide as a finger's; at 500 dpi it looks like one."),
        (1.0, 250.0, "At 250 dpi the ridges are about twice as wide as a finger's; at 500 dpi it looks like one."),
    ],
)
def test_half_and_twice_the_resolution_are_refused(
    extractor: FingerprintExtractor, fingers: list[Image], scale: float, stated_dpi: float | None, message: str
) -> None:
    """The width of the ridges shows a resolution that is wrong by a factor of two."""
    with pytest.raises(AcquisitionFailed) as caught:
        extractor.extract(Image(resize(fingers[0].gray, scale), stated_dpi), Position.UNKNOWN)
    assert "RESOLUTION_IMPLAUSIBLE" == caught.value.reason
    assert f"{message} State the resolution of the scanner." == caught.value.message


def test_light_ridges_are_read_as_dark_ones(
    extractor: FingerprintExtractor, fingers: list[Image], extractions: list[Extraction[FingerprintDetails]]
) -> None:
    """White ridges on black give the same template, and the measures say that the image was inverted."""
    inverted = extractor.extract(Image(255 - fingers[1].gray), Position.UNKNOWN)
    assert extractions[1].template.data == inverted.template.data
    assert (0.0, 1.0) == tuple(each.quality.measures["inverted"] for each in (extractions[1], inverted))
    assert extractions[1].quality.value == inverted.quality.value


def test_a_print_upside_down_is_flagged_and_does_not_match(
    extractor: FingerprintExtractor, fingers: list[Image], extractions: list[Extraction[FingerprintDetails]]
) -> None:
    """Turned by 180° its ridges arch downwards: quality 0, OFF_POSE."""
    turned = extractor.extract(Image(np.ascontiguousarray(fingers[0].gray[::-1, ::-1])), Position.UNKNOWN)
    assert (QualityReason.OFF_POSE,) == turned.quality.reasons
    assert turned.quality.value < 10
    assert _score(extractions[0], turned) < 0.3


def test_a_mirrored_print_does_not_match(
    extractor: FingerprintExtractor, fingers: list[Image], extractions: list[Extraction[FingerprintDetails]]
) -> None:
    """A mirrored image is another finger, and nothing shows that it is one."""
    mirrored = extractor.extract(Image(np.ascontiguousarray(fingers[0].gray[:, ::-1])), Position.UNKNOWN)
    assert _score(extractions[0], mirrored) < 0.3
    assert () == mirrored.quality.reasons
