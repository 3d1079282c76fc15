"""Chimeric people, and the shipped model on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from biometrics.template import Template
from evaluation.data.score_table_reader import read_score_table
from evaluation.protocol.template_cache import Sample, TemplateCache
from services.face.comparator import PairComparator
from services.face.template.features import joined, pack
from services.fingerprint.comparator import FingerprintComparator
from services.iris.comparator import IrisComparator
from studies.fusing import shipped_model
from studies.fusing.chimeric import main
from tests.unit.studies.references.test_combined_irises import image as iris
from tests.unit.studies.references.test_impressions import finger

PEOPLE = 3


def folder(path: Path, model_id: str, templates: list[list[Template]], position: str) -> str:
    """A folder as `biofusion evaluate` writes it, with these templates."""
    path.mkdir()
    lines = ["path,subject,position,quality,failure"]
    with TemplateCache(path / "templates.msgpack") as cache:
        for subject, images in enumerate(templates):
            for number, each in enumerate(images):
                name = f"{subject}_{number}.png"
                lines.append(f"{name},{subject},{position},90.0,")
                cache.put(f"{model_id}|0|None|{position}|{name}", Sample(each.data, 90.0, "", 0.1))
    (path / "samples.csv").write_text("\n".join(lines))
    return str(path)


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    """Two sets of fingers with eight impressions each, faces with three images, eyes with eight."""
    random = np.random.default_rng(1)
    people = random.normal(0.0, 1.0, (PEOPLE, 128))
    noisy = people[:, None] + random.normal(0.0, 0.3, (PEOPLE, 3, 128))
    faces = [
        [pack(joined(each, each)) for each in images / np.linalg.norm(images, axis=1, keepdims=True)]
        for images in noisy
    ]
    prints = [[finger(number) for _ in range(8)] for number in range(PEOPLE)]
    eyes = [[iris(eye, 10 * eye + number) for number in range(8)] for eye in range(PEOPLE)]
    model = FingerprintComparator.model_id
    options = [
        *("--face", folder(tmp_path / "face", PairComparator.model_id, faces, "FACE")),
        *("--fingerprint", folder(tmp_path / "db1", model, prints[:2], "UNKNOWN")),
        *("--fingerprint", folder(tmp_path / "db2", model, prints[2:], "UNKNOWN")),
        *("--iris", folder(tmp_path / "iris", IrisComparator.model_id, eyes, "LEFT_EYE")),
    ]
    return [*options, "--out", str(tmp_path / "out")]


def test_everybody_is_compared_with_everybody(folders: list[str]) -> None:
    """Rows are all ordered pairs of three people's eight samples; cells of a face image with itself are empty."""
    result = CliRunner().invoke(main, folders)
    path = Path(folders[-1]) / "scores.csv.gz"
    table = read_score_table(path)
    faces, fingers = table.column("face-cosine-2"), table.column("fingerprint-signs-1")

    assert "3 chimeric people, 168 mated and 384 non-mated rows." in result.output
    assert (24 * 23, 168) == (len(table), np.count_nonzero(table.mated))
    assert (PEOPLE * 14, 0) == (np.count_nonzero(np.isnan(faces)), np.count_nonzero(np.isnan(fingers)))
    assert faces[table.mated & ~np.isnan(faces)].mean() > faces[~table.mated].mean() + 0.5
    assert {90.0} == set(table.column("iris-hamming-3.quality").tolist())


def test_rows_can_be_kept_within_a_set_and_templates_made_worse(folders: list[str]) -> None:
    """Within sets, the second set's finger has no non-mated rows, and half fingers score lower."""
    whole = CliRunner().invoke(main, folders)
    path = Path(folders[-1]) / "scores.csv.gz"
    before = read_score_table(path)
    half = CliRunner().invoke(main, [*folders, "--within-sets", "--fingerprint-condition", "both: half"])
    after = read_score_table(path)

    assert (0, 0) == (whole.exit_code, half.exit_code)
    assert (168, 128) == (np.count_nonzero(after.mated), np.count_nonzero(~after.mated))
    worse, good = (each.column("fingerprint-signs-1")[each.mated].mean() for each in (after, before))
    assert worse < good


def test_an_unknown_condition_is_one_sentence(folders: list[str]) -> None:
    """An unknown condition gives one sentence, and no folder is written."""
    result = CliRunner().invoke(main, [*folders, "--iris-condition", "asleep"])

    assert (3, True) == (result.exit_code, "asleep is no condition" in result.output)
    assert not Path(folders[-1]).exists()


def test_the_shipped_model_is_measured_by_pattern(folders: list[str]) -> None:
    """The table has the seven combinations of three comparators, and says that rows are too few for a rate."""
    CliRunner().invoke(main, folders)
    result = CliRunner().invoke(shipped_model.main, [str(Path(folders[-1]) / "scores.csv.gz")])
    lines = [line for line in result.output.splitlines() if line.startswith("| ")]

    assert 0 == result.exit_code
    assert 1 + 7 == len(lines)
    assert "face-cosine-2 + fingerprint-signs-1 + iris-hamming-3" in lines[-1]
    assert "too few non-mated rows" in result.output
    assert "3 people, 126 mated and 384 non-mated complete rows." in result.output


def test_scores_without_all_three_are_refused(tmp_path: Path) -> None:
    """Scores without a comparator's column are refused by its name."""
    path = tmp_path / "scores.csv"
    path.write_text("probe,reference,mated,face-cosine-2\na,b,1,0.5\n")
    result = CliRunner().invoke(shipped_model.main, [str(path)])

    assert (3, True) == (result.exit_code, "there is no such column. There are: face-cosine-2" in result.output)
