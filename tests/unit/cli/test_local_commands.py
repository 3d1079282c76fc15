"""The commands that work without a server, on real portraits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from cli.demo.renditions import changed_copy
from cli.main import cli
from infra.models.manifest import manifest
from services.face.extractor import FaceExtractor, PairExtractor


@pytest.fixture(scope="module")
def portraits(
    tmp_path_factory: pytest.TempPathFactory, load_asset: Callable[[str], bytes], face_extractor: FaceExtractor
) -> Path:
    """A folder with hopper, astronaut, and a changed copy of each; the models are in the cache."""
    folder = tmp_path_factory.mktemp("portraits")
    for name in ("hopper", "astronaut"):
        original = load_asset(f"portrait-{name}")
        (folder / name).write_bytes(original)
        (folder / f"{name}-2").write_bytes(changed_copy(original))
    return folder


def biofusion(*words: object) -> Result:
    """Run a command."""
    return CliRunner().invoke(cli, [*map(str, words)])


def test_extract_prints_what_was_found_without_the_template(portraits: Path) -> None:
    """The output has model, quality, and the face's box and landmarks, and no template."""
    result = biofusion("extract", portraits / "hopper", "--modality", "face")
    found = json.loads(result.stdout)

    assert result.exit_code == 0
    assert found["modelId"] == PairExtractor.model_id
    assert found["quality"]["value"] > 50
    assert len(found["details"]["faces"][0]["landmarks"]) == 5
    assert "template" not in found


def test_extract_writes_overlay_and_template_when_asked(portraits: Path, tmp_path: Path) -> None:
    """The overlay is a PNG of the image's size with something drawn on it; the template file has its bytes."""
    files = ("--overlay", tmp_path / "o.png", "--template", tmp_path / "t.bin")

    result = biofusion("extract", portraits / "astronaut", "--modality", "face", *files)

    drawn, original = Image.open(tmp_path / "o.png"), Image.open(portraits / "astronaut").convert("RGB")
    assert result.exit_code == 0
    assert original.size == drawn.size
    assert (np.asarray(original) != np.asarray(drawn)).any()
    assert json.loads(result.stdout)["templateBytes"] == (tmp_path / "t.bin").stat().st_size


@pytest.mark.parametrize(("second", "expected"), [("hopper-2", 0), ("astronaut", 1)])
def test_compare_exits_by_outcome(second: str, expected: int, portraits: Path) -> None:
    """The exit code is 0 for one person and 1 for two, with score and LLR in the table."""
    result = biofusion("compare", portraits / "hopper", portraits / second, "--modality", "face")

    assert expected == result.exit_code
    assert "face-cosine-2" in result.stdout
    assert "at FMR 0.0001" in result.stdout


def test_explain_draws_what_two_images_have_in_common(portraits: Path, tmp_path: Path) -> None:
    """It prints score and parts, and writes an SVG; one image, or none, is refused."""
    images, drawing = (portraits / "hopper", portraits / "astronaut"), tmp_path / "common.svg"

    result = biofusion("explain", *images, "--modality", "face", "--svg", drawing)

    assert result.exit_code == 0
    assert "LLR" in result.stdout
    assert "sface" in result.stdout
    assert "dlib" in drawing.read_text("utf-8")
    assert [3, 3] == [biofusion("explain", *images[:n], "--modality", "face").exit_code for n in (0, 1)]


def test_a_face_that_is_not_there_exits_with_4(tmp_path: Path, portraits: Path) -> None:
    """The sentence says what to send; with --json the reason is in an object."""
    Image.new("L", (200, 200), 128).save(tmp_path / "grey.png")

    result = biofusion("compare", portraits / "hopper", tmp_path / "grey.png", "--modality", "face", "--json")

    assert result.exit_code == 4
    assert json.loads(result.stdout)["error"]["reason"] == "FACE_NOT_FOUND"


def test_evaluate_reports_error_rates(portraits: Path, tmp_path: Path) -> None:
    """Four images of two people give two mated and four non-mated comparisons, as JSON and on disk."""
    rows = [f"{name}{copy},{name},FACE" for name in ("hopper", "astronaut") for copy in ("", "-2")]
    (portraits / "images.csv").write_text("\n".join(["path,subject,position", *rows]))

    result = biofusion(
        "evaluate", portraits / "images.csv", "--modality", "face", "--out", tmp_path, "--workers", 1, "--json"
    )

    assert result.exit_code == 0, result.stderr
    assert (2, 4) == (json.loads(result.stdout)["mated"], json.loads(result.stdout)["non_mated"])
    assert json.loads(result.stdout) == json.loads((tmp_path / "report.json").read_text())


def test_models_lists_what_is_in_the_cache() -> None:
    """Each model is listed with name, status, licence and path; missing ones have been fetched."""
    rows = json.loads(biofusion("models", "--json").stdout)["models"]

    assert list(manifest().models) == [row["name"] for row in rows]
    assert all(Path(row["path"]).is_file() and row["licence"] and row["status"] for row in rows)
