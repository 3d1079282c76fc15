"""Simulated capture of a painted eye: glasses, light, optics, sensor, framing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from training.iris.canvas import HEIGHT, SHAPE, WIDTH, XS, YS, Floats, Random, mix, noise, reduced

ASPECTS = (4 / 3, 4 / 3, 8 / 7, 1.0, 3 / 2, 5 / 4)


def glasses(rng: Random) -> tuple[Floats, Floats]:
    """Draw the rim of a pair of glasses, and light reflected in a lens.

    Returns:
        Coverage by the rim and by the light, 0–1.
    """
    frame, light = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    if rng.random() < 0.6:
        ends = rng.uniform(-0.2, 1.2, (2, 2)) * SHAPE[::-1]
        bow = np.linspace(0, 1, 12)[:, None]
        line = ends[0] + bow * (ends[1] - ends[0]) + (bow * (1 - bow)) * rng.normal(0, 120, 2)
        thickness = int(rng.integers(3, 26))
        cv2.polylines(frame, [np.rint(line).astype(np.int32)], False, 255, thickness, cv2.LINE_AA)
    for _ in range(rng.integers(0, 4)):
        x, y = np.rint(rng.uniform(0, 1, 2) * SHAPE[::-1])
        across, down = np.rint(rng.uniform(2, 22, 2))
        angle = float(rng.uniform(0, 180))
        cv2.ellipse(light, (int(x), int(y)), (int(across), int(down)), angle, 0, 360, 255, -1, cv2.LINE_AA)
    return np.asarray(frame / 255, np.float32), np.asarray(light / 255, np.float32)


def lighted(rng: Random, canvas: Floats) -> Floats:
    """Change light and contrast: a gradient, a vignette, gain, offset and gamma."""
    gradient = rng.normal(0, 0.15) * (XS / SHAPE[1] - 0.5) + rng.normal(0, 0.15) * (YS / SHAPE[0] - 0.5)
    away = ((XS / SHAPE[1] - 0.5) ** 2 + (YS / SHAPE[0] - 0.5) ** 2) * 2
    vignette = rng.uniform(0, 0.7) * away if rng.random() < 0.35 else 0.0
    field = canvas * (1 + gradient - vignette) * (1 + 0.03 * noise(rng, 4))
    gamma = np.exp(rng.normal(0, 0.15))
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
    noisy = small + abs(rng.normal(0, 3.0)) * rng.standard_normal(small.shape, dtype=np.float32)
    if rng.random() < 0.1:
        noisy = noisy + rng.uniform(0.5, 4) * np.sin(np.arange(HEIGHT) * rng.uniform(0.3, 3))[:, None]
    seen = np.asarray(np.clip(np.rint(noisy), 0, 255), np.uint8)
    if rng.random() < 0.25:
        _, data = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 95))])
        seen = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return seen


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


def worn(rng: Random, canvas: Floats) -> tuple[Floats, Floats]:
    """Put glasses in front of a scene; returns the scene and the coverage by the glasses, 0–1."""
    frame, light = glasses(rng)
    tone = rng.uniform(0, 90) if rng.random() < 0.8 else rng.uniform(150, 255)
    hidden = np.maximum(frame, light)
    return mix(rng.uniform(225, 255), mix(tone, canvas, frame), light), hidden
