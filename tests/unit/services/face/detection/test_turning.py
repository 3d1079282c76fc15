"""Conversion of detections in turned images and crops back to the image."""

from __future__ import annotations

import numpy as np
import pytest

from services.face.detection.turning import CROP_PX, crop, levelling, moved, turned_back

POINTS = np.array([[30.0, 40.0], [50.0, 42.0], [40.0, 55.0], [33.0, 66.0], [48.0, 67.0]])


def spot(point: np.ndarray, image: np.ndarray) -> np.ndarray:
    """A black image with one white pixel."""
    image[round(point[1]), round(point[0])] = 255
    return image


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_detections_of_a_turned_image_are_converted_back(turns: int) -> None:
    """Box, score and landmarks in an image turned by quarter turns are those in the image, within half a pixel."""
    frame = (120, 90)
    places = [np.argwhere(np.rot90(spot(point, np.zeros(frame)), turns))[0, ::-1] for point in POINTS]
    landmarks = np.array(places, float)
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    row = np.concatenate([low, high - low, [0.8], landmarks.ravel()])[None]
    back = turned_back(row, turns, frame)[0]
    assert np.round(POINTS) == pytest.approx(back[5:].reshape(5, 2), abs=1.01)
    assert (30, 40, 20, 27) == pytest.approx(tuple(back[:4]), abs=1.01)
    assert 0.8 == back[4]


@pytest.mark.parametrize("degrees", [0, 45, -120])
def test_points_of_a_crop_are_moved_back(degrees: float) -> None:
    """The centre of the landmarks is the centre of the crop, and every point is mapped back to its position."""
    matrix = levelling(POINTS, degrees)
    inside = POINTS @ matrix[:, :2].T + matrix[:, 2]
    assert [CROP_PX / 2] * 2 == pytest.approx(inside.mean(axis=0).tolist())
    assert pytest.approx(moved(inside, matrix)) == POINTS


def test_a_crop_is_level() -> None:
    """Eyes tilted by 45° are on one row of the crop, which has its fixed size."""
    tilt = np.array([[1, -1], [1, 1]]) / np.sqrt(2)
    tilted = (POINTS - 50) @ tilt.T + 100
    matrix = levelling(tilted, 45)
    eyes = tilted[:2] @ matrix[:, :2].T + matrix[:, 2]
    level = (POINTS[1] - POINTS[0])[1] / (POINTS[1] - POINTS[0])[0]
    assert level == pytest.approx((eyes[1] - eyes[0])[1] / (eyes[1] - eyes[0])[0], abs=1e-6)
    assert (CROP_PX, CROP_PX, 3) == crop(np.zeros((200, 200, 3), np.uint8), matrix).shape
