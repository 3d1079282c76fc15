"""Telling photographs of fingers from prints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biometrics.errors import AcquisitionFailed
from biometrics.sample import EncodedImage, SlapImage
from biometrics.template import Position
from formats.contents import Slap
from infra.images.decode import Image
from rendering.contactless import Shot, photograph, stretched
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.quality.contactless import Look, look_of
from services.fingerprint.slap_extraction import fingers_of
from studies.capture.contactless import KINDS, prints
from tests.unit.services.fingerprint.areas import arched_finger

CLOSE = {"only the pad, sharp", "strong ridges, black box", "small, on a rough desk"}  # relief as strong as on a sensor


def _shot(gray: np.ndarray, shot: Shot) -> Image:
    return Image(photograph(gray, shot, np.random.default_rng(0)))


def test_photographs_are_told_in_colour_and_in_grey(fingers: list[Image]) -> None:
    """Light, ground, size, focus and pose may be any; with a relief as strong as on a sensor the look is not clear."""
    for name, shot in KINDS.items():
        colour = _shot(fingers[0].gray, shot)
        looks = {look_of(colour), look_of(Image(colour.gray))}
        assert name in CLOSE or {Look.PHOTOGRAPH} == looks, name


def test_prints_are_no_photographs(fingers: list[Image]) -> None:
    """Prints as scanners and programs send them, tinted, inverted, pale or unevenly lit, look like prints."""
    for gray in (*(finger.gray for finger in fingers), arched_finger()):
        looks = {name: look_of(Image(pixels)) for name, pixels in prints(gray).items()}
        assert {Look.PRINT} == set(looks.values()), looks


def test_an_empty_platen_is_no_photograph() -> None:
    """A blank image, one lit from a side, and the smallest one look like prints, so another reason names them."""
    lit = np.tile(np.linspace(200, 225, 320), (320, 1)).astype(np.uint8)
    assert {Look.PRINT} == {look_of(Image(each)) for each in (np.full((300, 300), 220, np.uint8), lit, lit[:1, :1])}


@pytest.mark.parametrize("kind", ["on a desk", "out of focus", "of 1,600 px"])
def test_a_photograph_is_refused(extractor: FingerprintExtractor, fingers: list[Image], kind: str) -> None:
    """Its reason is CONTACTLESS_IMAGE, also where it has no ridges or too many pixels; the advice is a scanner."""
    grey = Image(_shot(fingers[0].gray, KINDS[kind]).gray)
    with pytest.raises(AcquisitionFailed, match="from a fingerprint scanner") as caught:
        extractor.extract(grey, Position.UNKNOWN)
    assert "CONTACTLESS_IMAGE" == caught.value.reason


def test_a_doubtful_look_is_only_named_where_nothing_is_found(
    extractor: FingerprintExtractor, fingers: list[Image]
) -> None:
    """What may be a photograph is read if it can be; if not, the reason is CONTACTLESS_IMAGE."""
    strong = KINDS["strong ridges, black box"]
    read, blurred = (
        _shot(fingers[0].gray, strong),
        Image(stretched(_shot(fingers[0].gray, KINDS["out of focus"]).gray, 9)),
    )
    assert [Look.DOUBTFUL] * 2 == [look_of(read), look_of(blurred)]
    assert extractor.extract(read, Position.UNKNOWN).details.features.minutiae
    with pytest.raises(AcquisitionFailed) as caught:
        extractor.extract(blurred, Position.UNKNOWN)
    assert "CONTACTLESS_IMAGE" == caught.value.reason


def test_a_photograph_of_fingers_is_refused_as_a_slap(fingers: list[Image]) -> None:
    """A photograph is named before fingers are looked for."""
    image = _shot(fingers[0].gray, replace(KINDS["on a desk"], margin=0.1))
    wide = Image(np.hstack([image.pixels] * 3))
    with pytest.raises(AcquisitionFailed) as caught:
        fingers_of(wide, SlapImage(EncodedImage(b""), Slap.UNKNOWN_FOUR))
    assert "CONTACTLESS_IMAGE" == caught.value.reason
