"""gallery.cluster.shard: the index of some partitions, as its caller sees it; no Ray is needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from biometrics.errors import IndexBehind, StoreSetBack
from biometrics.template import Position
from gallery.cluster.messages import Importable, Query, Refused, ShardSpec
from gallery.cluster.shard import Shard
from gallery.partitions import partition_of
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from gallery.store.subject_store import PartitionedStore
from gallery.store.tokens import parse
from gallery.store.values import ConsistencyToken
from tests.support.builders import enrolment, reference, vector

COUNT = 60
OWN = (0, 1)
QUERY = Query(vector([1, 0, 0, 0]), Position.UNKNOWN, "default", 3, 5.0)
IDS = [f"s{number:03}" for number in range(COUNT)]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[PartitionedStore]:
    """A store of 4 partitions with subjects of rising scores."""
    opened = open_store(f"sqlite:///{tmp_path}/store.db", StoreOptions(partition_count=4))
    for number, subject_id in enumerate(IDS):
        await opened.enroll(enrolment(subject_id, reference([number, 0, 0, 0])))
    yield opened
    await opened.close()


@pytest.fixture
async def new_shard(store: PartitionedStore, tmp_path: Path) -> AsyncIterator[Any]:
    """Makes shards of partitions 0 and 1 that are ready, and ends them."""
    made: list[Shard] = []

    async def make(comparator: str = "VectorComparator", partition_count: int = 4) -> Shard:
        spec = ShardSpec(
            OWN,
            partition_count,
            Importable("gallery.store.open_store:open_store", {"url": f"sqlite:///{tmp_path}/store.db"}),
            Importable(f"tests.support.fakes.comparators:{comparator}"),
            {"exhaustive_rows": 4},
        )
        made.append(Shard(spec))
        async with asyncio.timeout(20):
            assert await made[-1].wait_for(await store.position(OWN), 20.0) is None
        return made[-1]

    yield make
    for each in made:
        await each.close()


def own(ids: list[str]) -> list[str]:
    """Those of the subjects that are in the shard's partitions."""
    return [each for each in ids if partition_of(each, 4) in OWN]


async def test_only_its_partitions_are_searched(new_shard: Any) -> None:
    """Hits, scores and counts are those of its own subjects."""
    shard = await new_shard()
    found = await shard.search(replace(QUERY, limit=COUNT))
    assert own(IDS)[::-1] == [hit.subject_id for hit in found.hits]
    assert len(own(IDS)) == found.subject_count == await shard.count("default")
    scored = await shard.score(replace(QUERY, gallery="", limit=COUNT), IDS)
    assert own(IDS)[::-1] == [hit.subject_id for hit in scored.hits]
    assert 0 == await shard.count("nowhere")


async def test_a_shard_that_has_not_loaded_refuses(store: PartitionedStore, tmp_path: Path) -> None:
    """Before the first load a search is refused, and the state says that the shard is not ready."""
    url = Importable("gallery.store.open_store:open_store", {"url": f"sqlite:///{tmp_path}/store.db"})
    shard = Shard(ShardSpec(OWN, 4, url, Importable("tests.support.fakes.comparators:VectorComparator")))
    status, found = await shard.status(), await shard.search(QUERY)
    await shard.close()
    assert (False, False, "") == (status.is_ready, status.is_healthy, status.applied)
    assert isinstance(found, Refused)
    assert found.kind is IndexBehind


async def test_a_search_waits_for_what_it_must_see(store: PartitionedStore, new_shard: Any) -> None:
    """A search with a promised write sees it, though the shard was not told of it otherwise."""
    shard = await new_shard()
    new = next(each for each in (f"new{n}" for n in range(100)) if partition_of(each, 4) in OWN)
    receipt = await store.enroll(enrolment(new, reference([1000, 0, 0, 0])))
    found = await shard.search(replace(QUERY, seen=receipt.token))
    assert new == found.hits[0].subject_id


async def test_a_promise_of_a_write_that_was_lost_is_refused(store: PartitionedStore, new_shard: Any) -> None:
    """A search that must see a write which the store does not know says that the store was set back."""
    shard = await new_shard()
    positions = parse(await store.position(OWN), "sqlite")
    last = positions.of[0]
    lost = positions.advanced([replace(last, mark="ffffffff", number=(last.number[0] + 1, 0))])
    found = await shard.search(replace(QUERY, seen=ConsistencyToken(lost.token)))
    assert isinstance(found, Refused)
    assert found.kind is StoreSetBack


async def test_a_search_in_two_rounds(new_shard: Any) -> None:
    """The second round compares the rows that reach the floor, also if another replica made the first."""
    shard = await new_shard("ScreeningVectorComparator")
    screened = await shard.screen(QUERY, "a", 5)
    assert [float(IDS.index(each)) for each in own(IDS)[::-1][:5]] == screened.scores.tolist()
    assert (False, len(own(IDS)), 1) == (screened.is_all, screened.row_count, screened.widest)
    floor = float(screened.scores[2])
    for key in ("a", "a", "of another replica"):
        found = await shard.compare(replace(QUERY, limit=10), key, floor)
        assert own(IDS)[::-1][:3] == [hit.subject_id for hit in found.hits]
    assert len(own(IDS)) == len((await shard.compare(replace(QUERY, limit=COUNT), "b", float("-inf"))).hits)


async def test_a_search_whose_time_is_used_up_is_refused(new_shard: Any) -> None:
    """No work is done for a caller who has given up."""
    shard = await new_shard()
    found = await shard.search(replace(QUERY, left_s=0.0))
    assert isinstance(found, Refused)
    assert "DEADLINE_EXPIRED" == found.reason


async def test_a_store_with_other_partitions_is_refused(new_shard: Any) -> None:
    """If the store does not have the partitions that were divided among the shards, no shard answers for a part."""
    shard = await new_shard(partition_count=8)
    found = await shard.search(QUERY)
    assert isinstance(found, Refused)
    assert (IndexBehind, True) == (found.kind, "number of partitions" in found.message)
