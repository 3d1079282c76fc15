from __future__ import annotations

from math import log10

import numpy as np
import pytest

from biometrics.calibration.expected_rarity import mated_shares, non_mated_shares, rarity_of_best
from biometrics.calibration.score_calibration import Calibration
from infra.calibrations import load_all

RARITIES = (0.5, 1.0, 2.0, 3.0)


def calibration(slope: float, margin: float = 1.0) -> Calibration:
    """Non-mated scores are exponential, with an FMR of 10^−score; mated ones are too, falling `slope` times as fast."""
    knots = np.linspace(0.0, 5.0, 51)
    llrs = log10(slope) + (1.0 - slope) * knots[[0, -1]]
    return Calibration(
        "exponential-1", "model-1", "affine", (0.0, 5.0), tuple(llrs.tolist()), None,
        tuple(knots.tolist()), tuple((-knots * margin).tolist()), margin,
        10**9, 10**9, 10**9, 10**9, 1000, (), 5, 0.1, 0.1, {"affine": 0.1}, "made up", "2026-01-01", "none",
    )  # fmt: skip


@pytest.mark.parametrize("slope", [0.1, 0.3])
def test_mated_shares_follow_from_the_likelihood_ratio(slope: float) -> None:
    """They are those of the mated distribution that the LLRs were made from, 1 − 10^(−slope · rarity)."""
    expected = 1.0 - 10.0 ** (-slope * np.array(RARITIES))
    assert mated_shares(calibration(slope), RARITIES) == pytest.approx(expected, abs=0.002)


def test_the_margin_for_unseen_sensors_is_not_in_the_reference() -> None:
    """With a margin of a half, a rarity of 1 is claimed where the calibration data had a score as rare as 2."""
    shares = mated_shares(calibration(0.3, 0.5), [1.0])
    assert shares == pytest.approx(mated_shares(calibration(0.3), [2.0]), abs=0.01)


@pytest.mark.parametrize("comparator_id", sorted(load_all()))
def test_shares_of_the_shipped_calibrations(comparator_id: str) -> None:
    """They rise from 0 to 1, and all scores are at most as rare as the lowest FMR claimed."""
    one = load_all()[comparator_id]
    shares = mated_shares(one, np.linspace(0.0, one.llr_max, 50))
    assert (np.diff(shares) >= 0.0).all()
    assert (0.0, 1.0) == (shares[0], shares[-1])


def test_the_best_of_searches_is_as_rare_as_one_score() -> None:
    """Of the best of n non-mated scores, a share of 10^−r has a rarity above r, whatever n is."""
    rng = np.random.default_rng(1)
    for count in (1, 10, 1000):
        best = rng.random((4000, count)).min(axis=1)
        rarities = np.array([rarity_of_best(float(fmr), count) for fmr in best])
        shares = np.array([(rarities <= each).mean() for each in RARITIES])
        assert shares == pytest.approx(non_mated_shares(RARITIES), abs=0.025)


def test_a_score_that_everybody_reaches_is_not_rare() -> None:
    """Its rarity is 0, of any number of comparisons."""
    assert [0.0, 0.0] == [rarity_of_best(1.0, 1), rarity_of_best(1.0, 1000)]
    assert pytest.approx(3.0) == rarity_of_best(1e-3, 1)
