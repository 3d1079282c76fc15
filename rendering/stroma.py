"""The texture of a rendered iris, which is the same in all captures of one identity."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from services.iris.segmentation.circles import Circle

Floats = NDArray[np.float32]

ROWS, COLUMNS = 128, 1024  # pupil's edge to limbus; once around
_DEPTH = ((np.arange(ROWS) + 0.5) / ROWS).astype(np.float32)[:, None]  # 0 at the pupil, 1 at the limbus


def stroma(identity_seed: int) -> Floats:
    """Paint the unrolled iris of one identity.

    1. Radial fibres: noise stretched along the radius, finer in the pupillary zone.
    2. The collarette: a bright, uneven ring that separates the two zones.
    3. Crypts: dark spots, most of them around the collarette.
    4. Contraction furrows: faint dark arcs in the ciliary zone.
    5. Darkening towards the limbus and at the pupil's edge.

    Returns:
        float32 (128, 1024), relative brightness, mean near 1; columns wrap around.
    """
    rng = np.random.default_rng([identity_seed, 1])
    border = 0.28 + 0.06 * rng.random() + 0.05 * noise(rng, 1, 10) + 0.015 * noise(rng, 1, 48)
    ciliary = 1 / (1 + np.exp(-(_DEPTH - border) / 0.02))
    fibres = ciliary * _fibres(rng, (90, 170), 5) + (1 - ciliary) * _fibres(rng, (150, 260), 3)
    clouds = 0.08 * noise(rng, 5, 14) + 0.06 * noise(rng, 10, 40)
    collarette = 0.16 * (1 + 0.7 * noise(rng, 1, 40)) * np.exp(-(((_DEPTH - border) / 0.035) ** 2))
    shade = 1.0 - 0.25 * np.clip((_DEPTH - 0.8) / 0.2, 0, 1) ** 2 - 0.15 * np.exp(-_DEPTH / 0.03)
    texture = shade * (1.0 + fibres + clouds + collarette - _crypts(rng, border) - _furrows(rng) * ciliary)
    return np.asarray(texture, np.float32)


def noise(rng: np.random.Generator, row_cells: int, column_cells: int) -> Floats:
    """Make smooth noise that wraps around, float32 (128, 1024), standard deviation near 0.6."""
    cells = rng.standard_normal((row_cells, column_cells)).astype(np.float32)
    wrapped = np.concatenate([cells, cells, cells], axis=1)
    wide = cv2.resize(wrapped, (3 * COLUMNS, ROWS), interpolation=cv2.INTER_CUBIC)
    return np.asarray(wide[:, COLUMNS : 2 * COLUMNS], np.float32)


def _fibres(rng: np.random.Generator, cells: tuple[int, int], row_cells: int) -> Floats:
    coarse, fine = (noise(rng, row_cells, int(count * rng.uniform(0.8, 1.2))) for count in cells)
    strength = 0.10 + 0.04 * noise(rng, 3, 12)
    bent = _bend(coarse + 0.6 * fine, 4.0 * noise(rng, 4, 9))
    return np.asarray(strength * bent, np.float32)


def _bend(texture: Floats, columns: Floats) -> Floats:
    xs = (np.arange(COLUMNS, dtype=np.float32) + columns) % COLUMNS
    ys = np.broadcast_to(np.arange(ROWS, dtype=np.float32)[:, None], xs.shape)
    return sample_wrapped(texture, xs, np.ascontiguousarray(ys))


def sample_wrapped(texture: Floats, columns: Floats, rows: Floats) -> Floats:
    """Sample a texture, bilinear; columns wrap around, rows are repeated beyond the ends."""
    wide = np.concatenate([texture, texture[:, :1]], axis=1)
    sampled = cv2.remap(wide, columns % COLUMNS, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, np.float32)


def iris_coordinates(xs: Floats, ys: Floats, pupil: Circle, limbus: Circle) -> tuple[Floats, Floats]:
    """Return the depth, 0 at the pupil and 1 at the limbus, and the angle of pixels, by the rubber sheet.

    A pixel lies on the circle about p + d·(l − p) with radius r + d·(R − r): a quadratic in d.
    """
    x, y = xs - pupil.x, ys - pupil.y
    dx, dy, dr = limbus.x - pupil.x, limbus.y - pupil.y, limbus.radius - pupil.radius
    a = dx * dx + dy * dy - dr * dr
    b = x * dx + y * dy + pupil.radius * dr
    c = x * x + y * y - pupil.radius**2
    depth = (b - np.sqrt(np.maximum(b * b - a * c, 0))) / a
    angle = np.arctan2(y - depth * dy, x - depth * dx)
    return np.asarray(depth, np.float32), np.asarray(angle, np.float32)


def _crypts(rng: np.random.Generator, border: Floats) -> Floats:
    dark = np.zeros((ROWS, 3 * COLUMNS), np.float32)
    for _ in range(rng.integers(15, 45)):
        column = int(rng.integers(COLUMNS))
        row = int(ROWS * (border[0, column] + rng.normal(0.10, 0.12)))
        axes = (int(rng.integers(5, 16)), int(rng.integers(4, 12)))
        depth, tilt = float(rng.uniform(0.12, 0.35)), float(rng.uniform(-30, 30))
        for turn in range(3):
            centre = (column + turn * COLUMNS, row)
            cv2.ellipse(dark, centre, axes, tilt, 0, 360, depth, -1)
    soft = cv2.GaussianBlur(dark, (0, 0), sigmaX=2.5, sigmaY=1.5)
    return np.asarray(soft[:, COLUMNS : 2 * COLUMNS], np.float32)


def _furrows(rng: np.random.Generator) -> Floats:
    count = rng.uniform(5, 8)
    waves = np.cos(2 * np.pi * (count * _DEPTH + 0.25 * noise(rng, 1, 12)))
    return np.asarray(0.05 * np.clip(noise(rng, 2, 9), 0, None) * waves, np.float32)
