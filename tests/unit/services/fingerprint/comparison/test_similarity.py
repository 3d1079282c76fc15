"""How alike minutiae of generated neighbourhoods are, with and without signs."""

from __future__ import annotations

import numpy as np
import pytest

from services.fingerprint.comparison.descriptor import SCALE, describe
from services.fingerprint.comparison.similarity import key_similarity, pair_key, similar_pairs, similarity
from services.fingerprint.template.arrays import Print, workspace
from tests.unit.services.fingerprint.comparison.neighbourhoods import neighbourhood, sure, turned
from tests.unit.services.fingerprint.minutiae import random_signs

SIGNS = random_signs(1, 30)


def print_of(minutiae: np.ndarray, signs: np.ndarray | None = None) -> Print:
    """A print of these minutiae; its finger area does not matter."""
    signs = np.zeros(len(minutiae), np.uint32) if signs is None else signs
    return Print(minutiae, describe(minutiae, sure(minutiae)), signs, np.ones(1, np.bool_), 1)


def bare(print_: Print) -> Print:
    """The same print without signs."""
    return print_._replace(signs=print_.signs[:0])


def similarities(a: Print, b: Print, *, signed: bool = False) -> np.ndarray:
    """Similarity of each written pair, else 0; float, shape (n, m)."""
    w = workspace()
    out = np.zeros((len(a.minutiae), len(b.minutiae)))
    one, other = (a, b) if signed else (bare(a), bare(b))
    for key in w.keys[: similar_pairs(one, other, w.keys, w.admissible)].tolist():
        out[(key >> 7) & 127, key & 127] = key_similarity(key)
    return out


def of_each(a: Print, b: Print, *, signed: bool) -> np.ndarray:
    """Similarity of each minutia and the one of its number; float, shape (n,)."""
    one, other = (a, b) if signed else (bare(a), bare(b))
    return np.array([similarity(one, other, i, i) for i in range(len(a.minutiae))])


@pytest.mark.parametrize("signed", [False, True])
def test_each_minutia_of_a_moved_print_is_most_similar_to_itself(*, signed: bool) -> None:
    """By neighbours alone and by signs too."""
    a = neighbourhood()
    one, other = print_of(a, SIGNS), print_of(turned(a, 1.0, 40.0, 70.0), SIGNS)
    assert list(range(30)) == similarities(one, other, signed=signed).argmax(axis=1).tolist()


def test_minutiae_without_neighbours_are_similar_to_none() -> None:
    """An isolated minutia has nothing to be known by."""
    lonely = np.array([[0, 0, 0.5], [500, 500, 1.0]], np.float32)
    assert not similarities(print_of(lonely), print_of(neighbourhood())).any()


@pytest.mark.parametrize("signed", [False, True])
def test_directions_over_a_right_angle_apart_are_not_similar(*, signed: bool) -> None:
    """The same neighbourhood rotated by 100° is not similar, even if its signs are equal."""
    a = neighbourhood()
    one, other = print_of(a, SIGNS), print_of(turned(a, np.radians(100), 0.0, 0.0), SIGNS)
    assert not similarities(one, other, signed=signed).diagonal().any()


@pytest.mark.parametrize("signed", [False, True])
def test_pairs_under_the_least_similarity_are_left_out(*, signed: bool) -> None:
    """For two unrelated prints some pairs are written, all of at least 0.15."""
    one, other = print_of(neighbourhood(1), SIGNS), print_of(neighbourhood(2), random_signs(2, 30))
    found = similarities(one, other, signed=signed)
    written = found[found > 0]
    assert 0 < written.size < found.size
    assert written.min() >= 0.15


def test_keys_order_pairs_by_similarity_then_index() -> None:
    """A smaller key belongs to the more similar pair, then to the lower row, then to the lower column."""
    keys = [pair_key(40000, 99, 99), pair_key(39999, 0, 5), pair_key(39999, 1, 0), pair_key(39999, 1, 1)]
    assert sorted(keys) == keys
    assert abs(key_similarity(keys[0]) - 40000 / SCALE**2) < 1e-9


def test_no_minutiae() -> None:
    """An empty print has no pairs."""
    none = np.zeros((0, 3), np.float32)
    assert (0, 30) == similarities(print_of(none), print_of(neighbourhood())).shape


def test_without_signs_the_similarity_is_that_of_the_descriptors() -> None:
    """Their dot product, whatever the signs are."""
    a, b = neighbourhood(1), neighbourhood(2)
    one, other = print_of(a, SIGNS), print_of(b, ~SIGNS)
    dots = (one.descriptors.astype(int) * other.descriptors.astype(int)).sum(axis=1)
    assert (dots / SCALE**2).tolist() == of_each(one, other, signed=False).tolist()
    assert of_each(print_of(a), print_of(b), signed=False).tolist() == of_each(one, other, signed=False).tolist()


def test_equal_signs_raise_the_similarity_and_opposite_ones_lower_it() -> None:
    """It is the mean of that of the descriptors and the share of agreeing signs less that of differing ones."""
    a, b = neighbourhood(1), neighbourhood(2)
    by_neighbours = of_each(print_of(a), print_of(b), signed=False)
    for differing, by_ridges in ((0, 1.0), (0xFF, 0.5), (0xFFFF, 0.0), (0xFFFFFF, -0.5), (0xFFFFFFFF, -1.0)):
        found = of_each(print_of(a, SIGNS), print_of(b, SIGNS ^ np.uint32(differing)), signed=True)
        assert (by_neighbours + by_ridges) / 2 == pytest.approx(found, abs=1e-3)


def test_minutiae_with_equal_signs_are_similar_without_neighbours() -> None:
    """By the ridges alone, a half."""
    lonely = print_of(np.array([[0, 0, 0.5], [500, 500, 0.5]], np.float32), SIGNS[:2])
    found = similarities(lonely, lonely, signed=True)
    assert [0.5, 0.5] == pytest.approx(found.diagonal().tolist(), abs=1e-3)
