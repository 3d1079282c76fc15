"""Painting glasses in front of an eye: rims and light mirrored in the lenses."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from training.iris.canvas import SHAPE, Floats, Random, mix
from training.iris.geometry import Geometry

Drawing = NDArray[np.uint8]


def worn(rng: Random, canvas: Floats, eye: Geometry) -> tuple[Floats, Floats]:
    """Put glasses in front of a scene; returns the scene and the coverage by the glasses, 0–1."""
    frame, light = _rims(rng, eye), _reflections(rng, eye)
    tone = rng.uniform(0, 90) if rng.random() < 0.8 else rng.uniform(90 if rng.wide else 150, 255)
    hidden = np.maximum(frame, light)
    return mix(rng.uniform(225, 255), mix(tone, canvas, frame), light), hidden


def _rims(rng: Random, eye: Geometry) -> Floats:
    """None, a piece of a rim anywhere, or the whole rim of a lens around the eye."""
    drawn = np.zeros(SHAPE, np.uint8)
    if rng.widely(0.4):
        _lens(rng, drawn, eye)
    elif rng.random() < 0.6:
        _bow(rng, drawn)
    return np.asarray(drawn / 255, np.float32)


def _bow(rng: Random, drawn: Drawing) -> None:
    ends = rng.uniform(-0.2, 1.2, (2, 2)) * SHAPE[::-1]
    bow = np.linspace(0, 1, 12)[:, None]
    line = ends[0] + bow * (ends[1] - ends[0]) + (bow * (1 - bow)) * rng.normal(0, 120, 2)
    cv2.polylines(drawn, [np.rint(line).astype(np.int32)], False, 255, int(rng.integers(3, 26)), cv2.LINE_AA)


def _lens(rng: Random, drawn: Drawing, eye: Geometry) -> None:
    """A closed rim between an ellipse and a rectangle, at least an iris's radius from the limbus on one side."""
    half = eye.radius * np.array([rng.uniform(2.2, 4.5), rng.uniform(1.5, 3.2)])
    centre = np.array([eye.x, eye.y]) + half * rng.uniform(-0.6, 0.6, 2)
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    power = rng.uniform(0.35, 1.0)
    along = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    line = centre + half * np.sign(along) * np.abs(along) ** power
    thickness = max(2, round(eye.radius * rng.uniform(0.06, 0.45)))
    cv2.polylines(drawn, [np.rint(line).astype(np.int32)], True, 255, thickness, cv2.LINE_AA)


def _reflections(rng: Random, eye: Geometry) -> Floats:
    """A few spots, and in a wide picture bars and patches of light, some so weak that the eye shows through."""
    light = np.zeros(SHAPE, np.uint8)
    near = rng.widely(0.5)
    for _ in range(rng.integers(0, 6 if rng.wide else 4)):
        where = [eye.x, eye.y] + eye.radius * rng.normal(0, 0.9, 2) if near else rng.uniform(0, 1, 2) * SHAPE[::-1]
        x, y = np.rint(where)
        across, down = np.rint(rng.uniform(3, 60, 2) if rng.widely(0.3) else rng.uniform(2, 22, 2))
        angle = float(rng.uniform(0, 180))
        strength = rng.uniform(40, 255) if rng.widely(0.3) else 255
        if rng.widely(0.4):
            corners = cv2.boxPoints(((float(x), float(y)), (2 * float(across), 2 * float(down)), angle))
            cv2.fillConvexPoly(light, np.rint(corners).astype(np.int32), strength, cv2.LINE_AA)
        else:
            cv2.ellipse(light, (int(x), int(y)), (int(across), int(down)), angle, 0, 360, strength, -1, cv2.LINE_AA)
    return np.asarray(light / 255, np.float32)
