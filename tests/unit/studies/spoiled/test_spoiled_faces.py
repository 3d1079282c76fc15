"""Spoiled images of faces are what their names state."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image as Pillow

from biometrics.quality import Quality, QualityReason
from biometrics.template import Position
from infra.images.decode import Image
from services.face.extractor import FaceExtractor
from studies.spoiled.spoiled_faces import main, notes, read_some, spoilings


@pytest.fixture(scope="module")
def spoiled(face_extractor: FaceExtractor, hopper: Image, astronaut: Image) -> dict[str, np.ndarray]:
    """Pixels of the spoiled images by name, of one portrait and another person."""
    face = face_extractor.extract(hopper, Position.FACE).details.face
    return {name: image.pixels for name, image in spoilings(hopper, astronaut, face).items()}


def test_shapes_and_turns(spoiled: dict[str, np.ndarray], hopper: Image) -> None:
    """The unchanged image comes first; sizes are those that the names state."""
    assert "as it is" == next(iter(spoiled))
    assert ((600, 1024, 3), (600, 307, 3)) == (spoiled["two people"].shape, spoiled["narrowed to 60 %"].shape)
    assert ((512, 600, 3), (600, 512)) == (spoiled["turned by 90°"].shape, spoiled["grey"].shape)
    assert hopper.rgb[-1, -1].tolist() == spoiled["turned by 180°"][0, 0].tolist()
    assert hopper.rgb[0, -1].tolist() == spoiled["mirrored"][0, 0].tolist()


def test_what_is_hidden_is_where_the_face_is(
    spoiled: dict[str, np.ndarray], face_extractor: FaceExtractor, hopper: Image
) -> None:
    """Glasses cover the eyes, the mask covers the mouth, and the image's edge is at the nose."""
    eye, _, nose, mouth, _ = face_extractor.extract(hopper, Position.FACE).details.face.landmarks
    assert [25, 25, 30] == spoiled["dark glasses"][round(eye[1]), round(eye[0])].tolist()
    assert [165, 200, 225] == spoiled["mask"][round(mouth[1]), round(mouth[0])].tolist()
    assert round(nose[0]) == spoiled["cut through the nose"].shape[1]


def test_brightness_contrast_and_ink(spoiled: dict[str, np.ndarray], hopper: Image) -> None:
    """Images have a tenth of the brightness, a tenth of the spread of levels, or black lines on white."""
    assert pytest.approx(0.1 * hopper.rgb.mean(), rel=0.1) == spoiled["a tenth as bright"].mean()
    assert pytest.approx(0.1 * hopper.rgb.std(), rel=0.1) == spoiled["a tenth of the contrast"].std()
    assert {0, 255} == set(np.unique(spoiled["drawn in lines"]).tolist())


def test_notes_of_a_face() -> None:
    """The notes are the quality's reasons, and whether enrolment would refuse the quality."""
    assert ["OCCLUDED", "quality under 20"] == list(notes(Quality(15.0, (QualityReason.OCCLUDED,))))
    assert [] == list(notes(Quality(60.0)))


@pytest.fixture
def images(tmp_path: Path, hopper: Image, astronaut: Image) -> Path:
    """images.csv with four rows, alternating between two subjects."""
    with (tmp_path / "images.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "subject", "position"])
        for number, portrait in enumerate([hopper, astronaut, astronaut, hopper]):
            Pillow.fromarray(portrait.rgb).save(tmp_path / f"{number}.png")
            rows.writerow([f"{number}.png", "ab"[number % 3 > 0], "FACE"])
    return tmp_path / "images.csv"


def test_some_images_are_read_in_colour_with_others(images: Path, hopper: Image, astronaut: Image) -> None:
    """Every second row is read in colour, with an image of the other subject."""
    (first, other), (second, again) = read_some(images, 2)
    assert np.array_equal(hopper.rgb, first.pixels)
    assert np.array_equal(astronaut.rgb, other.pixels)
    assert np.array_equal(second.pixels, other.pixels)
    assert np.array_equal(again.pixels, first.pixels)


def test_the_command_prints_the_outcomes(images: Path) -> None:
    """The command prints one line of counts per spoiling."""
    result = CliRunner().invoke(main, [str(images), "--every", "2", "--only", "black"])
    assert 0 == result.exit_code, result.output
    assert ["2 extracted, 2 matches", "2 FACE_NOT_FOUND"] == [line[27:] for line in result.output.splitlines()[1:]]
