"""A doubtful iris becomes a named error, never a template."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biometrics.errors import AcquisitionFailed
from biometrics.template import Position
from infra.images.decode import Image
from rendering.eyes import RenderedEye, render
from services.extraction import Extraction
from services.iris.details import IrisDetails
from services.iris.extractor import IrisExtractor
from services.iris.looks.look import SeenEye
from services.iris.looks.second_looks import CLEAR_LIMBUS, EyeFinder
from services.iris.segmentation.circles import Circle
from services.iris.segmentation.network import Segmenter
from tests.unit.services.iris.conftest import IDENTITIES

SHADES = [0.4, 0.25, 0.15, 0.1, 0.06]


def darkened(eye: RenderedEye, share: float) -> np.ndarray:
    """The eye with a darkened iris: the contrast to its pupil is scaled by this share."""
    height, width = eye.image.shape
    ys, xs = np.mgrid[:height, :width]
    outside = np.hypot(xs - eye.limbus.x, ys - eye.limbus.y) - eye.limbus.radius
    inside = 1 / (1 + np.exp(np.clip(outside / (0.02 * eye.limbus.radius), -30, 30)))
    pupil = float(np.median(eye.image[np.hypot(xs - eye.pupil.x, ys - eye.pupil.y) < 0.8 * eye.pupil.radius]))
    dark = np.where(eye.image < 200, pupil + share * (eye.image - pupil), eye.image)
    return np.asarray(np.rint(inside * dark + (1 - inside) * eye.image), np.uint8)


def outcome(extractor: IrisExtractor, pixels: np.ndarray) -> Extraction[IrisDetails] | AcquisitionFailed:
    """The extraction, or its error."""
    try:
        return extractor.extract(Image(pixels), Position.UNKNOWN)
    except AcquisitionFailed as error:
        return error


@pytest.mark.parametrize("share", SHADES)
@pytest.mark.parametrize("size", [(640, 480), (320, 240)])
def test_an_iris_as_dark_as_its_pupil_is_found_or_refused(
    extractor: IrisExtractor, share: float, size: tuple[int, int]
) -> None:
    """In every template the pupil is the one drawn, not the iris, within a quarter of its radius."""
    for identity in range(6):
        eye = render(identity, 0, *size)
        told = outcome(extractor, darkened(eye, share))
        if isinstance(told, Extraction):
            pupil = told.details.pupil
            assert abs(pupil.radius - eye.pupil.radius) < 0.25 * eye.pupil.radius
            assert np.hypot(pupil.x - eye.pupil.x, pupil.y - eye.pupil.y) < 0.25 * eye.pupil.radius
        else:
            assert told.reason in {"IRIS_NOT_FOUND", "IRIS_UNCERTAIN", "IRIS_BLURRED"}


def test_a_doubt_states_its_cause_and_advice(extractor: IrisExtractor) -> None:
    """IRIS_UNCERTAIN names the doubtful circle and asks for another capture."""
    told = [outcome(extractor, darkened(render(n, 0, 320, 240), each)) for n in range(12) for each in SHADES]
    doubts = [each for each in told if isinstance(each, AcquisitionFailed) and each.reason == "IRIS_UNCERTAIN"]

    assert doubts
    for doubt in doubts:
        assert "uncertain where pupil and iris end" in doubt.message
        assert "Capture it again" in doubt.message
        assert {"pupil_support", "uncertainty"} == set(doubt.metadata)


@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_clear_eye_is_that_of_the_first_look(segmenter: Segmenter, identity: int) -> None:
    """Without doubts there is no other look."""
    gray = render(identity, 0).image
    (found,) = segmenter.segment([gray])

    seen = EyeFinder(segmenter).find(gray, found)

    assert seen.found is found
    assert not seen.doubtful
    assert seen.strength > CLEAR_LIMBUS


def swallowing(segmenter: Segmenter, eye: RenderedEye) -> SeenEye:
    """The eye with its whole iris as the pupil and a limbus in the sclera, both with maximal support."""
    (found,) = segmenter.segment([eye.image])
    seen = EyeFinder(segmenter).find(eye.image, found)
    wide = Circle(eye.limbus.x, eye.limbus.y, 1.8 * eye.limbus.radius)
    pupil = replace(seen.eye.pupil, circle=eye.limbus, support=1.0)
    limbus = replace(seen.eye.limbus, circle=wide, strength=1.0)
    return seen._replace(gray=darkened(eye, 0.08), eye=replace(seen.eye, pupil=pupil, limbus=limbus))


@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_pupil_with_a_darker_disc_in_it_is_doubtful(segmenter: Segmenter, identity: int) -> None:
    """An iris of 8 % contrast mistaken for the pupil is looked at again, and refused."""
    seen = swallowing(segmenter, render(identity, 0, opening=1.0))

    assert seen.has_darker_disc
    assert seen.doubtful
    assert not seen.clear
