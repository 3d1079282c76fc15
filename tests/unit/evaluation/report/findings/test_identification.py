"""Identification errors, checked by hand and against plain loops."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from evaluation.report.findings import identification
from evaluation.report.findings.outcome import columns
from tests.unit.evaluation.report.made import gaussian, without


def measured(outcome, place=0):
    """The identification errors of one column."""
    return identification.measure(identification.searches(outcome), columns(outcome)[place])


def test_ranks_and_missed_searches_are_those_of_plain_loops():
    """CMC and FNIR of 40 probes among 40 references equal those of plain loops, for rows in any order."""
    outcome = gaussian(40, (2.0,))
    table = outcome.scores.reshape(40, 40)
    own = table.diagonal()
    ranks = (table >= own[:, None]).sum(axis=1)
    strangers = np.sort(np.where(np.eye(40, dtype=bool), -inf, table).max(axis=1))
    order = np.random.default_rng(2).permutation(1600)
    names = ("scores", "single_llr", "llr", "mated", "probe", "reference", "first", "second")
    found = measured(replace(outcome, **{name: getattr(outcome, name)[order] for name in names}))

    assert [np.mean(ranks <= k) for k in range(1, 21)] == pytest.approx(found.cmc.tolist())
    assert np.count_nonzero(ranks > 1) == found.rank_one_missed.errors
    assert np.count_nonzero(own <= strangers[-5]) == found.missed[0].errors


def test_a_mate_that_was_not_compared_is_never_found():
    """A mate without a score is beyond every rank and missed at every FPIR."""
    outcome = gaussian(40, (40.0, 3.0))
    rows = np.flatnonzero(outcome.mated)[:10]
    found = measured(without(outcome, rows, [0]))

    assert 0.75 == pytest.approx(found.cmc[-1])
    assert (10, 10) == (found.rank_one_missed.errors, found.missed[0].errors)


def test_ties_count_against_the_mate():
    """Everybody with the mate's score is ranked before the mate."""
    outcome = gaussian(25, (2.0,))
    found = measured(replace(outcome, scores=np.ones_like(outcome.scores)))

    assert [0.0] * 20 == found.cmc.tolist()


def test_a_persons_best_reference_counts():
    """Two references of each of 15 people are 15 candidates, and the better one is the person's score."""
    outcome = gaussian(30, (2.0,))
    person = (outcome.first // 2, outcome.second // 2)
    same = person[0] == person[1]
    scores = np.where(outcome.second % 2, same * 5.0, -9.0).astype(np.float32)[:, None]
    searched = replace(outcome, first=person[0], second=person[1], mated=same, scores=scores)
    found = identification.searches(searched)

    assert {15} == set(found.sizes().tolist())
    assert 1.0 == measured(searched).cmc[0]


def test_probes_with_few_references_are_not_searched():
    """A probe with 19 references is not searched."""
    assert identification.searches(gaussian(19)) is None


def test_an_fpir_with_too_few_searches_has_no_rate():
    """40 searches are enough for an FPIR of 10 %, but not for 1 %."""
    assert [True, False, False] == [rate is not None for rate in measured(gaussian(40)).missed]
