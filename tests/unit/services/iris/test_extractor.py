from __future__ import annotations

import cv2
import numpy as np
import pytest

from biometrics.errors import AcquisitionFailed, ImageTooSmall, PositionInvalid
from biometrics.template import Modality, Position
from infra.images.decode import Image
from rendering.eyes import RenderedEye, render, render_eye
from services.extraction import Extraction
from services.iris.comparator import IrisComparator
from services.iris.details import IrisDetails
from services.iris.extractor import IrisExtractor
from tests.unit.services.iris.conftest import CAPTURES, IDENTITIES

Extractions = dict[tuple[int, int], Extraction[IrisDetails]]
COMPARATOR = IrisComparator()


def score(one: Extraction[IrisDetails], other: Extraction[IrisDetails]) -> float:
    """The comparison score of two extractions."""
    return float(COMPARATOR.compare(COMPARATOR.stack([one.template]), COMPARATOR.stack([other.template]))[0, 0])


def rotated(pixels: np.ndarray, degrees: float) -> np.ndarray:
    """The image rotated about its centre."""
    height, width = pixels.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(pixels, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)


def test_mated_score_above_non_mated(extractions: Extractions) -> None:
    """Two captures of an eye score higher than any two captures of different eyes."""
    mated = [score(extractions[i, 0], extractions[i, 1]) for i in IDENTITIES]
    non_mated = [
        score(extractions[i, a], extractions[j, b])
        for i in IDENTITIES
        for j in IDENTITIES
        if i < j
        for a in CAPTURES
        for b in CAPTURES
    ]

    assert max(non_mated) < 3.0 < min(mated)


def test_template_names_model(extractions: Extractions) -> None:
    """A template carries the modality and the model that the comparator accepts."""
    template = extractions[0, 0].template

    assert (Modality.IRIS, COMPARATOR.model_id) == (template.modality, template.model_id)


@pytest.mark.parametrize("degrees", [-9.0, 8.0])
def test_rotated_capture_matches(extractor: IrisExtractor, extractions: Extractions, degrees: float) -> None:
    """An image rotated by 9° still matches the upright one."""
    turned = extractor.extract(Image(rotated(render_eye(0, 0), degrees)), Position.LEFT_EYE)

    assert 0.7 < score(extractions[0, 0], turned)


@pytest.mark.parametrize("size", [(320, 240), (1280, 960)])
def test_sizes(extractor: IrisExtractor, extractions: Extractions, size: tuple[int, int]) -> None:
    """An eye matches itself captured smaller or larger."""
    resized = extractor.extract(Image(render_eye(1, 0, *size)), Position.LEFT_EYE)

    assert 0.7 < score(extractions[1, 1], resized)


@pytest.mark.parametrize("identity", IDENTITIES)
def test_circles_are_found_where_they_were_drawn(extractions: Extractions, identity: int) -> None:
    """Pupil and limbus are found within 2 and 14 px of where they were drawn, in 640×480 px."""
    truth, found = render(identity, 0), extractions[identity, 0].details

    for tolerance, drawn, seen in ((2.0, truth.pupil, found.pupil), (14.0, truth.limbus, found.limbus)):
        assert pytest.approx(drawn.x, abs=tolerance) == seen.x
        assert pytest.approx(drawn.y, abs=tolerance) == seen.y
        assert pytest.approx(drawn.radius, abs=tolerance) == seen.radius


def test_deterministic(extractor: IrisExtractor, extractions: Extractions) -> None:
    """The same image gives the same template."""
    again = extractor.extract(Image(render_eye(2, 0)), Position.LEFT_EYE)

    assert extractions[2, 0].template == again.template


def test_color_image(extractor: IrisExtractor, extractions: Extractions) -> None:
    """A grey image stored as RGB gives the template of the grey image."""
    rgb = np.repeat(render_eye(2, 0)[:, :, None], 3, axis=2)

    assert extractions[2, 0].template == extractor.extract(Image(rgb), Position.LEFT_EYE).template


def face_like() -> np.ndarray:
    """A drawn face."""
    face = np.full((480, 640), 150, np.uint8)
    cv2.ellipse(face, (320, 240), (130, 180), 0, 0, 360, 200, -1)
    for x in (270, 370):
        cv2.ellipse(face, (x, 200), (28, 12), 0, 0, 360, 235, -1)
        cv2.circle(face, (x, 200), 11, 60, -1)
    cv2.ellipse(face, (320, 320), (50, 12), 0, 0, 360, 110, -1)
    return cv2.GaussianBlur(face, (0, 0), 2)


