"""Codes and residuals restore vectors exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.face.comparison.int8_codes import coded
from services.face.comparison.residuals import OUTERMOST, SCALE, restore_all, restore_rows
from services.face.template.features import STEP, Embeddings, rounded

LARGEST = 1 + 2**-10  # more than a number of a vector of length 1, within its tolerance


def restored(vectors: Embeddings) -> Embeddings:
    """Coded and restored."""
    codes, residuals, _ = coded(vectors)
    return restore_all(codes, residuals)


@settings(deadline=None, database=None)
@given(st.lists(st.floats(-LARGEST, LARGEST, width=32), min_size=128, max_size=128))
def test_any_numbers_up_to_one_are_restored_exactly(numbers: list[float]) -> None:
    """Every vector of numbers up to `LARGEST`, either sign, once rounded to the step, is restored to the last bit."""
    vectors = rounded(np.array([numbers], np.float32))
    assert vectors.tolist() == restored(vectors).tolist()


def test_numbers_between_two_codes_are_restored_exactly() -> None:
    """The 4,096 float32 around every half code, where the code changes, are restored to the last bit."""
    halves = ((np.arange(-OUTERMOST - 1, OUTERMOST + 1) + 0.5) / SCALE).astype(np.float32)
    around = halves.view(np.int32)[:, None] + np.arange(-2048, 2048, dtype=np.int32)
    vectors = rounded(around.view(np.float32).reshape(-1, 128))
    assert np.array_equal(vectors, restored(vectors))


def test_rounding_changes_small_numbers_only() -> None:
    """Float32 of 2^-8 or more are multiples of the step; smaller ones change by half of it at most."""
    numbers = np.random.default_rng(1).uniform(2**-8, 1, 10_000).astype(np.float32)
    assert np.array_equal(numbers, rounded(numbers))
    small = np.random.default_rng(2).uniform(-(2**-8), 2**-8, 10_000).astype(np.float32)
    assert 0 < np.abs(small.astype(np.float64) - rounded(small)).max() <= float(STEP) / 2


@pytest.mark.parametrize("rows", [[], [3], [16, 0, 16, 39]])
def test_chosen_rows_are_restored_in_order(rows: list[int]) -> None:
    """Rows of any block, also repeated, come in the order that was asked for."""
    vectors = rounded(np.random.default_rng(3).uniform(-0.2, 0.2, (40, 128)).astype(np.float32))
    codes, residuals, _ = coded(vectors)
    assert vectors[rows].tolist() == restore_rows(codes, residuals, np.array(rows, np.int64)).tolist()
