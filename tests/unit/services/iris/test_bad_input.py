"""Outcomes of images other than one open, upright eye in infrared light."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from biometrics.errors import AcquisitionFailed
from biometrics.quality import QualityReason
from biometrics.template import Position
from infra.images.decode import Image, decode
from rendering.eyes import render, render_eye
from services.iris.comparator import IrisComparator
from services.iris.extractor import IrisExtractor
from studies.spoiled.spoiled_eyes import MATCH, notes, spoilings
from tests.unit.services.iris.conftest import IDENTITIES

SPOILED = spoilings(Image(render_eye(0, 0, 320, 280)), Image(render_eye(1, 0, 320, 280)))
NO_IRIS = {"IRIS_NOT_FOUND", "IRIS_OCCLUDED"}


def reason(extractor: IrisExtractor, image: Image) -> str:
    """Why an image is refused."""
    with pytest.raises(AcquisitionFailed) as caught:
        extractor.extract(image, Position.UNKNOWN)
    return caught.value.reason


def target() -> np.ndarray:
    """A printed target: rings around a disc."""
    drawn = np.full((480, 640), 240, np.uint8)
    for number, radius in enumerate((220, 180, 140, 100, 60, 20)):
        cv2.circle(drawn, (320, 240), radius, (30, 200)[number % 2], -1, cv2.LINE_AA)
    return drawn


def drawn_eye() -> np.ndarray:
    """A disc in a ring, evenly grey and out of focus: as round as an eye, without texture."""
    drawn = np.full((480, 640), 200, np.uint8)
    cv2.circle(drawn, (320, 240), 120, 110, -1, cv2.LINE_AA)
    cv2.circle(drawn, (320, 240), 45, 25, -1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), 4.0), np.uint8)


CHECKS = np.tile(np.kron([[0, 1], [1, 0]], np.full((40, 40), 220)).astype(np.uint8), (6, 8))


@pytest.mark.parametrize("name", ["black", "white", "noise", "skin above the eye only", "inverted"])
def test_no_eye(extractor: IrisExtractor, name: str) -> None:
    """Black, white, noise, skin, and the negative of an image are refused as no eye."""
    assert "IRIS_NOT_FOUND" == reason(extractor, SPOILED[name])


@pytest.mark.parametrize("pattern", [target(), CHECKS], ids=["target", "checks"])
def test_a_printed_pattern_is_no_eye(extractor: IrisExtractor, pattern: np.ndarray) -> None:
    """Rings and checks are refused."""
    assert "IRIS_NOT_FOUND" == reason(extractor, Image(pattern))


@pytest.mark.parametrize("identity", [0, 1])
def test_a_printed_eye_is_refused(extractor: IrisExtractor, identity: int) -> None:
    """An eye printed in dots, as by newspapers and laser printers, is refused."""
    eyes = [Image(render_eye(each, 0, 320, 280)) for each in (identity, identity + 1)]

    assert reason(extractor, spoilings(*eyes)["printed in dots"]) in NO_IRIS


def test_a_fingerprint_is_no_eye(extractor: IrisExtractor, load_asset: Callable[[str], bytes]) -> None:
    """An image sent to the wrong service is refused."""
    for name in ("finger-1", "finger-2", "finger-3"):
        assert "IRIS_NOT_FOUND" == reason(extractor, Image(decode(load_asset(name)).gray))


def test_a_drawn_eye_is_refused(extractor: IrisExtractor) -> None:
    """Circles without texture are refused as no iris or as blurred."""
    assert reason(extractor, Image(drawn_eye())) in {"IRIS_NOT_FOUND", "IRIS_BLURRED"}


def test_a_colour_photograph_is_refused_as_visible_light(
    extractor: IrisExtractor, hopper: Image, astronaut: Image
) -> None:
    """A photograph of a face, and one of an eye."""
    for image in (hopper, astronaut, SPOILED["in colours"]):
        assert "VISIBLE_LIGHT" == reason(extractor, image)


def test_a_grey_photograph_of_a_face_is_no_eye(extractor: IrisExtractor, hopper: Image, astronaut: Image) -> None:
    """Without colours it is refused as IRIS_NOT_FOUND."""
    for portrait in (hopper, astronaut):
        assert reason(extractor, Image(portrait.gray)) in {"IRIS_NOT_FOUND", "MULTIPLE_EYES"}


@pytest.mark.parametrize("name", ["stored as RGB", "with a tint"])
def test_an_infrared_image_may_be_stored_in_colour(extractor: IrisExtractor, name: str) -> None:
    """Equal channels, or one tint, are not colour: the image matches the grey one."""
    assert score(extractor, SPOILED["as it is"], SPOILED[name]) > MATCH


def test_two_eyes_are_refused(extractor: IrisExtractor) -> None:
    """Two eyes side by side are named, with advice."""
    with pytest.raises(AcquisitionFailed, match="Cut it into single eyes") as caught:
        extractor.extract(SPOILED["two eyes, side by side"], Position.UNKNOWN)

    assert "MULTIPLE_EYES" == caught.value.reason


def beside(near: np.ndarray, far: np.ndarray) -> Image:
    """Two images side by side, the lower one padded above and below."""
    left = near.shape[0] - far.shape[0]
    return Image(np.hstack([near, cv2.copyMakeBorder(far, left // 2, left - left // 2, 0, 0, cv2.BORDER_REPLICATE)]))


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("share", [0.63, 0.75, 0.88])
def test_two_eyes_at_unequal_distance_are_refused(extractor: IrisExtractor, identity: int, share: float) -> None:
    """The second eye is counted down to five eighths of the first one's size."""
    near, far = (render_eye(each, 0, 320, 280) for each in (identity, identity + 1))

    assert "MULTIPLE_EYES" == reason(extractor, beside(near, cv2.resize(far, None, fx=share, fy=share)))


