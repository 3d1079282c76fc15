"""Descriptors of generated neighbourhoods."""

from __future__ import annotations

import numpy as np

from services.fingerprint.comparison.descriptor import LENGTH, SCALE, describe, key_similarity, pair_key, similar_pairs
from services.fingerprint.template.arrays import Print, workspace


def _minutiae(seed: int = 0, count: int = 30) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.column_stack([random.uniform(0, 200, (count, 2)), random.uniform(0, 2 * np.pi, count)]).astype(np.float32)


def _sure(minutiae: np.ndarray) -> np.ndarray:
    return np.ones(len(minutiae), np.float32)


def _similarity(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Similarity of each written pair, else 0; float, shape (n, m)."""
    w, mask = workspace(), np.ones(1, np.bool_)
    one, other = (Print(each, describe(each, _sure(each)), mask, 1) for each in (a, b))
    out = np.zeros((len(a), len(b)))
    for key in w.keys[: similar_pairs(one, other, w.keys, w.admissible)].tolist():
        out[(key >> 7) & 127, key & 127] = key_similarity(key)
    return out


def _moved(points: np.ndarray, turn: float, right: float, up: float) -> np.ndarray:
    """Minutiae rotated about the origin and shifted; directions stay in 0–2π."""
    c, s = np.cos(turn), np.sin(turn)
    x, y = c * points[:, 0] - s * points[:, 1] + right, s * points[:, 0] + c * points[:, 1] + up
    return np.column_stack([x, y, (points[:, 2] + turn) % (2 * np.pi)]).astype(np.float32)


def test_a_descriptor_is_invariant_to_shift_and_rotation() -> None:
    """The vectors of a moved print differ by rounding only, and each minutia is most similar to itself."""
    a = _minutiae()
    b = _moved(a, 1.0, 40.0, 70.0)
    difference = describe(a, _sure(a)).astype(int) - describe(b, _sure(b)).astype(int)
    assert np.abs(difference).max() <= 2
    assert np.arange(len(a)).tolist() == _similarity(a, b).argmax(axis=1).tolist()


def test_vectors_have_unit_length() -> None:
    """Each vector has the length of the scale, up to rounding and clipping."""
    vectors = describe(_minutiae(), _sure(_minutiae()))
    assert ((30, LENGTH), "int16") == (vectors.shape, vectors.dtype.name)
    assert np.allclose(1, np.linalg.norm(vectors / SCALE, axis=1), atol=0.03)


def test_minutiae_without_neighbours_have_no_descriptor() -> None:
    """An isolated minutia's vector is zero, and similar to none."""
    lonely = np.array([[0, 0, 0.5], [500, 500, 1.0]], np.float32)
    assert not describe(lonely, _sure(lonely)).any()
    assert not _similarity(lonely, _minutiae()).any()


def test_directions_over_a_right_angle_apart_are_not_similar() -> None:
    """The same neighbourhood rotated by 100° is not similar."""
    a = _minutiae()
    b = _moved(a, np.radians(100), 0.0, 0.0)
    assert not _similarity(a, b).diagonal().any()


def test_pairs_under_the_least_similarity_are_left_out() -> None:
    """For two unrelated prints some pairs are written, all of at least 0.15."""
    similarity = _similarity(_minutiae(1), _minutiae(2))
    written = similarity[similarity > 0]
    assert 0 < written.size < similarity.size
    assert written.min() >= 0.15


def test_keys_order_pairs_by_similarity_then_index() -> None:
    """A smaller key belongs to the more similar pair, then to the lower row, then to the lower column."""
    keys = [pair_key(40000, 99, 99), pair_key(39999, 0, 5), pair_key(39999, 1, 0), pair_key(39999, 1, 1)]
    assert sorted(keys) == keys
    assert abs(key_similarity(keys[0]) - 40000 / SCALE**2) < 1e-9


def test_no_minutiae() -> None:
    """Empty prints have empty descriptors and no pairs."""
    none = np.zeros((0, 3), np.float32)
    assert (0, LENGTH) == describe(none, _sure(none)).shape
    assert (0, 30) == _similarity(none, _minutiae()).shape
