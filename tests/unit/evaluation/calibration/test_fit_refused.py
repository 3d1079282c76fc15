"""Scores to which no calibration can be fitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biometrics.errors import FieldInvalid
from tests.unit.evaluation.calibration.gaussian_scores import fit, scored


@pytest.mark.parametrize("factor", [0.0, -1.0])
def test_constant_or_reversed_scores_are_refused(factor):
    """Constant scores, and distances in place of similarities, are refused."""
    every = scored()

    with pytest.raises(FieldInvalid, match="higher must mean more alike"):
        fit(replace(every, scores=factor * every.scores))


def test_one_class_only_is_refused():
    """Scores without mated ones are refused."""
    every = scored()

    with pytest.raises(FieldInvalid, match="0 mated"):
        fit(every.part(~every.mated))


@pytest.mark.parametrize("subjects", [3, 4])
def test_too_few_comparisons_are_refused(subjects):
    """With 18 mated comparisons the error names the count; with 24, of four people, the five folds."""
    with pytest.raises(FieldInvalid, match=r"18 mated|too few subjects"):
        fit(scored(subjects=subjects))


def test_scores_that_are_not_finite_are_refused():
    """NaN, which marks a missing comparison, is refused: missing ones must be removed first."""
    for value in (np.nan, np.inf, -np.inf):
        every = scored()
        every.scores[3] = value

        with pytest.raises(FieldInvalid, match="finite"):
            fit(every)
