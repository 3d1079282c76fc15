"""Witnesses that are not independent."""

from __future__ import annotations

from math import log10

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.dependence import of_positions, of_samples, rank_weights

LLRS = st.lists(st.floats(-6.0, 6.0), min_size=1, max_size=10)
RHO = st.floats(0.0, 1.0)
BOTH = pytest.mark.parametrize("combine", [of_positions, of_samples])


def test_weights_add_up_to_the_effective_number():
    """Of 4 witnesses: 4 when independent, 4 / 2.5 at rho 0.5, one at rho 1."""
    assert [1.0, 1.0, 1.0, 1.0] == rank_weights(4, 0.0).tolist()
    assert 1.6 == pytest.approx(rank_weights(4, 0.5).sum())
    assert [1.0, 0.0, 0.0, 0.0] == rank_weights(4, 1.0).tolist()


def test_positions_are_ranked_by_strength_on_each_side():
    """At rho 0.5 the second strongest of a side counts a third: 3 + 1/3 for, 2 against."""
    assert [1.0 / 3.0, 3.0, -2.0] == pytest.approx(of_positions([1.0, 3.0, -2.0], 0.5).tolist())


def test_a_poor_sample_costs_a_good_one_no_more_than_its_chances():
    """One of two far from the reference costs log10(2); two such are worth their mean."""
    assert [3.0, -log10(2.0)] == pytest.approx(of_samples([3.0, -5.0], 0.5).tolist(), abs=1e-4)
    assert -2.0 == pytest.approx(of_samples([-2.0, -2.0], 0.5).sum())
    assert log10((0.1 + 0.01) / 2.0) == pytest.approx(of_samples([-1.0, -2.0], 0.5).sum())


@BOTH
@given(llrs=LLRS, rho=RHO)
def test_the_order_does_not_matter(combine, llrs, rho):
    """Any order has the same sum, to rounding."""
    assert combine(llrs, rho).sum() == pytest.approx(combine(llrs[::-1], rho).sum(), abs=1e-9)


@BOTH
@given(llrs=LLRS, rho=RHO, more=st.floats(0.0, 6.0))
def test_another_witness_for_a_match_never_weakens_it(combine, llrs, rho, more):
    """The sum is no lower with it."""
    assert combine([*llrs, more], rho).sum() >= combine(llrs, rho).sum() - 1e-9


@given(LLRS, RHO, st.floats(0.0, 6.0))
def test_another_position_against_a_match_never_helps_it(llrs, rho, more):
    """The sum is no higher with it; one of LLR 0 changes nothing."""
    total = of_positions(llrs, rho).sum()

    assert of_positions([*llrs, -more], rho).sum() <= total + 1e-9
    assert total == pytest.approx(of_positions([*llrs, 0.0], rho).sum(), abs=1e-9)


@BOTH
@given(llrs=LLRS, rho=RHO, place=st.integers(0, 9), more=st.floats(0.0, 3.0))
def test_the_sum_rises_with_each_llr(combine, llrs, rho, place, more):
    """Whoever is surer of a match makes the sum no lower."""
    raised = list(llrs)
    raised[place % len(llrs)] += more

    assert combine(raised, rho).sum() >= combine(llrs, rho).sum() - 1e-9


@BOTH
@given(llrs=LLRS, rho=RHO)
def test_the_sum_of_one_side_lies_between_the_strongest_and_all(combine, llrs, rho):
    """For witnesses for a match; and a single one is itself, whatever it says."""
    same = np.abs(llrs)
    total = combine(same, rho).sum()

    assert same.max() - 1e-9 <= total <= same.sum() + 1e-9
    assert llrs[:1] == pytest.approx(combine(llrs[:1], rho).tolist())


@given(LLRS, RHO)
def test_samples_are_worth_at_least_the_charged_best(llrs, rho):
    """And at least the logarithm of their mean likelihood ratio where rho is 1."""
    assert of_samples(llrs, rho).sum() >= max(llrs) - log10(len(llrs)) - 1e-9


@BOTH
def test_tables_are_taken_row_by_row(combine):
    """The witnesses stand along the last axis."""
    table = np.asarray([[1.0, 2.0], [-1.0, 4.0], [-1.0, -3.0], [0.0, 0.0]])

    assert [combine(row, 0.3).tolist() for row in table] == combine(table, 0.3).tolist()
