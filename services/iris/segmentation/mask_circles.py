"""Fits circles to the borders of iris and pupil in the network's masks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from services.iris.segmentation.circles import Circle, Floats, directions, fit_circle, ray_points
from services.iris.segmentation.network import Frame, Segmentation

RAYS = 64
MIN_AREA_PX = 30  # of the network's input
HIDDEN_WEIGHT = 0.15  # of a border point under a lid; between the lids it is 1
MIN_RAYS = 20  # least rays whose border lies inside the frame
_VECTORS = directions(RAYS)
_RADII = np.arange(1.0, 110.0, 1.0, dtype=np.float32)  # px of the network's input
_CONFIDENCE_RINGS = np.array([0.3, 0.6, 0.85, 1.15, 1.28, 1.4], np.float32)  # in radii: three inside, three outside

Labels = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class MaskCircle:
    """A circle fitted to a mask.

    Args:
        circle: px of the image.
        support: share of the border's points that lie on the circle, 0–1.
        mask: the mask, float32 (128, 160).
        fitted: the circle, px of the mask.
        border: float32 (n, 2), px of the mask.
    """

    circle: Circle
    support: float
    mask: Floats = field(repr=False)
    fitted: Circle = field(repr=False)
    border: Floats = field(repr=False)

    @property
    def roundness(self) -> float:
        """Shorter over longer axis of the ellipse through the border, 0–1."""
        return self._ellipse[0]

    @property
    def angle(self) -> float:
        """Direction of the ellipse's shorter axis, degrees clockwise on the screen from +x, 0–180."""
        return self._ellipse[1]

    @cached_property
    def _ellipse(self) -> tuple[float, float]:
        _, (one, other), angle = cv2.fitEllipse(self.border)
        return min(one, other) / max(one, other, 1e-6), (angle if one <= other else angle + 90) % 180

    @cached_property
    def confidence(self) -> float:
        """Mean probability inside the circle minus the mean in the ring from 1.15 to 1.4 radii, 0–1."""
        rings = _CONFIDENCE_RINGS * self.fitted.radius
        points = ray_points(self.fitted.x, self.fitted.y, rings, _VECTORS)
        means = cv2.remap(self.mask, *points, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).mean(axis=0)
        return min(max(float(means[:3].mean() - means[3:].mean()), 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class MaskCircles:
    """The two circles of an eye.

    Args:
        iris: outer circle, including the pupil.
        pupil: inner circle.
    """

    iris: MaskCircle
    pupil: MaskCircle


def find_mask_circles(found: Segmentation) -> MaskCircles | None:
    """Find both circles; None if one is missing."""
    iris = find_mask_circle(found.iris, found.opening, found.frame)
    pupil = find_mask_circle(found.pupil, found.opening, found.frame) if iris else None
    return MaskCircles(iris, pupil) if iris and pupil else None


def find_mask_circle(mask: Floats, opening: Floats, frame: Frame) -> MaskCircle | None:
    """Fit a circle to the border of the largest region of a mask.

    1. Take the largest region with probabilities above 0.5.
    2. From its centre, follow rays to where the probability falls below 0.5, interpolated between pixels.
    3. Leave out rays that end at the frame.
    4. Fit a circle, with less weight for points under the lids.

    Args:
        mask: float32 (128, 160), probabilities.
        opening: float32 (128, 160), probabilities of the eye's opening.
        frame: position of the image in the mask.

    Returns:
        The circle, or None if no region is large enough.
    """
    count, labels = regions(mask, 0.5)
    if count < 2:
        return None
    largest = 1 + int(np.argmax(areas(labels))) if count > 2 else 1
    region = (labels == largest).view(np.uint8)
    moments = cv2.moments(region)
    if moments["m00"] < MIN_AREA_PX:
        return None
    only = mask if count == 2 else np.where(labels == largest, mask, np.minimum(mask, np.float32(0.5)))
    _, _, width, height = cv2.boundingRect(region)
    centre = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
    xs, ys = _border(only, centre, int(np.hypot(width, height)), frame)
    if xs.size < MIN_RAYS:
        return None
    shown = cv2.remap(opening, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).ravel()
    circle, support = fit_circle(xs, ys, np.asarray(HIDDEN_WEIGHT + (1 - HIDDEN_WEIGHT) * shown, np.float32))
    return MaskCircle(_in_image(circle, frame), support, mask, circle, np.stack([xs, ys], axis=1))


def regions(mask: Floats, above: float) -> tuple[int, Labels]:
    """Find the connected regions of a mask above a probability, with 8-connectivity.

    Without OpenCV's statistics of them, which take twice as long as finding them.

    Returns:
        Number of regions, with the background; each pixel's region, int32, 0 for the background.
    """
    count, labels = cv2.connectedComponents((mask > above).view(np.uint8))
    return count, np.asarray(labels, np.int32)


def areas(labels: Labels) -> NDArray[np.int64]:
    """Area of each region without the background, px."""
    return np.bincount(labels.ravel())[1:]


def _border(mask: Floats, centre: tuple[float, float], reach: int, frame: Frame) -> tuple[Floats, Floats]:
    """Return the points where rays from a centre leave a region, px of the mask; they are sought as far as `reach`."""
    x, y = (float(np.float32(each)) for each in centre)
    values = cv2.remap(mask, *ray_points(x, y, _RADII[:reach], _VECTORS), cv2.INTER_LINEAR)
    all_leave, xs, ys = _leaving(np.asarray(values, np.float32), x, y)
    if not all_leave and reach < _RADII.size:  # some ray leads into another region
        return _border(mask, centre, _RADII.size, frame)
    framed = (xs > frame.left + 0.5) & (xs < frame.left + frame.width - 1.5)
    framed &= (ys > frame.top + 0.5) & (ys < frame.top + frame.height - 1.5)
    return xs[framed], ys[framed]


def warm_up() -> None:
    """Compile this module's kernel, or load it from the cache."""
    _leaving(np.zeros((RAYS, 2), np.float32), 0.0, 0.0)


@kernel
def _leaving(values: Floats, x: float, y: float) -> tuple[bool, Floats, Floats]:  # pragma: no cover  # compiled
    """Where rays from a point leave a region, interpolated between pixels.

    Args:
        values: float32 (RAYS, radii), the region's probabilities along the rays.
        x: the point.
        y: the same.

    Returns:
        Whether all rays leave it; x and y of the places.
    """
    all_leave, xs, ys = True, np.empty(RAYS, np.float32), np.empty(RAYS, np.float32)
    half, one, least = np.float32(0.5), np.float32(1), np.float32(1e-6)
    for ray in range(RAYS):
        after = 0
        while after < values.shape[1] and values[ray, after] >= half:
            after += 1
        if after == values.shape[1]:
            all_leave, after = False, 0
        after = max(after, 1)
        high, low = values[ray, after - 1], values[ray, after]
        at = _RADII[after - 1] + min(max((high - half) / max(high - low, least), np.float32(0)), one)
        xs[ray], ys[ray] = np.float32(x) + _VECTORS[0, ray] * at, np.float32(y) + _VECTORS[1, ray] * at
    return all_leave, xs, ys


def _in_image(circle: Circle, frame: Frame) -> Circle:
    factor = frame.factor
    return Circle(
        (circle.x - frame.left + 0.5) * factor - 0.5 + frame.x,
        (circle.y - frame.top + 0.5) * factor - 0.5 + frame.y,
        circle.radius * factor,
    )
