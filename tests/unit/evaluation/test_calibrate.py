"""The calibrate command: scores in, calibration out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from biometrics.calibration import Calibration
from evaluation.calibrate import main, pool
from evaluation.formats import Pairs
from evaluation.scores import read_scores, write_scores


def write(folder: Path, subjects: int = 30, samples: int = 3, seed: int = 1) -> Path:
    """A score file of all pairs of Gaussian scores, one cell empty."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{subject}_{sample}.png" for subject in range(subjects) for sample in range(samples)]
    probe, reference = (side.astype(np.int32) for side in np.triu_indices(len(names), 1))
    mated = probe // samples == reference // samples
    scores = np.random.default_rng(seed).normal(0.0, 1.0, mated.size) + 4.0 * mated
    scores[5] = np.nan
    path = folder / "scores.csv.gz"
    write_scores(path, names, Pairs(probe, reference, mated), {"test-1": scores.astype(np.float32)}, lambda *_: None)
    return path


def options(out: Path) -> list[str]:
    """The command's options."""
    return ["--comparator", "test-1", "--model", "model-1", "--source", "Made by the test", "--out", str(out)]


def test_two_sets_are_pooled_but_not_crossed(tmp_path):
    """Equal names in two files are different people; missing scores are left out."""
    scored = pool([write(tmp_path / "a"), write(tmp_path / "b", seed=2)], "test-1")

    assert 2 * (90 * 89 // 2 - 1) == scored.scores.size
    assert 2 * 30 * 3 == np.count_nonzero(scored.mated)
    assert list(range(60)) == np.unique(np.append(scored.first, scored.second)).tolist()
    assert not ((scored.first < 30) != (scored.second < 30)).any()
    assert (scored.mated == (scored.first == scored.second)).all()


def test_subjects_are_taken_from_samples_beside_the_scores(tmp_path):
    """Two classes of one person (left and right eye) are one subject where samples.csv says so."""
    path = write(tmp_path)
    lines = [f"{n}_{sample}.png,{n // 2}" for n in range(30) for sample in range(3)]
    (tmp_path / "samples.csv").write_text("\n".join(["path,subject", *lines]), encoding="utf-8")
    scored = pool([path], "test-1")

    assert 15 == np.unique(scored.first).size
    assert 15 * 9 == np.count_nonzero(~scored.mated & (scored.first == scored.second))


def test_the_command_writes_a_calibration(tmp_path):
    """The file holds counts and provenance, without any path above the set's folder, and the summary is printed."""
    out = tmp_path / "test-1.json"
    result = CliRunner().invoke(main, [str(write(tmp_path / "set")), *options(out)])
    calibration = Calibration.from_json(out.read_text(encoding="utf-8"))

    assert 0 == result.exit_code
    assert "90 mated, 3914 non-mated, 30 subjects" in result.output
    assert ("test-1", "model-1", "Made by the test") == (
        calibration.comparator_id,
        calibration.model_id,
        calibration.source,
    )
    assert "python -m evaluation.calibrate set/scores.csv.gz --comparator test-1" in calibration.command
    assert str(tmp_path) not in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "message"),
    [("probe,reference,mated\n", "test-1: the column"), ("probe,reference,mated,test-1\n", "0 mated")],
)
def test_faults_are_one_sentence_and_exit_code_3(tmp_path, content, message):
    """A faulty file leaves no calibration behind and no stack trace."""
    path, out = tmp_path / "scores.csv", tmp_path / "out.json"
    path.write_text(content, encoding="utf-8")
    result = CliRunner().invoke(main, [str(path), *options(out)])

    assert 3 == result.exit_code
    assert message in result.output
    assert not out.exists()


@pytest.mark.parametrize("sign", [0.0, -1.0])
def test_scores_that_say_nothing_or_the_reverse_give_no_calibration(tmp_path, sign):
    """Constant scores, and distances in place of similarities, are refused; no file is written."""
    names, pairs, scores = read_scores(write(tmp_path), "test-1")
    write_scores(
        tmp_path / "scores.csv.gz", names, pairs, {"test-1": (sign * scores).astype(np.float32)}, lambda *_: None
    )
    result = CliRunner().invoke(main, [str(tmp_path / "scores.csv.gz"), *options(tmp_path / "out.json")])

    assert 3 == result.exit_code
    assert "higher must mean more alike" in result.output
    assert not (tmp_path / "out.json").exists()


def test_a_folder_that_is_not_there_is_one_sentence_too(tmp_path):
    """The calibration is not written, and the path is named."""
    result = CliRunner().invoke(main, [str(write(tmp_path)), *options(tmp_path / "nowhere/out.json")])

    assert 3 == result.exit_code
    assert "nowhere/out.json" in result.output
