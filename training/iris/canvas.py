"""The canvas that eyes are painted on: its size, noise, blending, strokes and reduction."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WIDTH, HEIGHT = 160, 128  # of the network's input
FINE = 2  # canvas pixels per input pixel
SHAPE = (HEIGHT * FINE, WIDTH * FINE)
YS, XS = (np.ascontiguousarray(axis, np.float32) for axis in np.mgrid[: SHAPE[0], : SHAPE[1]])


class Random(np.random.Generator):
    """A source of randomness for one picture.

    Args:
        seed: any integers; equal ones give equal pictures.
        wide: whether the picture may show what only some cameras, faces and places show.
    """

    def __init__(self, seed: Sequence[int], *, wide: bool) -> None:
        super().__init__(np.random.PCG64(seed))
        self.wide = wide

    def widely(self, share: float) -> bool:
        """Whether to show such a thing: with this probability in a wide picture, never (and undrawn) in another."""
        return self.wide and self.random() < share


def noise(rng: Random, cells: float) -> Floats:
    """Make smooth noise over the canvas, standard deviation near 0.7.

    Args:
        rng: source of randomness.
        cells: number of noise cells along the canvas's longer side.
    """
    columns = max(2, round(cells))
    grid = rng.standard_normal((max(2, columns * SHAPE[0] // SHAPE[1]), columns), dtype=np.float32)
    return np.asarray(cv2.resize(grid, SHAPE[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def grain(rng: Random, sigma: float) -> Floats:
    """Make fine noise over the canvas, standard deviation 1; `sigma` is its correlation width in px, 0 for white."""
    white = rng.standard_normal(SHAPE, dtype=np.float32)
    return white if sigma < 0.3 else np.asarray(cv2.GaussianBlur(white, (0, 0), sigma) * (3.545 * sigma), np.float32)


def wrapped_noise(rng: Random, rows: int, columns: int, shape: tuple[int, int] = (48, 384)) -> Floats:
    """Make smooth noise of the given shape, whose columns wrap around, standard deviation near 0.7."""
    cells = rng.standard_normal((max(rows, 1), max(columns, 2)), dtype=np.float32)
    pad = 3
    wide = np.concatenate([cells[:, -pad:], cells, cells[:, :pad]], axis=1)
    scale = shape[1] / cells.shape[1]
    extent = (round(wide.shape[1] * scale), shape[0])
    stretched = cv2.resize(wide, extent, interpolation=cv2.INTER_CUBIC)
    begin = round(pad * scale)
    return np.asarray(stretched[:, begin : begin + shape[1]], np.float32)


def step(distance: Floats, softness: float) -> Floats:
    """Return 1 where a distance is negative and 0 where it is positive; `softness` is the width of the edge, px."""
    return np.asarray(0.5 - 0.5 * np.clip(distance / max(softness, 0.3), -1, 1), np.float32)


def mix(inside: Floats | float, outside: Floats, share: Floats) -> Floats:
    """Blend two images: `share` of `inside`, the rest of `outside`."""
    return np.asarray(outside + share * (inside - outside), np.float32)


def reduced(fine: Floats) -> Floats:
    """Average a canvas down to the size of the network's input."""
    return np.asarray(cv2.resize(fine, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.float32)


def strokes(rng: Random, lines: list[NDArray[np.float32]], thickness: tuple[float, float]) -> Floats:
    """Draw polylines, px on the canvas; returns their coverage, 0–1, each line with its own opacity."""
    drawn = np.zeros(SHAPE, np.uint8)
    for line in lines:
        width = max(1, round(float(rng.uniform(*thickness))))
        opacity = int(rng.integers(130, 250))
        points = np.rint(np.clip(line, -2000, 2000) * 8).astype(np.int32)
        cv2.polylines(drawn, [points], False, opacity, width, cv2.LINE_AA, 3)
    return np.asarray(drawn / np.float32(255), np.float32)
