from __future__ import annotations

import cv2
import numpy as np
import pytest

from biometrics.template import Position
from infra.images.decode import Image
from rendering.eyes import render, render_eye
from services.iris.comparator import IrisComparator
from services.iris.extractor import IrisExtractor
from services.iris.localisation.gaze import FRONT, View, seen_from
from services.iris.segmentation.mask_circles import MaskCircles, find_mask_circles
from services.iris.segmentation.network import Segmenter

SEEN = 0.72  # horizontal scale of an eye that looks 44° aside


def aside(gray: np.ndarray, share: float = SEEN) -> np.ndarray:
    """The image with every row narrowed, in a frame of the same size."""
    height, width = gray.shape
    return cv2.copyMakeBorder(
        cv2.resize(gray, (round(share * width), height), interpolation=cv2.INTER_AREA),
        *(
            0,
            0,
            (width - round(share * width)) // 2,
            width - round(share * width) - (width - round(share * width)) // 2,
        ),
        cv2.BORDER_REPLICATE,
    )


def circles_of(segmenter: Segmenter, gray: np.ndarray) -> MaskCircles:
    """The circles in the network's masks."""
    (found,) = segmenter.segment([gray])
    circles = find_mask_circles(found)
    assert circles is not None
    return circles


@pytest.mark.parametrize("identity", range(3))
def test_an_eye_from_the_front(segmenter: Segmenter, identity: int) -> None:
    """An eye that looks ahead is not stretched."""
    assert FRONT == seen_from(circles_of(segmenter, render_eye(identity, 0)))


@pytest.mark.parametrize("identity", range(3))
def test_an_eye_from_aside(segmenter: Segmenter, identity: int) -> None:
    """The viewing direction is estimated from the pupil to 0.06 in roundness and 15°."""
    view = seen_from(circles_of(segmenter, aside(render_eye(identity, 0))))

    assert pytest.approx(SEEN, abs=0.06) == view.roundness
    assert min(view.angle, 180 - view.angle) < 15


def test_there_and_back() -> None:
    """A point of the straightened image has the value at its coordinates in the original."""
    view = View(300.0, 200.0, 30.0, 0.7)
    gray = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 255, (400, 600), np.uint8), (0, 0), 6)

    straightened = view.straightened(gray)

    xs, ys = np.array([250.0, 310.0, 380.0], np.float32), np.array([180.0, 200.0, 260.0], np.float32)
    back = view.to_image(xs, ys)
    expected = cv2.remap(gray, *back, cv2.INTER_LINEAR).ravel().astype(float)
    seen = cv2.remap(straightened, xs, ys, cv2.INTER_LINEAR).ravel().astype(float)
    assert pytest.approx(expected, abs=2.0) == seen


def test_from_the_front_nothing_moves() -> None:
    """The frontal view maps each point to itself."""
    xs, ys = FRONT.to_image(np.array([7.0], np.float32), np.array([9.0], np.float32))

    assert (7.0, 9.0) == (xs[0], ys[0])


def test_a_view_grows_with_the_image() -> None:
    """The view of a reduced image maps points as the original's view, times the scale."""
    view, scale = View(100.0, 80.0, 20.0, 0.6), 3.0
    point = np.array([[60.0], [70.0]], np.float32)

    x, y = view.to_image(*point)
    larger = view.scaled(scale).to_image(*((point + 0.5) * np.float32(scale) - 0.5))

    expected = ((float(x[0]) + 0.5) * scale - 0.5, (float(y[0]) + 0.5) * scale - 0.5)
    assert pytest.approx(expected, abs=1e-3) == (float(larger[0][0]), float(larger[1][0]))


@pytest.mark.parametrize("identity", range(3))
def test_an_eye_a_little_aside_is_straightened(extractor: IrisExtractor, identity: int) -> None:
    """From 31° on, the limbus is clearer in the straightened image, which is used."""
    turned = extractor.extract(Image(aside(render_eye(identity, 0), 0.86)), Position.LEFT_EYE)

    assert pytest.approx(0.86, abs=0.05) == turned.details.view.roundness


def test_the_required_strength_of_the_limbus() -> None:
    """The flatter the pupil, the lower the limbus strength required in the straightened image."""
    slightly, clearly = View(roundness=0.93), View(roundness=0.8)

    assert slightly.required_strength > 1 > clearly.required_strength


@pytest.mark.parametrize("identity", range(3))
def test_an_eye_that_looks_aside_matches_itself(extractor: IrisExtractor, identity: int) -> None:
    """It matches its frontal capture and no other eye, and its roundness is reported."""
    turned = extractor.extract(Image(aside(render_eye(identity, 0))), Position.LEFT_EYE)
    others = [extractor.extract(Image(render_eye(n, 1)), Position.LEFT_EYE).template for n in (identity, identity + 5)]
    comparator = IrisComparator()

    ((same, other),) = comparator.compare(comparator.stack([turned.template]), comparator.stack(others))

    assert same > 5 > other
    assert pytest.approx(SEEN, abs=0.06) == turned.quality.measures["roundness"]


def test_circles_of_an_eye_that_looks_aside_are_mapped_to_the_image(extractor: IrisExtractor) -> None:
    """The pupil's outline in the image is the ellipse that was drawn, within 4 px in 640×480 px."""
    truth = render(1, 0)
    left = (640 - round(SEEN * 640)) // 2

    details = extractor.extract(Image(aside(truth.image)), Position.LEFT_EYE).details

    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        pupil = details.pupil
        point = np.array([[pupil.x + dx * pupil.radius], [pupil.y + dy * pupil.radius]], np.float32)
        x, y = (float(each[0]) for each in details.view.to_image(*point))
        offset = ((x - left) / SEEN - truth.pupil.x, y - truth.pupil.y)
        assert pytest.approx(truth.pupil.radius, abs=6.0) == np.hypot(*offset)
