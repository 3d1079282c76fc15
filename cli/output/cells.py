"""Pages of captioned pictures: a grid of cells, each with a picture and lines of text below it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from cli.output.sheet import INK, PAPER, shortened

COLUMNS, ROWS = 6, 6
PICTURE_PX = (280, 210)  # width and height
GAP_PX = 10
LETTER_PX, LINE_PX = 13.0, 17
ALARM = (190, 20, 20)
_STEP_PX = (PICTURE_PX[0] + GAP_PX, PICTURE_PX[1] + 2 * LINE_PX + GAP_PX)


@dataclass(frozen=True, slots=True)
class Cell:
    """One picture and its caption.

    Args:
        picture: JPEG, at most 280×210 px; empty where there is none. A page holds 36, a folder may hold thousands.
        lines: two, below the picture; characters beyond ASCII become question marks.
        alarm: whether the second line is red.
    """

    picture: bytes = field(repr=False)
    lines: tuple[str, str]
    alarm: bool


def thumbnail(rgb: NDArray[np.uint8]) -> bytes:
    """An RGB picture, uint8 (height, width, 3), as a JPEG of at most 280×210 px."""
    small, written = Pillow.fromarray(rgb), io.BytesIO()
    small.thumbnail(PICTURE_PX)
    small.save(written, "JPEG", quality=90)
    return written.getvalue()


def write_pages(path: Path, cells: Sequence[Cell]) -> list[Path]:
    """Write cells in order, 36 to a page: FILE.png, FILE-2.png and so on.

    Returns:
        The files written.

    Raises:
        OSError: a file cannot be written.
    """
    size = COLUMNS * ROWS
    pages = [cells[start : start + size] for start in range(0, len(cells), size)]
    paths = [path if not number else path.with_stem(f"{path.stem}-{number + 1}") for number in range(len(pages))]
    for file, page in zip(paths, pages, strict=True):
        _page(page).save(file, "PNG")
    return paths


def _page(cells: Sequence[Cell]) -> Pillow.Image:
    columns, rows = min(COLUMNS, len(cells)), -(-len(cells) // COLUMNS)
    page = Pillow.new("RGB", (columns * _STEP_PX[0] + GAP_PX, rows * _STEP_PX[1] + GAP_PX), PAPER)
    for number, cell in enumerate(cells):
        row, column = divmod(number, COLUMNS)
        _paste(page, cell, GAP_PX + column * _STEP_PX[0], GAP_PX + row * _STEP_PX[1])
    return page


def _paste(page: Pillow.Image, cell: Cell, left: int, top: int) -> None:
    width, height = PICTURE_PX
    if cell.picture:
        with Pillow.open(io.BytesIO(cell.picture)) as picture:
            page.paste(picture, (left + (width - picture.width) // 2, top + (height - picture.height) // 2))
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(LETTER_PX)
    for number, (line, ink) in enumerate(zip(cell.lines, (INK, ALARM if cell.alarm else INK), strict=True)):
        place = (left, top + height + number * LINE_PX + LINE_PX // 2)
        pen.text(place, shortened(line, font, width), ink, font, "lm")
