"""Witnesses that are not independent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.dependence import contributions, rank_weights

LLRS = st.lists(st.floats(-6.0, 6.0), min_size=1, max_size=10)
RHO = st.floats(0.0, 1.0)


def test_weights_add_up_to_the_effective_number():
    """Of 4 witnesses: 4 when independent, 4 / 2.5 at rho 0.5, one at rho 1."""
    assert [1.0, 1.0, 1.0, 1.0] == rank_weights(4, 0.0).tolist()
    assert 1.6 == pytest.approx(rank_weights(4, 0.5).sum())
    assert [1.0, 0.0, 0.0, 0.0] == rank_weights(4, 1.0).tolist()


def test_each_side_is_ranked_by_strength():
    """At rho 0.5 the second strongest of a side counts a third: 3 + 1/3 for, 2 against."""
    assert [1.0 / 3.0, 3.0, -2.0] == pytest.approx(contributions([1.0, 3.0, -2.0], 0.5).tolist())


@given(LLRS, RHO)
def test_the_order_does_not_matter(llrs, rho):
    """Any order has the same sum, to rounding."""
    assert contributions(llrs, rho).sum() == pytest.approx(contributions(llrs[::-1], rho).sum(), abs=1e-9)


@given(LLRS, RHO, st.floats(0.0, 6.0))
def test_more_evidence_for_a_side_never_weakens_it(llrs, rho, more):
    """Another witness for a match never lowers the sum, one against never raises it; one of LLR 0 changes nothing."""
    total = contributions(llrs, rho).sum()

    assert contributions([*llrs, more], rho).sum() >= total - 1e-9
    assert contributions([*llrs, -more], rho).sum() <= total + 1e-9
    assert total == pytest.approx(contributions([*llrs, 0.0], rho).sum(), abs=1e-9)


@given(LLRS, RHO, st.integers(0, 9), st.floats(0.0, 3.0))
def test_the_sum_rises_with_each_llr(llrs, rho, place, more):
    """Whoever is surer of a match makes the sum no lower."""
    raised = list(llrs)
    raised[place % len(llrs)] += more

    assert contributions(raised, rho).sum() >= contributions(llrs, rho).sum() - 1e-9


@given(LLRS, RHO)
def test_the_sum_lies_between_the_strongest_and_all(llrs, rho):
    """For witnesses of one side; and a single one is itself to the last bit."""
    same = np.abs(llrs)
    total = contributions(same, rho).sum()

    assert same.max() - 1e-9 <= total <= same.sum() + 1e-9
    assert contributions(llrs[:1], rho).tolist() == llrs[:1]


def test_tables_are_taken_row_by_row():
    """The witnesses stand along the last axis."""
    table = np.asarray([[1.0, 2.0], [-1.0, 4.0]])

    assert [contributions(row, 0.3).tolist() for row in table] == contributions(table, 0.3).tolist()
