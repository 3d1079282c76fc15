"""A sheet that shows a comparison: titles above, the drawing, the figures below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

MARGIN_PX = 20
PAPER, INK = (244, 243, 239), (30, 30, 30)
TEXT_PX = (14.0, 24.0)  # least and greatest height of the letters
TEXT_SHARE = 1 / 56  # height of the letters as a share of the drawing's width

Rgb = NDArray[np.uint8]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def beside(first: Rgb, second: Rgb) -> Rgb:
    """Two pictures side by side, each centred in one of two equal halves as high as the higher picture.

    Returns:
        RGB, uint8 (height, width, 3).
    """
    height = max(len(first), len(second))
    parts = [
        Pillow.fromarray(each).resize((round(each.shape[1] * height / len(each)), height)) for each in (first, second)
    ]
    step = max(part.width for part in parts) + MARGIN_PX
    canvas = Pillow.new("RGB", (2 * step + MARGIN_PX, height + 2 * MARGIN_PX), PAPER)
    for place, part in enumerate(parts):
        canvas.paste(part, (MARGIN_PX + place * step + (step - MARGIN_PX - part.width) // 2, MARGIN_PX))
    return np.asarray(canvas)


def write_sheet(path: Path, drawing: Rgb, titles: tuple[str, str], lines: Sequence[str]) -> None:
    """Write a PNG.

    Args:
        path: file to write.
        drawing: two pictures side by side, uint8, shape (height, width, 3).
        titles: titles of the left and of the right half; characters beyond ASCII become question marks.
        lines: lines of text below the drawing.

    Raises:
        OSError: the file cannot be written.
    """
    height, width = drawing.shape[:2]
    size = float(np.clip(width * TEXT_SHARE, *TEXT_PX))
    font, step = ImageFont.load_default(size), round(1.5 * size)
    top = MARGIN_PX // 2 + step
    sheet = Pillow.new("RGB", (width, top + height + step * len(lines) + MARGIN_PX), PAPER)
    sheet.paste(Pillow.fromarray(drawing), (0, top))
    pen = ImageDraw.Draw(sheet)
    for x, title in zip((MARGIN_PX, width // 2 + MARGIN_PX // 2), titles, strict=True):
        pen.text((x, top - step // 2), shortened(title, font, width // 2 - 2 * MARGIN_PX), INK, font, "lm")
    for number, line in enumerate(lines):
        pen.text((MARGIN_PX, top + height + step * number + step // 2), line, INK, font, "lm")
    sheet.save(path, "PNG")


def shortened(text: str, font: Font, width: float) -> str:
    """The text in ASCII, with its middle cut out where it is wider than `width` px."""
    text = text.encode("ascii", "replace").decode()
    kept = len(text)
    while kept > 8 and font.getlength(_middle_out(text, kept)) > width:
        kept -= 1
    return _middle_out(text, kept)


def _middle_out(text: str, kept: int) -> str:
    return text if kept == len(text) else f"{text[: kept // 2]}...{text[len(text) - kept // 2 :]}"
