"""`biofusion compare --overlay` on real images."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from cli.main import cli
from infra.models.manifest import manifest
from infra.models.supply import ensure


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, load_asset: Callable[[str], bytes]) -> Path:
    """A folder of two portraits and three fingerprints; the models are in the cache."""
    ensure([manifest().models[name] for name in ("yunet", "sface", "dlib-face", "leader", "ridge-signs")])
    folder = tmp_path_factory.mktemp("pictures")
    for name in ("portrait-hopper", "portrait-astronaut", "finger-1", "finger-2", "finger-3"):
        (folder / f"{name}.png").write_bytes(load_asset(name))
    return folder


def compare(folder: Path, first: str, second: str, modality: str, *more: object) -> Result:
    """Run the command."""
    files = (folder / f"{first}.png", folder / f"{second}.png")
    return CliRunner().invoke(cli, ["compare", *map(str, files), "--modality", modality, *map(str, more)])


def drawn(path: Path) -> np.ndarray:
    """The drawing, shape (height, width, 3)."""
    with Image.open(path) as picture:
        return np.asarray(picture).astype(int)


def coloured(path: Path) -> int:
    """Pixels of strong colour."""
    rgb = drawn(path)
    return int((rgb.max(axis=2) - rgb.min(axis=2) > 100).sum())


def test_two_prints_are_drawn_with_what_was_paired(pictures: Path, tmp_path: Path) -> None:
    """Prints are drawn side by side with their pairs, more for one finger than for two; the answer is unchanged."""
    mated, other = tmp_path / "mated.png", tmp_path / "other.png"

    with_drawing = compare(pictures, "finger-1", "finger-2", "fingerprint", "--json", "--overlay", mated)
    compare(pictures, "finger-1", "finger-3", "fingerprint", "--overlay", other)

    height, width, _ = drawn(mated).shape
    assert compare(pictures, "finger-1", "finger-2", "fingerprint", "--json").stdout == with_drawing.stdout
    assert "FINGERPRINT" in json.dumps(json.loads(with_drawing.stdout))
    assert 1000 < height < width
    assert coloured(mated) > 2 * coloured(other) > 0


def test_two_faces_are_drawn_side_by_side(pictures: Path, tmp_path: Path) -> None:
    """Two faces are drawn side by side, each with its box and landmarks."""
    result = compare(pictures, "portrait-hopper", "portrait-astronaut", "face", "--overlay", tmp_path / "faces.png")

    height, width, _ = drawn(tmp_path / "faces.png").shape
    assert 1 == result.exit_code
    assert (512 * 2 < width, 600 < height) == (True, True)


def test_a_drawing_that_cannot_be_written_is_told(pictures: Path, tmp_path: Path) -> None:
    """The exit code is that of wrong usage, and the sentence names the folder that does not exist."""
    result = compare(
        pictures, "portrait-hopper", "portrait-astronaut", "face", "--overlay", tmp_path / "none" / "faces.png"
    )

    assert 3 == result.exit_code
    assert "none" in result.stderr
