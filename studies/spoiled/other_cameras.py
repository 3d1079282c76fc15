"""Ways to change an image of an eye as another camera, light or pose would, so that its circles stay known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studies.spoiled.known_eyes import Changed, Floats, Known

LEAST_PX = 220  # shorter side


def _levels(values: NDArray[Any]) -> Changed:
    return Changed(np.asarray(np.clip(np.rint(values), 0, 255), np.uint8))


def _step(distance: Floats, softness: float) -> Floats:
    return np.asarray(np.clip(0.5 - 0.5 * distance / softness, 0, 1), np.float32)


def dark_iris(share: float) -> Callable[[Known], Changed]:
    """The iris keeps this share of its contrast to the pupil."""

    def change(eye: Known) -> Changed:
        pupil = eye.median(eye.away(eye.pupil) < 0.8)
        inside = _step(eye.away(eye.limbus) - 1, 0.02) * eye.opening
        darker = np.minimum(pupil + share * (eye.gray - pupil), eye.gray)
        return _levels(eye.gray + inside * (darker - eye.gray))

    return change


def pale_limbus(share: float) -> Callable[[Known], Changed]:
    """The sclera keeps this share of its contrast to the iris."""

    def change(eye: Known) -> Changed:
        ring = (eye.away(eye.limbus) < 0.95) & (eye.away(eye.pupil) > 1.1) & eye.opening
        iris = eye.median(ring)
        outside = (1 - _step(eye.away(eye.limbus) - 1, 0.02)) * eye.opening
        return _levels(eye.gray + outside * (1 - share) * (iris - eye.gray))

    return change


def cut(x: float, y: float) -> Callable[[Known], Changed]:
    """The frame ends x, y radii right and below of the iris's centre (left, above: negative); enlarged if too small."""

    def change(eye: Known) -> Changed:
        height, width = eye.gray.shape
        at_x = round(eye.limbus.x + x * eye.limbus.radius) if x else 0
        at_y = round(eye.limbus.y + y * eye.limbus.radius) if y else 0
        left, right = (0, at_x if x > 0 else width) if x >= 0 else (max(at_x, 0), width)
        top, bottom = (0, at_y if y > 0 else height) if y >= 0 else (max(at_y, 0), height)
        part = eye.gray[top:bottom, left:right]
        scale = max(1.0, LEAST_PX / max(min(part.shape), 1))
        size = round(part.shape[1] * scale), round(part.shape[0] * scale)
        return Changed(np.asarray(cv2.resize(part, size), np.uint8), -left, -top, scale)

    return change


def highlights(eye: Known) -> Changed:
    """A lamp covers the middle of the pupil."""
    drawn = eye.gray.copy()
    size, where = round(0.75 * eye.pupil.radius), (round(eye.pupil.x + 0.1 * eye.pupil.radius), round(eye.pupil.y))
    cv2.ellipse(drawn, where, (size, round(0.8 * size)), 20, 0, 360, 250, -1, cv2.LINE_AA)
    return Changed(drawn)


def lamps(eye: Known) -> Changed:
    """Six lamps, some in the pupil, some across its edge, some on the iris."""
    drawn = eye.gray.copy()
    for turn, away in zip(range(6), (0.5, 1.0, 1.3, 0.4, 1.0, 1.6), strict=True):
        x = eye.pupil.x + away * eye.pupil.radius * np.cos(turn + 0.4)
        y = eye.pupil.y + away * eye.pupil.radius * np.sin(turn + 0.4)
        cv2.circle(drawn, (round(x), round(y)), max(2, round(0.13 * eye.pupil.radius)), 255, -1, cv2.LINE_AA)
    return Changed(drawn)


def rim(level: int) -> Callable[[Known], Changed]:
    """A thick rim of glasses passes through the iris's lower part and around the eye."""

    def change(eye: Known) -> Changed:
        drawn, r = eye.gray.copy(), eye.limbus.radius
        where = round(eye.limbus.x + 0.4 * r), round(eye.limbus.y - 0.9 * r)
        axes = round(2.2 * r), round(1.75 * r)
        cv2.ellipse(drawn, where, axes, 5, 0, 360, level, max(3, round(0.22 * r)), cv2.LINE_AA)
        return Changed(drawn)

    return change


