from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biometrics.template import Modality
from fusion.decision.observed_fmr import observed_fmr
from tests.unit.fusion.world import calibration

FINE = tuple(np.linspace(0.0, 6.0, 601).tolist())
EXPONENTIAL = replace(
    calibration(Modality.FACE),
    fmr_scores=FINE,
    fmr_log10=tuple(-at for at in FINE),
    effective_non_mated_count=3_000_000,
)
"""Non-mated comparisons reach an LLR of t with a rate of 10^-t, from 0 on."""


@pytest.mark.parametrize(("llr", "expected"), [(-1.0, 1.0), (0.0, 1.0), (1.0, 0.1), (2.5, 10**-2.5), (9.0, 1e-6)])
def test_of_one_position_it_is_the_calibrations_own_rate(llr: float, expected: float) -> None:
    """The FMR equals the calibration's to the width of a step, and is not below the lowest claimed."""
    found = observed_fmr([(EXPONENTIAL, 1)], llr)
    assert expected <= found * (1 + 1e-9)
    assert found <= expected * 1.1


@pytest.mark.parametrize("llr", [0.5, 2.0, 3.5])
def test_of_several_positions_it_is_the_rate_of_the_sum(llr: float) -> None:
    """The FMR of three independent LLRs agrees with two million non-mated sums drawn from their curves."""
    drawn = np.random.default_rng(5).exponential(1 / np.log(10), (2_000_000, 3)).sum(axis=1)
    expected = float((drawn >= llr).mean())
    found = observed_fmr([(EXPONENTIAL, 1)] * 3, llr)
    assert 0.97 * expected <= found <= 1.2 * expected


def test_the_best_of_several_is_charged() -> None:
    """The best of ten reaches a charged LLR at least as often as one comparison reaches the same LLR."""
    assert pytest.approx(0.01, rel=0.1) == observed_fmr([(EXPONENTIAL, 10)], 2.0)


@pytest.mark.parametrize("llr", [-20.0, 20.0])
def test_beyond_what_can_be(llr: float) -> None:
    """Below the lowest LLR the FMR is 1, and above the highest it is the lowest claimed."""
    assert observed_fmr([(EXPONENTIAL, 1)] * 2, llr) == (1.0 if llr < 0 else 1e-6)


def test_calibrations_that_claim_no_rate_show_none() -> None:
    """Calibrations that claim no FMR below 1 give 1, however many comparisons they were fitted on."""
    few = replace(EXPONENTIAL, effective_non_mated_count=2, fmr_scores=(0.0,), fmr_log10=(0.0,))
    assert 1.0 == observed_fmr([(few, 1)], 3.0)
