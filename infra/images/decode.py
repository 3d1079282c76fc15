"""Decodes an encoded image to pixels, in a process that can be killed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from biometrics.errors import ImageTooLarge, ImageUndecodable
from infra.images.formats.limits import FULL, Effort, ImageLimits
from infra.images.guard.guard import guard

__all__ = ["Image", "ImageLimits", "decode"]


@dataclass(frozen=True, slots=True)
class Image:
    """A decoded image, upright.

    Args:
        pixels: uint8, shape (height, width) grey or (height, width, 3) RGB, 0–255.
        resolution_dpi: horizontal dots per inch, as the file or the caller states them; None: not stated.
        vertical_dpi: vertical dots per inch if they differ; None: as horizontal.
        is_stated: whether the caller or a record stated the resolution, not the file.
        is_of_record: whether it was the record.
        reduction: pixels of the file per pixel here, along each side: 1, 2 or 4.
    """

    pixels: NDArray[np.uint8] = field(repr=False)
    resolution_dpi: float | None = None
    vertical_dpi: float | None = None
    is_stated: bool = False
    is_of_record: bool = False
    reduction: int = 1

    def stated(
        self, resolution_dpi: float | None, vertical_dpi: float | None = None, *, is_of_record: bool = False
    ) -> Image:
        """The image with a stated resolution of the file in place of the file's own; None: unchanged."""
        if not resolution_dpi:
            return self
        vertical = vertical_dpi / self.reduction if vertical_dpi else None
        return replace(
            self,
            resolution_dpi=resolution_dpi / self.reduction,
            vertical_dpi=vertical,
            is_stated=True,
            is_of_record=is_of_record,
        )

    @property
    def enlarged(self) -> Image:
        """The image at the file's size, for drawings: detections are reported in the file's pixels."""
        if self.reduction == 1:
            return self
        return replace(self, pixels=self.pixels.repeat(self.reduction, 0).repeat(self.reduction, 1), reduction=1)

    @property
    def gray(self) -> NDArray[np.uint8]:
        """uint8, shape (height, width): luma (ITU-R BT.601)."""
        if self.pixels.ndim == 2:
            return self.pixels
        return np.asarray(Pillow.fromarray(self.pixels).convert("L"))

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """uint8, shape (height, width, 3)."""
        if self.pixels.ndim == 3:
            return self.pixels
        return np.repeat(self.pixels[:, :, None], 3, axis=2)


def decode(data: bytes, limits: ImageLimits = ImageLimits(), effort: Effort = FULL) -> Image:
    """Decode an encoded image, turned upright by its EXIF orientation, in a process of its own (`infra.images.guard`).

    More than 8 bits are scaled to 8 by the range used (`bit_depth.py`); palette, CMYK and other colour modes become
    RGB; transparent pixels are blended with white. JPEGs of over 40 million pixels (progressive ones of over 27), and
    JPEG 2000 of over 8 million, are decoded at half or a quarter of their sides.

    Args:
        data: JPEG, PNG, TIFF, BMP, WebP, GIF, PNM, JPEG 2000, AVIF, HEIC, WSQ, lossless JPEG or JPEG-LS.
        limits: checked on the header, before decoding.
        effort: CPU time and memory that it may use.

    Raises:
        ImageUndecodable: empty, truncated, or not an image of these formats: the message names what it seems to be.
        ImageUnsupported: several frames, or a pixel mode that cannot be mapped to 0–255.
        ImageTooLarge: over the limits.
        ImageTooSmall: under the limits.
        ImageTooCostly: over the effort.
        TakesLonger: over an effort that may be raised.
        DeadlineExpired: the deadline has passed or the caller has gone.
        ServiceUnavailable: no process can be started.
    """
    if not data:
        raise ImageUndecodable("The image is empty. Send the encoded bytes of an image file.")
    if len(data) > limits.max_bytes:
        raise ImageTooLarge(
            f"The image has {len(data)} bytes, over the limit of {limits.max_bytes}. Send a smaller one.",
            bytes=str(len(data)),
            limit=str(limits.max_bytes),
        )
    pixels, facts = guard().decode(data, limits, effort)
    return Image(pixels, facts.resolution_dpi, facts.vertical_dpi, reduction=facts.reduction)
