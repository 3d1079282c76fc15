"""Counting the outcomes of spoiled images."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from click.testing import CliRunner
from PIL import Image as Pillow

from biometrics.errors import AcquisitionFailed
from biometrics.quality import Quality, QualityReason
from biometrics.template import Modality, Position, Template
from infra.images.decode import Image
from services.extraction import Extraction
from studies.spoiled.spoiling import Study, outcomes, spoiling_command

GRAY = np.arange(100 * 80, dtype=np.uint32).reshape(100, 80).astype(np.uint8)


class WidthExtractor:
    """Refuses images wider than 100 px; the template is the first pixel, and narrow images are off pose."""

    modality = Modality.IRIS
    model_id = "width-1"

    def extract(self, image: Image, position: Position) -> Extraction[None]:
        """See the class."""
        width = image.gray.shape[1]
        if width > 100:
            raise AcquisitionFailed("Too wide.", reason="MULTIPLE_EYES")
        reasons = (QualityReason.OFF_POSE,) if width < 80 else ()
        template = Template(self.modality, self.model_id, image.gray[0, 0].tobytes())
        return Extraction(template, Quality(50.0, reasons), None)


class EqualityComparator:
    """1 for equal templates, else 0."""

    modality = Modality.IRIS
    comparator_id = "equality-1"
    model_id = "width-1"

    def stack(self, templates: Sequence[Template]) -> np.ndarray:
        """The bytes, shape (n,)."""
        return np.array([each.data[0] for each in templates])

    def compare(self, probes: np.ndarray, references: np.ndarray) -> np.ndarray:
        """Scores of all pairs."""
        return (probes[:, None] == references[None, :]).astype(np.float32)


def spoilings(image: Image, other: Image) -> dict[str, Image]:
    """The unchanged image and three spoiled ones."""
    gray = image.gray
    return {
        "as it is": image,
        "inverted": Image(255 - gray),
        "narrow": Image(gray[:, :40]),
        "two": Image(np.hstack([gray, other.gray])),
    }


def notes(quality: Quality) -> Iterable[str]:
    """The quality's reasons."""
    return map(str, quality.reasons)


STUDY = Study(Modality.IRIS, spoilings, 1.0, notes)


def test_each_spoiling_is_counted_by_its_outcome() -> None:
    """Errors are counted by reason, extracted images by whether they match the unchanged image and by notes."""
    found = outcomes([(Image(GRAY), Image(GRAY))] * 2, STUDY, WidthExtractor(), EqualityComparator())

    assert Counter(extracted=2, matches=2) == found["as it is"]
    assert Counter(extracted=2, matches=0) == found["inverted"]
    assert Counter(extracted=2, matches=2, OFF_POSE=2) == found["narrow"]
    assert Counter(MULTIPLE_EYES=2) == found["two"]


def test_nothing_matches_an_image_that_was_refused() -> None:
    """If the unchanged image has no template, no spoiled image counts as a match."""
    wide = Image(np.hstack([GRAY, GRAY]))

    found = outcomes([(wide, Image(GRAY))], STUDY, WidthExtractor(), EqualityComparator())

    assert Counter(MULTIPLE_EYES=1) == found["as it is"]
    assert Counter(extracted=1, matches=0, OFF_POSE=1) == found["narrow"]


def test_some_spoilings_can_be_chosen() -> None:
    """The unchanged image is always included first, because the others are compared with it."""
    found = outcomes([(Image(GRAY), Image(GRAY))], STUDY, WidthExtractor(), EqualityComparator(), only=["two"])

    assert ["as it is", "two"] == list(found)


def test_the_command_prints_a_line_for_each_spoiling(tmp_path: Path) -> None:
    """The command prints the folder, then name and counts of each spoiling, without zero counts."""
    with (tmp_path / "images.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("path", "subject", "position"), ("a.png", "a", ""), ("b.png", "b", "")])
    for name in "ab":
        Pillow.fromarray(GRAY).save(tmp_path / f"{name}.png")

    result = CliRunner().invoke(
        spoiling_command(STUDY, WidthExtractor, EqualityComparator()), [str(tmp_path / "images.csv")]
    )

    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert (0, f"{tmp_path.name}:") == (result.exit_code, lines[0])
    assert {"as it is 2 extracted, 2 matches", "inverted 2 extracted", "two 2 MULTIPLE_EYES"} <= set(lines)


def test_an_unreadable_list_ends_the_command_with_a_sentence(tmp_path: Path) -> None:
    """An unreadable images.csv gives one sentence and exit code 3."""
    (tmp_path / "images.csv").write_text("path,subject\n")

    result = CliRunner().invoke(
        spoiling_command(STUDY, WidthExtractor, EqualityComparator()), [str(tmp_path / "images.csv")]
    )

    assert (3, SystemExit) == (result.exit_code, type(result.exception))
    assert "images.csv" in result.stderr
