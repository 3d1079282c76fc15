"""Encoded bytes → pixels. The header is checked before anything is decoded."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, field, replace
from math import inf

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, ImageOps, UnidentifiedImageError
from PIL import Image as Pillow

from biometrics.errors import BiofusionError, ImageTooLarge, ImageTooSmall, ImageUndecodable, ImageUnsupported
from infra.bit_depth import Wide, narrowed_colour, narrowed_gray
from infra.stated_depths import stated_depths

FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP", "GIF", "PPM", "JPEG2000")
MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "I;16", "I;16B", "I;16L", "I")
LYING = (5, 6, 7, 8)  # EXIF orientations that exchange rows and columns

Pillow.MAX_IMAGE_PIXELS = None  # `_check_header` stands in: it is stricter, and its error names the size
warnings.filterwarnings("ignore", module=r"PIL\.")  # about metadata; once here, as no filter is safe among threads
cv2.setNumThreads(1)  # workers share the cores already; OpenCV's own threads would wait for each other on busy ones


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What an image may be at most, and at least.

    Args:
        max_bytes: size of the encoded image.
        max_side_px: longer side.
        max_pixels: width times height.
        min_side_px: shorter side.
    """

    max_bytes: int = 16 * 1024 * 1024
    max_side_px: int = 8192
    max_pixels: int = 40_000_000
    min_side_px: int = 32


@dataclass(frozen=True, slots=True)
class Image:
    """A decoded image, upright.

    Args:
        pixels: uint8, shape (height, width) grey or (height, width, 3) RGB, 0–255.
        resolution_dpi: dots per inch across, as the file or the caller states them, if one does.
        vertical_dpi: dots per inch downwards, where they are others; None: as across.
        is_stated: whether the caller states them, not the file.
    """

    pixels: NDArray[np.uint8] = field(repr=False)
    resolution_dpi: float | None = None
    vertical_dpi: float | None = None
    is_stated: bool = False

    def stated(self, resolution_dpi: float | None) -> Image:
        """The image at the resolution that a caller states, whatever the file says; None: as it is."""
        return (
            replace(self, resolution_dpi=resolution_dpi, vertical_dpi=None, is_stated=True) if resolution_dpi else self
        )

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


def decode(data: bytes, limits: ImageLimits = ImageLimits()) -> Image:
    """Decode an encoded image, upright by its EXIF orientation.

    More than 8 bits are scaled to 8 by the range used (`infra.bit_depth`); palette, CMYK and other colour modes become
    RGB; alpha is laid over white.

    Args:
        data: JPEG, PNG, TIFF, BMP, WebP, GIF, PNM or JPEG 2000.
        limits: checked on the header, before decoding.

    Raises:
        ImageUndecodable: empty, truncated, or not an image of these formats.
        ImageUnsupported: several frames, or a pixel mode that cannot be mapped to 0–255.
        ImageTooLarge: over the limits.
        ImageTooSmall: under the limits.
    """
    if not data:
        raise ImageUndecodable("The image is empty. Send the encoded bytes of an image file.")
    if len(data) > limits.max_bytes:
        raise ImageTooLarge(
            f"The image has {len(data)} bytes, over the limit of {limits.max_bytes}. Send a smaller one.",
            bytes=str(len(data)),
            limit=str(limits.max_bytes),
        )
    try:
        with Pillow.open(io.BytesIO(data), formats=FORMATS) as opened:
            _check_header(opened, limits)
            depths = stated_depths(opened, data)
            resolution = _resolution(opened)  # first: a TIFF is upright, and its orientation gone, once it is loaded
            opened.load()
            if len(depths) > 1 and opened.mode in ("RGB", "RGBA"):
                return Image(_to_8_bit(_deep_colour(opened, data, depths), ()), *resolution)
            return Image(_to_8_bit(ImageOps.exif_transpose(opened), depths), *resolution)
    except BiofusionError:
        raise
    except UnidentifiedImageError as error:
        raise ImageUndecodable(f"The image cannot be read. Send one of {', '.join(FORMATS)}.") from error
    except Exception as error:  # decoders of damaged files raise whatever they trip over
        raise ImageUndecodable("The image is truncated or damaged. Send the whole file.") from error


def _check_header(opened: Pillow.Image, limits: ImageLimits) -> None:
    width, height = opened.size
    size = {"width": str(width), "height": str(height)}
    if max(width, height) > limits.max_side_px or width * height > limits.max_pixels:
        raise ImageTooLarge(
            f"The image is {width}×{height} px; at most {limits.max_side_px} px a side and "
            f"{limits.max_pixels} px in all are taken. Scale it down.",
            **size,
        )
    if min(width, height) < limits.min_side_px:
        raise ImageTooSmall(
            f"The image is {width}×{height} px; at least {limits.min_side_px} px a side are needed.", **size
        )
    if opened.format != "MPO" and getattr(opened, "n_frames", 1) > 1:  # MPO: a phone's JPEG with a preview behind it
        raise ImageUnsupported("The image has several frames. Send the one frame that is meant.", **size)
    if opened.mode not in MODES:
        raise ImageUnsupported(f"Pixel mode {opened.mode} is not taken. Send 8-bit grey or RGB.", mode=opened.mode)


def _resolution(opened: Pillow.Image) -> tuple[float | None, float | None]:
    """Dots per inch across and downwards in the upright image; (None, None) where the file does not state both.

    Pillow gives them for PNG, JPEG, TIFF and BMP, and for JPEG 2000 with a resolution box, in dpi whatever the file's
    unit is. Where they differ by under 1 %, the one across counts for both.
    """
    try:
        horizontal, vertical = (float(value) for value in opened.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None, None
    if not (1 < horizontal < inf and 1 < vertical < inf):  # Pillow gives 1 for a TIFF that states none
        return None, None
    if abs(horizontal - vertical) < 0.01 * horizontal:
        return horizontal, None
    return (
        (vertical, horizontal) if opened.getexif().get(ExifTags.Base.Orientation) in LYING else (horizontal, vertical)
    )


def _deep_colour(opened: Pillow.Image, data: bytes, depths: tuple[int, ...]) -> Pillow.Image:
    """Colour of 16 bits, upright and in 8. Pillow keeps only their upper 8, OpenCV all of them."""
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    wide: Wide | None = None
    if found is not None and found.dtype == np.uint16 and found.ndim == 3:
        order = cv2.COLOR_BGRA2RGBA if found.shape[2] == 4 else cv2.COLOR_BGR2RGB
        wide = np.asarray(cv2.cvtColor(found, order, dst=found), np.uint16)
    narrow = narrowed_colour(opened, wide, depths)
    narrow.getexif()[ExifTags.Base.Orientation] = opened.getexif().get(ExifTags.Base.Orientation, 1)
    return ImageOps.exif_transpose(narrow)


def _to_8_bit(image: Pillow.Image, depths: tuple[int, ...]) -> NDArray[np.uint8]:
    if image.mode.startswith("I"):
        return narrowed_gray(np.asarray(image), depths)
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Pillow.alpha_composite(Pillow.new("RGBA", rgba.size, "white"), rgba)
    return np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))
