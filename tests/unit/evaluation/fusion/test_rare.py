"""Comparators that few rows have: their claims are limited by the number of these rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.data.score_table import ScoreTable
from evaluation.fusion import drawing
from evaluation.fusion.density_fit import fit_densities, sample_of
from evaluation.fusion.held_rows import HeldRows
from evaluation.fusion.pattern_fit import survival
from fusion.decision.decision import DecisionReason, Outcome
from fusion.models.caller_scores import JointModel
from tests.unit.evaluation.fusion.conftest import PROVENANCE, fitted, gaussian_table, silent
from tests.unit.fusion.models.test_caller_scores import evidence_of
from tests.unit.fusion.world import model as rules

SHIFT = (4.0, 4.0, 3.0)
RATES = (1e-2, 1e-3)


def with_rows(table: ScoreTable, rows: dict[int, int], seed: int) -> ScoreTable:
    """The table with a limited number of scores in some columns.

    Args:
        table: scores.
        rows: by column, the number of scores of each class that stay.
        seed: of the choice.
    """
    random, scores = np.random.default_rng(seed), table.scores.copy()
    for column, count in rows.items():
        for side in (table.mated, ~table.mated):
            scores[random.permutation(np.flatnonzero(side))[count:], column] = np.nan
    return replace(table, scores=scores)


def only(table: ScoreTable, pattern: int) -> np.ndarray:
    """The non-mated scores with only the columns of a pattern."""
    keep = [bool(pattern >> column & 1) for column in range(table.scores.shape[1])]
    return np.where(keep, table.scores[~table.mated], np.float32(np.nan))


def test_a_comparator_of_40_rows_among_100_000_claims_no_match() -> None:
    """40 non-mated scores support an FMR of 0.075, an LLR of 1.12: alone, the comparator makes no match at FMR 1e-4."""
    model = fitted(with_rows(gaussian_table(317, SHIFT[:2]), {1: 40}, 1))
    joint = JointModel(model, rules())
    rare = joint.verification(evidence_of(joint, c1=9.0), 1e-4)
    assert (Outcome.REVIEW, DecisionReason.NOT_CARRIED) == (rare.outcome, rare.reasons[0])
    assert rare.llr < np.log10(40 / 3)
    assert rare.observed_fmr is not None
    assert 0.0749 < rare.observed_fmr
    often = joint.verification(evidence_of(joint, c0=9.0, c1=9.0), 1e-4)
    assert Outcome.MATCH == often.outcome
    assert often.llr < model.calibration(1).llr_max


def claims(table: ScoreTable, seed: int) -> dict[tuple[int, float], float]:
    """The FMR observed on new people, by pattern and claimed FMR, where any score claims it."""
    model, fresh = fitted(table), gaussian_table(320, SHIFT, seed=seed + 100, correlation=0.4)
    found = {}
    for pattern in range(1, 8):
        fmr = model.fuse(only(fresh, pattern)).fmr
        found |= {(pattern, rate): float((fmr <= rate).mean()) for rate in RATES if fmr.min() <= rate}
    return found


def kept(claimed: dict[tuple[int, float], float]) -> bool:
    """Whether each observed FMR is at most 1.5 times the claimed one."""
    return all(observed <= 1.5 * rate for (_, rate), observed in claimed.items())


@pytest.mark.parametrize(("seed", "rows"), [(1, (40, 400)), (2, (300, 4000)), (3, (2000, 30)), (4, (150, 1000))])
def test_claimed_rates_of_rare_comparators_are_kept(seed: int, rows: tuple[int, int]) -> None:
    """Every FMR that a pattern claims holds on people it was not fitted on; the common comparator claims all FMRs."""
    table = gaussian_table(180, SHIFT, seed=seed, correlation=0.4)
    found = claims(with_rows(table, {1: rows[0], 2: rows[1]}, seed), seed)
    assert {(1, 1e-2), (1, 1e-3)} <= {*found}
    assert (2, 3.0 / rows[0] * 0.9) not in found
    assert kept(found), found


def test_claimed_rates_are_kept_where_rows_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where densities are fitted to a tenth of the rows, rates and counts still come from all rows."""
    monkeypatch.setattr(drawing, "MOST_ROWS", 3000)
    table = with_rows(gaussian_table(180, SHIFT, seed=5, correlation=0.4), {1: 400, 2: 60}, 5)
    found = claims(table, 5)
    assert kept(found), found
    assert {(1, 1e-2), (1, 1e-3), (2, 1e-2)} <= {*found}
    assert (32_220, 400, 60) == tuple(fitted(table).calibration(pattern).counts.non_mated for pattern in (1, 2, 4))


def test_drawing_keeps_rare_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 50,000 rows of one pattern and 30 of another, all 30 are drawn, and the weights sum to all rows."""
    monkeypatch.setattr(drawing, "MOST_ROWS", 1000)
    x = np.zeros((50_030, 2))
    x[:50_000, 1] = np.nan
    drawn = drawing.draw(x, np.random.default_rng(1))
    assert 1000 >= drawn.rows.size
    assert list(range(50_000, 50_030)) == drawn.rows[-30:].tolist()
    assert pytest.approx([50_000.0, 30.0]) == [drawn.weights[:-30].sum(), drawn.weights[-30:].sum()]


def test_qualities_that_few_rows_have_are_bounded_too() -> None:
    """If only 40 rows of each class have a quality, a row with quality is answered without it or bounded by 40 rows."""
    table, random = gaussian_table(200, SHIFT[:1]), np.random.default_rng(3)
    quality = np.full((len(table), 1), np.nan, np.float32)
    for side in (table.mated, ~table.mated):
        quality[random.permutation(np.flatnonzero(side))[:40]] = 90.0 * random.random((40, 1))
    sample = sample_of(replace(table, quality=quality), 5, random)
    model = HeldRows.of(sample, *fit_densities(sample, PROVENANCE, random, uses_quality=True)).calibrated(silent)
    assert 39_800 == model.patterns[1].counts.non_mated
    assert 0b11 == model.pattern([[1.0]], [[50.0]])
    by = model.calibration(0b11)
    assert by is model.patterns[1] or (40 == by.counts.non_mated and by.llr_max < np.log10(40 / 3) + 1e-9)


def test_the_rate_of_equal_ratios_is_that_of_all_of_them() -> None:
    """Where 400 of 1,000 rows have the highest value, the FMR claimed there is at least 0.4."""
    at, level = survival(np.repeat([0.0, 1.0], [600, 400]), 1000.0)
    assert 0.4 <= 10.0 ** level[np.searchsorted(at, 1.0)]


def test_the_tail_is_exponential_before_the_bound() -> None:
    """For exponential ratios, rates in the extrapolated tail are 1 to 3 times the true ones."""
    at, level = survival(np.random.default_rng(1).exponential(1.0 / np.log(10.0), 1000), 1000.0)
    true = np.minimum(0.0, -at)
    assert (level >= true - 0.05).all()
    assert (level[true > -2.5] <= true[true > -2.5] + np.log10(3.0)).all()
