"""The measures from which quality is computed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from rendering.eyes import render
from services.iris.quality.measures import SHARPNESS_KERNEL, lashes, margin, offset, texture
from services.iris.segmentation.circles import Circle
from services.iris.segmentation.network import HEIGHT, WIDTH, Frame, Segmentation
from services.iris.segmentation.signs import tilt, uncertainty

ALL = np.ones((64, 512), bool)


def ellipse(width: float, height: float, degrees: float) -> np.ndarray:
    """An elliptic outline, float32 (72, 2), rotated clockwise on the screen by these degrees."""
    turn, angles = np.deg2rad(degrees), np.linspace(0, 2 * np.pi, 72, endpoint=False)
    x, y = width * np.cos(angles), height * np.sin(angles)
    points = np.stack([np.cos(turn) * x - np.sin(turn) * y, np.sin(turn) * x + np.cos(turn) * y], axis=1)
    return (points + 200).astype(np.float32)


def test_kernel_is_symmetric_and_blind_to_brightness() -> None:
    """It sums to zero and is symmetric in both axes."""
    assert ((9, 9), 0.0) == (SHARPNESS_KERNEL.shape, SHARPNESS_KERNEL.sum())
    assert (SHARPNESS_KERNEL == np.rot90(SHARPNESS_KERNEL)).all()


@pytest.mark.parametrize("size", [(320, 240), (640, 480)])
def test_blur_lowers_texture(size: tuple[int, int]) -> None:
    """The more a rendered eye is blurred, the lower its texture, at any size."""
    eye = render(0, 0, *size)
    sigmas = [share * size[0] for share in (0.002, 0.006, 0.012)]
    powers = [
        texture(np.asarray(cv2.GaussianBlur(eye.image, (0, 0), sigma)), (eye.pupil, eye.limbus), ALL, 60.0)
        for sigma in sigmas
    ]

    assert powers[0] > powers[1] + 0.2 > powers[2] + 0.4


def test_hidden_samples_have_no_texture() -> None:
    """Hidden samples do not count; if all are hidden, the texture is at its minimum."""
    eye = render(1, 0, 320, 240)
    half = ALL.copy()
    half[:, 256:] = False
    covered = eye.image.copy()
    board = 255 * ((np.indices(covered.shape) // 4).sum(axis=0) % 2)
    covered[: round(eye.limbus.y) - 6] = board[: round(eye.limbus.y) - 6]

    expected = texture(eye.image, (eye.pupil, eye.limbus), half, 60.0)
    assert pytest.approx(expected, abs=0.15) == texture(covered, (eye.pupil, eye.limbus), half, 60.0)
    assert texture(covered, (eye.pupil, eye.limbus), ALL, 60.0) > expected + 0.5
    assert pytest.approx(-4.0) == texture(eye.image, (eye.pupil, eye.limbus), ~ALL, 100.0)


def test_an_iris_outside_of_the_frame_can_be_measured() -> None:
    """Circles may extend beyond the image."""
    eye = render(1, 0, 320, 240)
    left = round(eye.limbus.x)
    cut, pupil, limbus = eye.image[:, left:], *(Circle(c.x - left, c.y, c.radius) for c in (eye.pupil, eye.limbus))

    assert np.isfinite(texture(np.ascontiguousarray(cut), (pupil, limbus), ALL, 60.0))


def test_brightness_is_no_texture() -> None:
    """An image half as bright has half the contrast and about the same texture."""
    eye = render(0, 1, 320, 240)
    dark = (eye.image // 2).astype(np.uint8)

    expected = texture(eye.image, (eye.pupil, eye.limbus), ALL, 60.0)
    assert pytest.approx(expected, abs=0.05) == texture(dark, (eye.pupil, eye.limbus), ALL, 30.0)


@pytest.mark.parametrize("degrees", [-40.0, -5.0, 0.0, 25.0])
def test_the_opening_shows_the_tilt(degrees: float) -> None:
    """The angle of the opening's longer axis is the eye's tilt, clockwise on the screen."""
    assert pytest.approx(degrees, abs=0.5) == tilt(ellipse(100, 45, degrees))


@pytest.mark.parametrize("outline", [ellipse(100, 90, 30), np.zeros((0, 2), np.float32), np.zeros((5, 2), np.float32)])
def test_an_opening_without_a_longer_axis_shows_none(outline: np.ndarray) -> None:
    """A round, an empty and a flat outline have no tilt."""
    assert 0.0 == tilt(outline)


def test_margin_and_offset_are_in_iris_radii() -> None:
    """The nearest side counts; both are independent of the image's scale."""
    assert pytest.approx(0.5, abs=0.02) == margin(Circle(150, 200, 100), (640, 480))
    assert pytest.approx(-0.5, abs=0.02) == margin(Circle(320, 430, 100), (640, 480))
    assert pytest.approx(0.05) == offset(Circle(103, 104, 40), Circle(100, 100, 100))


def test_clear_masks_have_no_uncertainty() -> None:
    """Probabilities of 0 and 1 give no uncertainty, those of a half do; an empty mask has 0."""
    clear = np.zeros((8, 8), np.float32)
    assert 0.0 == uncertainty(clear)
    clear[2:6] = 1.0
    assert 0.0 == uncertainty(clear)
    assert pytest.approx(2.0) == uncertainty(clear / 2)


def lashed(degrees: float) -> Segmentation:
    """An eye with lashes on one side, rotated by these degrees clockwise on the screen; above at 0°."""
    iris, opening, noise = np.zeros((3, HEIGHT, WIDTH), np.float32)
    centre, turn = (WIDTH // 2, HEIGHT // 2), np.deg2rad(degrees)
    cv2.circle(iris, centre, 25, 1.0, -1)
    cv2.ellipse(opening, centre, (50, 22), degrees, 0, 360, 1.0, -1)
    lashes = (round(centre[0] + 30 * np.sin(turn)), round(centre[1] - 30 * np.cos(turn)))
    cv2.circle(noise, lashes, 5, 1.0, -1)
    return Segmentation(iris, iris, opening, noise, Frame.of(WIDTH, HEIGHT), np.zeros((HEIGHT, WIDTH), np.uint8))


@pytest.mark.parametrize("degrees", [-35.0, 0.0, 30.0])
def test_lashes_show_which_way_is_up(degrees: float) -> None:
    """Lashes above along the eye's own axis show an upright eye; rotated by 180° they do not."""
    assert lashes(lashed(degrees)) > 2.0
    assert lashes(lashed(degrees + 180)) < -2.0


def test_an_eye_without_lashes_has_no_evidence() -> None:
    """No lashes above and below give 0, and so does no eye."""
    nothing = np.zeros((HEIGHT, WIDTH), np.float32)
    there = lashed(0)

    assert 0.0 == lashes(Segmentation(there.iris, there.iris, there.opening, nothing, there.frame, there.scaled))
    assert 0.0 == lashes(Segmentation(nothing, nothing, nothing, nothing, there.frame, there.scaled))
