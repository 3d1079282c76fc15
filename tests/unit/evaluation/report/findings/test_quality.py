"""Error versus reject of columns with quality."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.report.findings import quality
from evaluation.report.findings.outcome import columns
from tests.unit.evaluation.report.made import gaussian, without


def test_without_quality_there_is_no_curve():
    """Nothing is made up."""
    outcome = gaussian(30)
    assert [] == quality.measure(outcome, columns(outcome))


def test_a_quality_that_knows_the_errors_removes_them_first():
    """With the score as quality, rejecting the worst 5 % leaves no failure of a comparator."""
    outcome = gaussian(100)
    found = quality.measure(replace(outcome, quality=outcome.scores), columns(outcome))

    assert ["comparator 0", "comparator 1", "fused"] == [each.name for each in found]
    assert [0.0, 0.0] == [each.kept.points[1].fnmr for each in found[:2]]


def test_a_fused_row_has_the_lowest_quality_of_what_is_present():
    """Where the poor comparator is missing, its quality does not count."""
    outcome = gaussian(40)
    poor = np.full(outcome.scores.shape, 80.0, np.float32)
    poor[:, 0] = 10.0
    half = np.flatnonzero(outcome.mated)[:20]
    outcome = without(replace(outcome, quality=poor), half, [0])
    fused = quality.measure(outcome, columns(outcome))[-1]

    assert [0.0, 0.5] == fused.curve[0].tolist()


def test_few_comparisons_with_quality_have_no_curve():
    """19 mated comparisons are too few."""
    outcome = gaussian(19)
    assert [] == quality.measure(replace(outcome, quality=outcome.scores), columns(outcome))
