"""Timing faiss and open-iris; `iris_matchers` runs this script in an environment of its own. Prints JSON.

It imports nothing of this project. Argument: the path of an .npz with `codes` and `masks`, uint64 (eyes, 256).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

ROUNDS, PAIRS, SHORT_BYTES = 9, 50, 256
ROWS, COLUMNS, CHANNELS = 16, 256, 4
UNUSED = ("onnx", "onnxruntime", "huggingface_hub", "matplotlib", "matplotlib.colors", "matplotlib.pyplot")
"""Modules that open-iris imports but its matcher does not use."""


class Unused(type):
    """A placeholder for a module or class: each attribute is another placeholder."""

    def __getattr__(cls, name: str) -> Unused:
        """Make a placeholder class."""
        if name.startswith("__"):
            raise AttributeError(name)
        return Unused(name, (), {})


def milliseconds(work: Callable[[], object]) -> float:
    """The median time of some runs, ms, after a first run that does not count."""
    times = []
    for _ in range(ROUNDS + 1):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return 1000 * median(times[1:])


def filters(words: np.ndarray) -> list[np.ndarray]:
    """One iris in the format of open-iris: for each of two filters, bool (16, 256, 2)."""
    bits = np.unpackbits(words.view(np.uint8), bitorder="little").astype(bool)
    loose = bits.reshape(COLUMNS, ROWS, CHANNELS).transpose(1, 0, 2)
    return [np.ascontiguousarray(loose[..., first : first + 2]) for first in (0, 2)]


def open_iris_ms(codes: np.ndarray, masks: np.ndarray) -> float:
    """Time of comparing one pair at 31 rotations, ms."""
    sys.modules.update({name: Unused(name, (), {}) for name in UNUSED})  # type: ignore[misc]  # placeholders for modules
    nodes: Any = __import__("iris.nodes.matcher.hamming_distance_matcher", fromlist=["HammingDistanceMatcher"])
    data: Any = __import__("iris.io.dataclasses", fromlist=["IrisTemplate"])
    probe, *others = [
        data.IrisTemplate(iris_codes=filters(code), mask_codes=filters(mask), iris_code_version="v0.1")
        for code, mask in zip(codes[: PAIRS + 1], masks, strict=False)
    ]
    matcher = nodes.HammingDistanceMatcher(rotation_shift=15)
    return milliseconds(lambda: [matcher.run(probe, other) for other in others]) / PAIRS


def faiss_ms(codes: np.ndarray) -> float:
    """Time of searching one code of 2,048 bits among all, without masks, at one rotation, one thread, ms."""
    faiss: Any = __import__("faiss")
    faiss.omp_set_num_threads(1)
    index = faiss.IndexBinaryFlat(8 * SHORT_BYTES)
    short = np.ascontiguousarray(codes.view(np.uint8)[:, :SHORT_BYTES])
    index.add(short)
    return milliseconds(lambda: index.search(short[:1], 1))


if __name__ == "__main__":
    eyes = np.load(sys.argv[1])
    print(json.dumps({"pair_ms": open_iris_ms(eyes["codes"], eyes["masks"]), "faiss_ms": faiss_ms(eyes["codes"])}))
