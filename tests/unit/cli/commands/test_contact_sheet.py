"""`biofusion contact-sheet` on a folder of images."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageFilter

from cli.main import cli
from cli.output.cells import ALARM, COLUMNS, PAPER, ROWS, Cell, thumbnail, write_pages
from rendering.eyes import render_eye

RED = np.full((90, 160, 3), (200, 0, 0), np.uint8)


def biofusion(*words: object) -> Result:
    """Run a command."""
    return CliRunner().invoke(cli, [*map(str, words)])


def pixels(path: Path) -> np.ndarray:
    """A file's pixels as signed numbers, so that differences do not wrap around."""
    with Image.open(path) as opened:
        return np.asarray(opened).astype(int)


@pytest.fixture(scope="module")
def eyes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a sharp and a blurred eye, a grey image, a damaged file, and a text file."""
    folder = tmp_path_factory.mktemp("eyes")
    (folder / "below").mkdir()
    Image.fromarray(render_eye(0, 0, 320, 240)).save(folder / "below" / "sharp.png")
    blurred = Image.fromarray(render_eye(0, 0, 320, 240)).filter(ImageFilter.GaussianBlur(2.5))
    blurred.save(folder / "blurred.PNG")
    Image.new("L", (320, 240), 128).save(folder / "grey.png")
    (folder / "damaged.jpg").write_bytes(b"no image")
    (folder / "notes.txt").write_text("not looked at")
    return folder


def test_failures_come_first_then_the_worst(eyes: Path, tmp_path: Path) -> None:
    """All images in the folder and its subfolders are listed, failures first, then by rising quality."""
    result = biofusion("contact-sheet", eyes, "--modality", "iris", "--out", tmp_path / "sheet.png", "--json")

    told = json.loads(result.stdout)
    assert 0 == result.exit_code, result.stderr
    assert {"file": "damaged.jpg", "failure": "IMAGE_UNDECODABLE"} == told["images"][0]
    assert {"file": "grey.png", "failure": "IRIS_NOT_FOUND"} == told["images"][1]
    assert ["blurred.PNG", str(Path("below", "sharp.png"))] == [each["file"] for each in told["images"][2:]]
    assert told["images"][2]["quality"] < told["images"][3]["quality"]
    assert [str(tmp_path / "sheet.png")] == told["pages"]


def test_what_was_found_is_drawn(eyes: Path, tmp_path: Path) -> None:
    """The sheet is written, with coloured lines where eyes were found; a sentence says how many failed and why."""
    result = biofusion("contact-sheet", eyes, "--modality", "iris", "--out", tmp_path / "sheet.png")

    sheet = pixels(tmp_path / "sheet.png")
    assert "4 images, 2 refused; 1 IMAGE_UNDECODABLE; 1 IRIS_NOT_FOUND; quality " in result.stdout
    assert np.count_nonzero(np.ptp(sheet, axis=2) > 80) > 200


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    """The sentence names the folder and the file types."""
    result = biofusion("contact-sheet", tmp_path, "--modality", "iris", "--out", tmp_path / "sheet.png")

    assert 3 == result.exit_code
    assert f"{tmp_path} holds no image file" in result.stderr


def test_many_images_take_several_pages(tmp_path: Path) -> None:
    """A page has 36 images; the last page is as high as its rows need."""
    cell = Cell(thumbnail(RED), ("name", "50"), alarm=False)

    paths = write_pages(tmp_path / "sheet.png", [cell] * (COLUMNS * ROWS + 1))

    assert ["sheet.png", "sheet-2.png"] == [path.name for path in paths]
    first, last = (np.shape(pixels(path)) for path in paths)
    assert first[0] > ROWS * last[0] * 0.9
    assert first[1] > COLUMNS * last[1] * 0.9


def test_a_cell_has_its_picture_and_its_lines(tmp_path: Path) -> None:
    """The picture keeps its aspect ratio, a failure is written in red, and a cell without a picture is white."""
    cells = [Cell(thumbnail(RED), ("ä" * 200, "IRIS_NOT_FOUND"), alarm=True), Cell(b"", ("name", "9"), alarm=False)]

    (path,) = write_pages(tmp_path / "sheet.png", cells)

    page = pixels(path)
    picture, alarm = (np.abs(page - colour).sum(axis=2) < 30 for colour in ((200, 0, 0), ALARM))
    assert (160, 90) == tuple(np.ptp(np.nonzero(picture & (np.arange(len(page)) < 200)[:, None]), axis=1)[::-1] + 1)
    assert alarm[200:].any()
    assert (page[:200, page.shape[1] // 2 + 10 :] == PAPER).all()
