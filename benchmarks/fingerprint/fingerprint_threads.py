"""Extraction of two images on two threads, one core each, against the same two one after another."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.harness import Row, compare
from biometrics.template import Position
from infra.images.decode import decode
from infra.models.model_cache import asset
from services.fingerprint.extractor import FingerprintExtractor


def measure() -> Row:
    """Whole extractions, as the service's workers run them; at best the ratio is 2."""
    extractor = FingerprintExtractor.load()
    images = [decode(asset(f"finger-{number}")) for number in (1, 2)]

    def one_by_one() -> object:
        return [extractor.extract(image, Position.UNKNOWN) for image in images]

    with ThreadPoolExecutor(2) as pool:
        return compare(
            "extraction of two images, two threads",
            lambda: list(pool.map(extractor.extract, images, [Position.UNKNOWN] * 2)),
            "one thread",
            one_by_one,
            (1000 * _seconds(one_by_one) * _share(pool), "at the share of time that two sgemm need on two threads"),
        )


def _share(pool: ThreadPoolExecutor) -> float:
    """Time of two large matrix products on two threads over their time one after another; ½ on two free cores."""
    matrix = np.ones((1024, 1024), np.float32)
    both = min(_seconds(lambda: list(pool.map(matrix.__matmul__, [matrix] * 2))) for _ in range(5))
    return both / min(_seconds(lambda: (matrix @ matrix, matrix @ matrix)) for _ in range(5))


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
