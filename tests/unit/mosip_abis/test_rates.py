"""Rates of searches among a few."""

from __future__ import annotations

import math

import pytest

from adapters.mosip_abis.wire.searches import rate_for


@pytest.mark.parametrize(("few", "count", "fpir"), [(1, 1, 0.01), (5, 100, 1e-3), (1, 10**6, 1e-7), (3, 10**6, 1e-3)])
def test_the_threshold_is_that_of_the_few(few: int, count: int, fpir: float) -> None:
    """The rate divided by the persons of the gallery is that of the few alone, or less where it would exceed 0.5."""
    found = rate_for(few, count, fpir)
    assert fpir <= found <= 0.5
    alone = fpir / few
    assert math.isclose(found / count, alone) or (found == 0.5 and found / count < alone)


def test_more_are_listed_than_there_are() -> None:
    """The rate is never lower than what was asked for."""
    assert 0.01 == rate_for(1000, 10, 0.01)
