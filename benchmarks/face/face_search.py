"""1:N search for one face among 1,000,000, one thread, int8 codes and exact ranking, against reading the codes once."""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.face.synthetic_faces import LIMIT, WithoutScreening, index_state, searched, segments_of, unit
from benchmarks.harness import Row, compare, median_ms
from benchmarks.limits import read_bytes_per_s
from benchmarks.peers.environment import measured
from gallery.index.search.search import Searching
from services.face.comparator import FaceStack, PairComparator
from services.face.template.features import PAIR_DIMENSIONS, Embeddings, pack

COUNT = 1_000_000


def measure() -> Row:
    """One search at a time; the same search in float32, by numpy and by faiss, is also printed."""
    made, probe = index_state(COUNT), unit(1, 0)
    rough = Searching(PairComparator(), 1)
    exact: Searching[FaceStack] = Searching(WithoutScreening(), 1)  # type: ignore[arg-type]  # only what is used
    bytes_of_codes, template = np.ones(COUNT * PAIR_DIMENSIONS // 4, np.float32), [pack(probe[0])]
    assert searched(rough, made, template) == searched(exact, made, template)
    row = compare(
        f"face, search 1 of {COUNT:,}, int8, exact first {LIMIT}",
        lambda: searched(rough, made, template),
        "reading the codes (sum of as many bytes)",
        bytes_of_codes.sum,
        (1000 * COUNT * PAIR_DIMENSIONS / read_bytes_per_s(), "reading the codes"),
    )
    vectors = np.concatenate([segment.stack.vectors for segment in segments_of(made)])
    beside = {
        "ours, float32": median_ms(lambda: searched(exact, made, template)),
        "reading the vectors": median_ms(vectors.sum),
        "numpy": median_ms(lambda: _with_numpy(probe, vectors)),
        "faiss flat": measured("faiss_searches", str(COUNT), "1")["flat_ms"],
    }
    print("in float32: " + ", ".join(f"{name} {ms:.1f} ms" for name, ms in beside.items()), file=sys.stderr)
    return row


def _with_numpy(probes: Embeddings, vectors: Embeddings) -> np.ndarray:
    return np.argpartition(probes @ vectors.T, -LIMIT, axis=1)[:, -LIMIT:]
