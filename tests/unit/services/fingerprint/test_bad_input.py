"""Outcomes of images other than one upright finger, dark on light, at its stated resolution."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from biofusion.type.v1 import sample_pb2

from biometrics.errors import AcquisitionFailed, ImageTooLarge
from biometrics.quality import QualityReason
from biometrics.resolution import Resolution, ResolutionSource
from biometrics.template import Position
from infra.images.decode import Image
from services.extraction import Extraction
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.convert import details_to_wire
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.extraction.resolution import resize
from services.fingerprint.extractor import FingerprintExtractor

Extractions = list[Extraction[FingerprintDetails]]
MATCH = 1.0  # 2.6 times the score at FMR 1e-3 on FVC2002


def _reason(extractor: FingerprintExtractor, image: Image) -> str:
    with pytest.raises(AcquisitionFailed) as caught:
        extractor.extract(image, Position.UNKNOWN)
    return caught.value.reason


def test_presentation_attacks_are_not_assessed(extractions: Extractions) -> None:
    """The response says of every finger that no check was made."""
    assert {sample_pb2.PRESENTATION_ATTACK_NOT_ASSESSED} == {
        details_to_wire(each.details).presentation_attack for each in extractions
    }


def _score(a: Extraction[FingerprintDetails], b: Extraction[FingerprintDetails]) -> float:
    comparator = FingerprintComparator()
    return float(comparator.compare(comparator.stack([a.template]), comparator.stack([b.template]))[0, 0])


def _noise(block_px: int) -> Image:
    small = np.random.default_rng(0).integers(0, 256, (320 // block_px,) * 2).astype(np.uint8)
    return Image(cv2.resize(small, (320, 320), interpolation=cv2.INTER_CUBIC))


@pytest.mark.parametrize("image", [Image(np.full((300, 300), 220, np.uint8)), _noise(1), _noise(16)])
def test_an_image_without_ridges_is_refused(extractor: FingerprintExtractor, image: Image) -> None:
    """A blank image, and noise finer or coarser than ridges, are refused."""
    assert "FINGER_NOT_FOUND" == _reason(extractor, image)


@pytest.mark.parametrize("side_px", [320, 192])
def test_noise_as_coarse_as_ridges_is_refused(extractor: FingerprintExtractor, side_px: int) -> None:
    """Apparent ridges without a finger's minutiae are refused, also where they are strengthened, as they are few."""
    noise = Image(_noise(4).gray[:side_px, :side_px].copy())
    assert _reason(extractor, noise) in {"FINGER_NOT_FOUND", "TOO_FEW_MINUTIAE"}


@pytest.mark.parametrize("scale", [1.0, 0.5])
@pytest.mark.parametrize("portrait", ["hopper", "astronaut"])
def test_a_portrait_is_refused(
    extractor: FingerprintExtractor, portrait: str, scale: float, request: pytest.FixtureRequest
) -> None:
    """A photograph of a person is refused at any resolution, whatever its hair looks like."""
    gray = resize(request.getfixturevalue(portrait).gray, scale)
    assert _reason(extractor, Image(gray)) in {"FINGER_NOT_FOUND", "TOO_FEW_MINUTIAE"}


def test_ridges_without_minutiae_are_refused(extractor: FingerprintExtractor) -> None:
    """Parallel stripes have ridges but no minutiae."""
    row = (128 + 90 * np.sin(np.arange(320) * 2 * np.pi / 9)).astype(np.uint8)
    assert "TOO_FEW_MINUTIAE" == _reason(extractor, Image(np.tile(row, (320, 1))))


def test_four_minutiae_are_refused(extractor: FingerprintExtractor, fingers: list[Image]) -> None:
    """For a piece of a finger with under five minutiae the message says how many there are and what to do."""
    with pytest.raises(AcquisitionFailed, match=r"Only 4 minutiae .* Capture the finger again") as caught:
        extractor.extract(Image(fingers[0].gray[96:200, 192:296].copy()), Position.UNKNOWN)
    assert ("TOO_FEW_MINUTIAE", "4") == (caught.value.reason, caught.value.metadata["found"])


