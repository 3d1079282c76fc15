"""Estimates from the header what decoding an image will cost, and reduces its size where the format can and must.

A photograph of 48 million pixels shows a face no better than one of 12: faces are searched at 1280 px at most, and
an image of that many pixels is not one of a single eye or finger.
"""

from __future__ import annotations

from math import ceil

from PIL import Image as Pillow

from infra.images.formats.limits import Effort, over_memory

WHOLE_PIXELS = 40_000_000
WHOLE_PIXELS_JPEG2000 = 8_000_000  # it takes ten times the CPU of JPEG
OWN_BYTES = 64 * 2**20  # upper estimate for the worker, the file and the library
COMPILED_OWN_BYTES = 112 * 2**20
"""The same for a worker with compiled decoders, 92 MB of which are numba, LLVM and the libraries."""

PIXEL_BYTES = 4  # a colour pixel in Pillow
DEEP_BYTES = 24  # a pixel of 16-bit colour, held twice, and its conversion
JPEG2000_BYTES = 6  # per pixel and channel
LIBRARY_BYTES = {"WEBP": 16, "AVIF": 12, "HEIF": 12}
"""Peak memory per pixel, measured. For the other formats Pillow raises MemoryError in time."""

COEFFICIENT_BYTES = 2
SCALES = (1, 2, 4)
JPEG2000_CODING = b"\xff\x52"  # COD
JPEG2000_LEVELS = 9  # offset of the number of levels from the marker


def fit(opened: Pillow.Image, data: bytes, depths: tuple[int, ...], effort: Effort) -> int:
    """Choose the reduction n and have the image decoded at 1/n of its sides.

    Args:
        opened: header checked, not yet decoded.
        data: the file.
        depths: possible bit depths if it may have more than 8 bits.
        effort: its `memory_bytes` must suffice.

    Returns:
        n: 1, 2 or 4.

    Raises:
        ImageTooCostly: the memory does not suffice at any n.
    """
    match opened.format:
        case "JPEG" | "MPO":
            scale = _jpeg_scale(opened, effort)
            if scale > 1:
                opened.draft("", (ceil(opened.width / scale), ceil(opened.height / scale)))
            return scale
        case "JPEG2000":
            scale = _jpeg2000_scale(opened, data)
            opened.reduce = scale.bit_length() - 1  # type: ignore[method-assign,assignment]  # of a Jpeg2KImageFile
            check_memory(JPEG2000_BYTES * len(opened.getbands()), _pixels(opened, scale), effort)
            return scale
    is_deep = len(depths) > 1 and opened.mode in ("RGB", "RGBA")
    check_memory(DEEP_BYTES if is_deep else LIBRARY_BYTES.get(opened.format or "", 0), _pixels(opened, 1), effort)
    return 1


def check_memory(bytes_each: int, pixels: int, effort: Effort, own_bytes: int = OWN_BYTES) -> None:
    """Refuse an image that will not fit into memory.

    Args:
        bytes_each: memory of one pixel.
        pixels: of the image.
        effort: its `memory_bytes` must suffice.
        own_bytes: of the worker without the image.

    Raises:
        ImageTooCostly: `bytes_each` · `pixels` and the fixed part are more than the effort allows.
    """
    if bytes_each * pixels + own_bytes > effort.memory_bytes:
        raise over_memory(effort)


def _jpeg_scale(opened: Pillow.Image, effort: Effort) -> int:
    kept = _coefficients(opened) * COEFFICIENT_BYTES if "progressive" in opened.info else 0
    for scale in SCALES:
        pixels = _pixels(opened, scale)
        if pixels <= WHOLE_PIXELS and PIXEL_BYTES * pixels + kept + OWN_BYTES <= effort.memory_bytes:
            return scale
    raise over_memory(effort)


def _jpeg2000_scale(opened: Pillow.Image, data: bytes) -> int:
    """The smallest reduction that is small enough, or the largest that the file's wavelet levels allow."""
    levels = data[data.find(JPEG2000_CODING) + JPEG2000_LEVELS]
    possible = [scale for scale in SCALES if scale.bit_length() - 1 <= levels]
    return next((n for n in possible if _pixels(opened, n) <= WHOLE_PIXELS_JPEG2000), possible[-1])


def _pixels(opened: Pillow.Image, scale: int) -> int:
    return ceil(opened.width / scale) * ceil(opened.height / scale)


def _coefficients(opened: Pillow.Image) -> float:
    """Number of DCT coefficients of a progressive JPEG of this size; the library keeps them until the last scan."""
    layers: list[tuple[int, int, int, int]] = opened.layer  # type: ignore[attr-defined]  # of a JpegImageFile: id, samples across and down, table
    of_a_block = max(layer[1] for layer in layers) * max(layer[2] for layer in layers)
    return opened.width * opened.height * sum(layer[1] * layer[2] / of_a_block for layer in layers)
