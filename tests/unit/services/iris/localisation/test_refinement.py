from __future__ import annotations

import numpy as np
import pytest

from rendering.eyes import RenderedEye, render
from services.iris.localisation.limbus import refine_limbus
from services.iris.localisation.pupil import refine_pupil
from services.iris.segmentation.circles import Circle
from services.iris.segmentation.network import HEIGHT, WIDTH, Frame, Segmentation

IDENTITIES = range(3)


@pytest.fixture(scope="module")
def eyes() -> list[RenderedEye]:
    """Wide open eyes."""
    return [render(identity, 0, opening=1.0) for identity in IDENTITIES]


def open_between(top: float, bottom: float) -> Segmentation:
    """A segmentation of 640×480 px with the eye open between two rows, without noise."""
    frame = Frame.of(640, 480)
    _, rows = frame.to_image(np.zeros(HEIGHT, np.float32), np.arange(HEIGHT, dtype=np.float32))
    opening = np.repeat(((rows > top) & (rows < bottom)).astype(np.float32)[:, None], WIDTH, axis=1)
    nothing = np.zeros_like(opening)
    return Segmentation(nothing, nothing, opening, nothing, frame, np.zeros((HEIGHT, WIDTH), np.uint8))


def moved(circle: Circle) -> Circle:
    """The circle, moved as far as the network's may be off."""
    return Circle(circle.x + 0.03 * circle.radius, circle.y - 0.03 * circle.radius, 1.04 * circle.radius)


@pytest.mark.parametrize("identity", IDENTITIES)
def test_pupil(eyes: list[RenderedEye], identity: int) -> None:
    """From a displaced circle, the pupil's edge is found within 1 px in 640×480 px."""
    truth = eyes[identity]

    found = refine_pupil(truth.image, moved(truth.pupil))

    expected = truth.pupil
    assert pytest.approx((expected.x, expected.y, expected.radius), abs=1.0) == _numbers(found.circle)
    assert 0.8 < found.support
    assert 30 < found.contrast


@pytest.mark.parametrize("identity", IDENTITIES)
def test_limbus(eyes: list[RenderedEye], identity: int) -> None:
    """From a displaced circle, the limbus is found within 4 px in 640×480 px, although lids cover it."""
    truth = eyes[identity]
    y, radius = truth.limbus.y, truth.limbus.radius
    between_lids = open_between(y - 0.7 * radius, y + 0.5 * radius)

    found = refine_limbus(truth.image, moved(truth.limbus), truth.pupil, between_lids)

    expected = truth.limbus
    assert pytest.approx((expected.x, expected.y, expected.radius), abs=4.0) == _numbers(found.circle)
    assert 0.8 < found.support
    assert 5 < found.contrast


@pytest.mark.parametrize("identity", IDENTITIES)
def test_limbus_from_far(eyes: list[RenderedEye], identity: int) -> None:
    """From a circle 0.2 radii off, the limbus is found within 4 px, since it is centred near the pupil."""
    truth = eyes[identity]
    y, radius = truth.limbus.y, truth.limbus.radius
    start = Circle(truth.limbus.x + 0.2 * radius, truth.limbus.y, radius)

    found = refine_limbus(truth.image, start, truth.pupil, open_between(y - 0.7 * radius, y + 0.5 * radius))

    expected = truth.limbus
    assert pytest.approx((expected.x, expected.y, expected.radius), abs=4.0) == _numbers(found.circle)


def test_unseen_limbus(eyes: list[RenderedEye]) -> None:
    """If the network finds no opening, its circle is kept, without support."""
    start = moved(eyes[0].limbus)

    found = refine_limbus(eyes[0].image, start, eyes[0].pupil, open_between(0.0, 0.0))

    assert (start, 0.0, 0.0) == (found.circle, found.support, found.contrast)


def test_no_edge_near(eyes: list[RenderedEye]) -> None:
    """A circle on skin moves by at most 15 % of its radius."""
    start = Circle(90.0, 420.0, 40.0)

    found = refine_pupil(eyes[0].image, start).circle

    assert np.hypot(found.x - start.x, found.y - start.y) + abs(found.radius - start.radius) <= 0.15 * start.radius


def _numbers(circle: Circle) -> tuple[float, float, float]:
    return circle.x, circle.y, circle.radius
