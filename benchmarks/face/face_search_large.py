"""1:N search for one face among 10,000,000 on all cores, against reading the codes once with one thread."""

from __future__ import annotations

import numpy as np

from benchmarks.face.synthetic_faces import LIMIT, index_state, searched, unit
from benchmarks.harness import Row, compare
from benchmarks.large_searches import CORES
from benchmarks.limits import read_bytes_per_s
from gallery.index.search.search import Searching
from services.face.comparator import PairComparator
from services.face.template.features import PAIR_DIMENSIONS, pack

COUNT = 10_000_000


def measure() -> Row:
    """One search at a time; needs 8 GB of memory."""
    made, template = index_state(COUNT), [pack(unit(1, 0)[0])]
    searching, bytes_of_codes = Searching(PairComparator(), CORES), np.ones(COUNT * PAIR_DIMENSIONS // 4, np.float32)
    return compare(
        f"face, search 1 of {COUNT:,}, int8, exact first {LIMIT}, {CORES} threads",
        lambda: searched(searching, made, template),
        "reading the codes (sum of as many bytes), one thread",
        bytes_of_codes.sum,
        (1000 * COUNT * PAIR_DIMENSIONS / read_bytes_per_s(), "reading the codes"),
    )
