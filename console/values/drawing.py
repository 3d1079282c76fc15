"""What templates show, as SVG shapes: minutiae and pairs, masks. No picture is needed for it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TAIL_PX = 14
"""Length of a minutia's tail, in pixels at 500 dpi."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One minutia.

    Args:
        x, y: in pixels at 500 dpi, y downwards.
        tail_x, tail_y: where its tail ends, in its direction.
        forks: the ridge forks, and does not end: drawn as a square, and not as a circle.
        pair: number of its pair, from 1; 0: it has none, or pairs are held back.
    """

    x: float
    y: float
    tail_x: float
    tail_y: float
    forks: bool
    pair: int = 0


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is drawn over, or in place of, one picture.

    Args:
        width, height: of what the coordinates refer to.
        marks: minutiae.
        area: SVG path of what was seen, in cells of `cell` pixels.
        cell: pixels per unit of `area`.
    """

    width: int
    height: int
    marks: tuple[Mark, ...] = ()
    area: str = ""
    cell: int = 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a comparison rests on; numbers, pairs and differences are None or empty while they are held back.

    Args:
        probe, candidate: what is drawn on each side.
        differences: SVG path of the bits that differ, of an iris.
        facts: key of a message → value.
    """

    probe: Overlay
    candidate: Overlay
    differences: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def mark(x: float, y: float, angle_degrees: float, *, forks: bool, pair: int = 0) -> Mark:
    """A minutia whose direction is counter-clockwise from the positive x axis."""
    angle = math.radians(angle_degrees)
    tail = round(x + TAIL_PX * math.cos(angle), 1), round(y - TAIL_PX * math.sin(angle), 1)
    return Mark(x, y, *tail, forks, pair)


def path_of(mask: NDArray[np.bool_]) -> str:
    """The true cells of a mask, shape (height, width), as an SVG path: a rectangle for each run in a row."""
    parts = []
    for y, row in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], row, [False]))))
        parts += [f"M{start} {y}h{end - start}v1h{start - end}z" for start, end in edges.reshape(-1, 2)]
    return "".join(parts)
