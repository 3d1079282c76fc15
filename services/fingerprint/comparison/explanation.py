"""Explains a score by the pairs of minutiae that it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from services.fingerprint.comparison.prints import Prints, at, precedes
from services.fingerprint.comparison.score import score
from services.fingerprint.template.arrays import Workspace, workspace


@dataclass(frozen=True, slots=True)
class Pairing:
    """The pairs of minutiae found by the alignment of two prints, as rows of their templates.

    Args:
        probe_index: int64, shape (k,): rows of `unpack(probe.data).minutiae`, ascending.
        reference_index: int64, shape (k,): their partners in the reference.
        weight: float64, shape (k,), 0–1: 1 without misfit, 0 at the tolerance.
        score: of the comparison.
    """

    probe_index: NDArray[np.int64] = field(repr=False)
    reference_index: NDArray[np.int64] = field(repr=False)
    weight: NDArray[np.float64] = field(repr=False)
    score: float


def pairing(probe: Prints, reference: Prints) -> Pairing:
    """The pairs that the score of two stacks of one print each rests on."""
    w = workspace()
    found, swapped = _score(probe, reference, w)
    rows = np.flatnonzero(w.pair[w.aligned] >= 0) if w.aligned >= 0 else np.zeros(0, np.int64)
    laid, under = rows, w.pair[w.aligned, rows]
    ends = (under, laid) if swapped else (laid, under)
    probe_rows, reference_rows = (_packed(end, prints) for end, prints in zip(ends, (probe, reference), strict=True))
    order = np.argsort(probe_rows)
    return Pairing(probe_rows[order], reference_rows[order], w.weight[w.aligned, rows][order], found)


@kernel
def _score(probe: Prints, reference: Prints, w: Workspace) -> tuple[float, bool]:
    """The score, and whether the reference was laid over the probe."""
    w.pair[:] = -1
    if precedes(probe, 0, reference, 0):
        return score(at(probe, 0), at(reference, 0), w), False
    return score(at(reference, 0), at(probe, 0), w), True


def _packed(rows: NDArray[np.int64], prints: Prints) -> NDArray[np.int64]:
    """Convert rows of template/arrays.py, ordered from the bottom, into rows of the template, ordered from the top."""
    return np.asarray(prints.starts[1] - 1 - rows, np.int64)
