"""Simulated capture of a painted eye: light, optics, sensor, sharpening, framing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from training.iris.canvas import HEIGHT, SHAPE, WIDTH, XS, YS, Floats, Random, noise, reduced

ASPECTS = (4 / 3, 4 / 3, 8 / 7, 1.0, 3 / 2, 5 / 4)


def lighted(rng: Random, canvas: Floats) -> Floats:
    """Change light and contrast: a gradient, a vignette, gain, offset and gamma."""
    gradient = rng.normal(0, 0.15) * (XS / SHAPE[1] - 0.5) + rng.normal(0, 0.15) * (YS / SHAPE[0] - 0.5)
    away = ((XS / SHAPE[1] - 0.5) ** 2 + (YS / SHAPE[0] - 0.5) ** 2) * 2
    vignette = rng.uniform(0, 0.7) * away if rng.random() < 0.35 else 0.0
    field = canvas * (1 + gradient - vignette) * (1 + 0.03 * noise(rng, 4))
    gamma = np.exp(rng.uniform(-0.9, 0.9) if rng.widely(0.2) else rng.normal(0, 0.15))
    bent = 255 * np.power(np.clip(field / 255, 0, 1.3), np.float32(gamma))
    gain = rng.uniform(0.75, 1.2) if rng.random() < 0.7 else rng.uniform(0.3, 1.3)
    return np.asarray(bent * gain + rng.uniform(-8, 20), np.float32)


def captured(rng: Random, canvas: Floats) -> NDArray[np.uint8]:
    """Blur, scale down, add sensor noise and lossy compression; uint8 (128, 160)."""
    sigma = rng.uniform(0.2, 1.4) if rng.random() < 0.75 else rng.uniform(1.4, 4.5)
    blurred = np.asarray(cv2.GaussianBlur(canvas, (0, 0), float(sigma)), np.float32)
    if rng.random() < 0.08:
        blurred = _motion(rng, blurred)
    small = reduced(np.asarray(np.clip(blurred, 0, 255), np.float32))
    if rng.widely(0.25):
        small = _sharpened(rng, small)
    noisy = small + abs(rng.normal(0, 3.0)) * rng.standard_normal(small.shape, dtype=np.float32)
    if rng.random() < 0.1:
        noisy = noisy + rng.uniform(0.5, 4) * np.sin(np.arange(HEIGHT) * rng.uniform(0.3, 3))[:, None]
    if rng.widely(0.1):
        noisy = np.asarray(noisy * rng.uniform(1.2, 2.0), np.float32)
    seen = np.asarray(np.clip(np.rint(noisy), 0, 255), np.uint8)
    if rng.random() < 0.25:
        _, data = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 95))])
        seen = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return seen


def _sharpened(rng: Random, small: Floats) -> Floats:
    """Raise edges over their surroundings, as cameras do, with a halo on either side."""
    soft = cv2.GaussianBlur(small, (0, 0), float(rng.uniform(0.7, 2.5)))
    return np.asarray(small + rng.uniform(0.3, 2.0) * (small - soft), np.float32)


def _motion(rng: Random, canvas: Floats) -> Floats:
    kernel = np.zeros((13, 13), np.float32)
    dx, dy = 6 * np.cos(angle := rng.uniform(0, np.pi)), 6 * np.sin(angle)
    cv2.line(kernel, (round(6 - dx), round(6 - dy)), (round(6 + dx), round(6 + dy)), 1.0, 1)
    return np.asarray(cv2.filter2D(canvas, -1, kernel / kernel.sum()), np.float32)


def framed(rng: Random) -> tuple[slice, slice]:
    """Choose a random aspect ratio; returns the part of the input that such an image fills when scaled to fit."""
    aspect = ASPECTS[rng.integers(len(ASPECTS))]
    width = min(WIDTH, round(HEIGHT * aspect))
    height = min(HEIGHT, round(WIDTH / aspect))
    top, left = (HEIGHT - height) // 2, (WIDTH - width) // 2
    return slice(top, top + height), slice(left, left + width)


def bordered(rng: Random) -> tuple[NDArray[np.bool_], float]:
    """Leave out the image's borders on one to four sides, or on none.

    Returns:
        Which pixels of the canvas show the scene, and the grey level of the others.
    """
    shows = np.ones(SHAPE, np.bool_)
    level = 0.0
    if rng.widely(0.1):
        top, bottom = np.rint(SHAPE[0] * rng.uniform(0, 0.16, 2) * (rng.random(2) < 0.6)).astype(int)
        left, right = np.rint(SHAPE[1] * rng.uniform(0, 0.16, 2) * (rng.random(2) < 0.6)).astype(int)
        shows[:] = False
        shows[top : SHAPE[0] - bottom, left : SHAPE[1] - right] = True
        level = float(rng.choice([0.0, 0.0, 255.0, rng.uniform(0, 255)]))
    return shows, level
