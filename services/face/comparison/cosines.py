"""Exact dot products of float32 vectors, summed in an order that depends on nothing but the two vectors.

So scores are the same to the last bit in any batch, segment or thread, and those of a·b and b·a are equal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from infra.kernels.kernel import kernel
from services.face.comparison.residuals import Codes, Residuals, restore
from services.face.template.features import Embeddings

Rows = NDArray[np.int64]
_LANES = 8
_PART = 128
"""Vectors have a multiple of so many numbers."""


@kernel
def exact(probes: Embeddings, references: Embeddings, scores: Scores) -> None:  # pragma: no cover  # compiled
    """Write the dot product of every probe with every reference; scores float32 (p, n)."""
    for row in range(len(references)):
        for probe in range(len(probes)):
            scores[probe, row] = _dot(probes[probe], references[row])


@kernel
def exact_restored(  # pragma: no cover  # compiled
    probes: Embeddings, codes: Codes, residuals: Residuals, scores: Scores
) -> None:
    """As `exact`, of references that are restored one by one (residuals.py)."""
    reference, code = np.empty(codes.shape[1], np.float32), np.empty(codes.shape[1], np.int8)
    for row in range(scores.shape[1]):
        restore(codes, residuals, row, code, reference)
        for probe in range(len(probes)):
            scores[probe, row] = _dot(probes[probe], reference)


@kernel
def exact_pairs(  # pragma: no cover  # compiled
    probes: Embeddings, codes: Codes, residuals: Residuals, probe_rows: Rows, reference_rows: Rows, scores: Scores
) -> None:
    """Write the dot product of each pair, restoring its reference; scores float32 (pairs,)."""
    reference, code = np.empty(codes.shape[1], np.float32), np.empty(codes.shape[1], np.int8)
    for k in range(len(scores)):
        restore(codes, residuals, reference_rows[k], code, reference)
        scores[k] = _dot(probes[probe_rows[k]], reference)


@kernel
def exact_parts(one: Embeddings, other: Embeddings, parts: Scores) -> None:  # pragma: no cover  # compiled
    """Write the dot products of two vectors' parts of 128 numbers, which `exact` adds up in order; float32 (parts,)."""
    for k in range(len(parts)):
        parts[k] = _part(one[_PART * k :], other[_PART * k :])


@kernel
def _dot(one: Embeddings, other: Embeddings) -> np.float32:  # pragma: no cover  # compiled
    """Dot product of two vectors, float32 (dimensions,): the sum of those of their parts of 128 numbers, in order."""
    total = _part(one, other)
    for first in range(_PART, len(one), _PART):
        total += _part(one[first:], other[first:])
    return total


@kernel
def _part(one: Embeddings, other: Embeddings) -> np.float32:  # pragma: no cover  # compiled
    """Dot product of the first 128 numbers: every eighth product belongs to one lane; lanes are summed last."""
    total = _lane(one, other, 0)
    for lane in range(1, _LANES):
        total += _lane(one, other, lane)
    return total


@kernel
def _lane(one: Embeddings, other: Embeddings, k: int) -> np.float32:  # pragma: no cover  # compiled
    """Sum of lane k's 16 products: first those of numbers 32 apart, then these sums."""
    first, second = _far_apart(one, other, k), _far_apart(one, other, k + _LANES)
    third, fourth = _far_apart(one, other, k + 2 * _LANES), _far_apart(one, other, k + 3 * _LANES)
    return ((first + second) + third) + fourth


@kernel
def _far_apart(one: Embeddings, other: Embeddings, k: int) -> np.float32:  # pragma: no cover  # compiled
    """Sum of four products of numbers 32 apart; written out, since a loop takes about six times as long."""
    a, b = one[k] * other[k], one[k + 32] * other[k + 32]
    c, d = one[k + 64] * other[k + 64], one[k + 96] * other[k + 96]
    total: np.float32 = ((a + b) + c) + d
    return total
