"""Combining the LLRs of samples and positions that are not independent."""

from __future__ import annotations

from math import log10

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.calibration import dependence
from biometrics.calibration.dependence import Dependence, likeness, of_positions, rank_weights
from tests.support.builders import equally_alike

LLRS = st.lists(st.floats(-6.0, 6.0), min_size=1, max_size=9)  # with one more: as many as are told apart
RHO = st.floats(0.0, 0.99)
"""Below 1, as samples of rho 1 are one group, worth their mean LR."""


def of_samples(llrs, rho):
    """Shares of samples that all correlate alike."""
    return dependence.of_samples(llrs, equally_alike(np.shape(llrs)[-1], rho))


BOTH = pytest.mark.parametrize("combine", [of_positions, of_samples])


def test_weights_add_up_to_the_effective_number():
    """Four LLRs are worth 4 independent ones at rho 0, 4 / 2.5 at rho 0.5 and one at rho 1."""
    assert [1.0, 1.0, 1.0, 1.0] == rank_weights(4, 0.0).tolist()
    assert 1.6 == pytest.approx(rank_weights(4, 0.5).sum())
    assert [1.0, 0.0, 0.0, 0.0] == rank_weights(4, 1.0).tolist()


def test_positions_are_ranked_by_strength_on_each_side():
    """At rho 0.5 the second strongest of a side is weighted by 1/3, so 3, 1 and −2 give 3 + 1/3 − 2."""
    assert [1.0 / 3.0, 3.0, -2.0] == pytest.approx(of_positions([1.0, 3.0, -2.0], 0.5).tolist())


def test_a_poor_sample_costs_a_good_one_a_bounded_charge():
    """Beside an uninformative sample a good one loses log10(4); two that agree lose log10(2), but exceed one."""
    assert 3.0 - log10(4.0) == pytest.approx(of_samples([3.0, -9.0], 0.5).sum(), abs=1e-3)
    assert log10((1000.0 + 10.0 ** (2 * 3.0 / 1.5)) / 2.0) == pytest.approx(of_samples([3.0, 3.0], 0.5).sum())


@BOTH
@given(llrs=LLRS, rho=RHO)
def test_the_order_does_not_matter(combine, llrs, rho):
    """The sum is the same in any order, to rounding."""
    assert combine(llrs, rho).sum() == pytest.approx(combine(llrs[::-1], rho).sum(), abs=1e-9)


@given(llrs=LLRS, rho=RHO, more=st.floats(0.0, 6.0))
def test_another_position_for_a_match_never_weakens_it(llrs, rho, more):
    """Another position with an LLR above 0 does not lower the sum."""
    assert of_positions([*llrs, more], rho).sum() >= of_positions(llrs, rho).sum() - 1e-9


@given(LLRS, RHO, st.floats(0.0, 6.0))
def test_another_position_against_a_match_never_helps_it(llrs, rho, more):
    """Another position with an LLR below 0 does not raise the sum; one of LLR 0 changes nothing."""
    total = of_positions(llrs, rho).sum()

    assert of_positions([*llrs, -more], rho).sum() <= total + 1e-9
    assert total == pytest.approx(of_positions([*llrs, 0.0], rho).sum(), abs=1e-9)


@BOTH
@given(llrs=LLRS, rho=RHO, place=st.integers(0, 9), more=st.floats(0.0, 3.0))
def test_the_sum_rises_with_each_llr(combine, llrs, rho, place, more):
    """Raising one LLR never lowers the sum."""
    raised = list(llrs)
    raised[place % len(llrs)] += more

    assert combine(raised, rho).sum() >= combine(llrs, rho).sum() - 1e-9


@given(llrs=LLRS, rho=RHO)
def test_the_sum_of_one_side_lies_between_the_strongest_and_all(llrs, rho):
    """The sum of positions of positive LLR is at least the largest and at most the plain sum."""
    same = np.abs(llrs)
    assert same.max() - 1e-9 <= of_positions(same, rho).sum() <= same.sum() + 1e-9


@BOTH
@given(llr=st.floats(-6.0, 6.0), rho=RHO)
def test_a_single_llr_stays_as_it_is(combine, llr, rho):
    """A single sample or position keeps its LLR, whatever rho is."""
    assert [llr] == combine([llr], rho).tolist()


