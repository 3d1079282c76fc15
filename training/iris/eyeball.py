"""Painting sclera, iris and pupil, and reflections in the cornea."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from training.iris.canvas import SHAPE, XS, YS, Floats, Random, grain, mix, noise, step, strokes, wrapped_noise
from training.iris.geometry import Geometry

TEXTURE = (48, 384)  # pupil's edge to limbus; once around


def eyeball(rng: Random, eye: Geometry) -> Floats:
    """Paint the eyeball, float32 grey levels; iris brighter than pupil, sclera brighter than iris."""
    iris_level = rng.uniform(55, 150)
    pupil_level = max(4.0, iris_level - rng.uniform(18, 110))
    limbus = eye.radius * eye.iris
    softness = eye.radius * (rng.uniform(0.01, 0.06) if rng.random() < 0.6 else rng.uniform(0.03, 0.12))
    ball = mix(_iris(rng, eye, iris_level), _sclera(rng, eye, iris_level), step(limbus, softness))
    dark = pupil_level + 2.0 * noise(rng, 12)
    return mix(dark, ball, step(eye.radius * eye.pupil, rng.uniform(0.4, 0.03 * eye.radius + 0.6)))


def _sclera(rng: Random, eye: Geometry, iris_level: float) -> Floats:
    rise = rng.uniform(6, 35) if rng.random() < 0.5 else rng.uniform(15, 110)
    level = min(iris_level + rise, 250.0)
    aside = np.clip(np.abs(eye.across) - 1, 0, 3)
    shade = level * (1 + rng.uniform(-0.25, 0.2) * aside) + rng.uniform(1, 6) * noise(rng, rng.uniform(5, 30))
    veins = strokes(rng, [_vein(rng, eye) for _ in range(rng.integers(0, 7))], (1, 2))
    return np.asarray(shade - rng.uniform(5, 25) * veins, np.float32)


def _vein(rng: Random, eye: Geometry) -> Floats:
    along = np.linspace(1.05, 2.6, 14) * (1 if rng.random() < 0.5 else -1)
    down = np.cumsum(rng.normal(0, 0.06, 14)) + rng.uniform(-0.6, 0.6)
    return np.stack([eye.x + eye.radius * along, eye.y + eye.radius * down], axis=1).astype(np.float32)


def _iris(rng: Random, eye: Geometry, level: float) -> Floats:
    away = np.hypot(eye.us, eye.vs)
    pupil_radius = np.maximum(away - eye.pupil, 0.05)
    depth = np.clip(eye.pupil / np.maximum(1 - pupil_radius, 0.1), 0, 1)
    _, angle = cv2.cartToPolar(eye.us, eye.vs)
    texture = _texture(rng)
    wide = np.concatenate([texture, texture[:, :1]], axis=1)
    columns = angle * np.float32(TEXTURE[1] / (2 * np.pi))
    seen = cv2.remap(
        wide, columns, (depth * TEXTURE[0] - 0.5).astype(np.float32), cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE
    )
    return np.asarray(level * np.clip(seen, 0.3, 1.9), np.float32)


def _texture(rng: Random) -> Floats:
    """Paint the unrolled iris by zones, float32 (48, 384), mean near 1."""
    depth = ((np.arange(TEXTURE[0]) + 0.5) / TEXTURE[0]).astype(np.float32)[:, None]
    border = rng.uniform(0.15, 0.45) + 0.05 * wrapped_noise(rng, 1, 12)
    ciliary = 1 / (1 + np.exp(np.clip(-(depth - border) / 0.03, -30, 30)))
    strength = rng.uniform(0.02, 0.16)
    fibres = wrapped_noise(rng, 3, int(rng.integers(40, 180))) * (1 - ciliary)
    fibres += wrapped_noise(rng, int(rng.integers(2, 7)), int(rng.integers(30, 140))) * ciliary
    clouds = rng.uniform(0.01, 0.12) * wrapped_noise(rng, 4, 16) + strength * fibres
    collarette = rng.uniform(-0.1, 0.3) * np.exp(-(((depth - border) / rng.uniform(0.03, 0.12)) ** 2))
    spots = rng.uniform(0, 0.25) * np.clip(wrapped_noise(rng, 9, int(rng.integers(30, 90))) - 0.6, 0, 1)
    shade = rng.uniform(-0.25, 0.25) * (1 - ciliary) + rng.uniform(-0.15, 0.15) * depth
    rim = rng.uniform(0, 0.3) * np.clip((depth - rng.uniform(0.7, 0.92)) / 0.3, 0, 1)
    return np.asarray(1 + clouds + collarette - spots + shade - rim, np.float32)


def glints(rng: Random, eye: Geometry) -> Floats:
    """Draw reflections in the cornea; returns their coverage, 0–1."""
    drawn = np.zeros(SHAPE, np.uint8)
    kind = rng.choice(["none", "spots", "ring", "patch", "many"], p=[0.12, 0.38, 0.25, 0.13, 0.12])
    centre = np.array([eye.x, eye.y]) + eye.radius * rng.normal(0, 0.15, 2)
    if kind == "spots":
        for _ in range(rng.integers(1, 4)):
            _spot(rng, drawn, centre + eye.radius * rng.normal(0, 0.12, 2), eye.radius * rng.uniform(0.02, 0.12))
    elif kind == "ring":
        _ring(rng, drawn, centre, eye.radius)
    elif kind == "patch":
        half = eye.radius * rng.uniform(0.05, 0.3, 2)
        corners = cv2.boxPoints((tuple(centre + half), tuple(2 * half), float(rng.uniform(-30, 30))))
        cv2.fillConvexPoly(drawn, np.rint(corners).astype(np.int32), 255, cv2.LINE_AA)
    elif kind == "many":
        for _ in range(rng.integers(3, 14)):
            _spot(rng, drawn, centre + eye.radius * rng.normal(0, 0.6, 2), eye.radius * rng.uniform(0.01, 0.05))
    return np.asarray(drawn / 255, np.float32)


def _ring(rng: Random, drawn: NDArray[np.uint8], centre: NDArray[np.float64], radius: float) -> None:
    count, away, begin = int(rng.integers(4, 13)), radius * rng.uniform(0.08, 0.3), rng.uniform(0, 6.3)
    size = radius * rng.uniform(0.02, 0.05)
    for turn in begin + 2 * np.pi * np.arange(count) / count:
        _spot(rng, drawn, centre + away * np.array([np.cos(turn), np.sin(turn)]), size)


def _spot(rng: Random, drawn: NDArray[np.uint8], centre: NDArray[np.float64], radius: float) -> None:
    axes = np.maximum(radius * rng.uniform(0.7, 1.3, 2), 0.7)
    shape = (int(centre[0] * 8), int(centre[1] * 8)), (int(axes[0] * 8), int(axes[1] * 8))
    cv2.ellipse(drawn, *shape, float(rng.uniform(0, 180)), 0, 360, 255, -1, cv2.LINE_AA, 3)


def lit(rng: Random, canvas: Floats, coverage: Floats) -> Floats:
    """Add reflected light with a halo to a canvas."""
    bright = mix(rng.uniform(215, 255), canvas, coverage)
    if rng.random() < 0.4:
        bright += rng.uniform(10, 70) * cv2.GaussianBlur(coverage, (0, 0), rng.uniform(2, 9))
    return np.asarray(bright, np.float32)


def skin(rng: Random) -> Floats:
    """Paint skin over the whole canvas, float32 grey levels."""
    level = rng.uniform(70, 260)
    slope = rng.normal(0, 25) * (XS / SHAPE[1] - 0.5) + rng.normal(0, 35) * (YS / SHAPE[0] - 0.5)
    blotches = rng.uniform(1, 12) * noise(rng, rng.uniform(3, 12)) + rng.uniform(0, 6) * noise(rng, rng.uniform(20, 90))
    pores = rng.uniform(0, 7) * grain(rng, rng.uniform(0.6, 2.0))
    return np.asarray(level + slope + blotches + pores, np.float32)
