"""Cllr and minCllr against closed forms and a simple implementation of pool adjacent violators."""

from __future__ import annotations

from math import inf, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.metrics.cllr import cllr, min_cllr
from evaluation.metrics.pool_adjacent import pool_adjacent

SCORES = st.lists(st.integers(-6, 6).map(float), min_size=1, max_size=40)


def test_llr_of_zero_costs_one_bit():
    """LLRs that are all 0 carry no information and cost one bit."""
    assert 1.0 == pytest.approx(cllr([0.0, 0.0], [0.0]))


def test_right_llrs_cost_little_and_wrong_ones_much():
    """LR 100 on the right side costs log2(1.01) bits; on the wrong side log2(101)."""
    assert log2(1.01) == pytest.approx(cllr([2.0], [-2.0]))
    assert log2(101.0) == pytest.approx(cllr([-2.0], [2.0]))


def test_min_cllr_of_separable_scores_is_zero():
    """Scores that one threshold separates without error have a minCllr of 0."""
    assert 0.0 == min_cllr([3.0, 4.0], [1.0, 2.0])


@pytest.mark.parametrize(("mated", "non_mated"), [([1.0], [1.0, 1.0]), ([1.0, 2.0], [3.0, 4.0])])
def test_min_cllr_of_useless_scores_is_one(mated, non_mated):
    """Equal scores, or reversed ones, can only be mapped to LR 1."""
    assert 1.0 == pytest.approx(min_cllr(mated, non_mated))


def test_min_cllr_of_one_violation_is_the_pooled_cost():
    """Mated scores {1, 3} and non-mated {0, 2} pool 1 and 2 into one block of LR 1: half of the cost remains."""
    assert 0.5 == pytest.approx(min_cllr([1.0, 3.0], [0.0, 2.0]))


def test_failed_mated_comparisons_cost():
    """A mated comparison that could not be made ranks below the non-mated ones and raises minCllr."""
    assert 0.0 < min_cllr([-inf, 1.0], [0.0, 0.5])


def test_min_cllr_of_gaussians_equals_the_cllr_of_their_true_llr():
    """For unit Gaussians at 0 and 2 the true natural LLR is 2x − 2, and no other map costs less."""
    random = np.random.default_rng(1)
    mated, non_mated = random.normal(2.0, 1.0, 100_000), random.normal(0.0, 1.0, 100_000)
    true = cllr((2.0 * mated - 2.0) / np.log(10.0), (2.0 * non_mated - 2.0) / np.log(10.0))

    assert true == pytest.approx(min_cllr(mated, non_mated), abs=0.003)
    assert min_cllr(mated, non_mated) <= true


def plain_min_cllr(mated: list[float], non_mated: list[float]) -> float:
    """Pool adjacent violators on distinct scores, one by one."""
    blocks: list[list[float]] = []
    for score in sorted({*mated, *non_mated}):
        blocks.append([mated.count(score) / len(mated), non_mated.count(score) / len(non_mated)])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    cost = sum(g * log2(1.0 + i / g) for g, i in blocks if g) + sum(i * log2(1.0 + g / i) for g, i in blocks if i)
    return cost / 2.0


@given(SCORES, SCORES)
def test_min_cllr_equals_plain_pool_adjacent_violators(mated, non_mated):
    """Scores in any order, with ties, reach the optimum of the plain algorithm."""
    assert plain_min_cllr(mated, non_mated) == pytest.approx(min_cllr(mated, non_mated), abs=1e-12)


@given(SCORES, SCORES)
def test_blocks_rise_strictly(mated, non_mated):
    """No two blocks have one likelihood ratio, whatever rounding makes of thirds and sevenths."""
    blocks = pool_adjacent(mated, non_mated)
    assert (np.diff(blocks.mated / (blocks.mated + blocks.non_mated)) > 0.0).all()


def test_pooled_blocks_have_rising_llrs_and_lose_no_score():
    """A violation is pooled: scores 2 and 3 share LR 1; below them the LLR is −inf, above inf."""
    blocks = pool_adjacent([2.0, 4.0, 4.0], [1.0, 1.0, 3.0])

    assert [1.0, 2.0, 4.0] == blocks.lowest.tolist()
    assert ([0, 1, 2], [2, 1, 0]) == (blocks.mated.tolist(), blocks.non_mated.tolist())
    assert [-inf, 0.0, inf] == pytest.approx(blocks.llr().tolist())
