"""Explains a score by the pairs of minutiae that it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from services.fingerprint.comparison.alignment import inverse
from services.fingerprint.comparison.pairing import strongest_pairs
from services.fingerprint.comparison.prints import Prints, at, precedes
from services.fingerprint.comparison.score import Parts, chance, kept_motion, likeness, likeness_of_pairs, parts_of
from services.fingerprint.comparison.stack import PrintStack
from services.fingerprint.template.arrays import Indices, Motion, Workspace, workspace
from services.fingerprint.template.features import MAX_MINUTIAE

_UNMOVED = (1.0, 0.0, 0.0, 0.0)


class Pairs(NamedTuple):
    """Pairs of minutiae, as rows of the templates' minutiae.

    Args:
        probe: int64, shape (k,).
        reference: int64, shape (k,): their partners.
        weight: float64, shape (k,), 0–1.
        likeness: float64, shape (k,), 0–1: similarity of each; None where it does not count.
    """

    probe: NDArray[np.int64]
    reference: NDArray[np.int64]
    weight: NDArray[np.float64]
    likeness: NDArray[np.float64] | None = None

    def ordered(self, order: NDArray[np.intp]) -> Pairs:
        """The pairs in this order."""
        likeness = None if self.likeness is None else self.likeness[order]
        return Pairs(self.probe[order], self.reference[order], self.weight[order], likeness)


@dataclass(frozen=True, slots=True)
class Pairing:
    """What the score of a probe and a reference rests on.

    Args:
        pairs: found by the alignment, by rising row of the probe; weight 1 without misfit, 0 at the tolerance.
        similar: the strongest pairs of minutiae whose surroundings are alike, strongest first.
        motion: of the probe over the reference, in the coordinates of template/arrays.py; None without an alignment.
        local: local score.
        geometric: geometric score.
        common: minutiae of the probe on the reference's finger area, those of the reference on the probe's, and cells
            of the common finger area.
        likeness: of the prints, before chance is taken off.
        likeness_of_pairs: what is added for paired minutiae that are alike; 0 without signs.
        chance: what chance explains.
    """

    pairs: Pairs = field(repr=False)
    similar: Pairs = field(repr=False)
    motion: Motion | None = field(repr=False)
    local: float
    geometric: float
    common: tuple[int, int, int]
    likeness: float
    likeness_of_pairs: float
    chance: float

    @property
    def score(self) -> float:
        """The score of the comparison, to all digits that `compare` gives."""
        return float(np.float32(self.likeness + self.likeness_of_pairs - self.chance))


def pairing(probe: PrintStack, reference: PrintStack) -> Pairing:
    """What the score of two stacks of one print each rests on."""
    w, strongest = workspace(), np.zeros(MAX_MINUTIAE, np.int64)
    swapped = not precedes(probe.packed, 0, reference.packed, 0)
    laid_over, below = (reference, probe) if swapped else (probe, reference)
    parts, motion, *values, found = _explained(laid_over.opened, below.opened, swapped, w, strongest)
    is_aligned, signed = w.aligned >= 0, bool(probe.opened.signed[0] and reference.opened.signed[0])
    rows = np.flatnonzero(w.pair[w.aligned] >= 0) if is_aligned else np.zeros(0, np.int64)
    pairs = _pairs(rows, w.pair[w.aligned, rows], w.weight[w.aligned, rows], laid_over, below, swapped=swapped)
    pairs = pairs._replace(likeness=w.alike[rows] if signed else None)
    ends = w.pairs[strongest[:found]]
    similar = _pairs(ends[:, 0], ends[:, 1], w.strength[strongest[:found]], laid_over, below, swapped=swapped)
    on_reference, on_probe = (parts.on_a, parts.on_b) if swapped else (parts.on_b, parts.on_a)
    return Pairing(
        pairs.ordered(np.argsort(pairs.probe, kind="stable")),
        similar,
        motion if is_aligned else None,
        parts.local,
        parts.geometric,
        (on_reference, on_probe, parts.cells),
        *values,
    )


@kernel
def _explained(
    one: Prints,
    other: Prints,
    swapped: bool,  # noqa: FBT001 - a kernel takes no keywords
    w: Workspace,
    strongest: Indices,
) -> tuple[Parts, Motion, float, float, float, int]:
    """Score the first prints of two stacks, the one laid over the other: parts, motion, three terms, pairs.

    The motion is that of the other one over the one if they are `swapped`. The pairs are the first of `strongest`.
    """
    w.pair[:] = -1
    parts = parts_of(at(one, 0), at(other, 0), w)
    if w.aligned < 0:
        return parts, _UNMOVED, 0.0, 0.0, 0.0, 0
    found = strongest_pairs(w.strength, parts.similar, parts.wanted, strongest)
    motion = inverse(kept_motion(w)) if swapped else kept_motion(w)
    return parts, motion, likeness(parts), likeness_of_pairs(parts), chance(parts), found


def _pairs(
    laid: NDArray[np.int64],
    under: NDArray[np.int64],
    weight: NDArray[np.floating],
    laid_over: PrintStack,
    below: PrintStack,
    *,
    swapped: bool,
) -> Pairs:
    """Rows of template/arrays.py, ordered from the bottom, as rows of the templates, ordered from the top."""
    ends = _packed(laid, laid_over), _packed(under, below)
    return Pairs(*(ends[::-1] if swapped else ends), weight.astype(np.float64))


def _packed(rows: NDArray[np.int64], prints: PrintStack) -> NDArray[np.int64]:
    return np.asarray(len(prints.opened.minutiae) - 1 - rows, np.int64)
