"""What it costs an index of own fingerprints to compare minutiae of others too, and to count subjects by model.

Printed beside the row: the bytes of both indexes, the time of scoring 5 subjects, and the time of a count by model
while half of the subjects have references of each.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.fingerprint.synthetic_fingers import finger
from benchmarks.harness import Row, compare, median_ms
from benchmarks.large_searches import loaded, page_of
from benchmarks.limits import read_bytes_per_s
from biometrics.template import Position
from gallery.index.content import IndexContent
from gallery.index.exact import ExactIndex
from gallery.store.keyed_names import SIZE
from gallery.subject import DEFAULT_GALLERY
from infra.calibrations.pairs import FOREIGN_MINUTIAE
from services.fingerprint.comparator import EXHAUSTIVE_ROWS, FingerprintComparator, ForeignMinutiaeComparator
from services.fingerprint.comparison.stack import PrintStack

COUNT, LIMIT, SCORED = 10_000, 100, [f"s{number}" for number in range(5)]
PROBE = finger(10**6)
ASKED = (Position.UNKNOWN, DEFAULT_GALLERY, LIMIT)


def measure() -> Row:
    """One search of an index that compares foreign minutiae too, and holds none, against one of one model."""
    samples = [finger(number) for number in range(COUNT)]
    own, other = FingerprintComparator(), ForeignMinutiaeComparator()
    alone: ExactIndex[PrintStack] = loaded(own, samples, COUNT, exhaustive_rows=EXHAUSTIVE_ROWS)
    both: ExactIndex[PrintStack] = loaded(own, samples, COUNT, exhaustive_rows=EXHAUSTIVE_ROWS, others=[other])
    foreign = [PROBE.of_model(FOREIGN_MINUTIAE)]
    assert alone.search(PROBE, *ASKED) == both.search_reachable(PROBE, *ASKED, others=foreign).hits
    print(f"bytes: {both.memory_bytes:,}, of one model {alone.memory_bytes:,}", file=sys.stderr)
    _print_scoring(lambda: both.score_by_each([PROBE, *foreign], Position.UNKNOWN, SCORED), "of both")
    _print_scoring(lambda: alone.score_subjects(PROBE, Position.UNKNOWN, SCORED), "of one model")
    _print_counting(own, other)
    size = sum(len(each.data) for each in samples)
    return compare(
        f"search 1 of {COUNT:,} fingers, with foreign minutiae",
        lambda: both.search_reachable(PROBE, *ASKED, others=foreign),
        "an index of one model",
        lambda: alone.search_reachable(PROBE, *ASKED),
        (1000 * size / read_bytes_per_s(), "reading the templates"),
    )


def _print_scoring(work: Callable[[], object], what: str) -> None:
    print(f"scoring {len(SCORED)} subjects, {what}: {median_ms(work):.3f} ms", file=sys.stderr)


def _print_counting(own: FingerprintComparator, other: FingerprintComparator) -> None:
    page = page_of(range(COUNT), [finger(number % 50) for number in range(COUNT)])
    content = IndexContent(own, 4096, bytes(SIZE), [other])
    model_ids = [own.model_id, other.model_id]
    content.apply(replace(page, model_ids=model_ids, models=np.arange(COUNT, dtype=np.int16) % 2))
    assert content.state.count_of([1]) == COUNT // 2
    took_ms = median_ms(lambda: content.state.count_of([1]))
    print(f"counting subjects of one of two models: {1e6 * took_ms / (COUNT // 2):.1f} ns a reference", file=sys.stderr)
