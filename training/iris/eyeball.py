"""Painting sclera, iris and pupil, and skin."""

from __future__ import annotations

import cv2
import numpy as np

from training.iris.canvas import SHAPE, XS, YS, Floats, Random, grain, mix, noise, step, strokes, wrapped_noise
from training.iris.geometry import Geometry

TEXTURE = (48, 384)  # pupil's edge to limbus; once around
WIDE_STEPS = ((5, 18), (12, 45), (30, 115))  # grey levels from pupil to iris


def eyeball(rng: Random, eye: Geometry) -> Floats:
    """Paint the eyeball, float32 grey levels; the iris brighter than the pupil, the sclera mostly than the iris."""
    iris, pupil = _tones(rng)
    softness = eye.radius * (rng.uniform(0.01, 0.06) if rng.random() < 0.6 else rng.uniform(0.03, 0.12))
    ball = mix(_iris(rng, eye, iris, pupil), _sclera(rng, eye, iris), step(eye.radius * eye.iris, softness))
    dark = pupil + 2.0 * noise(rng, 12)
    return mix(dark, ball, step(eye.radius * eye.pupil, rng.uniform(0.4, 0.03 * eye.radius + 0.6)))


def _tones(rng: Random) -> tuple[float, float]:
    """Draw the grey levels of iris and pupil; in a wide picture the step between them is often weak."""
    if not rng.wide:
        iris = rng.uniform(55, 150)
        return iris, max(4.0, iris - rng.uniform(18, 110))
    pupil = rng.uniform(3, 45) if rng.random() < 0.8 else rng.uniform(30, 90)
    weakest, strongest = WIDE_STEPS[rng.choice(len(WIDE_STEPS), p=(0.25, 0.25, 0.5))]
    return pupil + rng.uniform(weakest, strongest), pupil


def _rise(rng: Random) -> float:
    """Draw the grey levels from iris to sclera, whatever the step from the pupil is."""
    if rng.widely(0.12):
        return float(rng.uniform(-3, 10))
    weak, strongest = (0.35, 140) if rng.wide else (0.5, 110)
    return float(rng.uniform(6, 35) if rng.random() < weak else rng.uniform(15, strongest))


def _sclera(rng: Random, eye: Geometry, iris: float) -> Floats:
    level = min(iris + _rise(rng), 265.0 if rng.wide else 250.0)
    aside = np.clip(np.abs(eye.across) - 1, 0, 3)
    shade = level * (1 + rng.uniform(-0.25, 0.2) * aside) + rng.uniform(1, 6) * noise(rng, rng.uniform(5, 30))
    veins = strokes(rng, [_vein(rng, eye) for _ in range(rng.integers(0, 7))], (1, 2))
    if rng.widely(0.08):  # the edge of a contact lens
        shade += rng.uniform(-25, 40) * np.exp(-(((eye.iris - rng.uniform(0.08, 0.3)) / rng.uniform(0.01, 0.03)) ** 2))
    return np.asarray(shade - rng.uniform(5, 25) * veins, np.float32)


def _vein(rng: Random, eye: Geometry) -> Floats:
    along = np.linspace(1.05, 2.6, 14) * (1 if rng.random() < 0.5 else -1)
    down = np.cumsum(rng.normal(0, 0.06, 14)) + rng.uniform(-0.6, 0.6)
    return np.stack([eye.x + eye.radius * along, eye.y + eye.radius * down], axis=1).astype(np.float32)


def _iris(rng: Random, eye: Geometry, level: float, pupil: float) -> Floats:
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
    floor = pupil + 0.4 * (level - pupil) if rng.wide else 0.0
    return np.asarray(np.maximum(level * np.clip(seen, 0.3, 1.9), floor), np.float32)


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
    inner = rng.uniform(-0.25, 0.25) * (2 if rng.widely(0.2) else 1)
    shade = inner * (1 - ciliary) + rng.uniform(-0.15, 0.15) * depth
    rim = rng.uniform(0, 0.3) * np.clip((depth - rng.uniform(0.7, 0.92)) / 0.3, 0, 1)
    return np.asarray(1 + clouds + collarette - spots + shade - rim, np.float32)


def skin(rng: Random) -> Floats:
    """Paint skin over the whole canvas, float32 grey levels."""
    level = rng.uniform(25, 330) if rng.widely(0.3) else rng.uniform(70, 260)
    slope = rng.normal(0, 25) * (XS / SHAPE[1] - 0.5) + rng.normal(0, 35) * (YS / SHAPE[0] - 0.5)
    blotches = rng.uniform(1, 12) * noise(rng, rng.uniform(3, 12)) + rng.uniform(0, 6) * noise(rng, rng.uniform(20, 90))
    pores = rng.uniform(0, 7) * grain(rng, rng.uniform(0.6, 2.0))
    return np.asarray(level + slope + blotches + pores, np.float32)
