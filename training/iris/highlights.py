"""Painting light mirrored in the cornea: a few highlights of several shapes, rings of lamps, a lamp over the pupil."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from training.iris.canvas import SHAPE, Floats, Random, mix
from training.iris.geometry import Geometry

Drawing = NDArray[np.uint8]
Point = NDArray[np.float64]

KINDS = ("none", "spots", "ring", "patch", "many", "some", "middle")
_SHARES = np.array([0.12, 0.38, 0.25, 0.13, 0.12, 0.0, 0.0])
_WIDE_SHARES = np.array([0.08, 0.1, 0.15, 0.09, 0.1, 0.34, 0.14])


def glints(rng: Random, eye: Geometry) -> Floats:
    """Draw reflections in the cornea; returns their coverage, 0–1."""
    drawn = np.zeros(SHAPE, np.uint8)
    kind = rng.choice(KINDS, p=_WIDE_SHARES if rng.wide else _SHARES)
    middle = np.array([eye.x, eye.y])
    centre = middle + eye.radius * rng.normal(0, 0.15, 2)
    if kind == "spots":
        for _ in range(rng.integers(1, 4)):
            _spot(rng, drawn, centre + eye.radius * rng.normal(0, 0.12, 2), eye.radius * rng.uniform(0.02, 0.12))
    elif kind == "ring":
        _ring(rng, drawn, centre, eye.radius)
    elif kind == "patch":
        half = eye.radius * rng.uniform(0.05, 0.3, 2)
        _box(drawn, centre + half, half, float(rng.uniform(-30, 30)))
    elif kind == "many":
        for _ in range(rng.integers(3, 14)):
            _spot(rng, drawn, centre + eye.radius * rng.normal(0, 0.6, 2), eye.radius * rng.uniform(0.01, 0.05))
    elif kind == "some":
        _some(rng, drawn, middle, eye)
    elif kind == "middle":
        size = eye.pupil_radius * rng.uniform(0.35, 0.95)
        _shape(rng, drawn, middle + eye.radius * rng.normal(0, 0.04, 2), size)
    return np.asarray(drawn / 255, np.float32)


def lit(rng: Random, canvas: Floats, coverage: Floats) -> Floats:
    """Add reflected light with a halo to a canvas; now and then it is not brighter than skin."""
    level = rng.uniform(120, 215) if rng.widely(0.15) else rng.uniform(215, 255)
    bright = mix(level, canvas, coverage)
    if rng.random() < 0.4:
        bright += rng.uniform(10, 70) * cv2.GaussianBlur(coverage, (0, 0), rng.uniform(2, 9))
    return np.asarray(bright, np.float32)


def _some(rng: Random, drawn: Drawing, middle: Point, eye: Geometry) -> None:
    """One to six highlights, near each other or anywhere on the cornea, in or beside the pupil."""
    spread = eye.radius * (rng.uniform(0.05, 0.25) if rng.random() < 0.6 else rng.uniform(0.25, 0.6))
    centre = middle + eye.radius * rng.normal(0, 0.2, 2)
    for _ in range(rng.integers(1, 7)):
        size = eye.radius * (rng.uniform(0.015, 0.08) if rng.random() < 0.75 else rng.uniform(0.08, 0.2))
        _shape(rng, drawn, centre + rng.normal(0, 1, 2) * spread, size)


def _shape(rng: Random, drawn: Drawing, centre: Point, size: float) -> None:
    """A spot, a box, a bar, an arc or a ring, of about this radius."""
    kind = rng.integers(5)
    if kind == 0:
        _box(drawn, centre, size * rng.uniform(0.6, 1.1, 2), float(rng.uniform(-90, 90)))
    elif kind == 1:
        _box(drawn, centre, np.array([1.3, 0.35]) * size, float(rng.uniform(-90, 90)))
    elif kind == 2:
        _arc(rng, drawn, centre, size)
    else:
        _spot(rng, drawn, centre, size)


def _box(drawn: Drawing, centre: Point, half: Point, angle: float) -> None:
    corners = cv2.boxPoints((tuple(centre), tuple(2 * half), angle))
    cv2.fillConvexPoly(drawn, np.rint(corners).astype(np.int32), 255, cv2.LINE_AA)


def _arc(rng: Random, drawn: Drawing, centre: Point, size: float) -> None:
    begin, thickness = float(rng.uniform(0, 360)), max(1, round(size * rng.uniform(0.2, 0.6)))
    where, axes = np.rint(centre).astype(int), np.rint(np.maximum(size * rng.uniform(0.7, 1.1, 2), 1)).astype(int)
    end = begin + float(rng.uniform(60, 360))
    cv2.ellipse(drawn, tuple(map(int, where)), tuple(map(int, axes)), 0, begin, end, 255, thickness, cv2.LINE_AA)


def _ring(rng: Random, drawn: Drawing, centre: Point, radius: float) -> None:
    count, away, begin = int(rng.integers(4, 13)), radius * rng.uniform(0.08, 0.3), rng.uniform(0, 6.3)
    size = radius * rng.uniform(0.02, 0.05)
    for turn in begin + 2 * np.pi * np.arange(count) / count:
        _spot(rng, drawn, centre + away * np.array([np.cos(turn), np.sin(turn)]), size)


def _spot(rng: Random, drawn: Drawing, centre: Point, radius: float) -> None:
    axes = np.maximum(radius * rng.uniform(0.7, 1.3, 2), 0.7)
    shape = (int(centre[0] * 8), int(centre[1] * 8)), (int(axes[0] * 8), int(axes[1] * 8))
    cv2.ellipse(drawn, *shape, float(rng.uniform(0, 180)), 0, 360, 255, -1, cv2.LINE_AA, 3)