def test_a_second_eye_half_as_wide_is_background(extractor: IrisExtractor) -> None:
    """If the second eye is half as wide, the nearer one is extracted."""
    near, far = render_eye(0, 0, 320, 280), cv2.resize(render_eye(1, 0, 320, 280), (160, 140))

    assert score(extractor, SPOILED["as it is"], beside(near, far)) > MATCH


@pytest.mark.parametrize("identity", IDENTITIES)
def test_one_eye_in_a_wide_image_is_one(extractor: IrisExtractor, identity: int) -> None:
    """Skin beside the eye is not a second eye, wherever the middle of the image is."""
    eye = render_eye(identity, 0, 320, 280)
    for left in (0, 100, 200):
        wide = Image(cv2.copyMakeBorder(eye, 0, 0, left, 260 - left, cv2.BORDER_REPLICATE))

        assert extractor.extract(wide, Position.UNKNOWN).quality.value > 0


@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_closed_eye_is_refused(extractor: IrisExtractor, identity: int) -> None:
    """A closed eye shows no iris."""
    assert reason(extractor, Image(render_eye(identity, 0, opening=0.0))) in NO_IRIS


@pytest.mark.parametrize("half", ["left", "upper"])
def test_half_an_eye_is_flagged(extractor: IrisExtractor, half: str) -> None:
    """An eye cut through its pupil is refused by name, or its quality is too low for enrolment, with the reason."""
    truth = render(0, 0, opening=1.0)
    x, y = round(truth.pupil.x), round(truth.pupil.y)
    cut = truth.image[:, :x] if half == "left" else truth.image[:y]

    told = set(outcome(extractor, Image(cut)))

    assert told <= {"IRIS_UNCERTAIN", "IRIS_OCCLUDED"} or {"OCCLUDED", "quality under 20"} <= told


def outcome(extractor: IrisExtractor, image: Image) -> list[str]:
    """Why an image is refused, or the reasons of its quality."""
    try:
        return list(notes(extractor.extract(image, Position.UNKNOWN).quality))
    except AcquisitionFailed as error:
        return [error.reason]


def test_an_iris_out_of_focus_is_refused(extractor: IrisExtractor) -> None:
    """An iris without fine structure left is named as blurred."""
    blurred = np.asarray(cv2.GaussianBlur(render_eye(0, 0), (0, 0), 20.0), np.uint8)

    assert "IRIS_BLURRED" == reason(extractor, Image(blurred))


@pytest.mark.parametrize("name", ["turned by 180°", "turned by 90°", "turned by 270°"])
def test_an_upside_down_or_sideways_eye_matches(extractor: IrisExtractor, name: str) -> None:
    """It is rotated upright first, which is reported."""
    turned = extractor.extract(SPOILED[name], Position.UNKNOWN)

    assert QualityReason.TURNED in turned.quality.reasons
    assert score(extractor, SPOILED["as it is"], SPOILED[name]) > MATCH


@pytest.mark.parametrize("name", ["turned by 10°", "turned by 30°"])
def test_a_tilted_head_matches(extractor: IrisExtractor, name: str) -> None:
    """The sheet is rotated by the tilt of the eye's opening."""
    assert score(extractor, SPOILED["as it is"], SPOILED[name]) > MATCH


def test_a_mirrored_eye_does_not_match(extractor: IrisExtractor) -> None:
    """It counts as a different eye; mirroring is not detected."""
    assert score(extractor, SPOILED["as it is"], SPOILED["mirrored"]) < MATCH


def score(extractor: IrisExtractor, one: Image, other: Image) -> float:
    """Score of the templates of two images."""
    comparator = IrisComparator()
    first, second = (comparator.stack([extractor.extract(image, Position.UNKNOWN).template]) for image in (one, other))
    return float(comparator.compare(first, second)[0, 0])
