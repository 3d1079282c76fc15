"""`biofusion fusion fit` and `biofusion fusion evaluate`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from biometrics.score_fusion.fusion import ScoreFusion
from cli.main import cli
from evaluation.made_up_scores import main


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Simulated scores of 60 people with a tenth of the cells missing."""
    path = tmp_path_factory.mktemp("made-up") / "scores.csv"
    assert 0 == CliRunner().invoke(main, ["--people", "60", "--missing", "0.1", "--out", str(path)]).exit_code
    return path


def _run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["fusion", *map(str, words)])
    return result.exit_code, result.output


def test_fit_then_evaluate(scores: Path, tmp_path: Path) -> None:
    """A model is fitted to a file and then measured on a file; both commands print what they did."""
    code, said = _run("fit", scores, "--out", tmp_path / "model.json", "--source", "made up")
    assert 0 == code
    model = ScoreFusion.from_json((tmp_path / "model.json").read_text())
    assert model.fusion_model_id in said
    assert ("made up", 60) == (model.provenance.source, model.provenance.mated_count)
    code, said = _run("evaluate", scores, "--model", tmp_path / "model.json", "--out", tmp_path / "out")
    assert (0, True) == (code, (tmp_path / "out/report.html").is_file())
    assert "sum of LLRs" in said
    for told in (said, _run("explain", "--model", tmp_path / "model.json", "face-a=0.6", "finger-left=40")[1]):
        assert "face-a + finger-left" in " ".join(told.split())
    by = model.calibration(0b101)
    assert f"no FMR below {by.lowest_fmr:.1e}, no LLR above {by.llr_max:.2f}." in " ".join(told.split())


def test_a_quality_that_says_nothing_is_named(scores: Path, tmp_path: Path) -> None:
    """A file with the quality of one comparator, the same in all rows, is fitted, and the column is told as unused."""
    header, *rows = scores.read_text().splitlines()
    table = tmp_path / "scores.csv"
    table.write_text("\n".join([f"{header},face-a.quality", *(f"{row},90" for row in rows)]))
    code, said = _run("fit", table, "--out", tmp_path / "model.json")
    assert (0, True) == (code, "face-a.quality is not used" in said)
    assert "finger-left.quality" not in said


@pytest.mark.parametrize("how", ["--cross-validate", "--random-halves"])
def test_evaluate_by_splits(scores: Path, tmp_path: Path, how: str) -> None:
    """Without a model, models are fitted to parts of the file and tested on the rest."""
    code, said = _run("evaluate", scores, how, 2, "--out", tmp_path)
    assert (0, True) == (code, "worst" in said)


def test_wrong_use_is_told(scores: Path, tmp_path: Path) -> None:
    """No or two ways to evaluate, a file that is no model, and scores of one class give exit code 3 and a sentence."""
    assert 3 == _run("evaluate", scores, "--out", tmp_path)[0]
    assert 3 == _run("evaluate", scores, "--model", scores, "--cross-validate", 2, "--out", tmp_path)[0]
    code, said = _run("evaluate", scores, "--model", scores, "--out", tmp_path)
    assert (3, True) == (code, "no fusion model" in said)
    lines = scores.read_text().splitlines()
    one_class = tmp_path / "one.csv"
    one_class.write_text("\n".join(line for line in lines if line.split(",")[2] != "1"))
    code, said = _run("fit", one_class, "--out", tmp_path / "model.json")
    assert (3, True) == (code, "mated scores; at least 20" in said)
