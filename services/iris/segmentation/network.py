"""Runs the segmentation network: where iris, pupil, eye opening, lashes and specular reflections are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from infra.models.onnx_model import OnnxModel
from services.iris.segmentation.circles import Floats, Gray
from services.iris.segmentation.signs import tilt, uncertainty

WIDTH, HEIGHT = 160, 128  # of the network's input
MIN_OPENING = 0.5  # probability
NO_DATA = 114  # grey level that pads images to the input's size, as in training


@dataclass(frozen=True, slots=True)
class Frame:
    """Position of an image, or of a part of it, in the network's input, to which it is scaled to fit.

    Args:
        factor: px of the image per px of the input.
        left: first column of the image, or of its part, in the input.
        top: first row.
        width: columns of it in the input.
        height: rows.
        x: first column of the part in the image, px.
        y: first row.
    """

    factor: float
    left: int
    top: int
    width: int
    height: int
    x: int = 0
    y: int = 0

    @classmethod
    def of(cls, width: int, height: int, x: int = 0, y: int = 0) -> Frame:
        """Return the frame of an image, or of a part of one, of this size."""
        factor = max(width / WIDTH, height / HEIGHT)
        inner = min(WIDTH, round(width / factor)), min(HEIGHT, round(height / factor))
        return cls(factor, (WIDTH - inner[0]) // 2, (HEIGHT - inner[1]) // 2, *inner, x, y)

    def to_image(self, xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
        """Convert coordinates in the input into those in the image."""
        factor, half = np.float32(self.factor), np.float32(0.5)
        return (xs - self.left + half) * factor - half + self.x, (ys - self.top + half) * factor - half + self.y

    def from_image(self, xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
        """Convert coordinates in the image into those in the input."""
        factor, half = np.float32(self.factor), np.float32(0.5)
        return (xs - self.x + half) / factor - half + self.left, (ys - self.y + half) / factor - half + self.top

    @property
    def inner(self) -> tuple[slice, slice]:
        """The rows and columns that the image, or its part, fills."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)


@dataclass(frozen=True)
class Segmentation:
    """The network's output for each pixel of its input: probabilities 0–1, float32 (128, 160).

    Args:
        iris: disc inside the limbus, including the pupil and what lids cover.
        pupil: disc of the pupil, including what lids cover.
        opening: area between the lids.
        noise: lashes, specular reflections, frames of glasses.
        frame: position of the image in the input.
        scaled: uint8 (frame.height, frame.width), the image as it was scaled for the network.
    """

    iris: Floats = field(repr=False)
    pupil: Floats = field(repr=False)
    opening: Floats = field(repr=False)
    noise: Floats = field(repr=False)
    frame: Frame
    scaled: Gray = field(repr=False)

    def at(self, xs: Floats, ys: Floats, *masks: Floats) -> list[Floats]:
        """Sample masks at points of the image, bilinearly, 0 outside the input."""
        columns, rows = self.frame.from_image(xs, ys)
        return [np.asarray(cv2.remap(mask, columns, rows, cv2.INTER_LINEAR), np.float32) for mask in masks]

    @cached_property
    def outline(self) -> Floats:
        """Outline of the largest opening, px of the image, float32 (n, 2); n is 0 without one."""
        open_ = (self.opening > MIN_OPENING).astype(np.uint8)
        contours, _ = cv2.findContours(open_, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        if not contours:
            return np.zeros((0, 2), np.float32)
        points = max(contours, key=cv2.contourArea)[:, 0].astype(np.float32)
        return np.stack(self.frame.to_image(points[:, 0], points[:, 1]), axis=1)

    @cached_property
    def tilt(self) -> float:
        """Tilt of the eye in the image plane, see `signs.tilt`."""
        return tilt(self.outline)

    @cached_property
    def iris_uncertainty(self) -> float:
        """The network's in the iris, see `signs.uncertainty`."""
        return uncertainty(self.iris)


class Segmenter:
    """Runs the network of `docs/measurements/model_cards/iris-segmentation.md`.

    Args:
        model: `iris-segmentation`.
    """

    def __init__(self, model: OnnxModel) -> None:
        self._model = model

    def segment(self, images: Sequence[Gray], gamma: float = 1.0) -> list[Segmentation]:
        """Segment near-infrared images of one eye each.

        Args:
            images: uint8 (height, width), of any sizes.
            gamma: exponent of their brightness; above 1 they are darkened and contrast between bright parts rises.
        """
        return self._segmented(images, [Frame.of(image.shape[1], image.shape[0]) for image in images], gamma)

    def segment_again(self, found: Segmentation, gamma: float = 1.0) -> Segmentation:
        """Segment the image of a segmentation, by another network or with another gamma, without scaling it again."""
        (again,) = self._run([found.scaled], [found.frame], gamma)
        return again

    def segment_around(self, image: Gray, x: float, y: float, share: float) -> Segmentation:
        """Segment a part of an image, so that what is small in it becomes larger.

        Args:
            image: uint8 (height, width).
            x: middle of the part, px; it is moved so that it lies in the image.
            y: the same.
            share: width and height of the part over those of the image, 0–1.
        """
        size = np.array(image.shape[::-1])
        part = np.rint(share * size).astype(int)
        left, top = (int(each) for each in np.clip(np.rint((x, y) - part / 2), 0, size - part))
        width, height = int(part[0]), int(part[1])
        frame = Frame.of(width, height, left, top)
        (found,) = self._segmented([image[top : top + height, left : left + width]], [frame], 1.0)
        return found

    def _segmented(self, images: Sequence[Gray], frames: Sequence[Frame], gamma: float) -> list[Segmentation]:
        sizes = [(frame.width, frame.height) for frame in frames]
        scaled = [
            cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each, size in zip(images, sizes, strict=True)
        ]
        return self._run([np.asarray(each, np.uint8) for each in scaled], frames, gamma)

    def _run(self, scaled: Sequence[Gray], frames: Sequence[Frame], gamma: float) -> list[Segmentation]:
        inputs = np.full((len(scaled), HEIGHT, WIDTH), NO_DATA, np.float32)
        for fitted, small, frame in zip(inputs, scaled, frames, strict=True):
            fitted[frame.inner] = small if gamma == 1.0 else _tones(gamma)[small]
        (planes,) = self._model.run(images=inputs)
        return [
            Segmentation(iris, pupil, opening, noise, frame, small)
            for (iris, pupil, opening, noise), frame, small in zip(map(_masks, planes), frames, scaled, strict=True)
        ]


def _masks(planes: Floats) -> Floats:
    """Put the network's planes, float32 (16, 64, 80), one for each of 2×2 pixels, side by side; (4, 128, 160)."""
    masks = np.empty((4, HEIGHT // 2, 2, WIDTH // 2, 2), np.float32)
    beside = planes.reshape(4, 2, 2, HEIGHT // 2, WIDTH // 2).transpose(0, 3, 1, 4, 2)
    for column in range(2):  # a copy of both at once takes ten times as long
        masks[..., column] = beside[..., column]
    return masks.reshape(4, HEIGHT, WIDTH)


@cache
def _tones(gamma: float) -> NDArray[np.float32]:
    return 255 * (np.arange(256, dtype=np.float32) / np.float32(255)) ** np.float32(gamma)
