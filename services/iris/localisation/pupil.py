"""Refines the pupil's edge from the network's circle, on the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from infra.kernels.kernel import kernel
from services.iris.segmentation.circles import Circle, Floats, Gray, directions, fitted, medians, rays

QUALITY_SIDE_PX = 320  # longer side of the image for which sharpness is stated
RAYS = 96
MAX_RISE = 40.0  # grey levels; higher rises are clipped, as reflections are brighter than any iris
_VECTORS = directions(RAYS)
_STEP = 0.01  # radii
_RING_WIDTH = 0.02  # radii
_RINGS = np.arange(0.06, 0.89, _RING_WIDTH, dtype=np.float32)  # in radii, inside the pupil
_FIRST, _LAST, _EDGE = 12, 37, 3  # rings between which a step may lie, 0.3 to 0.8 radii, and its width


class Search(NamedTuple):
    """How far from its start a pupil is sought, in radii.

    Args:
        reaches: of each fit, to either side of the circle before it.
        most: of the refined circle from the start; beyond it the start is kept.
    """

    reaches: tuple[float, ...]
    most: float


FROM_MASK, FROM_STEP = Search((0.2, 0.12), 0.15), Search((0.35, 0.2, 0.12), 0.5)


@dataclass(frozen=True, slots=True)
class PupilFit:
    """A pupil, with measures of its edge.

    Args:
        circle: px.
        contrast: grey levels from pupil to iris, between the medians inside and outside the edge.
        support: share of the rays whose strongest edge lies on the circle, 0–1.
    """

    circle: Circle
    contrast: float
    support: float


def refine_pupil(gray: Gray, start: Circle, search: Search = FROM_MASK) -> PupilFit:
    """Refine the pupil: repeatedly fit a robust circle through the strongest rise of each ray.

    Args:
        gray: uint8 (height, width).
        start: the network's circle or that of a step (`step_inside`), px.
        search: how far around it.
    """
    circle, support = start, 0.0
    for reach in search.reaches:
        found, support = _through_edges(gray, circle, reach)
        if _apart(found, start) > search.most:
            circle = start
            break
        circle = found
    inside, outside = _levels(gray, circle)
    return PupilFit(circle, max(outside - inside, 0.0), support)


def _through_edges(gray: Gray, circle: Circle, reach: float) -> tuple[Circle, float]:
    radii = circle.radius * np.arange(1 - reach - 0.04, 1 + reach + 0.041, _STEP, dtype=np.float32)
    lines = cv2.GaussianBlur(rays(gray, circle.x, circle.y, radii, _VECTORS), (0, 0), 2.5, None, 1.0)
    x, y, radius, support = _through_rises(np.asarray(lines, np.float32), radii, circle.x, circle.y)
    return Circle(x, y, radius), support


def warm_up() -> None:
    """Compile this module's kernel, or load it from the cache."""
    _through_rises(np.zeros((RAYS, 9), np.float32), np.ones(9, np.float32), 0.0, 0.0)


@kernel
def _through_rises(  # pragma: no cover  # compiled
    lines: Floats, radii: Floats, x: float, y: float
) -> tuple[float, float, float, float]:
    """Fit a circle through the strongest rise over 8 samples of each ray.

    Args:
        lines: float32 (RAYS, radii), grey levels along rays from a point.
        radii: of the samples, px.
        x: the point.
        y: the same.

    Returns:
        As `fitted`.
    """
    xs, ys, rises = np.empty(RAYS), np.empty(RAYS), np.empty(RAYS)
    for ray in range(RAYS):
        place, highest = 0, lines[ray, 8] - lines[ray, 0]
        for k in range(1, radii.size - 8):
            rise = lines[ray, k + 8] - lines[ray, k]
            if rise > highest:
                place, highest = k, rise
        xs[ray] = np.float32(x) + _VECTORS[0, ray] * radii[place + 4]
        ys[ray] = np.float32(y) + _VECTORS[1, ray] * radii[place + 4]
        rises[ray] = min(max(highest, 0.0), MAX_RISE)
    return fitted(xs, ys, rises)


def _apart(one: Circle, other: Circle) -> float:
    return float(np.hypot(one.x - other.x, one.y - other.y) + abs(one.radius - other.radius)) / other.radius


def _levels(gray: Gray, circle: Circle) -> tuple[float, float]:
    """Return the median grey levels inside and outside a circle's edge."""
    radii = np.array([circle.radius * 0.8 - 1, circle.radius * 1.15 + 2], np.float32)
    inside, outside = medians(rays(gray, circle.x, circle.y, radii, _VECTORS))
    return float(inside), float(outside)


def sharpness(gray: Gray, pupil: PupilFit) -> float:
    """Steepness of a pupil's edge, iris-to-pupil steps per px of the image scaled to 320 px, 0–1.

    About 0.5 for a step, about 0.4 / s after a Gaussian blur of s px.

    Args:
        gray: uint8 (height, width).
        pupil: found in it.
    """
    circle = pupil.circle
    radii = np.arange(circle.radius * 0.8, circle.radius * 1.2 + 1, 0.5, dtype=np.float32)
    lines = rays(gray, circle.x, circle.y, radii, _VECTORS)
    steepest = medians(np.max(lines[:, 2:] - lines[:, :-2], axis=1, keepdims=True))
    scale: float = max(gray.shape) / QUALITY_SIDE_PX
    return float(steepest[0] / max(pupil.contrast, 1.0)) * scale


class Step(NamedTuple):
    """A central disc of a pupil that is darker than the rest of it.

    Args:
        levels: grey levels by which it is darker; 0 or less without one.
        radius: of the disc, px.
    """

    levels: float
    radius: float


def step_inside(gray: Gray, circle: Circle) -> Step:
    """Measure how much darker a central disc of a pupil is than the rest of it.

    A pupil is uniformly dark; an iris mistaken for one contains its pupil. A reflection, a spot or a ring of spots is a
    step up too, but outside it the pupil is dark again.

    1. Take the lower quartile of each ring's grey levels, which reflections on less than 3/4 of it do not affect.
    2. For each position of the step, subtract the mean of the rings inside from the darkest ring outside; take the
       maximum.

    Args:
        gray: uint8 (height, width).
        circle: the presumed pupil, px.
    """
    lines = rays(gray, circle.x, circle.y, circle.radius * _RINGS, _VECTORS)
    rings = np.partition(lines, RAYS // 4, axis=0)[RAYS // 4]
    inside = np.cumsum(rings) / np.arange(1, rings.size + 1)
    outside = np.minimum.accumulate(rings[::-1])[::-1]
    rises = outside[_FIRST:_LAST] - inside[_FIRST - _EDGE : _LAST - _EDGE]
    place = int(np.argmax(rises))
    return Step(float(rises[place]), circle.radius * float(_RINGS[_FIRST + place] - _EDGE * _RING_WIDTH / 2))
