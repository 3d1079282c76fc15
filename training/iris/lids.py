"""Painting lids with their rims, creases, shadows and lashes, and brows."""

from __future__ import annotations

import numpy as np

from training.iris.canvas import SHAPE, Floats, Random, mix, noise, step, strokes
from training.iris.eyeball import skin
from training.iris.geometry import Geometry


def shaded(rng: Random, ball: Floats, eye: Geometry) -> Floats:
    """Darken the eyeball below the upper lid."""
    depth, reach = rng.uniform(0, 0.45), rng.uniform(0.05, 0.45)
    return np.asarray(ball * (1 - depth * np.exp(np.minimum(eye.upper, 0) / reach)), np.float32)


def lidded(rng: Random, ball: Floats, eye: Geometry) -> Floats:
    """Put the lids over the eyeball."""
    folds = skin(rng)
    for _ in range(rng.integers(0, 4)):
        folds -= _ridge(eye.upper, rng.uniform(0.1, 1.4), rng.uniform(0.02, 0.1)) * rng.uniform(5, 50)
    for _ in range(rng.integers(0, 4)):
        folds -= _ridge(eye.lower, rng.uniform(0.08, 1.2), rng.uniform(0.02, 0.1)) * rng.uniform(3, 35)
    folds += rng.uniform(-60, 30) * np.exp(-np.maximum(eye.upper, 0) / rng.uniform(0.04, 0.3))
    folds += rng.uniform(-40, 50) * np.exp(-np.maximum(eye.lower, 0) / rng.uniform(0.04, 0.2))
    if rng.widely(0.2):
        folds -= rng.uniform(30, 150) * _edge(eye.upper, rng.uniform(0.03, 0.2))
        folds -= rng.uniform(0, 110) * _edge(eye.lower, rng.uniform(0.03, 0.15))
    softness = rng.uniform(0.4, 2.0)
    covered = np.maximum(step(-eye.radius * eye.upper, softness), step(-eye.radius * eye.lower, softness))
    return mix(folds, ball, covered)


def _edge(distance: Floats, width: float) -> Floats:
    """A band of this width along a lid's edge, as of mascara or of close lashes; 0–1."""
    return np.asarray(1 / (1 + np.exp(np.clip(6 * (distance - width) / width, -30, 30))), np.float32)


def _ridge(distance: Floats, at: float, width: float) -> Floats:
    return np.asarray(np.exp(-(((distance - at) / width) ** 2)), np.float32)


def lashes(rng: Random, eye: Geometry) -> Floats:
    """Draw the lashes of both lids; returns their coverage, 0–1."""
    heavy = rng.widely(0.15)
    thickness = (0.008 * eye.radius, (0.06 if heavy else 0.028) * eye.radius + 0.6)
    count = int(rng.uniform(60, 160) if heavy else rng.uniform(0, 110)) if rng.random() < 0.85 else 0
    down = rng.uniform(-0.7, 0.9)  # direction of the upper lashes
    upper = _row(rng, eye, eye.edges[0], count, rng.uniform(0.2, 0.9), down)
    lower = _row(rng, eye, eye.edges[1], int(rng.uniform(0, 50)), rng.uniform(0.1, 0.45), rng.uniform(0.2, 1.0))
    return strokes(rng, upper + lower, thickness)


def _row(rng: Random, eye: Geometry, edge: Floats, count: int, length: float, down: float) -> list[Floats]:
    """Bent lines that begin at an edge; `down` is their direction, 1 down the canvas, −1 up."""
    share = np.linspace(0, 1, 7, dtype=np.float32)[:, None]
    begin = edge[rng.integers(0, len(edge), count)] + rng.normal(0, 0.03 * eye.radius, (count, 2))
    aside = (begin[:, 0] - eye.x) / eye.radius * rng.uniform(0, 0.5) + rng.normal(0, 0.2, count)
    reach = eye.radius * length * rng.uniform(0.4, 1.3, count)
    curl = rng.normal(0, 0.4) + rng.normal(0, 0.15, count)
    turned = down + rng.normal(0, 0.15, count)
    tips = np.stack([reach * aside, reach * turned], axis=1)
    bends = np.stack([np.zeros(count), reach * curl], axis=1)
    lines = [b + share * t + share * (1 - share) * s for b, t, s in zip(begin, tips, bends, strict=True)]
    return [np.asarray(line, np.float32) for line in lines]


def brow(rng: Random, eye: Geometry) -> Floats:
    """Draw a brow well above the eye; returns its coverage, 0–1."""
    count = int(rng.uniform(60, 220))
    along = rng.uniform(-3, 3, count)
    above = -rng.uniform(2.2, 3.4) + 0.08 * along**2 + rng.normal(0, 0.18, count)
    begin = np.stack([eye.x + eye.radius * along, eye.y + eye.radius * above], axis=1)
    tips = begin + eye.radius * np.stack([rng.normal(0.4, 0.2, count), rng.normal(-0.1, 0.15, count)], axis=1)
    lines = [np.asarray(pair, np.float32) for pair in np.stack([begin, tips], axis=1)]
    return strokes(rng, lines, (1, 0.03 * eye.radius + 1))


def hair_level(rng: Random) -> Floats:
    """Grey levels of hair over the canvas."""
    return np.asarray(
        np.full(SHAPE, rng.uniform(3 if rng.wide else 10, 95), np.float32) + 6 * noise(rng, 30), np.float32
    )
