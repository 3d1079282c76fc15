"""1:N search among 100,000 fingers on all cores, against comparing the probe in full with every one of them."""

from __future__ import annotations

import sys

from benchmarks.fingerprint.synthetic_fingers import finger
from benchmarks.harness import Row
from benchmarks.large_searches import CORES, FEW, compare_search, loaded
from benchmarks.limits import read_bytes_per_s
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.template.features import unpack

FINGERS, TIMES = 20_000, 5  # number of different fingers, and of subjects that each is enrolled as
COUNT = FINGERS * TIMES
PROBE = 10**6
BYTES_PER_MINUTIA = 43  # in the data that screening reads


def measure() -> Row:
    """One search at a time."""
    fingers, comparator = [finger(number) for number in range(FINGERS)], FingerprintComparator()
    large = loaded(comparator, fingers, COUNT)
    few = loaded(comparator, fingers, FEW, segment_size=FEW // (4 * CORES))
    screened = TIMES * BYTES_PER_MINUTIA * sum(len(unpack(each.data).minutiae) for each in fingers)
    limit = (1000 * screened / read_bytes_per_s(), "what is screened, read once by one thread")
    row = compare_search("fingerprint", large, few, finger(PROBE), limit)
    print(f"{COUNT / row.ours_ms / CORES:.0f} k references/s per core", file=sys.stderr)
    return row
