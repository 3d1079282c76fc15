"""Descriptors of generated neighbourhoods."""

from __future__ import annotations

import numpy as np

from services.fingerprint.alignment import move
from services.fingerprint.descriptor import LENGTH, SCALE, describe, similarities


def _minutiae(seed: int = 0, count: int = 30) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.column_stack([random.uniform(0, 200, (count, 2)), random.uniform(0, 2 * np.pi, count)]).astype(np.float32)


def _sure(minutiae: np.ndarray) -> np.ndarray:
    return np.ones(len(minutiae), np.float32)


def _similarity(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return similarities(describe(a, _sure(a)), describe(b, _sure(b)), a[:, 2], b[:, 2])


def test_a_descriptor_does_not_change_with_shift_and_turn() -> None:
    """The vectors of a moved print differ by rounding only, and each minutia is most similar to itself."""
    a = _minutiae()
    b = move((np.cos(1.0), np.sin(1.0), 40.0, 70.0), a).astype(np.float32)
    difference = describe(a, _sure(a)).astype(int) - describe(b, _sure(b)).astype(int)
    assert np.abs(difference).max() <= 2
    assert np.arange(len(a)).tolist() == _similarity(a, b).argmax(axis=1).tolist()


def test_vectors_have_unit_length() -> None:
    """Each is int8 and as long as the scale, within rounding and clipping."""
    vectors = describe(_minutiae(), _sure(_minutiae()))
    assert ((30, LENGTH), np.int8) == (vectors.shape, vectors.dtype)
    assert np.allclose(1, np.linalg.norm(vectors / SCALE, axis=1), atol=0.03)


def test_minutiae_without_neighbours_have_no_descriptor() -> None:
    """A lonely minutia's vector is zero, and similar to nothing."""
    lonely = np.array([[0, 0, 0.5], [500, 500, 1.0]], np.float32)
    assert not describe(lonely, _sure(lonely)).any()
    assert not _similarity(lonely, _minutiae()).any()


def test_directions_over_a_right_angle_apart_are_not_similar() -> None:
    """The same neighbourhood turned by 100° counts as another one."""
    a = _minutiae()
    b = move((np.cos(np.radians(100)), np.sin(np.radians(100)), 0.0, 0.0), a).astype(np.float32)
    assert not _similarity(a, b).diagonal().any()


def test_no_minutiae() -> None:
    """Empty prints have empty descriptors and similarities."""
    none = np.zeros((0, 3), np.float32)
    assert (0, LENGTH) == describe(none, _sure(none)).shape
    assert (0, 30) == _similarity(none, _minutiae()).shape
