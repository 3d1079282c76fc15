"""Spoiled eyes treated as sensors of their own."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from PIL import Image as Pillow

from biometrics.template import Modality
from evaluation.data.images_csv import read_images
from infra.images.decode import Image
from rendering.eyes import render_eye
from services.iris.extractor import IrisExtractor
from studies.spoiled.spoiled_eyes import spoilings
from studies.spoiled.spoiled_tails import SENSORS, compared, main, spoiled


def images_csv(folder: Path) -> Path:
    """images.csv with two images of one eye of each of three people."""
    lines = ["path,subject,position"]
    for person in range(3):
        for sample in range(2):
            name = f"{person}_{sample}.png"
            Pillow.fromarray(render_eye(person, sample, 320, 280)).save(folder / name)
            lines.append(f"{name},p{person},LEFT_EYE")
    (folder / "images.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "images.csv"


def test_each_spoiling_is_compared_with_itself(tmp_path: Path) -> None:
    """Six images of three eyes give twelve comparisons of different eyes under each spoiling."""
    path = images_csv(tmp_path)
    taken = spoiled(path, IrisExtractor.load())
    gray = Image(render_eye(0, 0, 320, 280))

    assert set(SENSORS) <= set(spoilings(gray, gray))
    assert 6 == len(taken["narrowed to 85 %"]) == len(read_images(path, Modality.IRIS))
    assert (12, 3) == (compared(taken["narrowed to 85 %"]).scores.size, compared(taken["narrowed to 85 %"]).count)


def test_a_sensor_that_was_not_evaluated_is_one_sentence(tmp_path: Path) -> None:
    """A sensor's folder without scores is refused in one sentence."""
    result = CliRunner().invoke(main, [str(images_csv(tmp_path)), "--sensor", str(tmp_path)])

    assert 3 == result.exit_code
    assert "scores.csv.gz" in result.output
