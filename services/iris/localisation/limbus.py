"""Refines the limbus from the network's circle, on the visible arcs."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from services.iris.segmentation.circles import Circle, Floats, Gray, directions, medians, ray_points, rays
from services.iris.segmentation.network import Segmentation

RAYS = 72
MIN_ARC_RAYS = 5  # least rays of a side for its contrast
MIN_SEEN_RAYS = 14  # least rays for refining
MAX_RISE = 25.0  # grey levels; steeper edges hardly count more
MIN_RISE = 2.0  # grey levels; least rise of an edge that supports the circle
LOOSE_CENTRE, LOOSE_RADIUS = 0.05, 0.06  # in radii: standard deviations of the start's centre and radius
LOOSE_PUPIL, FAR_OFF = 0.12, 0.1  # in radii: distance between the centres, standard deviation and limit
_VECTORS = directions(RAYS)
_EACH_RAY = np.arange(RAYS)
_STEP = 0.005  # radii
_SHARES = np.arange(0.76, 1.26, _STEP, dtype=np.float32)
_INSIDE_OUT = np.array(sorted(range(81), key=lambda place: (place % 9 - 4) ** 2 + (place // 9 - 4) ** 2))  # of 9 × 9
_HALF_EDGE = 5  # steps: the rise across an edge is measured over twice this


@dataclass(frozen=True, eq=False)
class LimbusFit:
    """The outer edge of the iris, with measures of its visibility.

    Args:
        circle: px.
        support: share of the rays across the visible arcs along which brightness rises outwards, 0–1.
        strength: their mean rise, bounded for steep edges and reduced with distance from the start, 0–1.
        across: rise across the circle by ray, grey levels, float32 (RAYS,).
        seen: bool (RAYS,), which rays cross the visible arcs.
    """

    circle: Circle
    support: float
    strength: float
    across: Floats = field(repr=False)
    seen: NDArray[np.bool_] = field(repr=False)

    @property
    def contrast(self) -> float:
        """Grey levels between sclera and iris: the lower one of the visible left and right arcs."""
        sides = [self.across[self.seen & side] for side in (_VECTORS[0] < 0, _VECTORS[0] >= 0)]
        contrasts = [float(medians(side[:, None])[0]) for side in sides if side.size >= MIN_ARC_RAYS]
        return max(min(contrasts, default=0.0), 0.0)


def refine_limbus(gray: Gray, start: Circle, pupil: Circle, found: Segmentation) -> LimbusFit:
    """Refine the limbus by the integro-differential operator (Daugman 1993) on the arcs between the lids.

    1. Tabulate the rise in brightness once, by ray and radius around a start. A circle moved by (dx, dy) crosses the
       ray of angle a at r + dx·cos a + dy·sin a, so every candidate is a path through that table.
    2. Search the highest mean rise, coarse to fine, weighted by the distances from the start and from the pupil.
    3. If the network's circle is far off the pupil, also start from one centred on the pupil; the better result wins.

    Args:
        gray: uint8 (height, width).
        start: the network's circle, px.
        pupil: px.
        found: the network's segmentation of the image.
    """
    fit = _refined(gray, start, pupil, found, LOOSE_RADIUS)
    if np.hypot(start.x - pupil.x, start.y - pupil.y) > FAR_OFF * start.radius:
        about_pupil = Circle(pupil.x, pupil.y, start.radius)
        other = _refined(gray, about_pupil, pupil, found, 2 * LOOSE_RADIUS)
        return other if other.strength > fit.strength else fit
    return fit


def _refined(gray: Gray, start: Circle, pupil: Circle, found: Segmentation, loose: float) -> LimbusFit:
    seen = _seen(start, found)
    lines = rays(gray, start.x, start.y, start.radius * _SHARES, _VECTORS)
    smooth = np.asarray(cv2.GaussianBlur(lines, (0, 0), sigmaX=3.0, sigmaY=0.7), np.float32)
    rise = np.zeros_like(smooth)
    rise[:, _HALF_EDGE:-_HALF_EDGE] = smooth[:, 2 * _HALF_EDGE :] - smooth[:, : -2 * _HALF_EDGE]
    circle, strength = start, 0.0
    rays_seen = int(np.count_nonzero(seen))
    if rays_seen >= MIN_SEEN_RAYS:
        circle, strength = _search(np.tanh(rise[seen] / MAX_RISE), _VECTORS[:, seen], start, pupil, loose)
    across = _across(rise, start, circle)
    support = int(np.count_nonzero(across[seen] > MIN_RISE)) / max(rays_seen, 1)
    return LimbusFit(circle, support, strength, across, seen)


def warm_up() -> None:
    """Compile this module's kernel, or load it from the cache."""
    nowhere = Circle(0.0, 0.0, 1.0)
    _search(np.zeros((RAYS, len(_SHARES)), np.float32), _VECTORS, nowhere, nowhere, LOOSE_RADIUS)


