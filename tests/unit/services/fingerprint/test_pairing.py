"""Assignment and relaxation on small examples."""

from __future__ import annotations

import numpy as np

from services.fingerprint.pairing import assign, compatibilities, local_score, relax


def test_assignment_is_one_to_one_and_takes_the_most_similar_first() -> None:
    """The pair of 0.9 is taken first and blocks its row and column; 0.1 is too little similar."""
    similarity = np.array([[0.8, 0.9, 0.0], [0.7, 0.85, 0.1]], np.float32)
    assert [[0, 1], [1, 0]] == assign(similarity).tolist()


def test_equally_similar_pairs_are_taken_in_order() -> None:
    """Ties are broken by row, then column."""
    assert [[0, 0], [1, 1]] == assign(np.full((2, 3), 0.5, np.float32)).tolist()


def test_pairs_of_one_rigid_motion_are_compatible_and_others_are_not() -> None:
    """Three pairs that moved alike support each other; one that went elsewhere gets no support."""
    a = np.array([[0, 0, 0.1], [60, 10, 1.0], [20, 70, 2.0], [90, 90, 3.0]], np.float32)
    turn = np.radians(30)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], np.float32)
    b = np.column_stack([a[:, :2] @ rotation + 5, a[:, 2] + turn]).astype(np.float32)
    b[3, :2] -= 80
    pairs = np.arange(4).repeat(2).reshape(4, 2)
    compatibility = compatibilities(pairs, a, b)
    expected = np.zeros((4, 4))
    expected[:3, :3] = 1 - np.eye(3)
    assert np.allclose(expected, compatibility, atol=0.01)
    strength = relax(np.full(4, 0.5, np.float32), compatibility)
    assert strength[3] < 0.1 * strength[:3].min()


def test_the_local_score_asks_for_more_pairs_of_larger_prints() -> None:
    """Four strong pairs are all of the score of a print of 4 minutiae and a third of that of 40."""
    strength = np.ones(4, np.float32)
    assert local_score(strength, 4) == 1.0
    assert abs(local_score(strength, 40) - 1 / 3) < 1e-6
