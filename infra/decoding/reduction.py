"""Decoding at half or a quarter of the size, where a format can and the whole would cost too much.

A photograph of 48 million pixels shows a face no better than one of 12: the largest size that any face is looked for
at is 1280 px, and an eye or a finger of that many pixels is no single one.
"""

from __future__ import annotations

from math import ceil

from PIL import Image as Pillow

from biometrics.errors import ImageTooCostly
from infra.decoding.limits import Effort, over_memory

WHOLE_PIXELS = 40_000_000
WHOLE_PIXELS_JPEG2000 = 8_000_000  # it takes ten times the CPU of JPEG
OWN_BYTES = 64 * 2**20  # of the worker, the file and the library, generously
PIXEL_BYTES = 4  # Pillow's, of colour
COEFFICIENT_BYTES = 2
SCALES = (1, 2, 4)
JPEG2000_CODING = b"\xff\x52"  # COD
JPEG2000_LEVELS = 9  # bytes behind it


def reduce(opened: Pillow.Image, data: bytes, effort: Effort) -> int:
    """Have the image decoded at 1/n of its sides.

    Args:
        opened: header checked, not yet decoded.
        data: the file.
        effort: whose memory it must fit into.

    Returns:
        n: 1, 2 or 4.

    Raises:
        ImageTooCostly: no n makes it fit into the memory.
    """
    if opened.format in ("JPEG", "MPO"):
        scale = _jpeg_scale(opened, effort)
        if scale > 1:
            opened.draft("", (ceil(opened.width / scale), ceil(opened.height / scale)))
        return scale
    levels = data[data.find(JPEG2000_CODING) + JPEG2000_LEVELS] if opened.format == "JPEG2000" else 0
    if levels and opened.width * opened.height > WHOLE_PIXELS_JPEG2000:
        scale = next((n for n in SCALES[1 : levels + 1] if _pixels(opened, n) <= WHOLE_PIXELS_JPEG2000), 4)
        opened.reduce = scale.bit_length() - 1  # type: ignore[method-assign,assignment]  # of a Jpeg2KImageFile
        return scale
    return 1


def _jpeg_scale(opened: Pillow.Image, effort: Effort) -> int:
    kept = _coefficients(opened) * COEFFICIENT_BYTES if "progressive" in opened.info else 0
    for scale in SCALES:
        pixels = _pixels(opened, scale)
        if pixels <= WHOLE_PIXELS and PIXEL_BYTES * pixels + kept + OWN_BYTES <= effort.memory_bytes:
            return scale
    raise _too_costly(effort)


def _too_costly(effort: Effort) -> ImageTooCostly:
    return over_memory(effort)


def _pixels(opened: Pillow.Image, scale: int) -> int:
    return ceil(opened.width / scale) * ceil(opened.height / scale)


def _coefficients(opened: Pillow.Image) -> float:
    """How many a progressive JPEG of this size has, which the library keeps until the last scan."""
    layers = opened.layer  # type: ignore[attr-defined]  # of a JpegImageFile: id, samples across and down, table
    across, down = max(layer[1] for layer in layers), max(layer[2] for layer in layers)
    return sum(opened.width * opened.height * layer[1] * layer[2] / (across * down) for layer in layers)
