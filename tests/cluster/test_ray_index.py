"""RayIndex: results equal those of one index, and no result is partial without saying so."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

pytest.importorskip("ray")


from biometrics.template import POSITIONS, Modality, Position
from gallery.index.exact import ExactIndex
from gallery.store.subject_store import PartitionedStore
from tests.cluster.conftest import NewIndex
from tests.support.builders import enrolment, random_reference, vector
from tests.support.fakes.comparators import ScreeningVectorComparator, VectorComparator


async def filled(store: PartitionedStore, count: int, seed: int = 1) -> str:
    """Enrol random subjects; returns the token of the last."""
    rng, token = random.Random(seed), ""
    for number in range(count):
        own = tuple(random_reference(rng) for _ in range(rng.randrange(1, 4)))
        galleries = tuple(rng.sample(["default", "a", "b"], rng.randrange(1, 3)))
        receipt = await store.enroll(enrolment(f"s{number:04}", *own, galleries=galleries))
        token = receipt.token
    return token


def probes(count: int) -> list[tuple[Any, Position, str, int]]:
    """Random searches."""
    rng = random.Random(7)
    places = [Position.UNKNOWN, *POSITIONS[Modality.FINGERPRINT][:3]]
    return [
        (vector([rng.randrange(-3, 4) for _ in range(4)]), rng.choice(places), rng.choice(["default", "a", "b"]), limit)
        for limit in (1, 2, 5, 50, 1000)
        for _ in range(count)
    ]


@pytest.mark.parametrize("comparator", [VectorComparator, ScreeningVectorComparator])
async def test_results_equal_those_of_one_index(comparator: Any, store: PartitionedStore, new_index: NewIndex) -> None:
    """Over random subjects with ties, galleries and positions, hits and counts are those of one index."""
    await filled(store, 120)
    index = await new_index(comparator, exhaustive_rows=10)
    one = ExactIndex(store, comparator(), exhaustive_rows=10)
    await one.start()
    for probe, position, gallery, limit in probes(8):
        expected = one.search(probe, position, gallery, limit)
        found = await asyncio.to_thread(index.search_reachable, probe, position, gallery, limit)
        assert (expected, one.count(gallery), ()) == (found.hits, found.subject_count, found.unsearched)
        ids = [hit.subject_id for hit in expected] + ["nobody"]
        assert one.score_subjects(probe, position, ids) == await asyncio.to_thread(
            index.score_subjects, probe, position, ids
        )
    assert one.count("") == index.count("")
    assert one.skipped_count == index.skipped_count
    await one.close()
