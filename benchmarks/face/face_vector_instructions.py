"""Gain of explicit vector instructions in the rough dot products: 1:N search for a face, one thread, two kernels.

The reference is the fastest plain numba kernel found: references one after the other, 256 numbers each, 32-bit sums,
which LLVM vectorises by itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from benchmarks.face.synthetic_faces import LIMIT, index_state, searched, segments_of, unit
from benchmarks.harness import Row, compare
from benchmarks.limits import read_bytes_per_s
from biometrics.comparison import Found, Scores
from biometrics.template import Template
from gallery.index.search.search import Searching
from gallery.index.state import IndexState
from infra.kernels.kernel import kernel
from services.face.comparator import FOUND, FaceStack, PairComparator
from services.face.comparison.int8_codes import Hits
from services.face.comparison.residuals import PAIR_SCALE, Codes
from services.face.template.features import PAIR_DIMENSIONS, pack

COUNT, PROBES = 1_000_000, 64


class RowStack(FaceStack):
    """A stack that also has the codes in rows, one reference after the other."""

    @cached_property
    def rows(self) -> Codes:
        """The codes, int8 (n, 256)."""
        return np.ascontiguousarray(self.coded.codes.transpose(0, 2, 1)).reshape(-1, PAIR_DIMENSIONS)[: len(self)]


class PlainFaces(PairComparator):
    """A comparator that screens by the plain kernel, with the same results."""

    def stack(self, templates: Sequence[Template]) -> RowStack:
        """See PairComparator."""
        made = super().stack(templates)
        return RowStack(made.coded)

    def screen_above(self, probes: FaceStack, references: FaceStack, thresholds: Scores) -> Iterator[Found]:
        """See PairComparator; takes stacks with rows."""
        assert isinstance(probes, RowStack)
        assert isinstance(references, RowStack)
        own, row = probes.rows.astype(np.int16), 0
        while row < len(references.rows):
            hits = np.empty(FOUND, np.int64), np.empty(FOUND, np.int64), np.empty(FOUND, np.float32)
            size, row = _rough(own, references.rows, thresholds, row, hits)
            yield Found(hits[0][:size], hits[1][:size], hits[2][:size])


def measure() -> Row:
    """One search at a time; the ratio for 64 searches together is also printed."""
    made = index_state(COUNT, RowStack)
    for segment in segments_of(made):
        assert isinstance(segment.stack, RowStack)
        assert segment.stack.rows.flags.c_contiguous
    together = _compared(made, PROBES)
    low, high = together.spread
    print(f"{PROBES} together: {together.ratio:.2f}× ({low:.2f}–{high:.2f})", file=sys.stderr)
    return _compared(made, 1)


def _compared(made: IndexState[FaceStack], probes: int) -> Row:
    ours, plain = Searching(PairComparator(), 1), Searching(PlainFaces(), 1)
    templates = [pack(probe) for probe in unit(probes, 0)]
    assert searched(ours, made, templates) == searched(plain, made, templates)
    return compare(
        f"face, {probes} of {COUNT:,}, vector instructions, exact first {LIMIT}",
        lambda: searched(ours, made, templates),
        "plain numba kernel",
        lambda: searched(plain, made, templates),
        (1000 * COUNT * PAIR_DIMENSIONS / read_bytes_per_s(), "reading the codes"),
    )


@kernel
def _rough(  # pragma: no cover  # compiled
    probes: NDArray[np.int16], rows: Codes, thresholds: Scores, first: int, found: Hits
) -> tuple[int, int]:
    """Find rough dot products that reach their probe's threshold, from row `first` on.

    Returns:
        The number found, and the row to continue at.
    """
    size = 0
    for row in range(first, len(rows)):
        if size + len(probes) > len(found[0]):
            return size, row
        for probe in range(len(probes)):
            total = np.int32(0)
            for number in range(PAIR_DIMENSIONS):
                total += np.int32(rows[row, number]) * np.int32(probes[probe, number])
            if total >= np.floor(np.float64(thresholds[probe]) * PAIR_SCALE * PAIR_SCALE) - 1:
                found[0][size], found[1][size] = probe, row
                found[2][size] = np.float32(total) * np.float32(1 / (PAIR_SCALE * PAIR_SCALE))
                size += 1
    return size, len(rows)
