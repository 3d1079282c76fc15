"""Writes a decoded image of any mode as upright uint8 pixels into a given array, strip by strip.

The source memory of each written strip is released at once: 40 million colour pixels, 160 MB in Pillow and 120 MB as
RGB, never take both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from infra.images.bit_depth import narrowed_gray
from infra.images.formats.facts import Sink
from infra.images.formats.page_memory import gray_view, release

STRIP_PIXELS = 1 << 20
LYING = (5, 6, 7, 8)  # EXIF orientations that exchange rows and columns
GRAY = ("1", "L")
ALPHA = ("LA", "PA", "RGBA")
Pixels = NDArray[np.uint8]


def write(image: Pillow.Image, orientation: object, depths: tuple[int, ...], sink: Sink) -> None:
    """Write the image into the array that the sink returns.

    Args:
        image: decoded; not usable afterwards.
        orientation: EXIF's, 1–8; anything else counts as upright.
        depths: possible bit depths of grey of more than 8 bits (`infra.images.bit_depth`).
        sink: called once, with the upright shape.

    Raises:
        ImageUnsupported: samples of over 16 bits.
    """
    width, height = image.size
    deep = narrowed_gray(gray_view(image), depths) if image.mode.startswith("I") else None
    is_clear = deep is None and (image.mode in ALPHA or "transparency" in image.info)
    is_gray = deep is not None or (image.mode in GRAY and not is_clear)
    shape = (width, height) if orientation in LYING else (height, width)
    lying = _as_stored(sink(shape if is_gray else (*shape, 3)), orientation)
    if deep is not None:
        lying[...] = deep
        return
    rows = max(1, STRIP_PIXELS // width)
    for top in range(0, height, rows):
        whole = rows >= height
        strip = image if whole else image.crop((0, top, width, min(top + rows, height)))
        lying[top : top + rows] = _to_8_bit(strip, "L" if is_gray else "RGB", is_clear)
        if not whole:
            release(image, min(top + rows, height))


def _to_8_bit(strip: Pillow.Image, mode: str, is_clear: bool) -> Pixels:  # noqa: FBT001  # its only caller is above
    if is_clear:
        rgba = strip.convert("RGBA")
        is_opaque = rgba.getchannel("A").getextrema() == (255, 255)
        strip = rgba if is_opaque else Pillow.alpha_composite(Pillow.new("RGBA", rgba.size, "white"), rgba)
    return np.asarray(strip if strip.mode == mode else strip.convert(mode))


def _as_stored(upright: Pixels, orientation: object) -> Pixels:
    """A view of the upright array in which the pixels lie as they do in the file (EXIF 2.32, tag 0x0112)."""
    turned = upright.swapaxes(0, 1) if orientation in LYING else upright
    return turned[:: -1 if orientation in (3, 4, 6, 7) else 1, :: -1 if orientation in (2, 3, 7, 8) else 1]
