"""Composing slaps of single prints."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from infra.images.decode import decode
from rendering.slaps import SIZE_PX, Plan, compose


@pytest.mark.parametrize("degrees", [0.0, 30.0])
def test_the_truth_of_a_composed_slap(load_asset: Callable[[str], bytes], degrees: float) -> None:
    """Labels count tips from the left, and what is below them from 101; maps lead from a print into its tip."""
    prints = [decode(load_asset(f"finger-{number}")).gray for number in (1, 3)]
    made = compose(prints, Plan(tips=(0.0, 0.3), gaps_px=(20,), degrees=degrees), np.random.default_rng(0))
    assert SIZE_PX == made.gray.shape == made.labels.shape
    assert {0, 1, 2, 101, 102} == set(np.unique(made.labels).tolist())
    for number, placed in enumerate(made.maps, 1):
        x, y = np.round(placed @ (200.0, 250.0, 1.0)).astype(int)
        assert number == made.labels[y, x]
