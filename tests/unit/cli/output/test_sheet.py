"""The sheet of a comparison."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cli.output.sheet import MARGIN_PX, PAPER, beside, write_sheet

RED, BLUE = (200, 0, 0), (0, 0, 200)


def plain(width: int, height: int, colour: tuple[int, int, int]) -> np.ndarray:
    """A picture of one colour."""
    return np.full((height, width, 3), colour, np.uint8)


def test_two_pictures_stand_side_by_side_at_one_height() -> None:
    """The lower picture is enlarged to the height of the other, and both halves are as wide as the wider one."""
    canvas = beside(plain(100, 200, RED), plain(90, 100, BLUE))

    red, blue = ((canvas == colour).all(axis=2) for colour in (RED, BLUE))
    assert (200 + 2 * MARGIN_PX, 2 * 180 + 3 * MARGIN_PX, 3) == canvas.shape
    assert (200 * 100, 200 * 180) == (red.sum(), blue.sum())
    assert np.flatnonzero(red.any(axis=0)).max() < np.flatnonzero(blue.any(axis=0)).min()


def test_a_sheet_has_the_drawing_between_titles_and_lines(tmp_path: Path) -> None:
    """The drawing is unchanged, with a title above each half and every line below."""
    drawing = plain(800, 300, RED)

    write_sheet(tmp_path / "sheet.png", drawing, ("left.png", "right.png"), ["one", "two"])

    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    top, bottom = np.flatnonzero((sheet == RED).all(axis=2).all(axis=1))[[0, -1]]
    dark = sheet.max(axis=2) < 100
    below = np.flatnonzero(dark[bottom + 1 :].any(axis=1))
    assert (299, 800) == (bottom - top, sheet.shape[1])
    assert dark[:top, :400].any()
    assert dark[:top, 400:].any()
    assert np.count_nonzero(np.diff(below) > 1) >= 1  # two lines of text, paper between them
    assert PAPER == tuple(sheet[-1, -1])


@pytest.mark.parametrize("title", ["a" * 300 + ".png", "Fingerabdrücke – 指紋.png"])
def test_any_file_name_fits_into_its_half(title: str, tmp_path: Path) -> None:
    """A long name is shortened in the middle, letters beyond ASCII are replaced, and no title crosses the middle."""
    write_sheet(tmp_path / "sheet.png", plain(400, 100, RED), (title, ""), [])

    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert (sheet[:20].max(axis=2) < 100).any()
    assert not (sheet[:20, 200:].max(axis=2) < 100).any()
