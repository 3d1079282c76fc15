"""Assignment and relaxation on small examples."""

from __future__ import annotations

import numpy as np

from services.fingerprint.comparison.descriptor import SCALE
from services.fingerprint.comparison.pairing import assign, compatibilities, local_pairs, relax, strongest_pairs
from services.fingerprint.comparison.similarity import pair_key
from services.fingerprint.template.arrays import workspace


def _assigned(similarity: np.ndarray) -> list[list[int]]:
    """Pairs assigned by these similarities, of which 0 means not similar."""
    w = workspace()
    keys = [pair_key(int(value * SCALE**2), i, j) for (i, j), value in np.ndenumerate(similarity) if value > 0]
    w.keys[: len(keys)] = keys[::-1]
    paired = assign(w.keys, len(keys), w.pairs, w.strength, w)
    return [list(map(int, pair)) for pair in w.pairs[:paired]]


def test_assignment_is_one_to_one_and_takes_the_most_similar_first() -> None:
    """The pair of 0.9 is assigned first and blocks its row and column."""
    similarity = np.array([[0.8, 0.9, 0.0], [0.7, 0.85, 0.2]])
    assert [[0, 1], [1, 0]] == _assigned(similarity)


def test_equally_similar_pairs_are_assigned_in_order() -> None:
    """Ties are broken by row, then column."""
    assert [[0, 0], [1, 1]] == _assigned(np.full((2, 3), 0.5))


def test_pairs_of_one_rigid_motion_are_compatible_and_others_are_not() -> None:
    """Three pairs with one motion support each other; a fourth with another motion gets no support."""
    a = np.array([[0, 0, 0.1], [60, 10, 1.0], [20, 70, 2.0], [90, 90, 3.0]], np.float32)
    turn = np.radians(30)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], np.float32)
    b = np.column_stack([a[:, :2] @ rotation + 5, a[:, 2] + turn]).astype(np.float32)
    b[3, :2] -= 80
    pairs = np.arange(4).repeat(2).reshape(4, 2)
    w = workspace()
    compatibilities(pairs, 4, a, b, w)
    expected = np.zeros((4, 4))
    expected[:3, :3] = 1 - np.eye(3)
    assert np.allclose(expected, w.compatibility[:4, :4], atol=0.01)
    strength = np.full(4, 0.5, np.float32)
    relax(strength, 4, w.compatibility, w.support)
    assert strength[3] < 0.1 * strength[:3].min()


def test_many_pairs_are_sorted_by_similarity() -> None:
    """Strengths decrease over all pairs of 100 × 100 random similarities, and no minutia is paired twice."""
    w = workspace()
    dots = np.random.default_rng(0).integers(9700, 66000, (100, 100))
    w.keys[:] = [pair_key(int(dot), i, j) for (i, j), dot in np.ndenumerate(dots)]
    paired = assign(w.keys, dots.size, w.pairs, w.strength, w)
    assert 100 == paired
    assert [100, 100] == [len(set(column)) for column in w.pairs.T.tolist()]
    assert (np.diff(w.strength) <= 0).all()


def test_the_strongest_pairs_come_by_strength_then_index() -> None:
    """Ties keep their order; there are no more than requested, and no more than exist."""
    strength, out = np.array([0.2, 0.5, 0.9, 0.5, 0.1], np.float32), np.zeros(9, np.int64)
    assert [2, 1, 3] == out[: strongest_pairs(strength, 5, 3, out)].tolist()
    assert [2, 1, 3, 0, 4] == out[: strongest_pairs(strength, 5, 9, out)].tolist()


def test_the_local_score_uses_more_pairs_of_larger_prints() -> None:
    """4 for a print of 4 minutiae, 8 for 20, 12 for 40."""
    assert [4, 8, 12] == [local_pairs(count) for count in (4, 20, 40)]
