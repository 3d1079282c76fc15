"""Finds the tip in the column of one finger: what lies above the crease of its last joint."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from services.fingerprint.slap.cover import CELLS_PER_MM, Cover

MIN_PART_MM2 = 25.0
COVERED = 0.35
CREASE_WIDTHS = (0.85, 1.9)
"""Where the crease lies below the end of the finger, in widths of it."""
CREASE_DEPTH = 0.4
"""How much less a crease is covered than the rows above and below it."""
LONGEST_WIDTHS = 1.75
"""A tip without a visible crease is cut here."""

SHORTEST_WIDTHS = 0.6
"""Of what is seen of a lower phalanx; less than that below a gap is of the tip."""

_CLOSE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))


@dataclass(frozen=True, slots=True)
class Fingertip:
    """The tip of one finger, in cells of the upright hand.

    Args:
        area: bool, shape of the upright cover.
        last: row of the crease, the first below the tip.
        end: x and y of the end of the finger.
        width: of the tip.
        lean_degrees: of the finger against the hand, clockwise as seen.
        cover: mean over the tip, 0–1.
        is_cut_off: whether the image ends within the tip's sides or end.
    """

    area: NDArray[np.bool_] = field(repr=False)
    last: int
    end: tuple[float, float]
    width: float
    lean_degrees: float
    cover: float
    is_cut_off: bool

    @property
    def width_mm(self) -> float:
        """Width of the tip, mm."""
        return self.width / CELLS_PER_MM

    @property
    def area_mm2(self) -> float:
        """Area of the tip, mm²."""
        return float(np.count_nonzero(self.area)) / CELLS_PER_MM**2


def find_tip(
    cover: Cover, inside: NDArray[np.bool_], column: NDArray[np.bool_], least_width: float = 0.0
) -> Fingertip | None:
    """Find the tip of the finger in a column; None if there is no part of 25 mm².

    1. Parts: connected cells with ridges, holes and thin creases closed, of at least 25 mm². Dirt has none.
    2. The finger's lean: the line through the middles of its rows, by least squares.
    3. The crease: below the end of the finger by 0.85–1.9 of its width, the row that is covered least
       against those above and below, by at least 0.4,
       with 0.6 widths or more below it. Without one the tip ends after 1.75 widths.

    Args:
        cover: of the upright hand.
        inside: where the image is.
        column: of the finger.
        least_width: cells; narrower fingers are measured for their crease as if they had it.
    """
    own = np.where(column, cover, 0).astype(np.float32)
    finger = _parts(own)
    filled = np.flatnonzero(finger.any(axis=1))
    if not len(filled):
        return None
    width = _width(finger, filled)
    lean = _lean(finger, filled, width)
    last = _crease(own, finger, int(filled[0]), max(width, least_width))
    area = finger.copy()
    area[last:] = False
    y, x = np.nonzero(area)
    near = y < y.min() + max(2, width // 8)
    return Fingertip(
        area,
        last,
        (float(x[near].mean()), float(y.min())),
        width,
        lean,
        float(own[area].mean()),
        _is_cut_off(area, inside, width),
    )


def _parts(own: Cover) -> NDArray[np.bool_]:
    """Cells of all parts of the finger that are large enough."""
    closed = cv2.morphologyEx((own > COVERED).astype(np.uint8), cv2.MORPH_CLOSE, _CLOSE)
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, _CLOSE)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] >= MIN_PART_MM2 * CELLS_PER_MM**2
    large[0] = False
    return np.asarray(large[:count][labels])


def _width(finger: NDArray[np.bool_], filled: NDArray[np.intp]) -> float:
    """The usual width of the uppermost rows."""
    widths = np.count_nonzero(finger[filled], axis=1)
    rough = float(np.quantile(widths, 0.8))
    return float(np.quantile(widths[: max(8, round(1.3 * rough))], 0.8))


def _lean(finger: NDArray[np.bool_], filled: NDArray[np.intp], width: float) -> float:
    """Degrees clockwise; drawn towards 0 for a finger that is hardly longer than wide."""
    rows = finger[filled]
    first, last = rows.argmax(axis=1), rows.shape[1] - 1 - rows[:, ::-1].argmax(axis=1)
    weights = np.sqrt(np.count_nonzero(rows, axis=1))
    slope = np.polyfit(filled, (first + last) / 2, 1, w=weights)[0]
    elongation = len(filled) / width
    return float(-np.degrees(np.arctan(slope)) * np.clip(elongation - 0.8, 0, 1))


def _crease(own: Cover, finger: NDArray[np.bool_], top: int, width: float) -> int:
    """The row at which the tip ends."""
    first, last = (top + round(widths * width) for widths in CREASE_WIDTHS)
    counts = np.maximum(np.count_nonzero(finger, axis=1), width / 2)
    shares = np.convolve(own.sum(axis=1) / counts, np.ones(3) / 3, "same")
    bottom = int(np.flatnonzero(finger.any(axis=1))[-1]) + 1
    last = min(last, bottom - round(SHORTEST_WIDTHS * width))
    within = shares[first:last]
    above = np.maximum.accumulate(shares[top:last])[first - top :]
    reach = shares[first : last + round(width)]
    below = np.maximum.accumulate(reach[::-1])[::-1][: len(within)]
    depths = np.minimum(above, below) - within
    if len(depths) and depths.max() >= CREASE_DEPTH:
        return first + int(depths.argmax())
    return top + round(LONGEST_WIDTHS * width)


def _is_cut_off(area: NDArray[np.bool_], inside: NDArray[np.bool_], width: float) -> bool:
    """Whether over a third of the tip's width lies at the edge of the image."""
    around = cv2.dilate(area.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return bool(np.count_nonzero(around & ~inside) > 4 * width / 3)