NO_EYE = {
    "black": np.zeros((480, 640), np.uint8),
    "white": np.full((480, 640), 255, np.uint8),
    "grey": np.full((480, 640), 128, np.uint8),
    "noise": np.random.default_rng(0).integers(0, 256, (480, 640), np.uint8),
    "ramp": np.tile(np.linspace(0, 255, 640).astype(np.uint8), (480, 1)),
    "stripes": np.tile(((np.arange(640) // 20 % 2) * 255).astype(np.uint8), (480, 1)),
    "face": face_like(),
    "skin": cv2.GaussianBlur(np.random.default_rng(1).integers(150, 230, (480, 640), np.uint8), (0, 0), 3),
}


@pytest.mark.parametrize("name", NO_EYE)
def test_no_eye(extractor: IrisExtractor, name: str) -> None:
    """An image without an eye is refused as IRIS_NOT_FOUND."""
    with pytest.raises(AcquisitionFailed) as caught:
        extractor.extract(Image(NO_EYE[name]), Position.LEFT_EYE)

    assert "IRIS_NOT_FOUND" == caught.value.reason


def test_portrait(extractor: IrisExtractor, hopper: Image, astronaut: Image) -> None:
    """A photograph of a face is refused: in colour as VISIBLE_LIGHT, in grey as IRIS_NOT_FOUND."""
    for portrait in (hopper, astronaut):
        for reason, image in (("VISIBLE_LIGHT", portrait), ("IRIS_NOT_FOUND", Image(portrait.gray))):
            with pytest.raises(AcquisitionFailed) as caught:
                extractor.extract(image, Position.LEFT_EYE)
            assert reason == caught.value.reason


@pytest.mark.parametrize("identity", IDENTITIES)
def test_closed_eye(extractor: IrisExtractor, identity: int) -> None:
    """A closed eye is refused by name."""
    with pytest.raises(AcquisitionFailed) as caught:
        extractor.extract(Image(render_eye(identity, 0, opening=0.0)), Position.LEFT_EYE)

    assert caught.value.reason in {"IRIS_NOT_FOUND", "IRIS_OCCLUDED"}


def behind_bars(truth: RenderedEye, width: int) -> Image:
    """The eye with bright bars of this width, 24 px apart, over its iris."""
    ys, xs = np.indices(truth.image.shape)
    inside = np.hypot(xs - truth.limbus.x, ys - truth.limbus.y) < 0.97 * truth.limbus.radius
    outside = np.hypot(xs - truth.pupil.x, ys - truth.pupil.y) > 1.1 * truth.pupil.radius
    return Image(np.where(inside & outside & (xs % 24 < width), 255, truth.image).astype(np.uint8))


def test_too_little_of_the_iris(extractor: IrisExtractor) -> None:
    """An iris behind reflections is refused as IRIS_OCCLUDED, with its visible share."""
    with pytest.raises(AcquisitionFailed, match="35% are needed") as caught:
        extractor.extract(behind_bars(render(0, 0, opening=1.0), 14), Position.LEFT_EYE)

    assert "IRIS_OCCLUDED" == caught.value.reason
    assert 0 < float(caught.value.metadata["visible_fraction"]) < 0.35


def test_a_bright_eye_is_looked_at_twice(extractor: IrisExtractor) -> None:
    """An overexposed limbus is found within 4 % by the second, darker look."""
    truth = render(0, 0)
    bright = np.clip(1.8 * truth.image.astype(np.float32), 0, 255).astype(np.uint8)

    limbus = extractor.extract(Image(bright), Position.LEFT_EYE).details.limbus

    assert pytest.approx(truth.limbus.radius, rel=0.04) == limbus.radius


def test_small_image(extractor: IrisExtractor) -> None:
    """An image of fewer than 200 px a side is refused."""
    with pytest.raises(ImageTooSmall):
        extractor.extract(Image(render_eye(0, 0)[:199]), Position.LEFT_EYE)


def test_not_an_eye_position(extractor: IrisExtractor) -> None:
    """A finger's position is refused."""
    with pytest.raises(PositionInvalid):
        extractor.extract(Image(render_eye(0, 0)), Position.LEFT_THUMB)
