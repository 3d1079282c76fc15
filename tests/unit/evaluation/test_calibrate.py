"""The command `python -m evaluation.calibrate`."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from biometrics.calibration.score_calibration import Calibration
from evaluation.calibrate import main, read_sensor
from evaluation.calibration.left_out import pooled
from evaluation.data.pairs_csv import Pairs
from evaluation.data.score_table_reader import read_score_table
from evaluation.data.scores import write_scores


def write(folder: Path, subjects: int = 30, samples: int = 3, seed: int = 1) -> Path:
    """A folder with a score file of all pairs of Gaussian scores, one cell empty."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{subject}_{sample}.png" for subject in range(subjects) for sample in range(samples)]
    probe, reference = (side.astype(np.int32) for side in np.triu_indices(len(names), 1))
    mated = probe // samples == reference // samples
    scores = np.random.default_rng(seed).normal(0.0, 1.0, mated.size) + 4.0 * mated
    scores[5] = np.nan
    path = folder / "scores.csv.gz"
    write_scores(path, names, Pairs(probe, reference, mated), {"test-1": scores.astype(np.float32)}, lambda *_: None)
    return folder


def options(out: Path) -> list[str]:
    """The command's options."""
    return ["--comparator", "test-1", "--model", "model-1", "--source", "Made by the test", "--out", str(out)]


def test_two_sets_are_pooled_but_not_crossed(tmp_path):
    """Equal names in two folders are different people, who are not compared; missing scores are left out."""
    scored = pooled([read_sensor(write(tmp_path / name, seed=seed), "test-1") for seed, name in enumerate("ab")])

    assert 2 * (90 * 89 // 2 - 1) == scored.scores.size
    assert 2 * 30 * 3 == np.count_nonzero(scored.mated)
    assert list(range(60)) == np.unique(np.append(scored.first, scored.second)).tolist()
    assert not ((scored.first < 30) != (scored.second < 30)).any()
    assert (scored.mated == (scored.first == scored.second)).all()


def test_people_are_taken_from_samples_beside_the_scores(tmp_path):
    """Left and right eye of one person count as one person where samples.csv says so."""
    lines = [f"{n}_{sample}.png,{n // 2}" for n in range(30) for sample in range(3)]
    folder = write(tmp_path)
    (folder / "samples.csv").write_text("\n".join(["path,subject", *lines]), encoding="utf-8")
    scored = read_sensor(folder, "test-1")

    assert 15 == np.unique(scored.first).size
    assert 15 * 9 == np.count_nonzero(~scored.mated & (scored.first == scored.second))


def test_the_command_writes_a_calibration(tmp_path):
    """The file has counts, checks and provenance, and no path above the folders; the tables are printed."""
    out = tmp_path / "test-1.json"
    folders = [str(write(tmp_path / f"set-{seed}", seed=seed)) for seed in (1, 2, 3)]
    result = CliRunner().invoke(main, [*folders, *options(out)])
    calibration = Calibration.from_json(out.read_text(encoding="utf-8"))

    assert 0 == result.exit_code
    assert "270 mated" in result.output
    assert "| left out | people |" in result.output
    assert "| half of its people left out |" in result.output
    assert "| set-2 | 30 | 90 / 3,914 |" in result.output
    assert ("test-1", "model-1", "Made by the test") == (
        calibration.comparator_id,
        calibration.model_id,
        calibration.source,
    )
    assert ["set-1", "set-2", "set-3"] == [each.name for each in calibration.sensors]
    assert all(each.ratios[0] <= 1.5 and each.ratios[3] is None for each in calibration.sensors)
    assert "python -m evaluation.calibrate set-1 set-2 set-3 --comparator test-1" in calibration.command
    assert str(tmp_path) not in out.read_text(encoding="utf-8")


def test_a_single_sensor_is_checked_by_halves_of_its_people(tmp_path):
    """The table has one row for all 30 people, each measured by a fit on the other half."""
    result = CliRunner().invoke(main, [str(write(tmp_path / "set-1")), *options(tmp_path / "out.json")])
    checks = Calibration.from_json((tmp_path / "out.json").read_text(encoding="utf-8")).sensors

    assert "| half left out | people |" in result.output
    assert [("set-1", 30, 90)] == [(each.name, each.people_count, each.mated_count) for each in checks]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("probe,reference,mated,test-2\np,r,1,2\n", "test-1: there is no such column. There are: test-2"),
        ("probe,reference,mated,test-1\np,r,0,2\n", "0 mated"),
        ("probe,reference,mated,test-1\np,r,0,nan\n", "line 2, test-1: 'nan' is no finite number"),
    ],
)
def test_faults_are_one_sentence_and_exit_code_3(tmp_path, content, message):
    """A faulty file gives one sentence and exit code 3, no calibration and no stack trace."""
    out = tmp_path / "out.json"
    (tmp_path / "scores.csv.gz").write_bytes(gzip.compress(content.encode()))
    result = CliRunner().invoke(main, [str(tmp_path), *options(out)])

    assert 3 == result.exit_code
    assert message in result.output
    assert not out.exists()


@pytest.mark.parametrize("sign", [0.0, -1.0])
def test_constant_or_reversed_scores_give_no_calibration(tmp_path, sign):
    """Constant scores, and distances in place of similarities, are refused; no file is written."""
    table = read_score_table(write(tmp_path) / "scores.csv.gz")
    pairs, scores = Pairs(table.probe, table.reference, table.mated), {"test-1": np.float32(sign) * table.scores[:, 0]}
    write_scores(tmp_path / "scores.csv.gz", table.names, pairs, scores, lambda *_: None)
    result = CliRunner().invoke(main, [str(tmp_path), *options(tmp_path / "out.json")])

    assert 3 == result.exit_code
    assert "higher must mean more alike" in result.output
    assert not (tmp_path / "out.json").exists()


def test_two_folders_of_one_name_are_refused(tmp_path):
    """Two folders of one name are refused, because the name identifies the sensor."""
    folders = [str(write(tmp_path / which / "set")) for which in "ab"]
    result = CliRunner().invoke(main, [*folders, *options(tmp_path / "out.json")])

    assert 3 == result.exit_code
    assert "two folders have the same name" in result.output


def test_a_folder_that_is_not_there_is_one_sentence_too(tmp_path):
    """A folder that does not exist is named in one sentence, and no calibration is written."""
    result = CliRunner().invoke(main, [str(write(tmp_path)), *options(tmp_path / "nowhere/out.json")])

    assert 3 == result.exit_code
    assert "nowhere/out.json" in result.output
