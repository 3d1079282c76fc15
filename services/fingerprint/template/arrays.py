"""The arrays that the fingerprint kernels work on.

A print's minutiae are float32 rows of x, y (whole px, upward from the image's top, so ≤ 0) and angle
(radians, 0 to 2π), by rising y. A rigid motion is (cos, sin, shift x, shift y).
"""

from __future__ import annotations

import threading
from typing import Any, NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from services.fingerprint.template.features import MAX_MINUTIAE
from services.fingerprint.template.grid import ENTRIES, SIDE

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.int64]
Descriptors = NDArray[np.int16]
Signs = NDArray[np.uint32]
Mask = NDArray[np.bool_]
Motion = tuple[float, float, float, float]

SEEDS = 3  # rigid alignments per comparison
BUCKETS = 512


class Print(NamedTuple):
    """One print, as views of the arrays of `Prints`.

    Args:
        minutiae: float32, shape (n, 3), n ≤ 100: see the module docstring.
        descriptors: int16, shape (n, 160), −127 to 127.
        signs: uint32, shape (n,): of the ridges around each minutia (extraction/ridge_signs.py); (0,) if it has none.
        mask: bool, shape (rows · columns,): the finger area in cells of 16 px, row by row.
        mask_columns: columns of the mask.
    """

    minutiae: Floats
    descriptors: Descriptors
    signs: Signs
    mask: Mask
    mask_columns: int


class Workspace(Protocol):
    """Scratch memory, reused by successive comparisons so that none allocates. N is 100 minutiae.

    Args:
        keys: int64 (N²,): similar pairs, unsorted (comparison/descriptor.py).
        sorted_keys: int64 (N²,): the same, most similar first.
        buckets: int64 (513,): first key of each bucket.
        admissible: int64 (N + 1,): minutiae of b whose directions allow a comparison with one of a.
        pairs: int64 (N, 2): assigned pairs.
        strength: float32 (N,): of each pair.
        support: float32 (N,): of each pair in one round of relaxation.
        compatibility: float32 (N, N): of every two pairs.
        ends: float64 (6, N): x, y in print a, x, y in print b, cos and sin of the rotation of each pair.
        exponents: float64 (N,): misfits of one pair with all pairs before it.
        strongest: int64 (N,): pairs by falling strength, as many as requested.
        a: float64 (3, N): x, y and angle of print a.
        b: float64 (3, N): of print b.
        head: int32: the grid over print b (grid.py).
        follower: int32: the same.
        supporters: float32 (N, 7): x, y in print a, x, y in print b, weight, cos and sin of the rotation, of a seed
            pair and the pairs that support it.
        matched: float64 (N, 7): the same of the paired minutiae.
        moved: float64 (3, N): print a after a rigid motion.
        displaced: float64 (3, N): print a after the elastic displacement.
        best: int64 (N,): print b's best partners.
        cost: float64 (N,): misfits of these partners.
        motions: float64 (3, 4): of each seed.
        pair: int64 (3, N): for each seed, partner in b of each minutia of a, or −1.
        weight: float64 (3, N): of these pairs, 0–1.
        alike: float64 (N,): similarity of the pairs of the kept alignment, 0–1, if signs were compared.
        aligned: seed of the kept alignment, −1 for none.
    """

    keys: Indices
    sorted_keys: Indices
    buckets: Indices
    admissible: Indices
    pairs: Indices
    strength: NDArray[np.float32]
    support: NDArray[np.float32]
    compatibility: NDArray[np.float32]
    ends: NDArray[np.float64]
    exponents: NDArray[np.float64]
    strongest: Indices
    a: NDArray[np.float64]
    b: NDArray[np.float64]
    head: NDArray[np.int32]
    follower: NDArray[np.int32]
    supporters: NDArray[np.float32]
    matched: NDArray[np.float64]
    moved: NDArray[np.float64]
    displaced: NDArray[np.float64]
    best: Indices
    cost: NDArray[np.float64]
    motions: NDArray[np.float64]
    pair: Indices
    weight: NDArray[np.float64]
    alike: NDArray[np.float64]
    aligned: int


N = MAX_MINUTIAE
_FIELDS = np.dtype(
    [
        ("keys", np.int64, (N * N,)),
        ("sorted_keys", np.int64, (N * N,)),
        ("buckets", np.int64, (BUCKETS + 1,)),
        ("admissible", np.int64, (N + 1,)),
        ("pairs", np.int64, (N, 2)),
        ("strength", np.float32, (N,)),
        ("support", np.float32, (N,)),
        ("compatibility", np.float32, (N, N)),
        ("ends", np.float64, (6, N)),
        ("exponents", np.float64, (N,)),
        ("strongest", np.int64, (N,)),
        ("a", np.float64, (3, N)),
        ("b", np.float64, (3, N)),
        ("head", np.int32, (SIDE * SIDE,)),
        ("follower", np.int32, (ENTRIES,)),
        ("supporters", np.float32, (N, 7)),
        ("matched", np.float64, (N, 7)),
        ("moved", np.float64, (3, N)),
        ("displaced", np.float64, (3, N)),
        ("best", np.int64, (N,)),
        ("cost", np.float64, (N,)),
        ("motions", np.float64, (SEEDS, 4)),
        ("pair", np.int64, (SEEDS, N)),
        ("weight", np.float64, (SEEDS, N)),
        ("alike", np.float64, (N,)),
        ("aligned", np.int64),
    ],
    align=True,
)


def workspace() -> Workspace:
    """The calling thread's scratch memory, 0.3 MB, never cleared; one record, so that numba passes one pointer."""
    if not hasattr(_THREAD, "workspace"):
        _THREAD.workspace = np.zeros(1, _FIELDS).view(np.recarray)[0]
    return cast("Workspace", _THREAD.workspace)


_THREAD = threading.local()
