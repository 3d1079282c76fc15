"""Timing faiss on one thread; benchmarks/face/face_search*.py run this script in its own environment. Prints JSON.

It imports nothing of this project. Arguments: the number of vectors of 256 numbers, and of probes at once.
"""

from __future__ import annotations

import json
import sys
import time
from statistics import median
from typing import Any

import numpy as np

ROUNDS, LIMIT = 7, 20

if __name__ == "__main__":
    faiss: Any = __import__("faiss")
    faiss.omp_set_num_threads(1)
    count, probes = (int(each) for each in sys.argv[1:])
    vectors = np.random.default_rng(1).standard_normal((count, 256), np.float32)
    index = faiss.IndexFlatIP(256)
    index.add(vectors)
    times = []
    for _ in range(ROUNDS + 1):
        begin = time.perf_counter()
        index.search(vectors[:probes], LIMIT)
        times.append(time.perf_counter() - begin)
    print(json.dumps({"flat_ms": 1000 * median(times[1:])}))
