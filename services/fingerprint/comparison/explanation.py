"""Explains a score by the pairs of minutiae that it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from services.fingerprint.comparison.prints import Prints, at, precedes
from services.fingerprint.comparison.score import score
from services.fingerprint.comparison.stack import PrintStack
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


def pairing(probe: PrintStack, reference: PrintStack) -> Pairing:
    """The pairs that the score of two stacks of one print each rests on."""
    w = workspace()
    swapped = not precedes(probe.packed, 0, reference.packed, 0)
    laid_over, below = (reference, probe) if swapped else (probe, reference)
    found = _score(laid_over.opened, below.opened, w)
    rows = np.flatnonzero(w.pair[w.aligned] >= 0) if w.aligned >= 0 else np.zeros(0, np.int64)
    laid, under = rows, w.pair[w.aligned, rows]
    ends = (under, laid) if swapped else (laid, under)
    probe_rows, reference_rows = (_packed(end, prints) for end, prints in zip(ends, (probe, reference), strict=True))
    order = np.argsort(probe_rows)
    return Pairing(probe_rows[order], reference_rows[order], w.weight[w.aligned, rows][order], found)


@kernel
def _score(one: Prints, other: Prints, w: Workspace) -> float:
    """The score of the first prints of two stacks, the one laid over the other."""
    w.pair[:] = -1
    return float(score(at(one, 0), at(other, 0), w))


def _packed(rows: NDArray[np.int64], prints: PrintStack) -> NDArray[np.int64]:
    """Convert rows of template/arrays.py, ordered from the bottom, into rows of the template, ordered from the top."""
    return np.asarray(len(prints.opened.minutiae) - 1 - rows, np.int64)