@pytest.mark.parametrize("gap_px", [0, 48])
def test_two_fingers_side_by_side_are_refused(
    extractor: FingerprintExtractor, fingers: list[Image], gap_px: int
) -> None:
    """Two fingers, apart or touching, are named with advice."""
    gap = np.full((500, gap_px), 255, np.uint8)
    with pytest.raises(AcquisitionFailed, match="Cut it into single fingers") as caught:
        extractor.extract(Image(np.hstack([fingers[0].gray, gap, fingers[2].gray])), Position.UNKNOWN)
    assert "MULTIPLE_FINGERS" == caught.value.reason


def test_a_slap_is_refused(extractor: FingerprintExtractor, fingers: list[Image]) -> None:
    """Four fingers are too wide for an image of one finger or, if small enough, are counted as several."""
    slap = np.hstack([fingers[number].gray for number in (0, 2, 1, 2)])
    with pytest.raises(ImageTooLarge, match="Cut a slap"):
        extractor.extract(Image(slap), Position.UNKNOWN)
    assert "MULTIPLE_FINGERS" == _reason(extractor, Image(resize(slap, 0.7)))


@pytest.mark.parametrize(
    ("scale", "tag_dpi", "read_dpi"), [(0.5, None, 250), (2.0, None, 1000), (1.0, 1000.0, 500), (1.0, 250.0, 500)]
)
def test_half_and_twice_the_resolution_are_detected(
    extractor: FingerprintExtractor,
    fingers: list[Image],
    extractions: Extractions,
    scale: float,
    tag_dpi: float | None,
    read_dpi: float,
) -> None:
    """Ridges reveal a resolution wrong by a factor of two; if it contradicts a tag, it is doubtful."""
    found = extractor.extract(Image(resize(fingers[1].gray, scale), tag_dpi), Position.UNKNOWN)
    assert Resolution(read_dpi, read_dpi, ResolutionSource.ESTIMATED) == found.details.resolution
    assert (tag_dpi is not None) == (QualityReason.RESOLUTION_IMPLAUSIBLE in found.quality.reasons)
    assert _score(extractions[0], found) > MATCH


@pytest.mark.parametrize(
    ("across", "down", "tag"),
    [
        (1.0, 1.0, (400.0, None)),
        (1.0, 1.0, (600.0, None)),
        (0.72, 0.72, (None, None)),
        (1.5, 1.5, (None, None)),
        (1.0, 1.0, (500.0, 1000.0)),
        (1.0, 2.0, (None, None)),
        (2.0, 1.0, (None, None)),
    ],
)
def test_a_wrong_scale_is_doubtful(
    extractor: FingerprintExtractor,
    fingers: list[Image],
    extractions: Extractions,
    across: float,
    down: float,
    tag: tuple[float | None, float | None],
) -> None:
    """If tag and ridges disagree, or ridges are unusual, it is read by the ridges, but no decision rests on it."""
    gray = cv2.resize(fingers[0].gray, None, fx=across, fy=down, interpolation=cv2.INTER_CUBIC)
    found = extractor.extract(Image(np.asarray(gray, np.uint8), *tag), Position.UNKNOWN)
    assert QualityReason.RESOLUTION_IMPLAUSIBLE == found.quality.reasons[0]
    assert found.quality.value <= 10.0
    assert across != down or _score(extractions[1], found) > MATCH


def test_a_resolution_that_the_caller_states_is_doubted_like_a_tag(
    extractor: FingerprintExtractor, fingers: list[Image]
) -> None:
    """600 dpi stated for ridges that are usual at 500."""
    found = extractor.extract(fingers[0].stated(600.0), Position.UNKNOWN)
    assert QualityReason.RESOLUTION_IMPLAUSIBLE in found.quality.reasons


