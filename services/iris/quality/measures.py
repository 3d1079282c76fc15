"""Measures the quality components of an iris image, after ISO/IEC 29794-6."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from services.iris.coding.rubber_sheet import ROWS, sheet_points
from services.iris.localisation.localisation import Eye
from services.iris.localisation.pupil import sharpness
from services.iris.segmentation.circles import Circle
from services.iris.segmentation.network import HEIGHT, WIDTH, Segmentation

_QUARTER = np.array([[0, 1, 1, 2, 2], [1, 2, 4, 5, 5], [1, 4, 5, 3, 0], [2, 5, 3, -12, -24], [2, 5, 0, -24, -40]])
SHARPNESS_KERNEL = np.pad(np.pad(_QUARTER, ((0, 4), (0, 0)), "reflect"), ((0, 0), (0, 4)), "reflect").astype(np.float32)
"""9×9, the Laplacian of a Gaussian of 1.4 px: ISO/IEC 29794-6:2015, sharpness."""

IRIS_PROBABILITY = 0.5
TEXTURE_RADIUS_PX = 80.0  # iris radius to which the image is scaled for texture
_INNER = slice(ROWS // 16, ROWS - ROWS // 8)  # rows of the sheet away from the iris's edges
_NEAR = 1.2  # iris radii to either side within which lashes are counted


def measure(gray: NDArray[np.uint8], eye: Eye, found: Segmentation, shown: NDArray[np.bool_]) -> dict[str, float]:
    """Measure an eye.

    Args:
        gray: uint8, shape (height, width).
        eye: the eye in it.
        found: the network's segmentation of it.
        shown: bool (64, 512), visibility of each sample of the rubber sheet.

    Returns:
        visible_fraction: share of the iris ring that is neither hidden nor outside the frame, 0–1.
        uncertainty: of the network about the iris's edge, 0 or more.
        iris_pupil_contrast: grey levels.
        iris_sclera_contrast: grey levels.
        texture: fine structure of the iris relative to the contrast, log10.
        edge: steepness of the pupil's edge, steps per px of the image scaled to 320 px.
        offset: between the centres of pupil and iris, iris radii.
        roundness: shorter over longer axis of the iris, 0–1; low where the eye looks aside.
        tilt: of the eye in the image plane, degrees, 0–90.
        iris_radius_px: px of `gray`.
        margin: from the limbus to the nearest side of the frame, iris radii; negative if outside.
        pupil_ratio: pupil to iris radius.
    """
    pupil, limbus = eye.pupil.circle, eye.limbus.circle
    return {
        "visible_fraction": np.count_nonzero(shown) / shown.size,
        "uncertainty": found.iris_uncertainty,
        "iris_pupil_contrast": eye.pupil.contrast,
        "iris_sclera_contrast": eye.limbus.contrast,
        "texture": texture(gray, (pupil, limbus), shown, eye.pupil.contrast),
        "edge": sharpness(gray, eye.pupil),
        "offset": offset(pupil, limbus),
        "roundness": eye.iris_roundness,
        "tilt": abs(found.tilt),
        "iris_radius_px": limbus.radius,
        "margin": margin(limbus, (gray.shape[1], gray.shape[0])),
        "pupil_ratio": pupil.radius / limbus.radius,
    }


def texture(gray: NDArray[np.uint8], eye: tuple[Circle, Circle], shown: NDArray[np.bool_], contrast: float) -> float:
    """Strength of the visible iris's fine structure relative to the step from pupil to iris.

    Blur weakens the fine structure before it weakens the step; a dark image has less of both.

    Args:
        gray: uint8, shape (height, width).
        eye: pupil and limbus, px of `gray`.
        shown: bool (64, 512), visibility of each sample of the rubber sheet.
        contrast: of pupil and iris, grey levels.

    Returns:
        log10 of the mean squared response of SHARPNESS_KERNEL over the squared contrast. CASIA-Iris-Interval: 1.4–2.3;
        after a Gaussian blur of 8 % of the iris's radius about 0.3.
    """
    pupil, limbus = eye
    factor = TEXTURE_RADIUS_PX / limbus.radius
    left, top = (max(0, int(centre - limbus.radius)) for centre in (limbus.x, limbus.y))
    right, bottom = (int(centre + limbus.radius) + 2 for centre in (limbus.x, limbus.y))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    iris = cv2.resize(gray[top:bottom, left:right], None, fx=factor, fy=factor, interpolation=how)
    response = cv2.filter2D(iris.astype(np.float32), cv2.CV_32F, SHARPNESS_KERNEL)  # 8 times as fast as on bytes
    xs, ys = sheet_points(*(Circle(c.x - left, c.y - top, c.radius).scaled(factor) for c in (pupil, limbus)))
    seen = cv2.remap(response, xs[_INNER], ys[_INNER], cv2.INTER_LINEAR)[shown[_INNER]]
    power = float(np.mean(np.square(seen))) if seen.size else 0.0
    return float(np.log10(max(power, 1.0) / max(contrast, 1.0) ** 2))


def lashes(found: Segmentation) -> float:
    """Log ratio of lashes above over below the iris; negative for most upside-down eyes.

    Above and below are relative to the opening's longer axis, within 1.2 iris radii of its middle along it.

    Returns:
        Natural logarithm of (noise above + 1) / (noise below + 1), in px of the network's input.
    """
    moments = cv2.moments((found.iris > IRIS_PROBABILITY).astype(np.uint8))
    area = moments["m00"]
    if not area:
        return 0.0
    turn = np.deg2rad(found.tilt)
    ys, xs = np.ogrid[:HEIGHT, :WIDTH]
    ys, xs = ys - moments["m01"] / area, xs - moments["m10"] / area
    near = np.abs(xs * np.cos(turn) + ys * np.sin(turn)) < _NEAR * np.sqrt(area / np.pi)
    noise = np.where(near, found.noise, np.float32(0))
    above = float(noise.sum(where=ys * np.cos(turn) < xs * np.sin(turn)))
    return float(np.log((above + 1) / (float(noise.sum()) - above + 1)))


def margin(limbus: Circle, size: tuple[int, int]) -> float:
    """Distance from the limbus to the nearest side of the frame, in iris radii; negative if outside.

    Args:
        limbus: px.
        size: width and height of the image, px.
    """
    right, bottom = size[0] - 1 - limbus.x, size[1] - 1 - limbus.y
    return min(limbus.x, right, limbus.y, bottom) / limbus.radius - 1


def offset(pupil: Circle, limbus: Circle) -> float:
    """Distance between the centres, in iris radii."""
    return float(np.hypot(pupil.x - limbus.x, pupil.y - limbus.y)) / limbus.radius
