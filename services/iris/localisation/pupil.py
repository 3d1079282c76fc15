"""The pupil's edge: the network's disc, refined on the image."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from services.iris.segmentation.circles import Circle, Gray, directions, fit_circle, rays

QUALITY_SIDE_PX = 320  # longer side of the image for which sharpness is stated
RAYS = 96
MAX_RISE = 40.0  # grey levels of an edge that count; mirrored light is brighter than any iris
MAX_MOVE = 0.15  # of the refined circle from the network's, in its radii; beyond, the network's is kept
_VECTORS = directions(RAYS)
_STEP = 0.01  # radii
_RINGS = np.arange(0.06, 0.89, 0.02, dtype=np.float32)  # radii, inside of the pupil
_FIRST, _LAST, _EDGE = 12, 37, 3  # rings at which a step may lie, 0.3 to 0.8 radii, and how many it may take


@dataclass(frozen=True, slots=True)
class PupilFit:
    """A pupil, and how well its edge shows.

    Args:
        circle: px.
        contrast: grey levels from pupil to iris, between the medians inside and outside of the edge.
        support: share of the rays whose strongest edge lies on the circle, 0–1.
        sharpness: steepness of the edge, iris-to-pupil steps per px of the image scaled to 320 px, 0–1: about 0.5
            for a step, about 0.4 / s after a Gaussian blur of s px.
    """

    circle: Circle
    contrast: float
    support: float
    sharpness: float


def refine_pupil(gray: Gray, start: Circle) -> PupilFit:
    """Refine the pupil: a robust circle through the strongest rise of each ray, twice.

    Args:
        gray: uint8 (height, width).
        start: the network's circle, px.
    """
    circle, support = start, 0.0
    for reach in (0.2, 0.12):
        found, support = _through_edges(gray, circle, reach)
        if _apart(found, start) > MAX_MOVE:
            circle = start
            break
        circle = found
    inside, outside = _levels(gray, circle)
    contrast = max(outside - inside, 0.0)
    scale = max(gray.shape) / QUALITY_SIDE_PX
    return PupilFit(circle, contrast, support, _sharpness(gray, circle, contrast) * scale)


def _through_edges(gray: Gray, circle: Circle, reach: float) -> tuple[Circle, float]:
    shares = np.arange(1 - reach - 0.04, 1 + reach + 0.041, _STEP, dtype=np.float32)
    lines = cv2.GaussianBlur(rays(gray, circle.x, circle.y, circle.radius * shares, _VECTORS), (0, 0), 2.5, None, 1.0)
    rise = lines[:, 8:] - lines[:, :-8]
    peak = np.argmax(rise, axis=1)
    at = circle.radius * shares[4 + peak]
    strength = np.clip(rise[np.arange(RAYS), peak], 0.0, MAX_RISE)
    return fit_circle(circle.x + _VECTORS[0] * at, circle.y + _VECTORS[1] * at, strength)


def _apart(one: Circle, other: Circle) -> float:
    return float(np.hypot(one.x - other.x, one.y - other.y) + abs(one.radius - other.radius)) / other.radius


def _levels(gray: Gray, circle: Circle) -> tuple[float, float]:
    """Return the median grey levels inside and outside of a circle's edge."""
    radii = np.array([circle.radius * 0.8 - 1, circle.radius * 1.15 + 2], np.float32)
    inside, outside = np.median(rays(gray, circle.x, circle.y, radii, _VECTORS), axis=0)
    return float(inside), float(outside)


def _sharpness(gray: Gray, circle: Circle, contrast: float) -> float:
    radii = np.arange(circle.radius * 0.8, circle.radius * 1.2 + 1, 0.5, dtype=np.float32)
    lines = rays(gray, circle.x, circle.y, radii, _VECTORS)
    return float(np.median(np.max(lines[:, 2:] - lines[:, :-2], axis=1)) / max(contrast, 1.0))


def step_inside(gray: Gray, circle: Circle) -> float:
    """Tell how much darker a disc in the middle of a pupil is than all the rest of it.

    A pupil is flat; an iris taken for one has its pupil in it. Mirrored light, a spot or a ring of spots, is a step up
    too, but behind it the pupil is dark again.

    1. Of each ring the lower quartile of its grey levels, which mirrored light on less than 3/4 of it leaves alone.
    2. For each place of the step, the darkest ring outside of it less the mean ring inside; the greatest.

    Args:
        gray: uint8 (height, width).
        circle: taken for the pupil, px.

    Returns:
        Grey levels; 0 or less without a step.
    """
    lines = rays(gray, circle.x, circle.y, circle.radius * _RINGS, _VECTORS)
    rings = np.partition(lines, RAYS // 4, axis=0)[RAYS // 4]
    inside = np.cumsum(rings) / np.arange(1, rings.size + 1)
    outside = np.minimum.accumulate(rings[::-1])[::-1]
    return float(np.max(outside[_FIRST:_LAST] - inside[_FIRST - _EDGE : _LAST - _EDGE]))
