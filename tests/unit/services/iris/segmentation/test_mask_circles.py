from __future__ import annotations

import numpy as np
import pytest

from services.iris.segmentation.mask_circles import find_mask_circle
from services.iris.segmentation.network import HEIGHT, WIDTH, Frame

FRAME = Frame.of(640, 480)
OPEN = np.ones((HEIGHT, WIDTH), np.float32)


def disc(x: float, y: float, radius: float, squeeze: float = 1.0) -> np.ndarray:
    """The mask of an ellipse, px of the image, with an edge one mask pixel wide."""
    ys, xs = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    xs, ys = FRAME.to_image(xs, ys)
    away = np.hypot(xs - x, (ys - y) / squeeze) - radius
    return np.clip(0.5 - away / FRAME.factor, 0, 1).astype(np.float32)


def test_circle() -> None:
    """The circle of a disc is found within 0.4 px of the image, a tenth of a mask pixel."""
    found = find_mask_circle(disc(300.0, 250.0, 110.0), OPEN, FRAME)

    assert found is not None
    circle = found.circle
    assert pytest.approx((300, 250, 110), abs=0.4) == (circle.x, circle.y, circle.radius)
    assert (1.0, 1.0) == (found.support, pytest.approx(found.roundness, abs=0.02))
    assert 0.98 < found.confidence


def test_cut_by_the_frame() -> None:
    """For a disc cut by the frame, the whole circle is found from the remaining arc."""
    found = find_mask_circle(disc(300.0, 400.0, 130.0), OPEN, FRAME)

    assert found is not None
    assert pytest.approx((300, 400, 130), abs=1.0) == (found.circle.x, found.circle.y, found.circle.radius)


def test_ellipse() -> None:
    """The roundness of an ellipse is the ratio of its axes."""
    found = find_mask_circle(disc(300.0, 250.0, 110.0, squeeze=0.8), OPEN, FRAME)

    assert found is not None
    assert pytest.approx(0.8, abs=0.02) == found.roundness
    assert found.support < 0.9


def test_largest_region() -> None:
    """A smaller region beside the disc does not change the circle."""
    found = find_mask_circle(np.maximum(disc(300.0, 250.0, 90.0), disc(520.0, 100.0, 40.0)), OPEN, FRAME)

    assert found is not None
    assert pytest.approx((300, 250, 90), abs=0.5) == (found.circle.x, found.circle.y, found.circle.radius)


def test_nothing() -> None:
    """An empty mask and a speck give no circle."""
    assert find_mask_circle(np.zeros((HEIGHT, WIDTH), np.float32), OPEN, FRAME) is None
    assert find_mask_circle(disc(300.0, 250.0, 8.0), OPEN, FRAME) is None
