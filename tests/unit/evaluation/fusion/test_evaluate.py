"""Measuring fusion on people who are not in the fit."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from biometrics.errors import ConfigurationInvalid, FieldInvalid
from biometrics.score_fusion.fusion import ScoreFusion
from evaluation.data.score_table import ScoreTable
from evaluation.fusion.evaluate import evaluate_model, evaluate_splits
from evaluation.fusion.measures import measure
from evaluation.fusion.tested import apply, pooled
from evaluation.protocol.splits import cross_validation, random_halves
from tests.unit.evaluation.fusion.conftest import PROVENANCE, gaussian_table

STAGES: list[str] = []


def _progress(stage: str, _done: int, _total: int) -> None:
    STAGES.append(stage)


def test_no_subject_is_on_both_sides(made_up: ScoreTable) -> None:
    """In folds and halves, fitted and tested rows share no subject; folds test every mated row once."""
    subject = made_up.subjects()
    tested = np.zeros(len(made_up), int)
    splits = [*cross_validation(made_up, 4), *random_halves(made_up, 3)]
    for split in splits:
        train, test = (
            np.union1d(subject[made_up.probe[s]], subject[made_up.reference[s]]) for s in (split.train, split.test)
        )
        assert not np.intersect1d(train, test).size
    for split in splits[:4]:
        tested += split.test
    assert (tested[made_up.mated] == 1).all()


def test_too_few_subjects_to_split() -> None:
    """More folds than subjects, and halves of three subjects, are refused."""
    table = gaussian_table(3, (1.0,))
    with pytest.raises(FieldInvalid, match="3 subjects; at least 5"):
        list(cross_validation(table, 5))
    with pytest.raises(FieldInvalid, match="3 subjects; at least 4"):
        list(random_halves(table, 1))


def test_model_on_other_people(model: ScoreFusion, made_up: ScoreTable, tmp_path: Path) -> None:
    """A report, its figures, and LLR and FMR of every row are written; columns are matched by name."""
    swapped = made_up.with_comparators(("finger-left", "face-a"))
    measures = evaluate_model(swapped, model, tmp_path / "out", title="Test", progress=_progress)
    assert {"report.html", "report.json", "fused.csv.gz"} == {path.name for path in (tmp_path / "out").iterdir()}
    lines = gzip.decompress((tmp_path / "out/fused.csv.gz").read_bytes()).decode().splitlines()
    assert ("probe,reference,mated,llr,fmr", len(made_up) + 1) == (lines[0], len(lines))
    whole = replace(made_up, scores=made_up.scores * np.float32([1, np.nan, 1, np.nan])[None])
    np.testing.assert_allclose(
        [float(line.split(",")[3]) for line in lines[1:]], model.llr(whole.scores), rtol=1e-4, atol=1e-5
    )
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert measures.cllr == report["test"]["cllr"]
    assert model.fusion_model_id == report["facts"]["Model"]
    claimed, carried = report["patterns"].values()
    assert "face-a + finger-left" == claimed[0]["scores"]
    assert f"{model.calibration(0b101).counts.non_mated:,}" in {each["non-mated"] for each in carried}


def test_halves_are_measured_and_pooled(made_up: ScoreTable, tmp_path: Path) -> None:
    """Each half has its row, mean and worst are over the halves, and the report pools the rows of all."""
    splits = list(random_halves(made_up, 2))
    measures = evaluate_splits(made_up, splits, PROVENANCE, tmp_path, title="Test", how="2 halves", progress=_progress)
    report = json.loads((tmp_path / "report.json").read_text())
    tar = [each.tar["fused"][0] for each in measures]
    assert {"mean": np.mean(tar), "worst": min(tar)} == pytest.approx(report["tar"]["fused"]["0.01"])
    assert sum(int(split.test.sum()) for split in splits) == report["report"]["counts"]["rows"]
    page = (tmp_path / "report.html").read_text()
    assert "Held-out test sets" in page


def test_unknown_comparator_is_refused(model: ScoreFusion) -> None:
    """The error for a column that the model does not know names it and the columns the model knows."""
    with pytest.raises(FieldInvalid, match=r"c0: the model does not know this comparator. It knows: face-a, face-b"):
        apply(model, gaussian_table(4, (1.0,)))


def test_folder_that_cannot_be_made(model: ScoreFusion, made_up: ScoreTable, tmp_path: Path) -> None:
    """A file in place of the output folder is refused with a named error."""
    (tmp_path / "out").write_text("")
    with pytest.raises(ConfigurationInvalid, match="Choose another --out"):
        evaluate_model(made_up, model, tmp_path / "out", title="Test", progress=_progress)


def test_pool_stops_at_its_limit(model: ScoreFusion, made_up: ScoreTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Test sets that would exceed the limit are left out of the pool as a whole."""
    monkeypatch.setattr("evaluation.fusion.tested.POOLED_ROWS", 2 * len(made_up))
    tested = apply(model, made_up)
    assert 2 * len(made_up) == len(pooled([tested] * 3).table)


def test_mated_row_without_score_is_not_accepted() -> None:
    """Of four mated rows one has no score: the TAR is at most 3/4 whatever the threshold."""
    scores = np.array([5.0, 5.0, 5.0, np.nan, *np.linspace(-1, 1, 400)], np.float32)
    mated = np.arange(404) < 4
    found = measure({"a": scores}, np.nan_to_num(scores, nan=0.0), np.full(404, 1.0), mated)
    assert [0.75, None, None] == list(found.tar["a"])
