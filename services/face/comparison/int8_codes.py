"""Unit vectors as int8 codes, a byte per number, and residuals, three, and a bound of the error of the codes' products.

A code is the vector times 175, or 247 for the pair's, rounded and clipped at ±127. Rounding adds at most √128 / 2 = 5.7
to the length of 128 numbers, so the code of a vector, or of either half of the pair's, whose length is √½, is not
longer than 181.

Let a', b' be the vectors that the codes of a, b stand for. By Cauchy and Schwarz |a·b − a'·b'| ≤ ‖a − a'‖·‖b‖ +
‖a'‖·‖b − b'‖. For unit vectors like SFace's, spread over all 128 dimensions, ‖a − a'‖ is about 0.019: so the error is
at most 0.019 + 1.019 · 0.019 = 0.038. For the pair's 256 it is about the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from infra.kernels.kernel import kernel
from infra.kernels.vector_instructions import address
from services.face.comparison.dot_products import (
    LANES,
    TOGETHER,
    rough_dots,
    rough_dots_of_four,
    rough_pair_dots,
    rough_pair_dots_of_four,
)
from services.face.comparison.residuals import PAIR_SCALE, SCALE, Residuals, split
from services.face.template.features import PAIR_DIMENSIONS, Embeddings

TILE = 32
"""Blocks that stay in the cache while one probe after the other is compared with them."""
LARGEST = 2.0**15 - 1
UNIT, PAIR_UNIT = 1 / SCALE**2, 2 / PAIR_SCALE**2
"""What a sum of 1 is worth in a score."""
LEAST_FOUND = TOGETHER * TILE * LANES

Codes = NDArray[np.int8]
Rows = NDArray[np.int64]
Shorts = NDArray[np.int16]
Place = tuple[int, int]
Hits = tuple[Rows, Rows, Scores]


class CodedVectors(NamedTuple):
    """Codes of n vectors, in blocks of 16; the last block is padded with zeros.

    Args:
        codes: int8 (blocks, dimensions, 16).
        residuals: what the codes leave over (residuals.py), n rows.
        error: largest ‖a − a'‖ among them.
    """

    codes: Codes
    residuals: Residuals
    error: float


def coded(vectors: Embeddings) -> CodedVectors:
    """Code unit vectors of multiples of `STEP`, float32 (n, dimensions)."""
    codes = np.zeros((-(-len(vectors) // LANES), vectors.shape[1], LANES), np.int8)
    residuals = Residuals(np.empty(vectors.shape, np.int8), np.empty(vectors.shape, np.uint16))
    return CodedVectors(codes, residuals, float(np.sqrt(_code(vectors, codes, residuals))))


@kernel
def _code(vectors: Embeddings, codes: Codes, residuals: Residuals) -> float:  # pragma: no cover  # compiled
    """Write codes and residuals; return the largest ‖a − a'‖²."""
    own, largest = np.empty(vectors.shape[1], np.int8), 0.0
    scale = np.float32(PAIR_SCALE) if len(own) == PAIR_DIMENSIONS else np.float32(SCALE)
    for row in range(len(vectors)):
        vector, error = vectors[row], 0.0
        for k in range(len(own)):
            rounded = min(max(np.rint(vector[k] * scale), np.float32(-127.0)), np.float32(127.0))
            own[k] = np.int8(rounded)
            off = vector[k] - rounded / scale
            error += off * off
        split(vector, own, residuals.high[row], residuals.low[row])
        codes[row // LANES, :, row % LANES] = own
        largest = max(largest, error)
    return largest


def error_bound(one: float, other: float) -> float:
    """Largest error of a rough dot product of two coded unit vectors with these errors."""
    return one + (1 + one) * other


def spread(codes: Codes, count: int) -> Shorts:
    """The first `count` vectors as `rough` takes its probes: each number 16 times, int16 (count, dimensions, 16)."""
    numbers = codes.transpose(0, 2, 1).reshape(-1, codes.shape[1])[:count].astype(np.int16)
    return np.repeat(numbers[..., None], LANES, axis=2)


@kernel
def rough(  # pragma: no cover  # compiled
    probes: Shorts, codes: Codes, thresholds: Scores, start: Place, count: int, found: Hits
) -> tuple[int, int, int]:
    """Find rough dot products that reach their probe's threshold, until all are done or `found` might overflow.

    References are taken 512 at a time, which stay in the cache for all probes.

    Args:
        probes: int16 (p, dimensions, 16), by `spread`.
        codes: int8 (blocks, dimensions, 16); 128 or 256 dimensions.
        thresholds: float32 (p,).
        start: block and probe to begin at.
        count: number of references; rows beyond it are padding.
        found: output: probe, reference and score of each hit; arrays of at least `LEAST_FOUND`.

    Returns:
        How many were found, and the block and probe to continue at; (blocks, 0) at the end.
    """
    unit = PAIR_UNIT if codes.shape[1] == PAIR_DIMENSIONS else UNIT
    sums, floors, size, (tile, probe) = np.empty((TOGETHER, LANES), np.int16), _floors(thresholds, unit), 0, start
    while tile < len(codes):
        end = min(tile + TILE, len(codes))
        while probe < len(probes):
            together = TOGETHER if probe + TOGETHER <= len(probes) else 1
            if size + together * TILE * LANES > len(found[0]):
                return size, tile, probe
            for block in range(tile, end):
                reached = _reached(probes, codes[block], floors, probe, together, sums)
                if reached:
                    size = _noted(reached, probe, together, LANES * block, count, sums, unit, size, found)
            probe += together
        tile, probe = end, 0
    return size, tile, 0


@kernel
def _floors(thresholds: Scores, unit: float) -> Shorts:  # pragma: no cover  # compiled
    """The least integer sums that can belong to these scores, each 16 times: int16 (p, 16)."""
    floors = np.empty((len(thresholds), LANES), np.int16)
    for probe in range(len(thresholds)):
        least = np.floor(np.float64(thresholds[probe]) / unit) - 1
        floors[probe] = np.int16(min(max(least, -LARGEST), LARGEST))
    return floors


@kernel
def _reached(  # pragma: no cover  # compiled
    probes: Shorts, codes: Codes, floors: Shorts, probe: int, together: int, sums: Shorts
) -> np.uint64:
    """Bits of the sums that reach their floor, for one block and four probes or one (`rough_dots`)."""
    where = address(codes), address(probes[probe]), address(floors[probe]), address(sums)
    if len(codes) == PAIR_DIMENSIONS:
        return np.uint64(rough_pair_dots_of_four(*where) if together == TOGETHER else rough_pair_dots(*where))
    return np.uint64(rough_dots_of_four(*where) if together == TOGETHER else rough_dots(*where))


@kernel
def _noted(  # pragma: no cover  # compiled
    reached: np.uint64,
    probe: int,
    together: int,
    first: int,
    count: int,
    sums: Shorts,
    unit: float,
    size: int,
    found: Hits,
) -> int:
    """Append the hits that the bits mark to `found`; returns how many it holds now."""
    for place in range(together * LANES):
        row = first + place % LANES
        if (reached >> np.uint64(place)) & np.uint64(1) and row < count:
            found[0][size], found[1][size] = probe + place // LANES, row
            found[2][size] = np.float32(sums[place // LANES, place % LANES]) * np.float32(unit)
            size += 1
    return size
