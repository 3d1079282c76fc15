"""Painting images without a usable eye: skin, textures, prints, blanks, closed and distant eyes."""

from __future__ import annotations

import cv2
import numpy as np

from training.iris.canvas import SHAPE, XS, YS, Floats, Random, grain, mix, noise, step, strokes
from training.iris.eyeball import eyeball, skin
from training.iris.geometry import draw_geometry
from training.iris.highlights import glints, lit
from training.iris.lids import brow, hair_level, lashes, lidded


def negative(rng: Random) -> Floats:
    """Paint a random image without a usable eye, float32 grey levels."""
    kinds = (_blank, _cloud, _hairy_skin, _stripes, _grid, _discs, _rings, _ridges, _closed_eye, _far_eyes, _boxes)
    return kinds[rng.choice(len(kinds), p=_SHARES)](rng)


_SHARES = np.array([0.06, 0.1, 0.12, 0.05, 0.06, 0.14, 0.09, 0.06, 0.14, 0.12, 0.06])


def _blank(rng: Random) -> Floats:
    return np.full(SHAPE, rng.choice([0.0, 255.0, rng.uniform(0, 255)]), np.float32)


def _cloud(rng: Random) -> Floats:
    octaves = sum(rng.uniform(0, 45) * noise(rng, cells) for cells in (3, 7, 16, 40, 100))
    return np.asarray(rng.uniform(40, 210) + octaves + rng.uniform(0, 50) * grain(rng, 0), np.float32)


def _hairy_skin(rng: Random) -> Floats:
    starts = rng.uniform(-0.1, 1.1, (int(rng.integers(0, 150)), 2)) * SHAPE[::-1]
    lean = rng.normal(0, 40, 2)
    lines = [np.stack([start, start + lean + rng.normal(0, 25, 2)]).astype(np.float32) for start in starts]
    return mix(rng.uniform(10, 90), skin(rng), strokes(rng, lines, (1, 3)))


def _stripes(rng: Random) -> Floats:
    angle, length = rng.uniform(0, np.pi), rng.uniform(6, 80)
    phase = (XS * np.cos(angle) + YS * np.sin(angle)) * (2 * np.pi / length) + rng.uniform(0, 2) * noise(rng, 6)
    return np.asarray(128 + rng.uniform(20, 120) * np.clip(rng.uniform(1, 6) * np.sin(phase), -1, 1), np.float32)


def _grid(rng: Random) -> Floats:
    size = rng.uniform(8, 60)
    waves = np.sin(XS * np.pi / size + rng.uniform(0, 6)) * np.sin(YS * np.pi / size + rng.uniform(0, 6))
    return np.asarray(128 + rng.uniform(20, 120) * np.clip(rng.choice([1, 8]) * waves, -1, 1), np.float32)


def _discs(rng: Random) -> Floats:
    """Dark and bright discs without an iris around them: holes, buttons, coins, moles."""
    canvas = _cloud(rng) if rng.random() < 0.5 else skin(rng)
    for _ in range(rng.integers(1, 6)):
        x, y = rng.uniform(0.05, 0.95, 2) * SHAPE[::-1]
        away = np.hypot(XS - x, (YS - y) * rng.uniform(0.6, 1.6)) - rng.uniform(5, 0.42 * SHAPE[0])
        level = rng.uniform(0, 255)
        canvas = mix(level + 5 * noise(rng, 20), canvas, step(away, rng.uniform(0.5, 6)))
    return canvas


def _rings(rng: Random) -> Floats:
    """Concentric rings as printed targets: more or fewer than in an eye, or bright inside."""
    canvas = np.asarray(rng.uniform(60, 255) + rng.uniform(0, 4) * grain(rng, 0.8), np.float32)
    x, y = (rng.uniform(0.3, 0.7, 2)) * SHAPE[::-1]
    radius = SHAPE[0] * rng.uniform(0.15, 0.6)
    count = int(rng.integers(3, 9))
    squeeze = rng.uniform(0.8, 1.25)
    for turn, share in enumerate(np.sort(rng.uniform(0.1, 1, count))[::-1]):
        level = rng.uniform(0, 90) if turn % 2 else rng.uniform(150, 255)
        canvas = mix(level, canvas, step(np.hypot(XS - x, (YS - y) * squeeze) - share * radius, 0.8))
    return canvas


def _ridges(rng: Random) -> Floats:
    """Ridges like those of a fingerprint."""
    flow = grain(rng, rng.uniform(2.0, 4.0))
    bent = cv2.GaussianBlur(flow, (0, 0), float(rng.uniform(3, 5)))
    return np.asarray(np.clip(150 + 90 * np.tanh(3 * (flow - 2 * bent)) + 40 * noise(rng, 3), 0, 255), np.float32)


def _closed_eye(rng: Random) -> Floats:
    eye = draw_geometry(rng, closed=True)
    scene = lidded(rng, eyeball(rng, eye), eye)
    return mix(hair_level(rng), scene, lashes(rng, eye))


def _far_eyes(rng: Random) -> Floats:
    """A distant face, with one or two eyes that are too small to be used."""
    share = rng.uniform(0.015, 0.075)
    eye = draw_geometry(rng, (share, share))
    ball = lit(rng, eyeball(rng, eye), glints(rng, eye))
    face = mix(hair_level(rng), lidded(rng, ball, eye), np.maximum(lashes(rng, eye), brow(rng, eye)))
    shift = round(eye.radius * rng.uniform(4.5, 6.5))
    if rng.random() < 0.8:
        half = SHAPE[1] // 2
        face = np.roll(face, int(half - eye.x - shift // 2), axis=1)
        face[:, half:] = face[:, half - 1 :: -1]
    for _ in range(rng.integers(0, 4)):
        x, y = rng.uniform(0, 1, 2) * SHAPE[::-1]
        away = np.hypot((XS - x) / rng.uniform(0.5, 3), (YS - y)) - rng.uniform(5, 50)
        face = mix(rng.uniform(10, 200), face, rng.uniform(0.3, 1) * step(away, 8))
    return face


def _boxes(rng: Random) -> Floats:
    """Rectangles and bars, as in print or on furniture."""
    canvas = np.full(SHAPE, rng.uniform(0, 255), np.float32)
    for _ in range(rng.integers(2, 60)):
        x, y = (rng.uniform(-0.1, 1, 2) * SHAPE[::-1]).astype(int)
        w, h = rng.integers(2, 90, 2)
        canvas[max(y, 0) : max(y + h, 0), max(x, 0) : max(x + w, 0)] = rng.uniform(0, 255)
    return canvas
