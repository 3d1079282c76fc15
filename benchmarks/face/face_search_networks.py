"""Search for one face among 1,000,000 of two networks, 256 numbers each, against 1,000,000 of SFace alone, 128 each."""

from __future__ import annotations

import sys

from benchmarks.cpu_time import cpu_times
from benchmarks.face.synthetic_faces import LIMIT, index_state, searched, unit
from benchmarks.harness import Row, compare
from benchmarks.limits import read_bytes_per_s
from gallery.index.search.search import Searching
from services.face.comparator import FaceComparator, PairComparator
from services.face.template.features import DIMENSIONS, PAIR_DIMENSIONS, pack

COUNT = 1_000_000


def measure() -> Row:
    """One search at a time, one thread; twice the time is the same for each number. CPU times are also printed."""
    pair, alone = index_state(COUNT), index_state(COUNT, dimensions=DIMENSIONS)
    of_both, of_one = Searching(PairComparator(), 1), Searching(FaceComparator(), 1)
    probe, short = [pack(unit(1, 0)[0])], [pack(unit(1, 0, DIMENSIONS)[0])]
    calls = (lambda: searched(of_both, pair, probe)), (lambda: searched(of_one, alone, short))
    print(cpu_times(*calls), file=sys.stderr)
    return compare(
        f"face, search 1 of {COUNT:,}, two networks, exact first {LIMIT}",
        calls[0],
        "SFace alone",
        calls[1],
        (1000 * COUNT * PAIR_DIMENSIONS / read_bytes_per_s(), "reading the codes"),
    )
