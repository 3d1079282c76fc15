"""Coordinates of a slap: px of its image, cells of 1/125 inch, and cells of the upright hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from services.fingerprint.slap.cover import Cover

Map = NDArray[np.float64]
"""float64, shape (3, 3): maps (x, y, 1), pixel centres to pixel centres."""


FULL = 0.5
"""A cell counts from this cover on."""
MARGIN_CELLS = 6


@dataclass(frozen=True, slots=True)
class Upright:
    """The cover of a slap, turned so that its fingers point up, and cropped to what is covered.

    Args:
        cover: in cells of the upright hand; 0 outside of the image.
        inside: bool, same shape: within the image.
        degrees: by which the hand was turned in the image, clockwise as seen.
        to_image: cells of the upright hand → px of the image.
    """

    cover: Cover = field(repr=False)
    inside: NDArray[np.bool_] = field(repr=False)
    degrees: float
    to_image: Map = field(repr=False)


def turned_upright(covered: Cover, degrees: float, image_shape: tuple[int, ...]) -> Upright:
    """Turn a cover.

    Args:
        covered: of the whole image.
        degrees: rotation of the hand, clockwise as seen.
        image_shape: height and width of the image, px.
    """
    height, width = covered.shape
    turn = rotation(degrees, (0.0, 0.0), (0.0, 0.0))
    y, x = np.nonzero(covered > FULL)
    corners = mapped(np.stack([x, y], 1) if len(x) else np.zeros((1, 2)), turn)
    turn[:2, 2] += MARGIN_CELLS - corners.min(axis=0)
    size = tuple(int(side) for side in np.ptp(corners, axis=0) + 2 * MARGIN_CELLS + 1)
    upright = cv2.warpAffine(covered, turn[:2], size)
    inside = cv2.warpAffine(np.ones_like(covered), turn[:2], size) > FULL
    scale = scaling(image_shape[1] / width, image_shape[0] / height)
    return Upright(np.asarray(upright, np.float32), inside, degrees, scale @ np.linalg.inv(turn))


def rotation(degrees: float, about: tuple[float, float], to: tuple[float, float]) -> Map:
    """Turns what is turned clockwise by an angle upright, and moves one point to another."""
    turned = np.vstack([cv2.getRotationMatrix2D(about, degrees, 1.0), [0.0, 0.0, 1.0]])
    turned[:2, 2] += np.array(to) - np.array(about)
    return turned


def scaling(across: float, down: float) -> Map:
    """Enlarges by two factors; pixel centres to pixel centres."""
    return np.array([[across, 0.0, across / 2 - 0.5], [0.0, down, down / 2 - 0.5], [0.0, 0.0, 1.0]])


def mapped(points: NDArray[np.number], by: NDArray[np.number]) -> NDArray[np.float64]:
    """Map points; shape (n, 2), x and y."""
    return np.asarray(points @ by[:2, :2].T + by[:2, 2], np.float64)
