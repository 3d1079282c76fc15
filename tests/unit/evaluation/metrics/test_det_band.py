"""Confidence bands of DET curves, and of their EER."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from evaluation.metrics.det_band import error_band
from evaluation.metrics.shared_subjects import Comparisons, SubjectErrors
from evaluation.metrics.verification import equal_error_rate, error_curve, fnmr_at_fmr


def compare_all(subjects: int, samples: int, seed: int, shift: float = 3.0) -> tuple[Comparisons, Comparisons]:
    """Gaussian scores of all pairs of samples, with an effect of the subject."""
    random = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), samples)
    first, second = (subject[side] for side in np.triu_indices(subject.size, 1))
    same = first == second
    ease = random.normal(0.0, 1.0, subjects)
    scores = random.normal(0.0, 1.0, same.size) + np.where(same, shift + ease[first], 0.0)
    mated, other = (Comparisons(scores[kind], first[kind], second[kind]) for kind in (same, ~same))
    return mated, other


def test_limits_surround_the_estimate():
    """EER and FNMR at FMR 10 %, 1 % and 0.1 % lie inside their intervals, which are not empty."""
    mated, non_mated = compare_all(60, 4, 1)
    targets = (1e-1, 1e-2, 1e-3)
    band = error_band(mated, non_mated, targets)
    eer = equal_error_rate(error_curve(mated.scores, non_mated.scores))
    rates = [fnmr_at_fmr(mated.scores, non_mated.scores, target) for target in targets]

    assert band.eer.low < eer < band.eer.high
    assert np.all((band.low < rates) & (rates < band.high))


def test_the_band_falls_as_the_fmr_rises():
    """The upper limit falls as the FMR rises, and the lower limit is never above it."""
    band = error_band(*compare_all(40, 3, 2), np.geomspace(1e-3, 0.6, 30))

    assert np.all(np.diff(band.high) <= 0.02)
    assert np.all(band.low <= band.high)


def test_the_eer_ends_where_the_band_meets_the_diagonal():
    """At the FMR equal to the EER's upper limit the FNMR's upper limit is that rate, and likewise for the lower."""
    sides = compare_all(60, 4, 3)
    eer = error_band(*sides, ()).eer
    band = error_band(*sides, (eer.low, eer.high))

    assert (eer.low, eer.high) == pytest.approx((float(band.low[0]), float(band.high[1])), rel=0.05)


def test_without_errors_eer_and_fnmr_have_one_upper_limit():
    """Ten people with well separated scores: EER and FNMR have the upper limit of zero errors in ten."""
    mated, non_mated = compare_all(10, 8, 1, shift=50.0)
    band = error_band(mated, non_mated, (0.3,))
    alone = float(SubjectErrors.of_mated(mated).limits(0)[1])

    assert 0.0 == band.eer.low == band.low[0]
    assert [alone, alone] == pytest.approx([band.eer.high, float(band.high[0])], rel=0.03)
    assert 0.02 < alone < 1.0 - 0.025**0.1


def test_people_bound_the_fmr_that_they_carry():
    """2,880 comparisons of ten people cannot show an FMR of 1e-3, so its FNMR has the upper limit 1; 300 people can."""
    few, many = (error_band(*compare_all(count, 8, 1, shift=50.0), (1e-3,)) for count in (10, 100))

    assert 1.0 == few.high[0]
    assert many.high[0] < 0.05


def test_failed_mated_comparisons_hold_the_band_up():
    """Where all comparisons of a tenth of the people failed, the band lies around 10 % at every FMR."""
    mated, non_mated = compare_all(50, 3, 1, shift=50.0)
    failed = Comparisons(np.where(mated.first < 5, -inf, mated.scores), mated.first, mated.second)
    band = error_band(failed, non_mated, (1e-2, 0.5))

    assert np.all((0.0 < band.low) & (band.low < 0.1) & (0.1 < band.high) & (band.high < 0.3))


@pytest.mark.parametrize("wolf", [0, 9])
def test_false_matches_of_one_person_show_no_fmr(wolf):
    """If all false matches are with one person of ten, the FNMR at FMR 10 % has the upper limit 1."""
    people = np.arange(10)
    first, second = np.triu_indices(10, 1)
    non_mated = Comparisons(np.where((first == wolf) | (second == wolf), 2.0, 0.0), first, second)
    band = error_band(Comparisons(np.ones(10), people, people), non_mated, (0.1,))

    assert (0.0, 1.0) == (band.low[0], band.high[0])


def test_two_people_bound_nothing():
    """One mated and one non-mated comparison give limits 0 and 1."""
    one = np.zeros(1, np.int64)
    band = error_band(Comparisons(np.ones(1), one, one), Comparisons(np.zeros(1), one, one + 1), (0.5,))

    assert (0.0, True) == (band.eer.low, band.eer.high > 0.97)
    assert (0.0, 1.0) == (band.low[0], band.high[0])
