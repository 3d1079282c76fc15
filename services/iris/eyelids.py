"""What hides the iris: lids as parabolas, lashes and glints by grey level."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from services.iris.circles import Circle, Floats
from services.iris.rubber_sheet import COLUMNS, ROWS, RubberSheet

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lid:
    """A lid's edge, y = top + slope·(x − x0) + curve·(x − x0)², px.

    Args:
        x0: px, the iris centre.
        top: px, height of the edge above or below the iris centre.
        slope: tilt.
        curve: bend, 1/px.
    """

    x0: float
    top: float
    slope: float
    curve: float

    def scaled(self, factor: float) -> Lid:
        """Return the lid in an image resized by `factor`."""
        centre = Circle(self.x0, self.top, 0.0).scaled(factor)
        return Lid(centre.x, centre.y, self.slope, self.curve / factor)

    def at(self, xs: Floats) -> Floats:
        """Return y of the edge at x, px."""
        offset = xs - np.float32(self.x0)
        return np.asarray(self.top + (self.slope + self.curve * offset) * offset, np.float32)


@dataclass(frozen=True, slots=True)
class Tone:
    """How bright the iris is where lids rarely reach: its left and right.

    Args:
        middle: float32 (64, 1), grey levels, median of each row, smoothed down the rows.
        spread: grey levels, robust standard deviation around it.
    """

    middle: Floats
    spread: float

    @property
    def reach(self) -> float:
        """Grey levels between the brightest and the darkest row."""
        return float(np.ptp(self.middle))


def iris_tone(sheet: RubberSheet) -> Tone:
    """Measure the tone of the lateral parts of the iris: 10° above to 40° below the horizontal, in the frame."""
    degrees = np.arange(COLUMNS) * 360 / COLUMNS
    lateral = (degrees < 40) | (degrees > 350) | ((degrees > 140) & (degrees < 190))
    framed = lateral & sheet.inside.all(axis=0)
    free = sheet.values[:, framed if framed.any() else lateral]
    middle = cv2.GaussianBlur(np.median(free, axis=1, keepdims=True), (1, 0), sigmaX=0.1, sigmaY=2.0)
    middle = np.asarray(middle, np.float32).reshape(ROWS, 1)
    return Tone(middle, float(1.4826 * np.median(np.abs(free - middle))))


def deviation(sheet: RubberSheet, tone: Tone) -> Floats:
    """Measure how unlike the iris's tone each sample is.

    Returns:
        float32 (64, 512), in spreads: below zero darker, above brighter.
    """
    return np.asarray((sheet.values - tone.middle) / max(MIN_SPREAD, tone.spread), np.float32)


MIN_SPREAD = 4.0  # grey levels


def find_lids(sheet: RubberSheet, unlike: Floats, limbus: Circle) -> tuple[Lid | None, Lid | None]:
    """Fit the upper and the lower lid as the parabolas that best part iris from not-iris.

    For each parabola of a grid, sum (|deviation| - threshold) over what it hides, by area; the
    greatest sum wins, and a sum that is not positive means no lid.

    Returns:
        The upper and the lower lid.
    """
    unlikely = np.minimum(np.abs(unlike), 6.0) - LID_DEVIATION
    unlikely[~sheet.inside] = 0.0
    coarse = cv2.resize(unlikely, (COLUMNS // 4, ROWS // 4), interpolation=cv2.INTER_AREA)
    xs = (sheet.xs[2::4, 2::4] - limbus.x) / limbus.radius
    ys = (sheet.ys[2::4, 2::4] - limbus.y) / limbus.radius
    weight = coarse * np.hypot(xs, ys)
    half = COLUMNS // 8
    upper = _best_parabola(xs[:, half:], -ys[:, half:], weight[:, half:])
    lower = _best_parabola(xs[:, :half], ys[:, :half], weight[:, :half])
    return _to_lid(upper, limbus, -1.0), _to_lid(lower, limbus, 1.0)


LID_DEVIATION = 2.5  # robust standard deviations
_GRID = np.array(
    list(product(np.arange(0.0, 1.01, 0.05), np.arange(-0.3, 0.31, 0.1), np.arange(-0.6, 0.01, 0.15))), np.float32
)


def _best_parabola(xs: Floats, heights: Floats, weight: Floats) -> NDArray[np.float32] | None:
    x, h, w = (a.ravel() for a in (xs, heights, weight))
    basis = np.stack([np.ones_like(x), x, x * x])
    hidden = h > _GRID @ basis
    gains = hidden.astype(np.float32) @ w
    best = int(np.argmax(gains))
    return _GRID[best] if gains[best] > 0 else None


def _to_lid(found: NDArray[np.float32] | None, limbus: Circle, side: float) -> Lid | None:
    if found is None:
        return None
    top, slope, curve = (float(v) * side for v in found)
    return Lid(limbus.x, limbus.y + top * limbus.radius, slope, curve / limbus.radius)


def visible(sheet: RubberSheet, unlike: Floats, lids: tuple[Lid | None, Lid | None]) -> Mask:
    """Return bool (64, 512): in the image, between the lids, neither lash nor glint."""
    upper, lower = lids
    shown = sheet.inside.copy()
    if upper is not None:
        shown &= sheet.ys > upper.at(sheet.xs)
    if lower is not None:
        shown &= sheet.ys < lower.at(sheet.xs)
    noise = ((unlike < LASH_DEVIATION) | (unlike > GLINT_DEVIATION)).astype(np.uint8)
    grown = cv2.dilate(noise, np.ones((3, 5), np.uint8))
    return np.asarray(shown & (grown == 0))


LASH_DEVIATION, GLINT_DEVIATION = -4.0, 5.0
