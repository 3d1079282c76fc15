"""Error-versus-reject curves of comparisons in a known order."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.data.pairs_csv import Pairs
from evaluation.metrics.rejection import REJECTED, curve_of, reject_curve, summary
from evaluation.protocol.template_cache import Sample


def test_an_ideal_quality_removes_the_errors_first() -> None:
    """With quality = score, 5 % of 100 comparisons fail and the worst 5 % are the ones that fail."""
    scores = np.arange(100.0)
    curve = curve_of(scores, scores)
    assert 5.0 == curve.threshold
    assert [0.05, pytest.approx(4 / 99), 0.0, 0.0] == [curve.at(share).fnmr for share in (0.0, 0.01, 0.05, 0.3)]
    assert pytest.approx(1.0) == curve.rank_correlation


def test_a_reversed_quality_keeps_the_errors() -> None:
    """With quality = −score the 5 failures are among the 70 that remain after rejecting 30 %."""
    scores = np.arange(100.0)
    curve = curve_of(-scores, scores)
    assert pytest.approx(5 / 70) == curve.at(0.3).fnmr
    assert pytest.approx(-1.0) == curve.rank_correlation


def test_comparisons_of_equal_quality_are_rejected_together() -> None:
    """Of 40 comparisons, the 10 of quality 1 are rejected together: none at a share of 20 %, all ten at 30 %."""
    quality, scores = np.repeat([1.0, 2.0], [10, 30]), np.append(np.arange(10.0), np.full(30, 50.0))
    curve = curve_of(quality, scores)
    assert [0.0, 0.25] == curve.rejected.tolist()
    assert [0.05, 0.0] == [curve.at(0.2).fnmr, curve.at(0.3).fnmr]


def test_a_constant_quality_has_no_rank_correlation() -> None:
    """With constant quality the curve is one point, without a rank correlation."""
    kept = summary(curve_of(np.full(20, 50.0), np.arange(20.0)))
    assert (None, 0.05, REJECTED) == (
        kept.rank_correlation,
        kept.initial_fnmr,
        tuple(point.rejected for point in kept.points),
    )


def test_a_pair_has_the_lower_quality_and_only_mated_pairs_that_were_made_count() -> None:
    """Of three samples, one without a template, only the mated pair that was made counts, with its lower quality."""
    samples = [Sample(b"a", 80.0, "", 0.0), Sample(b"b", 20.0, "", 0.0), Sample(b"c", 60.0, "", 0.0)]
    samples.append(Sample(b"", 0.0, "FINGER_NOT_FOUND", 0.0))
    pairs = Pairs(
        np.array([0, 0, 0, 1], np.int32), np.array([1, 2, 3, 2], np.int32), np.array([True, True, True, False])
    )
    curve = reject_curve(samples, pairs, np.array([1.0, 2.0, np.nan, 9.0], np.float32))
    assert [0.0, 0.5] == curve.rejected.tolist()
    assert pytest.approx(1.0) == curve.rank_correlation
