"""Simulated score sets with known densities, and models fitted to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.score_fusion.parts import Provenance
from evaluation.data.score_table import ScoreTable
from evaluation.fusion.fit import fit_fusion
from evaluation.made_up_scores import made_up_scores

PROVENANCE = Provenance("made up", "2026-01-01", "none", 0, 0, 0, 5, 0.0, 0.0)


def silent(_done: int, _total: int) -> None:
    """Show no progress."""


def gaussian_table(people: int, shift: tuple[float, ...], seed: int = 1, correlation: float = 0.0) -> ScoreTable:
    """Scores of every probe against every reference: normal, unit variance, mated ones higher by `shift`."""
    random = np.random.default_rng(seed)
    probe, reference = (side.ravel().astype(np.int32) for side in np.mgrid[:people, :people])
    mated = probe == reference
    shared, own = random.standard_normal((len(probe), 1)), random.standard_normal((len(probe), len(shift)))
    scores = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own + np.outer(mated, shift)
    names = [f"p{n}" for n in range(people)] + [f"r{n}" for n in range(people)]
    columns = tuple(f"c{n}" for n in range(len(shift)))
    return ScoreTable(names, probe, reference + np.int32(people), mated, columns, scores.astype(np.float32))


def with_missing(table: ScoreTable, share: float, columns: tuple[int, ...], seed: int = 1) -> ScoreTable:
    """The table with a share of the cells of some columns left out."""
    scores = table.scores.copy()
    random = np.random.default_rng(seed)
    for column in columns:
        scores[random.random(len(scores)) < share, column] = np.nan
    return replace(table, scores=scores)


def fitted(table: ScoreTable) -> ScoreFusion:
    """A model fitted to the table."""
    return fit_fusion(table, PROVENANCE, progress=silent)


@pytest.fixture(scope="session")
def made_up() -> ScoreTable:
    """Scores of 120 simulated people, by two face comparators and on two fingers."""
    return made_up_scores(120)


@pytest.fixture(scope="session")
def model(made_up: ScoreTable) -> ScoreFusion:
    """A model fitted to `made_up`."""
    return fitted(made_up)
