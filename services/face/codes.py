"""Unit vectors in int8: an eighth of a kilobyte each, and how far dot products by them may be off.

A code is the vector times 175, rounded, cut at ±127. Rounding adds at most √128 / 2 = 5.7 to its length, so that
no code is longer than 181.

By Cauchy and Schwarz |a·b − a'·b'| ≤ ‖a − a'‖·‖b‖ + ‖a'‖·‖b − b'‖ for vectors a, b and what their codes stand
for, a', b'. For unit vectors like SFace's, spread over all numbers, ‖a − a'‖ is about 0.019.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from infra.kernel import kernel
from services.face.dots import DIMENSIONS, LANES, TOGETHER, exact_dot, rough_dots, rough_dots_of_four
from services.face.features import Embeddings

SCALE = 175.0

Codes = NDArray[np.int8]
Rows = NDArray[np.int64]


class CodedVectors(NamedTuple):
    """Codes of many vectors, in blocks of 16; the last block is filled up with zeros.

    Args:
        codes: int8 (blocks, 128, 16).
        error: the longest ‖a − a'‖ of them.
    """

    codes: Codes
    error: float


def coded(vectors: Embeddings) -> CodedVectors:
    """Code unit vectors, float32 (n, 128)."""
    codes = np.clip(np.rint(vectors * np.float32(SCALE)), -127, 127)
    error = np.linalg.norm(vectors - codes / np.float32(SCALE), axis=1).max(initial=0.0)
    padded = np.zeros((-(-len(vectors) // LANES) * LANES, DIMENSIONS), np.int8)
    padded[: len(vectors)] = codes
    blocks = padded.reshape(-1, LANES, DIMENSIONS).transpose(0, 2, 1)
    return CodedVectors(np.ascontiguousarray(blocks), float(error))


def error_bound(one: float, other: float) -> float:
    """How far a rough dot product of two coded unit vectors with these errors may be off."""
    return one + (1 + one) * other


def spread(codes: Codes, count: int) -> NDArray[np.int16]:
    """The first vectors as probes of `rough`: each number 16 times, int16 (count, 128, 16)."""
    numbers = codes.transpose(0, 2, 1).reshape(-1, DIMENSIONS)[:count].astype(np.int16)
    return np.repeat(numbers[..., None], LANES, axis=2)


@kernel
def rough(probes: NDArray[np.int16], codes: Codes, scores: Scores) -> None:  # pragma: no cover  # compiled
    """Write rough dot products of every probe with every reference.

    Args:
        probes: int16 (p, 128, 16), by `spread`.
        codes: int8 (blocks, 128, 16).
        scores: float32 (p, n).
    """
    sums, scale = np.empty((TOGETHER, LANES), np.float32), np.float32(1 / (SCALE * SCALE))
    for probe in range(0, len(probes), TOGETHER):
        count = min(TOGETHER, len(probes) - probe)
        for block in range(len(codes)):
            if count == TOGETHER:
                rough_dots_of_four(_address(codes[block]), _address(probes[probe]), _address(sums))
            else:
                for k in range(count):
                    rough_dots(_address(codes[block]), _address(probes[probe + k]), _address(sums[k]))
            first = LANES * block
            for k in range(count):
                for lane in range(min(LANES, scores.shape[1] - first)):
                    scores[probe + k, first + lane] = sums[k, lane] * scale


@kernel
def exact(probes: Embeddings, references: Embeddings, scores: Scores) -> None:  # pragma: no cover  # compiled
    """Write the dot product of every probe with every reference; scores float32 (p, n)."""
    for row in range(len(references)):
        for probe in range(len(probes)):
            scores[probe, row] = exact_dot(_address(probes[probe]), _address(references[row]))


@kernel
def exact_pairs(  # pragma: no cover  # compiled
    probes: Embeddings, references: Embeddings, probe_rows: Rows, reference_rows: Rows, scores: Scores
) -> None:
    """Write the dot product of each pair; scores float32 (pairs,)."""
    for k in range(len(scores)):
        one, other = probes[probe_rows[k]], references[reference_rows[k]]
        scores[k] = exact_dot(_address(one), _address(other))


@kernel
def _address(array: NDArray[np.float32]) -> np.uintp:  # pragma: no cover  # compiled
    return np.uintp(array.ctypes.data)
