"""A doubtful iris becomes a named error, never a template."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from biometrics.errors import AcquisitionFailed
from biometrics.template import Position
from infra.images.decode import Image
from rendering.eyes import RenderedEye, render
from services.extraction import Extraction
from services.iris.details import IrisDetails
from services.iris.extractor import IrisExtractor
from services.iris.looks.look import MIN_EDGE, MIN_LIMBUS, SeenEye
from services.iris.looks.second_looks import CLEAR_LIMBUS, EyeFinder, elected, eye_within, require_certain
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
            assert told.reason in {"IRIS_NOT_FOUND", "IRIS_UNCERTAIN", "IRIS_OCCLUDED", "IRIS_BLURRED"}


@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_clear_eye_is_that_of_the_first_look(segmenter: Segmenter, other_segmenter: Segmenter, identity: int) -> None:
    """Without doubts there is no other look."""
    gray = render(identity, 0).image
    (found,) = segmenter.segment([gray])

    seen = EyeFinder(segmenter, other_segmenter).find(gray, found)

    assert seen.found is found
    assert not seen.doubtful
    assert seen.strength > CLEAR_LIMBUS


def swallowing(segmenter: Segmenter, other_segmenter: Segmenter, eye: RenderedEye, share: float = 0.08) -> SeenEye:
    """The eye, darkened, with its whole iris as the pupil and a limbus in the sclera, both with maximal support."""
    (found,) = segmenter.segment([eye.image])
    seen = EyeFinder(segmenter, other_segmenter).find(eye.image, found)
    wide = Circle(eye.limbus.x, eye.limbus.y, 1.8 * eye.limbus.radius)
    pupil = replace(seen.eye.pupil, circle=eye.limbus, support=1.0)
    limbus = replace(seen.eye.limbus, circle=wide, strength=1.0)
    return replace(seen, gray=darkened(eye, share), eye=replace(seen.eye, pupil=pupil, limbus=limbus))


@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_pupil_with_a_darker_disc_in_it_is_doubtful(
    segmenter: Segmenter, other_segmenter: Segmenter, identity: int
) -> None:
    """An iris of 8 % contrast mistaken for the pupil is looked at again, and refused."""
    seen = swallowing(segmenter, other_segmenter, render(identity, 0, opening=1.0))

    assert seen.has_darker_disc
    assert seen.doubtful
    assert not seen.plausible


@pytest.mark.parametrize("identity", IDENTITIES)
def test_the_eye_within_a_presumed_pupil_is_found(
    segmenter: Segmenter, other_segmenter: Segmenter, identity: int
) -> None:
    """The darker disc becomes the pupil and the presumed pupil's edge the limbus, clear of doubt by itself."""
    eye = render(identity, 0, opening=1.0)

    (found,) = eye_within(swallowing(segmenter, other_segmenter, eye, share=0.15))

    assert found.plausible
    for circle, drawn in ((found.eye.pupil.circle, eye.pupil), (found.eye.limbus.circle, eye.limbus)):
        off = np.hypot(circle.x - drawn.x, circle.y - drawn.y) + abs(circle.radius - drawn.radius)
        assert off < 0.15 * drawn.radius


def test_a_doubt_states_its_cause_and_advice(segmenter: Segmenter, other_segmenter: Segmenter) -> None:
    """IRIS_UNCERTAIN names the doubtful circle and asks for another capture."""
    seen = replace(swallowing(segmenter, other_segmenter, render(0, 0)), doubt="a darker disc lies in the pupil")

    with pytest.raises(AcquisitionFailed, match="uncertain where pupil and iris end: a darker disc") as raised:
        require_certain(seen)

    assert raised.value.reason == "IRIS_UNCERTAIN"
    assert "Capture it again" in raised.value.message
    assert {"pupil_support", "uncertainty"} == set(raised.value.metadata)


@pytest.fixture(scope="module")
def hypotheses(segmenter: Segmenter, other_segmenter: Segmenter) -> tuple[SeenEye, SeenEye]:
    """A plausible eye, and one elsewhere whose limbus is stronger."""
    eye = render(0, 0)
    (found,) = segmenter.segment([eye.image])
    seen = EyeFinder(segmenter, other_segmenter).find(eye.image, found)
    limbus = replace(seen.eye.limbus, circle=Circle(eye.limbus.x, eye.limbus.y, 1.5 * eye.limbus.radius), strength=1.0)
    return seen, replace(seen, eye=replace(seen.eye, limbus=limbus))


@pytest.mark.parametrize(
    ("votes", "elsewhere", "wins"), [(3, 0, "first"), (4, 2, "first"), (3, 3, "second"), (2, 0, ""), (2, 3, "second")]
)
def test_the_eye_on_which_most_looks_agree_is_kept(
    hypotheses: tuple[SeenEye, SeenEye], votes: int, elsewhere: int, wins: str
) -> None:
    """Three looks at least find it; a tie goes to the clearer one; looks that find no eye do not count."""
    one, other = hypotheses

    kept = elected([[], *[[one]] * votes, *[[other]] * elsewhere], 3)

    assert {"first": one, "second": other, "": None}[wins] is kept


@pytest.mark.parametrize("sign", ["support of the pupil's edge", "support of the limbus", "a darker disc"])
def test_what_is_not_plausible_is_never_elected(hypotheses: tuple[SeenEye, SeenEye], sign: str) -> None:
    """All looks agree, but an edge shows on too little of its circle, or the pupil contains a darker disc."""
    one, _ = hypotheses
    pupil, limbus, eye = one.eye.pupil, one.eye.limbus, render(0, 0)
    doubted = {
        "support of the pupil's edge": replace(
            one, eye=replace(one.eye, pupil=replace(pupil, support=MIN_EDGE - 0.01))
        ),
        "support of the limbus": replace(one, eye=replace(one.eye, limbus=replace(limbus, support=MIN_LIMBUS - 0.01))),
        "a darker disc": replace(
            one, gray=darkened(eye, 0.15), eye=replace(one.eye, pupil=replace(pupil, circle=eye.limbus))
        ),
    }[sign]

    assert elected([[one]] * 3, 3) is one
    assert elected([[doubted]] * 3, 3) is None


@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_small_eye_is_found(extractor: IrisExtractor, identity: int) -> None:
    """An eye of 30 % of the size in the middle of the picture is found where it is."""
    eye = render(identity, 0)
    height, width = eye.image.shape
    size = round(0.3 * width), round(0.3 * height)
    down, across = height - size[1], width - size[0]
    small = cv2.resize(eye.image, size, interpolation=cv2.INTER_AREA)
    sides = down // 2, down - down // 2, across // 2, across - across // 2
    picture = cv2.copyMakeBorder(small, *sides, cv2.BORDER_REPLICATE)

    pupil = extractor.extract(Image(np.asarray(picture, np.uint8)), Position.UNKNOWN).details.pupil

    off = np.hypot(pupil.x - sides[2] - 0.3 * eye.pupil.x, pupil.y - sides[0] - 0.3 * eye.pupil.y)
    assert off < 0.1 * eye.pupil.radius
    assert pupil.radius == pytest.approx(0.3 * eye.pupil.radius, rel=0.2)