def half_closed(eye: Known) -> Changed:
    """The upper lid hangs to just above the pupil's middle, with a dark edge."""
    (height, width), r = eye.gray.shape, eye.limbus.radius
    xs = np.arange(width, dtype=np.float32)
    edge = eye.limbus.y - 0.15 * r + 0.1 * r * ((xs - eye.limbus.x) / r) ** 2
    below = np.arange(height, dtype=np.float32)[:, None] - edge[None]
    skin = eye.median(~eye.opening)
    texture = 4 * np.random.default_rng(0).standard_normal(eye.gray.shape)
    lid = skin - 0.6 * skin * np.exp(-np.abs(below) / (0.08 * r)) + cv2.GaussianBlur(texture, (0, 0), 1.0)
    return _levels(np.where(below < 0, np.minimum(eye.gray.astype(np.float64), lid) if skin < 60 else lid, eye.gray))


def mascara(eye: Known) -> Changed:
    """Thick dark lines along both lids."""
    drawn = eye.gray.copy()
    contours, _ = cv2.findContours(eye.opening.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(drawn, contours, -1, 10, max(3, round(0.16 * eye.limbus.radius)), cv2.LINE_AA)
    return Changed(drawn)


def smaller(scale: float) -> Callable[[Known], Changed]:
    """The eye fills a smaller part of a picture of the same size."""

    def change(eye: Known) -> Changed:
        height, width = eye.gray.shape
        small = cv2.resize(eye.gray, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
        down, across = height - small.shape[0], width - small.shape[1]
        sides = down // 2, down - down // 2, across // 2, across - across // 2
        padded = cv2.copyMakeBorder(small, *sides, cv2.BORDER_REPLICATE)
        return Changed(np.asarray(padded, np.uint8), sides[2] / scale, sides[0] / scale, scale)

    return change


def bordered(eye: Known) -> Changed:
    """A tenth of the picture is black on each side."""
    drawn = np.zeros_like(eye.gray)
    rows, columns = (slice(size // 10, size - size // 10) for size in eye.gray.shape)
    drawn[rows, columns] = eye.gray[rows, columns]
    return Changed(drawn)


def camera(gamma: float, gain: float, sharp: float, noise: float, jpeg: int) -> Callable[[Known], Changed]:
    """Another camera: gamma, gain, sharpening with a halo, noise of so many levels, JPEG of this quality."""

    def change(eye: Known) -> Changed:
        values = 255 * (eye.gray / 255.0) ** gamma * gain
        values += sharp * (values - cv2.GaussianBlur(values, (0, 0), 3.0))
        values += noise * np.random.default_rng(1).standard_normal(values.shape)
        _, data = cv2.imencode(".jpg", _levels(values).gray, [cv2.IMWRITE_JPEG_QUALITY, jpeg])
        return Changed(np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8))

    return change


CHANGES: dict[str, Callable[[Known], Changed]] = {
    "iris at 30 % of its contrast": dark_iris(0.3),
    "iris at 15 % of its contrast": dark_iris(0.15),
    "iris at 8 % of its contrast": dark_iris(0.08),
    "limbus at 30 % of its contrast": pale_limbus(0.3),
    "limbus at 12 % of its contrast": pale_limbus(0.12),
    "cut 0.4 radii left": cut(-0.4, 0),
    "cut 0.1 radii right": cut(0.1, 0),
    "cut 0.3 radii above": cut(0, -0.3),
    "cut 0.5 radii below": cut(0, 0.5),
    "a lamp in the pupil's middle": highlights,
    "six lamps": lamps,
    "dark rim": rim(15),
    "bright rim": rim(230),
    "half closed": half_closed,
    "mascara": mascara,
    "55 % of the size": smaller(0.55),
    "40 % of the size": smaller(0.4),
    "black borders": bordered,
    "gamma 0.4": camera(0.4, 1.0, 0.0, 1.0, 95),
    "gamma 2.2": camera(2.2, 1.0, 0.0, 1.0, 95),
    "saturated": camera(0.8, 1.7, 0.0, 1.0, 95),
    "sharpened": camera(1.0, 1.0, 1.5, 2.0, 90),
    "noise and JPEG": camera(1.0, 0.8, 0.0, 12.0, 30),
}