@pytest.mark.parametrize("dpi", [(500.0, 1000.0), (1000.0, 500.0), (500.0, 250.0)])
def test_non_square_pixels_are_made_square(
    extractor: FingerprintExtractor, fingers: list[Image], extractions: Extractions, dpi: tuple[float, float]
) -> None:
    """An image with two resolutions matches without doubt, and its minutiae are reported in the image sent."""
    sent = cv2.resize(fingers[1].gray, None, fx=dpi[0] / 500, fy=dpi[1] / 500, interpolation=cv2.INTER_AREA)
    found = extractor.extract(Image(np.asarray(sent, np.uint8), *dpi), Position.UNKNOWN)
    assert Resolution(*dpi, ResolutionSource.FILE) == found.details.resolution
    assert () == found.quality.reasons
    assert _score(extractions[0], found) > 3 * MATCH
    assert np.allclose((found.details.minutiae.y + 0.5) * 500 / dpi[1], found.details.features.minutiae.y + 0.5)


def test_light_ridges_are_read_as_dark_ones(
    extractor: FingerprintExtractor, fingers: list[Image], extractions: list[Extraction[FingerprintDetails]]
) -> None:
    """White ridges on black give the same template, and a measure reports the inversion."""
    inverted = extractor.extract(Image(255 - fingers[1].gray), Position.UNKNOWN)
    assert extractions[1].template.data == inverted.template.data
    assert (0.0, 1.0) == tuple(each.quality.measures["inverted"] for each in (extractions[1], inverted))
    assert extractions[1].quality.value == inverted.quality.value


def test_an_upside_down_print_is_rotated(
    extractor: FingerprintExtractor, fingers: list[Image], extractions: Extractions
) -> None:
    """It matches as if upright, reports the rotation, and has its minutiae in the image sent."""
    sent = Image(np.ascontiguousarray(fingers[1].gray[::-1, ::-1]))
    found = extractor.extract(sent, Position.UNKNOWN)
    assert ((QualityReason.TURNED,), 180) == (found.quality.reasons, found.details.turned_degrees)
    assert found.quality.value > 50
    assert _score(extractions[0], found) == pytest.approx(_score(extractions[0], extractions[1]), rel=0.1)
    shown, there = found.details.minutiae, found.details.features.minutiae
    expected = fingers[1].gray[there.y.astype(int), there.x.astype(int)]
    assert expected.tolist() == sent.gray[np.rint(shown.y).astype(int), np.rint(shown.x).astype(int)].tolist()


@pytest.mark.parametrize("turns", [1, 3])
def test_a_print_on_its_side_is_rotated_in_doubt(
    extractor: FingerprintExtractor, fingers: list[Image], extractions: Extractions, turns: int
) -> None:
    """It matches as if upright, has its minutiae in the image sent, and enrolment refuses it."""
    sent = Image(np.ascontiguousarray(np.rot90(fingers[1].gray, turns)))
    found = extractor.extract(sent, Position.UNKNOWN)
    assert (360 - 90 * turns, QualityReason.OFF_POSE) == (found.details.turned_degrees, found.quality.reasons[0])
    assert QualityReason.TURNED in found.quality.reasons
    assert found.quality.value <= 10
    assert _score(extractions[0], found) == pytest.approx(_score(extractions[0], extractions[1]), rel=0.1)
    shown, there = found.details.minutiae, found.details.features.minutiae
    expected = fingers[1].gray[there.y.astype(int), there.x.astype(int)]
    assert expected.tolist() == sent.gray[np.rint(shown.y).astype(int), np.rint(shown.x).astype(int)].tolist()


def test_a_mirrored_print_does_not_match(
    extractor: FingerprintExtractor, fingers: list[Image], extractions: list[Extraction[FingerprintDetails]]
) -> None:
    """A mirrored image is a different finger; mirroring is not detected."""
    mirrored = extractor.extract(Image(np.ascontiguousarray(fingers[0].gray[:, ::-1])), Position.UNKNOWN)
    assert _score(extractions[0], mirrored) < 0.3
    assert () == mirrored.quality.reasons
