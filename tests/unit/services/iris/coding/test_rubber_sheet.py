from __future__ import annotations

import cv2
import numpy as np

from services.iris.coding.rubber_sheet import COLUMNS, ROWS, unroll
from services.iris.segmentation.circles import Circle

PUPIL, LIMBUS = Circle(150.0, 120.0, 30.0), Circle(154.0, 121.0, 80.0)


def test_rings_become_rows() -> None:
    """A bright ring around the pupil is one bright band of rows, even if the circles are not concentric."""
    image = np.zeros((240, 320), np.uint8)
    cv2.circle(image, (152, 120), 55, 255, 3)

    sheet = unroll(image, PUPIL, LIMBUS)

    assert (ROWS, COLUMNS) == sheet.values.shape
    rows = sheet.values.argmax(axis=0)
    assert np.ptp(rows) <= 4
    assert abs(int(np.median(rows)) - ROWS * (25 / 50 - 0.03) / 0.92) < 3


def test_first_column_points_right() -> None:
    """Column 0 is to the right of the pupil, and the column a quarter later is below it."""
    sheet = unroll(np.zeros((240, 320), np.uint8), PUPIL, LIMBUS)

    assert (sheet.xs[:, 0] > PUPIL.x + 30).all()
    assert (sheet.ys[:, COLUMNS // 4] > PUPIL.y + 30).all()


def test_outside_the_frame() -> None:
    """Samples outside the frame are marked."""
    sheet = unroll(np.zeros((150, 320), np.uint8), PUPIL, LIMBUS)

    assert sheet.inside[:, 0].all()
    assert not sheet.inside[-1, COLUMNS // 4]
