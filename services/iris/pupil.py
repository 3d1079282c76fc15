"""The pupil: a dark disc with the strongest circular edge."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.iris.circles import Circle, Gray, directions, fit_circle, rays

PUPIL_RADII_PX = (8, 85)  # at the working size, longer side 320 px
MAX_SEEDS = 4
_RAYS = directions(96)


@dataclass(frozen=True, slots=True)
class PupilFit:
    """A pupil, and how well its edge shows.

    Args:
        circle: px.
        contrast: grey levels from pupil to iris, between the medians inside and outside of the edge.
        support: share of the rays whose strongest edge lies on the circle, 0–1.
        sharpness: steepness of the edge, iris-to-pupil steps per px, 0–1: about 0.5 for a step,
            about 0.4 / s after a Gaussian blur of s px.
    """

    circle: Circle
    contrast: float
    support: float
    sharpness: float


def find_pupil(filled: Gray) -> PupilFit | None:
    """Find the pupil: the dark, round blob with the strongest circular edge.

    1. Threshold at rising levels; round components are candidates. 2. Refine the most salient
    by a robust circle through the strongest edge of each ray. 3. Take the fit of highest
    salience times support.

    Args:
        filled: uint8 (height, width), longer side 320 px, glints filled.

    Returns:
        The pupil, or None where nothing dark is round.
    """
    darkest = float(np.percentile(filled, 0.5))
    seeds = sorted(_seeds(filled, darkest), key=lambda seed: -_salience(filled, seed, darkest))[:MAX_SEEDS]
    fits = [fit for seed in seeds if (fit := _refine(filled, seed)) is not None]
    return max(fits, key=lambda fit: fit.support * _salience(filled, fit.circle, darkest), default=None)


def _salience(filled: Gray, circle: Circle, darkest: float) -> float:
    """Return the contrast of a disc's edge, grey levels, less the brighter it is inside.

    So a pupil comes before the whole iris, whose edge can be as round.
    """
    inside, outside = _levels(filled, circle)
    contrast = max(outside - inside, 0.0)
    return contrast * contrast / (contrast + 1.5 * max(inside - darkest, 0.0) + 1.0)


def _seeds(filled: Gray, darkest: float) -> list[Circle]:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    seeds: list[Circle] = []
    for level in range(6, 100, 8):
        dark = (filled < darkest + level).astype(np.uint8)
        contours, _ = cv2.findContours(
            cv2.morphologyEx(dark, cv2.MORPH_OPEN, kernel), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        for contour in contours:
            seed = _round_component(contour)
            if seed is not None and not any(_near(seed, other) for other in seeds):
                seeds.append(seed)
    return seeds


def _near(one: Circle, other: Circle) -> bool:
    apart = np.hypot(one.x - other.x, one.y - other.y) + abs(one.radius - other.radius)
    return bool(apart < 0.15 * other.radius)


def _round_component(contour: NDArray[np.integer | np.floating]) -> Circle | None:
    moments = cv2.moments(contour)
    area = moments["m00"]
    if not np.pi * PUPIL_RADII_PX[0] ** 2 <= area <= np.pi * PUPIL_RADII_PX[1] ** 2:
        return None
    a, b, c = (moments[key] / area for key in ("mu20", "mu11", "mu02"))
    spread = 4 * np.pi * np.sqrt(max(a * c - b * b, 1e-9))  # area of the ellipse with these moments
    root = np.sqrt((a - c) ** 2 + 4 * b * b)
    axes = np.sqrt((a + c - root) / (a + c + root))
    if axes < 0.5 or area / spread < 0.8:
        return None
    return Circle(moments["m10"] / area, moments["m01"] / area, float(np.sqrt(area / np.pi)))


def _refine(filled: Gray, seed: Circle) -> PupilFit | None:
    circle, support = seed, 0.0
    for reach in (0.45, 0.25, 0.2):
        radii = np.arange(max(3.0, circle.radius * (1 - reach)), circle.radius * (1 + reach) + 3, 0.5, dtype=np.float32)
        edges = cv2.GaussianBlur(rays(filled, circle.x, circle.y, radii, _RAYS), (0, 0), 2.0)
        slope = edges[:, 2:] - edges[:, :-2]
        peak = np.argmax(slope, axis=1)
        at = radii[1:-1][peak]
        strength = np.clip(slope[np.arange(peak.size), peak], 0.0, None)
        circle, support = fit_circle(circle.x + _RAYS[0] * at, circle.y + _RAYS[1] * at, strength)
        if not PUPIL_RADII_PX[0] <= circle.radius <= PUPIL_RADII_PX[1]:
            return None
    inside, outside = _levels(filled, circle)
    if outside <= inside:
        return None
    return PupilFit(circle, outside - inside, support, _sharpness(filled, circle, outside - inside))


def _levels(gray: Gray, circle: Circle) -> tuple[float, float]:
    """Return the median grey levels inside and outside of a circle's edge."""
    radii = np.array([circle.radius * 0.8 - 1, circle.radius * 1.15 + 2], np.float32)
    inside, outside = np.median(rays(gray, circle.x, circle.y, radii, _RAYS), axis=0)
    return float(inside), float(outside)


def _sharpness(gray: Gray, circle: Circle, contrast: float) -> float:
    radii = np.arange(circle.radius * 0.8, circle.radius * 1.2 + 1, 0.5, dtype=np.float32)
    lines = rays(gray, circle.x, circle.y, radii, _RAYS)
    return float(np.median(np.max(lines[:, 2:] - lines[:, :-2], axis=1)) / contrast)
