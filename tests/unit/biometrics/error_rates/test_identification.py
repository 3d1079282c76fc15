"""CMC, FPIR and FNIR on tables small enough to count by hand."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from biometrics.error_rates.identification import cmc, fnir, fnir_at_fpir, fpir, mate_ranks

TABLE = np.array([[9.0, 1.0, 2.0], [5.0, 5.0, 1.0], [3.0, 2.0, 1.0]])


def test_ties_count_against_the_mate():
    """Ranks are 1 for the clear best, 2 for a shared first place, 3 for the last."""
    assert [1, 2, 3] == mate_ranks(TABLE, [0, 1, 2]).tolist()


def test_cmc_accumulates_the_ranks():
    """One probe of three is found at each rank."""
    assert [1 / 3, 2 / 3, 1.0] == pytest.approx(cmc([1, 2, 3], 3).tolist())
    assert [1 / 3, 2 / 3] == pytest.approx(cmc([1, 2, 3], 2).tolist())


def test_fpir_counts_searches_with_any_candidate():
    """Two of four non-mated searches have a candidate at or above the threshold."""
    assert 0.5 == fpir([0.1, 0.5, 0.4, 0.9], 0.5)


@pytest.mark.parametrize(
    ("rank", "threshold", "expected"), [(1, 0.0, 0.75), (3, 0.0, 0.25), (3, 5.0, 0.5), (9, -inf, 0.25)]
)
def test_fnir_counts_mates_outside_rank_or_below_threshold(rank, threshold, expected):
    """A mate is missed when it is ranked too low, scores too low, or was never compared."""
    assert expected == fnir([9.0, 5.0, 1.0, -inf], [1, 2, 3, 1], rank, threshold)


def test_fnir_at_fpir_takes_the_lowest_threshold_that_keeps_it():
    """If one of four non-mated searches may have a candidate, T is just above 0.5, and the mate at 0.5 is missed."""
    assert 0.5 == fnir_at_fpir([0.1, 0.5, 0.4, 0.9], [0.5, 0.6], [1, 1], 1, 0.25)
