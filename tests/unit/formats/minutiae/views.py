"""Minutiae made up for tests."""

from __future__ import annotations

import numpy as np

from biometrics.template import Position
from formats.contents import Impression, MinutiaeContent


def random_view(
    count: int = 30, position: Position = Position.LEFT_INDEX, seed: int = 1, side: int = 500, *, known: bool = True
) -> MinutiaeContent:
    """A view of a square image at 500 dpi."""
    random = np.random.default_rng(seed)
    return MinutiaeContent(
        position=position,
        where="view 1",
        size_px=(side, side),
        resolution_dpi=(500.0, 500.0),
        x=random.integers(0, side, count).astype(np.float64),
        y=random.integers(0, side, count).astype(np.float64),
        angle=random.uniform(0, 2 * np.pi, count),
        kind=random.integers(0, 3, count).astype(np.uint8),
        confidence=random.uniform(0.01, 1.0, count) if known else np.full(count, np.nan),
        quality=80.0,
        impression=Impression.LIVE_PLAIN,
    )
