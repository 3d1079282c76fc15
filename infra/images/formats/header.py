"""Checks a file's header against the limits, before anything is decoded."""

from __future__ import annotations

from PIL import Image as Pillow

from biometrics.errors import ImageTooLarge, ImageTooSmall, ImageUnsupported
from infra.images.formats.cost import LIBRARY_BYTES, check_memory
from infra.images.formats.limits import Effort, ImageLimits, TakesLonger

MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "I;16", "I;16B", "I;16L", "I")
FIRST_IS_MEANT = ("MPO", "HEIF")
"""Formats with several frames of which the first is the photograph: a phone's JPEG with a preview after it (MPO), and
a phone's HEIC, whose primary image Pillow puts first."""

TILE_WIDTH, TILE_LENGTH = 322, 323  # TIFF
NEXT_IS_TRIED = ("TIFF", "GIF")
"""Formats that do not state their number of frames: counting would read the whole file, so a second one is sought."""


def check_header(opened: Pillow.Image, limits: ImageLimits, effort: Effort) -> None:
    """Refuse an image by its header.

    Args:
        opened: not yet decoded.
        limits: size limits of the image.
        effort: its `max_pixels` is checked.

    Raises:
        ImageTooLarge: over the limits, or made of tiles that are.
        ImageTooSmall: under the limits.
        ImageUnsupported: several frames, or a pixel mode that cannot be mapped to 0–255.
        TakesLonger: more pixels than the effort allows.
    """
    check_frame(*opened.size, limits)
    if opened.format == "TIFF":
        tags = opened.tag_v2  # type: ignore[attr-defined]  # of a TiffImageFile
        _check_size("tile", int(tags.get(TILE_WIDTH, 0)), int(tags.get(TILE_LENGTH, 0)), limits)
    if _has_more_frames(opened):
        raise ImageUnsupported(
            "The image has several frames. Send only the frame to use.",
            width=str(opened.width),
            height=str(opened.height),
        )
    if opened.mode not in MODES:
        raise ImageUnsupported(f"Pixel mode {opened.mode} is not supported. Send 8-bit grey or RGB.", mode=opened.mode)
    check_effort(*opened.size, effort)


def check_frame(width: int, height: int, limits: ImageLimits) -> None:
    """Refuse an image by its size.

    Raises:
        ImageTooLarge, ImageTooSmall: over or under the limits.
    """
    _check_size("image", width, height, limits)
    if min(width, height) < limits.min_side_px:
        raise ImageTooSmall(
            f"The image is {width}×{height} px; at least {limits.min_side_px} px a side are needed.",
            width=str(width),
            height=str(height),
        )


def check_effort(width: int, height: int, effort: Effort) -> None:
    """Leave an image of this size to a larger effort, if there may be one.

    Raises:
        TakesLonger: more pixels than the effort allows.
    """
    if effort.max_pixels is not None and width * height > effort.max_pixels:
        raise TakesLonger


def _check_size(part: str, width: int, height: int, limits: ImageLimits) -> None:
    if max(width, height) > limits.max_side_px or width * height > limits.max_pixels:
        raise ImageTooLarge(
            f"The {part} is {width}×{height} px; at most {limits.max_side_px} px a side and "
            f"{limits.max_pixels} px in total are accepted. Scale it down.",
            width=str(width),
            height=str(height),
        )


def _has_more_frames(opened: Pillow.Image) -> bool:
    if opened.format not in NEXT_IS_TRIED:
        return opened.format not in FIRST_IS_MEANT and getattr(opened, "n_frames", 1) > 1
    try:
        opened.seek(1)
    except EOFError:
        opened.seek(0)
        return False
    return True


def check_webp(data: bytes, limits: ImageLimits, effort: Effort) -> None:
    """Refuse a WebP before Pillow opens it, since its decoder allocates all memory at opening (RFC 9649).

    Raises:
        ImageTooLarge, ImageTooCostly: over the limits or the effort.
    """
    match data[12:16]:
        case b"VP8X":
            width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            width, height = 1 + bits % 2**14, 1 + (bits >> 14) % 2**14
        case _:
            width, height = (int.from_bytes(data[at : at + 2], "little") % 2**14 for at in (26, 28))
    _check_size("image", width, height, limits)
    check_memory(LIBRARY_BYTES["WEBP"], width * height, effort)
