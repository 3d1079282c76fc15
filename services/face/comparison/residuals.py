"""What int8 codes leave over of unit vectors: 24 bits per number, from which the vector is restored exactly.

A code c stands for about c / s. The number itself is (s⁻¹ · 2³¹ rounded · c + r) · 2⁻³¹, with the residual r: as
numbers are multiples of 2⁻³¹ (`STEP`) and within half a code of c / s, r has 24 bits. The outermost codes, ±127, also
stand for all greater numbers up to 1.001. These are float32 over one half, hence multiples of 2⁻²⁴, and r counts these.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from services.face.template.features import PAIR_DIMENSIONS, Embeddings

SCALE, PAIR_SCALE = 175.0, 247.0
"""The code s of 1, for vectors of 128 numbers and of 256: so great that dot products fit 16 bits (dot_products.py)."""
OUTERMOST = 127

_FINE, _COARSE = 2.0**31, 2.0**24
_FINE_PER_CODE, _COARSE_PER_CODE = round(_FINE / SCALE), round(_COARSE / SCALE)
_PAIR_FINE_PER_CODE, _PAIR_COARSE_PER_CODE = round(_FINE / PAIR_SCALE), round(_COARSE / PAIR_SCALE)

Codes = NDArray[np.int8]


class Residuals(NamedTuple):
    """Residuals of n vectors: high · 2¹⁶ + low.

    Args:
        high: int8 (n, dimensions).
        low: uint16 (n, dimensions).
    """

    high: NDArray[np.int8]
    low: NDArray[np.uint16]


@kernel
def split(  # pragma: no cover  # compiled
    vector: Embeddings, code: Codes, high: NDArray[np.int8], low: NDArray[np.uint16]
) -> None:
    """Write a vector's residuals; all arguments have shape (dimensions,)."""
    fine_per_code, coarse_per_code = _per_code(len(vector))
    for k in range(len(vector)):
        if abs(np.int64(code[k])) == OUTERMOST:
            residual = np.int64(vector[k] * np.float32(_COARSE)) - np.int64(coarse_per_code) * np.int64(code[k])
        else:
            residual = np.int64(vector[k] * np.float32(_FINE)) - np.int64(fine_per_code) * np.int64(code[k])
        high[k], low[k] = residual >> 16, residual & 0xFFFF


@kernel
def restore(  # pragma: no cover  # compiled
    codes: Codes, residuals: Residuals, row: int, code: Codes, vector: Embeddings
) -> None:
    """Write vector `row`; written so that the compiler can vectorise the second loop.

    Args:
        codes: int8 (blocks, dimensions, 16).
        residuals: of all rows.
        row: which one.
        code: int8 (dimensions,), scratch memory.
        vector: float32 (dimensions,), output.
    """
    fine_per_code, coarse_per_code = _per_code(len(vector))
    block, lane = codes[row // codes.shape[2]], row % codes.shape[2]
    high, low = residuals.high[row], residuals.low[row]
    for k in range(len(code)):
        code[k] = block[k, lane]
    for k in range(len(vector)):
        residual = np.int32(np.int32(np.int32(high[k]) * np.int32(1 << 16)) + np.int32(low[k]))
        is_outermost = abs(np.int32(code[k])) == np.int32(OUTERMOST)
        per_code = coarse_per_code if is_outermost else fine_per_code
        step = np.float32(1 / _COARSE) if is_outermost else np.float32(1 / _FINE)
        vector[k] = np.float32(np.int32(np.int32(per_code * np.int32(code[k])) + residual)) * step


@kernel
def _per_code(dimensions: int) -> tuple[np.int32, np.int32]:  # pragma: no cover  # compiled
    """How many fine and coarse steps a code stands for."""
    if dimensions == PAIR_DIMENSIONS:
        return np.int32(_PAIR_FINE_PER_CODE), np.int32(_PAIR_COARSE_PER_CODE)
    return np.int32(_FINE_PER_CODE), np.int32(_COARSE_PER_CODE)


def restore_all(codes: Codes, residuals: Residuals) -> Embeddings:
    """All vectors, float32 (n, dimensions)."""
    return restore_rows(codes, residuals, np.arange(len(residuals.high)))


@kernel
def restore_rows(  # pragma: no cover  # compiled
    codes: Codes, residuals: Residuals, rows: NDArray[np.int64]
) -> Embeddings:
    """The vectors of these rows, float32 (rows, dimensions)."""
    vectors, code = np.empty((len(rows), codes.shape[1]), np.float32), np.empty(codes.shape[1], np.int8)
    for k in range(len(rows)):
        restore(codes, residuals, rows[k], code, vectors[k])
    return vectors
