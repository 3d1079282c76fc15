"""The false match rate at each score."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.survival import survival_knots


@given(st.lists(st.integers(0, 50).map(float), min_size=1, max_size=200))
def test_knots_are_counts(scores):
    """Each knot states the share of scores at or above it, but never less than 3/n."""
    at, level = survival_knots(np.asarray(scores))

    assert at.size <= 64
    assert min(scores) == at[0]
    for score, log_share in zip(at, level, strict=True):
        count = sum(each >= score for each in scores)
        assert max(count, min(3, len(scores))) / len(scores) == pytest.approx(10.0**log_share)
