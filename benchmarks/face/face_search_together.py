"""64 faces searched together among 1,000,000, one thread, ranking the first 20, against one sgemm of that size."""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.face.synthetic_faces import LIMIT, index_state, searched, segments_of, unit
from benchmarks.harness import Row, compare
from benchmarks.limits import sgemm_flops_per_s
from benchmarks.peers.environment import measured
from gallery.index.search.search import Searching
from services.face.comparator import PairComparator
from services.face.template.features import PAIR_DIMENSIONS, pack

COUNT, PROBES = 1_000_000, 64


def measure() -> Row:
    """Searches in one batch; the time of faiss for the same searches is also printed."""
    made, probes = index_state(COUNT), unit(PROBES, 0)
    searching, templates = Searching(PairComparator(), 1), [pack(probe) for probe in probes]
    vectors = np.concatenate([segment.stack.vectors for segment in segments_of(made)])
    row = compare(
        f"face, {PROBES} searches of {COUNT:,} together, exact first {LIMIT}",
        lambda: searched(searching, made, templates),
        "one float32 product of that size, nothing ranked",
        lambda: probes @ vectors.T,
        (1000 * 2 * PROBES * COUNT * PAIR_DIMENSIONS / sgemm_flops_per_s(), "that product at the rate of sgemm"),
    )
    print(f"faiss flat: {measured('faiss_searches', str(COUNT), str(PROBES))['flat_ms']:.0f} ms", file=sys.stderr)
    return row
