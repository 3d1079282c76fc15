"""Decodes all formats that Pillow reads. The header is checked before anything is decoded."""

from __future__ import annotations

import io
import warnings
from math import inf

import cv2
import numpy as np
from PIL import AvifImagePlugin, ExifTags, UnidentifiedImageError
from PIL import Image as Pillow

from biometrics.errors import BiofusionError, ImageUndecodable
from infra.images.bit_depth import Wide, narrowed_colour
from infra.images.formats.cost import fit
from infra.images.formats.facts import Facts, Sink
from infra.images.formats.header import check_header, check_webp
from infra.images.formats.heif import register_heif
from infra.images.formats.jp2_boxes import display_resolution
from infra.images.formats.limits import Effort, ImageLimits, TakesLonger, over_memory
from infra.images.formats.pixels import LYING, write
from infra.images.formats.signatures import unread
from infra.images.formats.srgb import to_srgb
from infra.images.stated_depths import stated_depths

FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP", "GIF", "PPM", "JPEG2000", "AVIF")

Pillow.MAX_IMAGE_PIXELS = None  # replaced by `check_header`: stricter, and its error names the size
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
warnings.filterwarnings("ignore", module=r"PIL\.")  # about metadata; set once here: filters are not thread-safe
cv2.setNumThreads(1)  # workers share the cores already; OpenCV's own threads would contend for them


def formats() -> tuple[str, ...]:
    """Pillow's names of the formats read here; HEIF if its decoder is installed."""
    return (*FORMATS, "HEIF") if register_heif() else FORMATS


def decode(data: bytes, limits: ImageLimits, effort: Effort, sink: Sink) -> Facts:
    """Decode one file; see `infra.images.decode.decode`.

    Raises:
        TakesLonger: the header states more pixels than the effort allows.
    """
    try:
        if data[8:12] == b"WEBP":
            check_webp(data, limits, effort)
        with Pillow.open(io.BytesIO(data), formats=formats()) as opened:
            check_header(opened, limits, effort)
            depths = stated_depths(opened, data)
            across, down = _resolution(opened, data)  # before loading, which drops a TIFF's orientation
            reduction = fit(opened, data, depths, effort)
            opened.load()
            image = to_srgb(opened)
            if len(depths) > 1 and opened.mode in ("RGB", "RGBA"):
                image = narrowed_colour(opened, _wide_colour(data), depths)
            write(image, opened.getexif().get(ExifTags.Base.Orientation), depths, sink)
            return Facts(across and across / reduction, down and down / reduction, reduction)
    except (BiofusionError, TakesLonger):
        raise
    except MemoryError as error:
        raise over_memory(effort) from error
    except UnidentifiedImageError as error:
        raise unread(data, formats()) from error
    except Exception as error:  # on damaged files decoders raise all kinds of exceptions
        raise ImageUndecodable("The image is truncated or damaged. Send the whole file.") from error


def _resolution(opened: Pillow.Image, data: bytes) -> tuple[float | None, float | None]:
    """Horizontal and vertical dots per inch in the upright image; (None, None) unless the file states both.

    Pillow gives them in dpi, whatever the file's unit, for PNG, JPEG, TIFF, BMP, and JPEG 2000 with a box of its
    capture resolution. If they differ by under 1 %, the horizontal one counts for both.
    """
    try:
        stated = opened.info["dpi"] if "dpi" in opened.info else _displayed(opened, data)
        horizontal, vertical = (float(value) for value in stated)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None, None
    if not (1 < horizontal < inf and 1 < vertical < inf):  # Pillow gives 1 for a TIFF that states none
        return None, None
    if abs(horizontal - vertical) < 0.01 * horizontal:
        return horizontal, None
    return (
        (vertical, horizontal) if opened.getexif().get(ExifTags.Base.Orientation) in LYING else (horizontal, vertical)
    )


def _displayed(opened: Pillow.Image, data: bytes) -> tuple[float, ...]:
    return (display_resolution(data) if opened.format == "JPEG2000" else None) or ()


def _wide_colour(data: bytes) -> Wide | None:
    """Samples of 16-bit colour, not turned upright. Pillow keeps only their upper 8 bits, OpenCV all."""
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None or found.dtype != np.uint16 or found.ndim != 3:
        return None
    order = cv2.COLOR_BGRA2RGBA if found.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(found, order, dst=found), np.uint16)