def _seen(circle: Circle, found: Segmentation) -> NDArray[np.bool_]:
    """Return which rays cross the limbus between the lids, inside the frame, clear of lashes and reflections."""
    around = circle.radius * np.array([0.94, 1.0, 1.08], np.float32)
    opening, noise = found.at(*ray_points(circle.x, circle.y, around, _VECTORS), found.opening, found.noise)
    clear = (opening > 0.5) & (noise < 0.5)
    return np.asarray(clear.all(axis=1))


def _search(rise: Floats, vectors: Floats, start: Circle, pupil: Circle, loose: float) -> tuple[Circle, float]:
    px, py = float((pupil.x - start.x) / start.radius), float((pupil.y - start.y) / start.radius)
    vectors = np.ascontiguousarray(vectors)  # always one layout: the kernel is compiled for it
    found = (0.0, 0.0, 1.0, 0.0)
    for step, span in ((0.02, 1.6 * loose), (0.005, 0.03)):
        found = _best_around(rise, vectors, found[:3], (px, py, loose), step, span)
    x, y, share, strength = found
    return Circle(start.x + x * start.radius, start.y + y * start.radius, share * start.radius), strength


@kernel
def _best_around(  # pragma: no cover  # compiled
    rise: Floats,
    vectors: Floats,
    middle: tuple[float, float, float],
    trusted: tuple[float, float, float],
    step: float,
    span: float,
) -> tuple[float, float, float, float]:
    """Search circles around one: 9 × 9 centres, and radii within ± `span`, all in radii of the start.

    Args:
        rise: float32 (rays, steps of _SHARES).
        vectors: float32 (2, rays).
        middle: centre and radius of the circle to search around.
        trusted: centre of the pupil, and standard deviation of the start's radius.
        step: between centres; radii are spaced by half of it.
        span: of the radii.

    Returns:
        Centre and radius of the best circle, and its weighted mean rise.
    """
    px, py, loose = trusted
    best = (0.0, 0.0, 1.0, 0.0)
    half = int(np.ceil(2 * span / step))
    most = np.zeros(len(rise) + 1)  # that the rays from each on can add
    for ray in range(len(rise) - 1, -1, -1):
        v, w = vectors[0, ray], vectors[1, ray]
        crossing = middle[0] * v + middle[1] * w + middle[2] - _SHARES[0]
        reach = 4 * step * (abs(v) + abs(w)) + half * step / 2
        first, last = int((crossing - reach) / _STEP) - 1, int((crossing + reach) / _STEP) + 2
        first, last = min(max(first, 0), len(_SHARES) - 1), min(max(last, 0), len(_SHARES) - 1)
        most[ray] = most[ray + 1] + rise[ray, first : last + 1].max()
    for place in _INSIDE_OUT:
        x, y = middle[0] + (place % 9 - 4) * step, middle[1] + (place // 9 - 4) * step
        offset = x * vectors[0] + y * vectors[1] - _SHARES[0]
        from_start = (x * x + y * y) / LOOSE_CENTRE**2 + ((x - px) ** 2 + (y - py) ** 2) / LOOSE_PUPIL**2
        for turn in range(2 * half + 1):
            k = (turn + 1) // 2 if turn % 2 else -turn // 2
            share = middle[2] + k * step / 2
            weight = np.exp(-0.5 * (from_start + ((share - 1) / loose) ** 2))
            total = 0.0
            for ray in range(len(rise)):
                if ray % 8 == 0 and weight * (total + most[ray]) <= best[3] * len(rise):  # it cannot be better
                    break
                column = round((share + offset[ray]) / _STEP)
                total += rise[ray, min(max(column, 0), len(_SHARES) - 1)]
            else:
                mean = total / len(rise) * weight
                if mean > best[3]:
                    best = (x, y, share, mean)
    return best


def _across(rise: Floats, start: Circle, circle: Circle) -> Floats:
    """Return the rise across a circle by ray, float32 (RAYS,)."""
    dx, dy = (circle.x - start.x) / start.radius, (circle.y - start.y) / start.radius
    crossing = circle.radius / start.radius + dx * _VECTORS[0] + dy * _VECTORS[1]
    columns = np.rint((crossing - _SHARES[0]) / _STEP).astype(np.intp)
    across: Floats = rise[_EACH_RAY, np.minimum(np.maximum(columns, 0), _SHARES.size - 1)]
    return across
