"""Search of a large fingerprint gallery through the index."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from biometrics.template import Position, Template
from gallery.index.exact import ExactIndex, IndexHit
from gallery.subject import DEFAULT_GALLERY, Reference, Subject
from services.fingerprint.comparator import EXHAUSTIVE_ROWS, FingerprintComparator
from services.fingerprint.comparison.stack import PrintStack
from tests.support.builders import encounter
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.services.fingerprint.minutiae import moved, random_minutiae, template_of

COUNT = 1500
SOUGHT = (3, 700, 1499)


@pytest.fixture(scope="module")
def templates() -> list[Template]:
    """1,500 prints of 20–49 minutiae."""
    return [template_of(random_minutiae(seed, 20 + seed % 30)) for seed in range(COUNT)]


@pytest.fixture
async def index(templates: list[Template]) -> ExactIndex[PrintStack]:
    """An index with each of them as a subject, in several segments."""
    subjects = [
        Subject(f"s{number}", (DEFAULT_GALLERY,), (encounter(Reference(Position.UNKNOWN, template, 90.0)),))
        for number, template in enumerate(templates)
    ]
    store = MemoryStore(subjects={subject.subject_id: subject for subject in subjects})
    index = ExactIndex(store, FingerprintComparator(), segment_size=400, threads=2, exhaustive_rows=EXHAUSTIVE_ROWS)
    await index.start()
    await index.close()
    return index


async def test_moved_prints_are_found_with_the_score_of_the_full_comparison(
    templates: list[Template], index: ExactIndex[PrintStack]
) -> None:
    """Three probes in one pass find their subjects first, with the scores of an exhaustive comparison."""
    comparator = FingerprintComparator()
    probes = [template_of(moved(random_minutiae(seed, 20 + seed % 30), 15, 10, -5)) for seed in SOUGHT]
    exhaustive = comparator.compare(comparator.stack(probes), comparator.stack(templates))
    with ThreadPoolExecutor(len(probes)) as threads:
        found = list(threads.map(lambda probe: index.search(probe, Position.UNKNOWN, DEFAULT_GALLERY, 1), probes))
    best = [(int(np.argmax(scores)), float(scores.max())) for scores in exhaustive]
    assert list(SOUGHT) == [number for number, _ in best]
    assert [[IndexHit(f"s{number}", score, Position.UNKNOWN, 1)] for number, score in best] == found
