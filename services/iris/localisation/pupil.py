"""Refines the pupil's edge from the network's circle, on the image."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from services.iris.segmentation.circles import Circle, Gray, directions, fit_circle, rays

QUALITY_SIDE_PX = 320  # longer side of the image for which sharpness is stated
RAYS = 96
MAX_RISE = 40.0  # grey levels; higher rises are clipped, as reflections are brighter than any iris
MAX_MOVE = 0.15  # of the refined circle from the network's, in its radii; beyond it the network's is kept
_VECTORS = directions(RAYS)
_STEP = 0.01  # radii
_RINGS = np.arange(0.06, 0.89, 0.02, dtype=np.float32)  # in radii, inside the pupil
_FIRST, _LAST, _EDGE = 12, 37, 3  # rings between which a step may lie, 0.3 to 0.8 radii, and its width


@dataclass(frozen=True, slots=True)
class PupilFit:
    """A pupil, with measures of its edge.

    Args:
        circle: px.
        contrast: grey levels from pupil to iris, between the medians inside and outside the edge.
        support: share of the rays whose strongest edge lies on the circle, 0–1.
        sharpness: steepness of the edge, iris-to-pupil steps per px of the image scaled to 320 px, 0–1: about 0.5
            for a step, about 0.4 / s after a Gaussian blur of s px.
    """

    circle: Circle
    contrast: float
    support: float
    sharpness: float


def refine_pupil(gray: Gray, start: Circle) -> PupilFit:
    """Refine the pupil: twice fit a robust circle through the strongest rise of each ray.

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
    """Return the median grey levels inside and outside a circle's edge."""
    radii = np.array([circle.radius * 0.8 - 1, circle.radius * 1.15 + 2], np.float32)
    inside, outside = np.median(rays(gray, circle.x, circle.y, radii, _VECTORS), axis=0)
    return float(inside), float(outside)


def _sharpness(gray: Gray, circle: Circle, contrast: float) -> float:
    radii = np.arange(circle.radius * 0.8, circle.radius * 1.2 + 1, 0.5, dtype=np.float32)
    lines = rays(gray, circle.x, circle.y, radii, _VECTORS)
    return float(np.median(np.max(lines[:, 2:] - lines[:, :-2], axis=1)) / max(contrast, 1.0))


def step_inside(gray: Gray, circle: Circle) -> float:
    """Measure how much darker a central disc of a pupil is than the rest of it.

    A pupil is uniformly dark; an iris mistaken for one contains its pupil. A reflection, a spot or a ring of spots is a
    step up too, but outside it the pupil is dark again.

    1. Take the lower quartile of each ring's grey levels, which reflections on less than 3/4 of it do not affect.
    2. For each position of the step, subtract the mean of the rings inside from the darkest ring outside; take the
       maximum.

    Args:
        gray: uint8 (height, width).
        circle: the presumed pupil, px.

    Returns:
        Grey levels; 0 or less without a step.
    """
    lines = rays(gray, circle.x, circle.y, circle.radius * _RINGS, _VECTORS)
    rings = np.partition(lines, RAYS // 4, axis=0)[RAYS // 4]
    inside = np.cumsum(rings) / np.arange(1, rings.size + 1)
    outside = np.minimum.accumulate(rings[::-1])[::-1]
    return float(np.max(outside[_FIRST:_LAST] - inside[_FIRST - _EDGE : _LAST - _EDGE]))
