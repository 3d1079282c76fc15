"""Descriptors of generated neighbourhoods."""

from __future__ import annotations

import numpy as np

from services.fingerprint.comparison.descriptor import LENGTH, SCALE, describe
from tests.unit.services.fingerprint.comparison.neighbourhoods import neighbourhood, sure, turned


def test_a_descriptor_is_invariant_to_shift_and_rotation() -> None:
    """The vectors of a moved print differ by rounding only."""
    a = neighbourhood()
    b = turned(a, 1.0, 40.0, 70.0)
    difference = describe(a, sure(a)).astype(int) - describe(b, sure(b)).astype(int)
    assert np.abs(difference).max() <= 2


def test_vectors_have_unit_length() -> None:
    """Each vector has the length of the scale, up to rounding and clipping."""
    vectors = describe(neighbourhood(), sure(neighbourhood()))
    assert ((30, LENGTH), "int16") == (vectors.shape, vectors.dtype.name)
    assert np.allclose(1, np.linalg.norm(vectors / SCALE, axis=1), atol=0.03)


def test_minutiae_without_neighbours_have_no_descriptor() -> None:
    """An isolated minutia's vector is zero."""
    lonely = np.array([[0, 0, 0.5], [500, 500, 1.0]], np.float32)
    assert not describe(lonely, sure(lonely)).any()


def test_no_minutiae() -> None:
    """Empty prints have empty descriptors."""
    none = np.zeros((0, 3), np.float32)
    assert (0, LENGTH) == describe(none, sure(none)).shape
