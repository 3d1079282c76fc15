"""Foreign bytes → a PNG of our own: decoded in a process that can be killed, made smaller, and marked."""

from __future__ import annotations

from io import BytesIO

from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from infra.images.decode import ImageLimits, decode

LONGEST_PX = 1600
"""Larger pictures are made smaller: screens show no more, and what is kept is no original."""
_EVERY_PX, _FAINT = 180, 80
"""How far apart the marks are, and how opaque, 0–255."""


def redraw(data: bytes, mark: str, max_bytes: int) -> bytes:
    """A PNG without anything of the original file: no metadata, no other frames; call it in a thread.

    Args:
        data: an encoded image.
        mark: who sees it and when; ASCII.
        max_bytes: most bytes of the image.

    Raises:
        ImageUndecodable, ImageUnsupported, ImageTooLarge, ImageTooSmall, ImageTooCostly: see `infra.images.decode`.
    """
    pixels = decode(data, ImageLimits(max_bytes=max_bytes)).pixels
    picture = Pillow.fromarray(pixels)
    picture.thumbnail((LONGEST_PX, LONGEST_PX), Pillow.Resampling.LANCZOS)
    written = BytesIO()
    _marked(picture.convert("RGB"), mark).save(written, "PNG", compress_level=3)
    return written.getvalue()


def _marked(picture: Pillow.Image, mark: str) -> Pillow.Image:
    """Faintly all over, so that no crop is without it; of the picture's own size, as drawings are laid over it."""
    font = ImageFont.load_default(max(11, min(picture.size) // 40))
    layer = Pillow.new("RGBA", picture.size)
    draw = ImageDraw.Draw(layer)
    for row, y in enumerate(range(4, picture.height, _EVERY_PX)):
        for x in range(4 - (row % 2) * _EVERY_PX, picture.width, 2 * _EVERY_PX):
            draw.text((x, y), mark, (255, 255, 255, _FAINT), font, stroke_width=1, stroke_fill=(0, 0, 0, _FAINT))
    return Pillow.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")
