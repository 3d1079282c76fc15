"""The limbus: the edge from iris to sclera, seen best at its left and right."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from services.iris.circles import Circle, Floats, Gray, rays, sample

LIMBUS_RADII_PX = (30.0, 150.0)  # at the working size, longer side 320 px


@dataclass(frozen=True, slots=True)
class LimbusFit:
    """The outer edge of the iris, and how well it shows.

    Args:
        circle: px.
        contrast: grey levels between sclera and iris: the lesser of the left and right arcs in the frame.
        support: share of the rays across these arcs along which brightness rises outwards, 0–1.
    """

    circle: Circle
    contrast: float
    support: float


def find_limbus(filled: Gray, pupil: Circle) -> LimbusFit:
    """Find the limbus by the integro-differential operator on the lateral arcs (Daugman 1993, 2004).

    Args:
        filled: uint8 (height, width), longer side 320 px, glints filled.
        pupil: px in the same image.
    """
    smooth = np.asarray(cv2.GaussianBlur(filled, (0, 0), 2.0), np.uint8)
    reach = max(6.0, 0.25 * pupil.radius)
    low, high = LIMBUS_RADII_PX
    radii = np.arange(max(1.25 * pupil.radius, low), min(7.0 * pupil.radius, high), 2.0, dtype=np.float32)
    found = _search(smooth, pupil, (pupil.x, pupil.y), reach, 3.0, radii)
    for step in (1.0, 0.5):
        near = np.arange(found.radius - 3 * step, found.radius + 3.1 * step, step, dtype=np.float32)
        found = _search(smooth, pupil, (found.x, found.y), 2 * step, step, near)
    return _fit(smooth, found)


_ARC = np.deg2rad(np.concatenate([np.arange(-25, 46, 3), np.arange(135, 206, 3)])).astype(np.float32)
_ARCS = np.stack([np.cos(_ARC), np.sin(_ARC)])
_HALF = _ARC.size // 2  # the first half is on the right
MIN_ARC_RAYS = 6  # of the 24 of a side, within the frame
OFFSET_COST = 4.0  # of the squared vertical offset of the centres, in iris radii; lateral arcs hold it loosely
MIN_RISE = 2.0  # grey levels


def _search(
    smooth: Gray, pupil: Circle, around: tuple[float, float], reach: float, step: float, radii: Floats
) -> Circle:
    shifts = np.arange(-reach, reach + step / 2, step, dtype=np.float32)
    dx, dy = (grid.ravel() for grid in np.meshgrid(shifts, shifts * 0.7))
    xs = around[0] + dx[:, None, None] + _ARCS[0][None, :, None] * radii
    ys = around[1] + dy[:, None, None] + _ARCS[1][None, :, None] * radii
    delta = 3.0
    slope = _rises(smooth, xs, ys, delta)
    strength = np.minimum(slope, 25.0).mean(axis=1)
    strength *= 1 - OFFSET_COST * ((around[1] + dy[:, None] - pupil.y) / radii) ** 2
    apart = np.hypot(around[0] + dx - pupil.x, around[1] + dy - pupil.y)
    strength[radii - apart[:, None] < 1.2 * pupil.radius + 4.0] = -np.inf
    best = np.unravel_index(np.argmax(strength), strength.shape)
    return Circle(float(around[0] + dx[best[0]]), float(around[1] + dy[best[0]]), float(radii[best[1]]))


def _rises(smooth: Gray, xs: Floats, ys: Floats, delta: float) -> Floats:
    """Sample the rise in brightness across the arcs: outside minus inside, grey levels."""
    offset = (_ARCS * delta)[:, None, :, None]
    shape = xs.shape
    outer = sample(smooth, (xs + offset[0]).reshape(shape[0], -1), (ys + offset[1]).reshape(shape[0], -1))
    inner = sample(smooth, (xs - offset[0]).reshape(shape[0], -1), (ys - offset[1]).reshape(shape[0], -1))
    return (outer - inner).reshape(shape)


def _arc_rises(smooth: Gray, circle: Circle) -> tuple[Floats, Floats]:
    """Return the rises in brightness across the left and the right arc, where they are in the frame."""
    inner, outer = circle.radius * 0.95 - 2, circle.radius * 1.05 + 2
    lines = rays(smooth, circle.x, circle.y, np.array([inner, outer], np.float32), _ARCS)
    rise = lines[:, 1] - lines[:, 0]
    height, width = smooth.shape
    xs, ys = circle.x + _ARCS[0] * outer, circle.y + _ARCS[1] * outer
    framed = (xs >= 0) & (xs < width) & (ys >= 0) & (ys < height)
    return rise[_HALF:][framed[_HALF:]], rise[:_HALF][framed[:_HALF]]


def _fit(smooth: Gray, circle: Circle) -> LimbusFit:
    sides = _arc_rises(smooth, circle)
    seen = [float(np.median(side)) for side in sides if side.size >= MIN_ARC_RAYS]
    rises = np.concatenate(sides)
    support = float(np.mean(rises > MIN_RISE)) if rises.size else 0.0
    return LimbusFit(circle, min(seen, default=0.0), support)
