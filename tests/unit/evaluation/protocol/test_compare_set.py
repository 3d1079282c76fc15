"""Comparing a set in blocks gives the same as comparing pair by pair."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.template import Modality, Template
from evaluation.data.pairs_csv import Pairs
from evaluation.protocol import compare_set
from evaluation.protocol.compare_set import compare_all, compare_listed


def templates(count: int, missing: set[int]) -> list[Template | None]:
    """Brightness n² for template n, None for the missing ones."""
    return [
        None if n in missing else Template(Modality.FINGERPRINT, "brightness-1", str(n * n).encode())
        for n in range(count)
    ]


@pytest.mark.parametrize("missing", [set(), {0, 5, 6, 12}, set(range(12)), set(range(13))])
@pytest.mark.parametrize("workers", [1, 3])
def test_all_pairs_in_blocks_equal_pair_by_pair(comparator, missing, workers, monkeypatch):
    """13 templates in blocks of 4: scores are in the order of `all_pairs`, NaN where a template is missing."""
    monkeypatch.setattr(compare_set, "BLOCK", 4)
    steps = []
    scores = compare_all(templates(13, missing), comparator, workers, lambda *step: steps.append(step))
    expected = [
        np.nan if missing & {p, r} else -abs(p * p - r * r) for p, r in zip(*np.triu_indices(13, 1), strict=True)
    ]

    np.testing.assert_array_equal(np.float32(expected), scores)
    assert [(n + 1, len(steps)) for n in range(len(steps))] == steps


def test_listed_pairs_are_compared_in_any_order(comparator, monkeypatch):
    """Scores of repeated, reversed and unsorted pairs are in the order of the list; missing ones are NaN."""
    monkeypatch.setattr(compare_set, "BLOCK", 2)
    pairs = Pairs(np.array([3, 1, 3, 0, 3, 1]), np.array([1, 3, 2, 1, 0, 2]), np.zeros(6, bool))
    scores = compare_listed(pairs, templates(4, {0}), comparator, 2, lambda *_: None)

    np.testing.assert_array_equal(np.float32([-8, -8, -5, np.nan, np.nan, -3]), scores)
