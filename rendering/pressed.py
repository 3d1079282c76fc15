"""Presses prints otherwise: skin that is pushed and turned; dry, wet and sliding fingers. For studies and training.

The distortion is that of Cappelli, Maio and Maltoni, "Modelling plastic distortion in fingerprint images" (ICAPR 2001):
where the finger presses hardest, an ellipse, the skin keeps to the surface; far outside it moves with the bone, pushed
and turned; between the two it stretches.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from rendering.grounds import Plane, patches, stroke

Gray = NDArray[np.uint8]
Area = tuple[float, float, float, float]
"""Middle (x, y) and half axes (x, y) of a finger in an image, px."""


@dataclass(frozen=True, slots=True)
class Push:
    """How the bone moves against skin that is held.

    Args:
        middle: of the ellipse that is held, px.
        half_axes: of it, px.
        reach: width of the region that stretches, in half axes.
        shift: of the bone, px.
        radians: its turn about the middle.
    """

    middle: tuple[float, float]
    half_axes: tuple[float, float]
    reach: float
    shift: tuple[float, float]
    radians: float


def drawn(finger: Area, strength: float, rng: np.random.Generator) -> Push:
    """A push by up to `strength` px and a turn of up to 0.7° for each of these."""
    x, y, half_width, half_height = finger
    held, off = rng.uniform(0.25, 0.5, 2), rng.uniform(-0.3, 0.3, 2)
    direction, length = rng.uniform(0, 2 * np.pi), strength * rng.uniform(0.3, 1.0)
    return Push(
        (x + off[0] * half_width, y + off[1] * half_height),
        (held[0] * half_width, held[1] * half_height),
        float(rng.uniform(0.8, 1.8)),
        (float(length * np.cos(direction)), float(length * np.sin(direction))),
        float(np.radians(0.7 * strength) * rng.uniform(-1, 1)),
    )


def sources(shape: tuple[int, int], push: Push) -> tuple[Plane, Plane]:
    """Where in the print each pixel of the pushed one was: x and y, float32, of this shape."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    across, down = x - push.middle[0], y - push.middle[1]
    away = np.maximum(np.hypot(across / push.half_axes[0], down / push.half_axes[1]) - 1, 0)
    free = 0.5 - 0.5 * np.cos(np.pi * np.minimum(away / push.reach, 1))
    cosine, sine = np.cos(push.radians), np.sin(push.radians)
    moved_x = cosine * across - sine * down + push.shift[0] - across
    moved_y = sine * across + cosine * down + push.shift[1] - down
    return (x + moved_x * free).astype(np.float32), (y + moved_y * free).astype(np.float32)


def pushed(gray: Gray, push: Push) -> Gray:
    """A print whose skin is pushed; of the same shape."""
    where = sources((gray.shape[0], gray.shape[1]), push)
    return np.asarray(cv2.remap(gray, *where, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def spoiled(gray: Gray, rng: np.random.Generator) -> Gray:
    """A print as a finger leaves it that is dry here and wet there, and in half of the cases slides by 3–7 px."""
    light = gray.astype(np.float32)
    dark, bright = (float(each) for each in np.percentile(light, (2, 98)))
    ridges = np.asarray((bright - light) / max(bright - dark, 1.0), np.float32)
    pressure = rng.uniform(-0.45, 0.45) + 0.35 * patches(ridges.shape, 70.0, rng)
    if rng.random() < 0.5:
        slid = cv2.filter2D(ridges, -1, stroke(int(rng.integers(3, 8)), rng.uniform(0, np.pi)))
        ridges = np.asarray(slid, np.float32)
    grain = cv2.GaussianBlur(rng.standard_normal(ridges.shape, np.float32), (0, 0), 1.0)
    dry, wet = np.clip(-pressure, 0, 1), np.clip(pressure, 0, 1)
    ridges = ridges - ridges * np.clip(1.2 * dry * grain / grain.std(), 0, 1)
    filled = 0.5 * wet * cv2.GaussianBlur(ridges, (0, 0), 3)
    ridges = np.clip((ridges - 0.5) * (1 + wet) + 0.5 + filled, 0, 1)
    noise = rng.normal(0, 4, ridges.shape)
    return np.asarray(np.clip(bright - ridges * (bright - dark) + noise, 0, 255), np.uint8)
