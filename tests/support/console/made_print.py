"""Fingerprints that belong to nobody: waves whose phase winds around each minutia (Larkin and Fletcher, 2007)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 440, 360
PERIOD_PX = 9.5


def made_print(identity: int, shift: tuple[int, int] = (0, 0), noise: int = 0) -> NDArray[np.uint8]:
    """A print at 500 dpi, shape (440, 360), dark ridges; the same identity has the same minutiae.

    Args:
        identity: which finger.
        shift: right and down, px.
        noise: seed of what differs between captures.
    """
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(float)
    x, y = x - shift[0], y - shift[1]
    phase = 2 * np.pi * np.hypot((x - WIDTH / 2) * 0.9, y - HEIGHT * 0.6) / PERIOD_PX
    for at_x, at_y, forks in minutiae(identity):
        phase += (1 if forks else -1) * np.arctan2(y - at_y, x - at_x)
    inside = ((x - WIDTH / 2) / (WIDTH * 0.46)) ** 2 + ((y - HEIGHT / 2) / (HEIGHT * 0.47)) ** 2
    ridges = 128 + 100 * np.tanh(1.5 * np.cos(phase)) + np.random.default_rng(noise).normal(0, 8, x.shape)
    fade = 1 / (1 + np.exp(25 * (inside - 0.95)))
    return np.clip(235 + fade * (ridges - 235), 0, 255).astype(np.uint8)


def minutiae(identity: int) -> list[tuple[float, float, bool]]:
    """The minutiae of an unshifted print: x, y, and whether the ridge forks."""
    rng = np.random.default_rng(identity)
    places = rng.uniform((60, 60), (WIDTH - 60, HEIGHT - 60), (34, 2))
    return [(float(x), float(y), bool(forks)) for (x, y), forks in zip(places, rng.random(34) < 0.5, strict=True)]
