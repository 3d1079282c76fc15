"""Error-versus-reject curves of columns with quality."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.report.findings import quality
from evaluation.report.findings.outcome import columns
from tests.unit.evaluation.report.made import gaussian, without


def test_without_quality_there_is_no_curve():
    """A table without quality has no curve."""
    outcome = gaussian(30)
    assert [] == quality.measure(outcome, columns(outcome))


def test_an_ideal_quality_removes_the_errors_first():
    """With the score as quality, no comparator has an error left after rejecting the worst 5 %."""
    outcome = gaussian(100)
    found = quality.measure(replace(outcome, quality=outcome.scores), columns(outcome))

    assert ["comparator 0", "comparator 1", "fused"] == [each.name for each in found]
    assert [0.0, 0.0] == [each.kept.points[1].fnmr for each in found[:2]]


def test_a_fused_row_has_the_lowest_quality_of_what_is_present():
    """The quality of a missing comparator does not count."""
    outcome = gaussian(40)
    poor = np.full(outcome.scores.shape, 80.0, np.float32)
    poor[:, 0] = 10.0
    half = np.flatnonzero(outcome.mated)[:20]
    outcome = without(replace(outcome, quality=poor), half, [0])
    fused = quality.measure(outcome, columns(outcome))[-1]

    assert [0.0, 0.5] == fused.curve[0].tolist()


def test_few_comparisons_with_quality_have_no_curve():
    """A column with 19 mated comparisons of known quality has no curve."""
    outcome = gaussian(19)
    assert [] == quality.measure(replace(outcome, quality=outcome.scores), columns(outcome))