def test_copies_are_worth_one():
    """Copies (rho 1) count as one: their joint LR is the mean of their likelihood ratios."""
    assert [0.3] * 10 == pytest.approx(of_samples([3.0] * 10, 1.0).tolist())
    assert log10((1000.0 + 0.01) / 2.0) == pytest.approx(of_samples([3.0, -2.0], 1.0).sum())


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6, 0.9, 1.0])
@pytest.mark.parametrize("count", [2, 3, 5, 10])
def test_non_mated_reach_no_llr_more_often_than_it_claims(count, rho):
    """Of non-mated comparisons with so many samples that repeat each other so much, at most 10^-t reach t, as with one.

    Scores are normal, N(0, 1) against N(3, 1), so that 10^LLR is a likelihood ratio. Half of the rows are drawn around
    scores that reach such LLRs, and all are weighted by the non-mated density over that of the draw (importance
    sampling): 8,000 rows tell the rates at 2 and 3 about as well as 60,000 non-mated comparisons do.
    """
    random = np.random.default_rng(count)
    shared, own = random.standard_normal((8_000, 1)), random.standard_normal((8_000, count))
    scores = np.sqrt(rho) * shared + np.sqrt(1.0 - rho) * own
    repeats = 1.0 - rho + count * rho
    shift = 1.5 + 2.0 * repeats / count
    scores[::2] += shift
    weights = 2.0 / (1.0 + np.exp((shift * scores.sum(axis=1) - 0.5 * shift**2 * count) / repeats))
    fused = of_samples((3.0 * scores - 4.5) / np.log(10.0), rho).sum(axis=1)

    assert 1.0 == pytest.approx(weights.mean(), abs=0.03)
    for llr in (0.5, 1.0, 1.5, 2.0, 3.0):
        assert np.mean(weights * (fused >= llr)) <= 10.0**-llr


@settings(deadline=None)
@given(st.integers(2, 12), st.integers(0, 2**32 - 1), st.floats(0.0, 3.0))
def test_unequally_alike_samples_rise_with_each_llr_too(count, seed, more):
    """Raising one LLR never lowers the sum, whatever the correlations are."""
    random = np.random.default_rng(seed)
    rhos = np.triu(random.uniform(0.0, 1.0, (count, count)), 1)
    rhos = np.where((rhos + rhos.T) > 0.8, 1.0, rhos + rhos.T) + np.eye(count)
    llrs = random.normal(0.0, 3.0, count)
    raised = llrs + more * (np.arange(count) == random.integers(count))
    rhos = np.minimum(rhos, 1.0)
    assert dependence.of_samples(raised, rhos).sum() >= dependence.of_samples(llrs, rhos).sum() - 1e-9


def test_rho_follows_from_likeness():
    """Rho is linear between the knots, and 1 for copies and for an unknown likeness."""
    fitted = Dependence((0.2, 0.6, 0.9), (0.1, 0.5, 1.0), 0.4)
    assert [0.1, 0.3, 1.0, 1.0] == pytest.approx(fitted.of([-1.0, 0.4, 0.95, np.nan]).tolist())
    assert (0.5, True) == (likeness(10.0, 40.0, 10.0), np.isnan(likeness(1.0, -1.0, 4.0)))


@pytest.mark.parametrize(
    "values", [((0.2, 0.1), (0.0, 1.0)), ((0.1, 0.2), (0.5, 0.4)), ((0.1,), (0.9,)), ((0.1, 0.2), (1.0,))]
)
def test_an_invalid_dependence_is_refused(values):
    """Knots that fall, or do not end at rho 1, are a programming error."""
    with pytest.raises(ValueError, match="rise"):
        Dependence(*values)


@BOTH
def test_tables_are_taken_row_by_row(combine):
    """Samples lie along the last axis, so each row of a table is combined separately."""
    table = np.asarray([[1.0, 2.0], [-1.0, 4.0], [-1.0, -3.0], [0.0, 0.0]])

    assert [combine(row, 0.3).tolist() for row in table] == combine(table, 0.3).tolist()
