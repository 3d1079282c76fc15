"""Simulated people, and the shares of answers about them."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.calibration.curves import Floats
from studies.capacity.answers.curves import PROBABILITIES, RANKS, SensorCurve, read_curves
from studies.capacity.answers.outcomes import shipped
from studies.capacity.answers.people import EYE, FACE, FINGER, REQUESTS, Samples, draw, resampled
from studies.capacity.answers.rates import SIZES, Simulation

MODEL = shipped()
FLAT = np.linspace(0.0, 4.0, PROBABILITIES.size)


def curve(llrs: Floats = FLAT, people: int = 50) -> SensorCurve:
    """A set whose mated LLRs have these quantiles, and whose non-mated ones are all very low."""
    return SensorCurve("made up", people, 1000, llrs.tolist(), 10**9, [-2.0] * RANKS.size, None, 0.0, 100.0)


def test_people_have_the_llrs_of_the_curve():
    """Drawn LLRs have the quantiles of the set."""
    llrs = draw(Samples("f", {FACE: 1}), {FACE: [curve()]}, {}, 50_000, 1)[FACE]

    assert (50_000, 1) == llrs.shape
    assert [1.0, 2.0, 3.0] == pytest.approx(np.quantile(llrs, [0.25, 0.5, 0.75]).tolist(), abs=0.05)


@pytest.mark.parametrize("rho", [0.0, 0.5, 1.0])
def test_positions_correlate(rho):
    """Two positions of a person correlate by the stated rho; the LLRs are uniform, so by 6/π·asin(rho/2)."""
    llrs = draw(Samples("f", {FINGER: 2}), {FINGER: [curve()]}, {FINGER: rho}, 50_000, 1)[FINGER]

    assert 6.0 / np.pi * np.arcsin(rho / 2.0) == pytest.approx(np.corrcoef(llrs.T)[0, 1], abs=0.02)


def test_the_same_seed_gives_the_same_people():
    """Draws are reproducible, and another seed gives others."""
    samples, curves = Samples("f", {FINGER: 2}), {FINGER: [curve()]}
    one, same, other = (draw(samples, curves, {}, 10, seed)[FINGER] for seed in (1, 1, 2))

    assert (one == same).all()
    assert (one != other).any()


def test_fewer_people_make_wider_intervals():
    """The interval of MATCH is wider if the curve is of 10 people than if it is of 1,000."""
    widths = []
    for people in (10, 1000):
        simulation = Simulation(Samples("f", {FACE: 1}), {FACE: [curve(people=people)]}, MODEL)
        low, high = simulation.rates(100, 0.1).match_interval
        widths.append(high - low)

    assert widths[0] > 3.0 * widths[1] > 0.0


def test_resampled_curves_stay_within_the_set():
    """No LLR of another set of as many people is outside those measured."""
    (made,) = resampled({FACE: [curve()]}, 1)[FACE]

    assert 0.0 <= min(made.llrs) <= max(made.llrs) <= 4.0


def test_closed_form():
    """With LLRs uniform from 0 to 4, MATCH from 3 and REVIEW from 1, a quarter are MATCH and half are REVIEW."""
    found = Simulation(Samples("f", {FACE: 1}), {FACE: [curve()]}, MODEL, 40_000).rates(100, 0.1)

    assert [0.25, 0.5, 0.25] == pytest.approx([found.match, found.review, found.no_match], abs=0.01)
    assert found.match_interval[0] < 0.25 < found.match_interval[1]


@pytest.mark.parametrize("samples", REQUESTS, ids=lambda each: each.name)
def test_larger_galleries_have_fewer_matches(samples):
    """The share of MATCH does not rise with the gallery, nor with a lower FPIR; shares sum up to 1."""
    simulation = Simulation(samples, read_curves(), MODEL, 2000, replicates=0)
    by_fpir = [[simulation.rates(subjects, fpir) for subjects in (100, 10**4, *SIZES)] for fpir in (0.01, 0.001)]
    for rates in by_fpir:
        matches = [each.match for each in rates]
        assert matches == sorted(matches, reverse=True)
        assert [] == [each for each in rates if abs(each.match + each.review + each.no_match - 1.0) > 1e-9]
    assert [] == [1 for loose, strict in zip(*by_fpir, strict=True) if strict.match > loose.match]


def test_curves_hold_no_more_than_summaries():
    """Every set has 401 quantiles and at most 60 values of its tail, ascending and falling."""
    for of_one in read_curves().values():
        for each in of_one:
            assert PROBABILITIES.size == len(each.llrs)
            assert list(each.llrs) == sorted(each.llrs)
            assert list(each.tail) == sorted(each.tail, reverse=True)
            assert len(each.tail) <= 60
    assert {FACE, FINGER, EYE} == set(read_curves())
