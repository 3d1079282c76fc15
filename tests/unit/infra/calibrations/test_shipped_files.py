"""A calibration is used only with the bytes that were shipped."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from biometrics.errors import ModelCorrupt
from infra.calibrations.shipped_files import SUMS, shipped
from tests.support.supply.byte_flips import refusals

FOLDER = Path(str(files("infra.calibrations")))
NAMES = sorted(path.name for path in FOLDER.glob("*.json"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped files."""
    for path in (*FOLDER.glob("*.json"), FOLDER / SUMS):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_every_file_is_stated_and_no_other():
    """The sums name exactly the files that there are."""
    assert NAMES == sorted(line.split()[1] for line in (FOLDER / SUMS).read_text().splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_flipped_bits_are_refused(folder: Path, name: str):
    """A calibration with one flipped bit is refused by name; restored, it is read."""
    assert 50 == refusals(folder / name, lambda: shipped(name, folder), 50)
    assert shipped(name) == shipped(name, folder)


def test_one_calibration_in_the_place_of_another_is_refused(folder: Path):
    """A shipped file under another shipped file's name is refused."""
    shutil.copy(folder / NAMES[0], folder / NAMES[1])
    with pytest.raises(ModelCorrupt, match=NAMES[1]):
        shipped(NAMES[1], folder)


def test_flipped_sums_refuse_what_they_state(folder: Path):
    """Where the sums themselves are damaged, the file that they no longer state is refused."""
    (folder / SUMS).write_bytes((folder / SUMS).read_bytes().replace(b"a", b"b", 1))
    with pytest.raises(ModelCorrupt, match=SUMS):
        [shipped(name, folder) for name in NAMES]
