"""Tables whose qualities, or scores, are there for a part of the comparators, classes or people only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biometrics.errors import FieldInvalid
from evaluation.data.score_table import ScoreTable
from evaluation.fusion.fit import unused_qualities
from tests.unit.evaluation.fusion.conftest import fitted, gaussian_table

NAN = np.float32(np.nan)


@pytest.fixture(scope="module")
def table() -> ScoreTable:
    """Two comparators, both of which see nothing where their quality is below 30."""
    made = gaussian_table(60, (4.0, 4.0))
    random = np.random.default_rng(2)
    quality = random.uniform(0.0, 100.0, made.scores.shape).astype(np.float32)
    noise = random.standard_normal(made.scores.shape).astype(np.float32)
    return replace(made, scores=np.where(quality < 30.0, noise, made.scores), quality=quality)


def test_quality_of_one_comparator_is_used(table: ScoreTable) -> None:
    """A table without any quality of the other one is fitted, and a low score at high quality is worth less."""
    assert table.quality is not None
    model = fitted(replace(table, quality=np.where([True, False], table.quality, NAN)))
    poor, good = model.llr([[0.0, NAN]] * 2, [[10.0, NAN], [90.0, NAN]])
    assert model.uses_quality
    assert good < poor - 0.5
    assert np.isfinite(model.llr(table.scores, table.quality)).all()


@pytest.mark.parametrize("side", [True, False])
@pytest.mark.parametrize("value", [NAN, np.float32(90.0)])
def test_quality_that_is_missing_or_alike_in_one_class_is_not_used(
    table: ScoreTable, *, side: bool, value: np.float32
) -> None:
    """It is named, and the model is the one of a table that does not have it."""
    assert table.quality is not None
    partly = np.where((table.mated == side)[:, None] & [True, False], value, table.quality)
    without = np.where([True, False], NAN, table.quality)
    assert ["c0"] == unused_qualities(replace(table, quality=partly))
    assert fitted(replace(table, quality=without)).to_json() == fitted(replace(table, quality=partly)).to_json()


@pytest.mark.parametrize("value", [NAN, np.float32(77.0)])
def test_qualities_that_say_nothing_are_as_none(table: ScoreTable, value: np.float32) -> None:
    """A quality that is stated nowhere, or that is the same everywhere, gives the model of scores alone."""
    nothing = replace(table, quality=np.full_like(table.scores, value))
    assert ([] if np.isnan(value) else ["c0", "c1"]) == unused_qualities(nothing)
    assert fitted(replace(table, quality=None)).to_json() == fitted(nothing).to_json()


def test_a_comparator_of_two_rows_is_named(table: ScoreTable) -> None:
    """It is refused by name, with what is needed and what to do."""
    scores = table.scores.copy()
    scores[np.flatnonzero(table.mated)[2:], 1] = NAN
    with pytest.raises(FieldInvalid, match=r"c1: 2 mated scores; at least 20 .* leave the column out"):
        fitted(replace(table, scores=scores))


def test_a_fold_without_any_mated_score_of_a_comparator() -> None:
    """All mated scores of a comparator are of one person: the mixture without this person is fitted nevertheless."""
    made, count = gaussian_table(60, (2.5, 2.0)), 25
    mated = np.flatnonzero(made.mated)
    scores = made.scores.copy()
    scores[mated, 1] = NAN
    more = made.rows(np.repeat(mated[:1], count))
    random = np.random.default_rng(3)
    more = replace(more, scores=random.normal((2.5, 2.0), 1.0, (count, 2)).astype(np.float32))
    model = fitted(ScoreTable.joined([replace(made, scores=scores), more]))
    assert np.isfinite(model.llr(made.scores)).all()
