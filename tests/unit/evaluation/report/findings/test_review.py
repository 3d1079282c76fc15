"""Shares of REVIEW by width of the band."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.report.findings import review
from evaluation.report.findings.outcome import columns
from tests.unit.evaluation.report.made import gaussian, without


def measured(outcome, threshold=1.0, band=1.5):
    """The review measured at one threshold; the second target has none."""
    return review.measure(outcome, columns(outcome)[-1], (1e-2, 1e-3), (threshold, None), band)


def test_shares_are_counted_in_the_band():
    """LLRs below the band are NO_MATCH, in it REVIEW, and MATCH from the threshold on."""
    outcome = gaussian(50)
    mated, non_mated = outcome.llr[outcome.mated], outcome.llr[~outcome.mated]
    (found,) = measured(outcome)
    missed, reviewed, others = found.at(1.5)

    assert np.mean(mated < -0.5) == pytest.approx(missed)
    assert np.mean((mated >= -0.5) & (mated < 1.0)) == pytest.approx(reviewed)
    assert np.mean((non_mated >= -0.5) & (non_mated < 1.0)) == pytest.approx(others)
    assert np.mean(non_mated >= 1.0) == pytest.approx(found.fmr)


def test_without_a_band_nothing_is_reviewed():
    """At width 0 nothing is REVIEW, and the FNMR never rises as the band widens."""
    (found,) = measured(gaussian(50))

    assert (0.0, 0.0) == found.at(0.0)[1:]
    assert np.all(np.diff(found.fnmr) <= 0.0)


def test_a_mated_row_where_nothing_was_compared_is_never_reviewed():
    """A mated row without a score is NO_MATCH at every width, even where the band contains LLR 0."""
    outcome = gaussian(50, (40.0,))
    found = measured(without(outcome, np.flatnonzero(outcome.mated)[:10], [0]))[0]

    assert [0.2, 0.2] == pytest.approx([found.fnmr[0], found.fnmr[-1]])
