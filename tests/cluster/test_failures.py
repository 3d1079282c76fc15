"""A search while replicas die, come back, and move: complete, or it names what was not searched."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

ray = pytest.importorskip("ray")

from biometrics.errors import IndexBehind  # noqa: E402
from biometrics.template import Position  # noqa: E402
from gallery.cluster import placement  # noqa: E402
from gallery.cluster.ray_index import RayIndex  # noqa: E402
from gallery.index.port import GallerySearch  # noqa: E402
from gallery.partitions import partition_of  # noqa: E402
from gallery.store.subject_store import PartitionedStore  # noqa: E402
from tests.cluster.conftest import NewIndex  # noqa: E402
from tests.support.builders import enrolment, reference, vector  # noqa: E402
from tests.support.cluster.machines import add_machine  # noqa: E402

COUNT = 40
EVERYWHERE = (vector([1, 0, 0, 0]), Position.UNKNOWN, "default", 1000)


async def enrolled(store: PartitionedStore, count: int = COUNT) -> None:
    """Enrol subjects of different scores with `searched`."""
    for number in range(count):
        await store.enroll(enrolment(f"s{number:03}", reference([number, 1, 0, 0])))


async def searched(index: RayIndex[Any]) -> GallerySearch:
    """Search for all subjects."""
    return await asyncio.to_thread(index.search_reachable, *EVERYWHERE)


def ids(found: GallerySearch) -> list[str]:
    """Ids of the hits, in order."""
    return [hit.subject_id for hit in found.hits]


EVERYBODY = [f"s{number:03}" for number in reversed(range(COUNT))]


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Return when a condition holds."""
    async with asyncio.timeout(45):
        while not await holds():  # noqa: ASYNC110  # the machines of a cluster signal nothing
            await asyncio.sleep(0.05)


def hold(stop: Path) -> None:
    """From now on no shard comes up."""
    stop.touch()


def release(stop: Path) -> None:
    """Shards come up again."""
    stop.unlink()


def kill(replica: Any) -> None:
    """Kill the process of a replica by SIGKILL."""
    os.kill(replica.status.process_id, signal.SIGKILL)


async def test_a_killed_replica_is_replaced_by_the_other_one(store: PartitionedStore, new_index: NewIndex) -> None:
    """While one replica of a shard is killed, every search is complete; afterwards the shard has two replicas again."""
    await enrolled(store)
    index = await new_index()
    lives = _lives(index)
    killed = index.shards[0].replicas[0]
    searches = [asyncio.create_task(searched(index)) for _ in range(4)]
    kill(killed)
    for _ in range(20):
        searches.append(asyncio.create_task(searched(index)))
        await searches[-1]
    assert {(tuple(EVERYBODY), ())} == {(tuple(ids(each)), each.unsearched) for each in await asyncio.gather(*searches)}
    await until(lambda: _is_renewed(index, lives))


async def test_a_replica_that_hangs_is_not_waited_for(store: PartitionedStore, new_index: NewIndex) -> None:
    """While one replica of a shard hangs, every search is complete, by the other one."""
    await enrolled(store)
    index = await new_index()
    hanging = index.shards[0].replicas[0].status.process_id
    os.kill(hanging, signal.SIGSTOP)
    try:
        found = [await searched(index) for _ in range(6)]
    finally:
        os.kill(hanging, signal.SIGCONT)
    assert [(EVERYBODY, ())] * 6 == [(ids(each), each.unsearched) for each in found]


async def test_a_shard_without_replicas_is_named(store: PartitionedStore, new_index: NewIndex, stop: Path) -> None:
    """Without both replicas of a shard, a search names its partitions or fails; later it is complete again."""
    await enrolled(store)
    index = await new_index()
    await index.require_gallery("default")
    shard = index.shards[1]
    hold(stop)
    for each in shard.replicas:
        kill(each)
    found = await searched(index)
    assert shard.partitions == found.unsearched
    assert [each for each in EVERYBODY if partition_of(each, 8) not in shard.partitions] == ids(found)
    assert COUNT == found.subject_count
    with pytest.raises(IndexBehind) as raised:
        await asyncio.to_thread(index.search, *EVERYWHERE)
    assert "4,5,6,7" == raised.value.metadata["partitions"]
    assert not index.is_ready
    release(stop)
    await until(lambda: _is_whole(index))
    assert (EVERYBODY, ()) == (ids(again := await searched(index)), again.unsearched)


async def test_a_shard_that_was_not_started_yet_is_named(store: PartitionedStore, new_index: NewIndex) -> None:
    """A search before all shards have been started names the partitions of the others; counts and scores fail."""
    await enrolled(store)
    index = await new_index()
    started = dict(index._keeper._shards)
    index._keeper._shards = {0: started[0]}
    try:
        found = await searched(index)
        assert not index.is_ready
        assert started[1].partitions == found.unsearched
        for call in (
            lambda: index.count("default"),
            lambda: index.search(*EVERYWHERE),
            lambda: index.score_subjects(*EVERYWHERE[:2], EVERYBODY),
        ):
            with pytest.raises(IndexBehind):
                await asyncio.to_thread(call)
    finally:
        index._keeper._shards = started


async def test_a_search_sees_the_write_of_its_token(store: PartitionedStore, new_index: NewIndex) -> None:
    """After `wait_for`, every search sees the write, whichever replica answers; an erasure too."""
    await enrolled(store, 4)
    index = await new_index()
    for number in range(4, 12):
        receipt = await store.enroll(enrolment(f"s{number:03}", reference([number, 1, 0, 0])))
        await index.wait_for(receipt.token, 5)
        async with index.confirmed(receipt.token):
            found = [ids(await searched(index)) for _ in range(4)]
        assert [[f"s{each:03}" for each in reversed(range(number + 1))]] * 4 == found
        assert number + 1 == index.count("default")
    receipt = await store.delete("s011", "6d3c1f0e-0000-4000-8000-000000000001", "d")
    await index.wait_for(receipt.token, 5)
    assert ["s010"] * 4 == [ids(await searched(index))[0] for _ in range(4)]


async def test_shards_move_to_a_new_machine_and_away_from_one_that_leaves(
    ray_cluster: Any, store: PartitionedStore, new_index: NewIndex
) -> None:
    """A machine that joins takes shards over, one that leaves is emptied, and all searches meanwhile are complete."""
    await enrolled(store)
    index = await new_index()
    failed: list[GallerySearch] = []
    is_over = False

    def search_on() -> int:
        done = 0
        while not is_over:
            found = index.search_reachable(*EVERYWHERE)
            failed.extend([found] if found.unsearched or ids(found) != EVERYBODY else [])
            done += 1
        return done

    searches = asyncio.get_running_loop().run_in_executor(None, search_on)
    node = add_machine(ray_cluster)
    try:
        await until(lambda: _holds(index, node.node_id, at_least=1))
        index.leave([node.node_id])
        await until(lambda: _holds(index, node.node_id, at_most=0))
    finally:
        is_over = True
        done = await searches
        ray_cluster.remove_node(node)
    assert done > 0
    assert [] == failed


def _lives(index: RayIndex[Any]) -> set[str]:
    return {each.status.life for shard in index.shards for each in shard.replicas if each.status}


async def _is_renewed(index: RayIndex[Any], lives: set[str]) -> bool:
    """Whether all replicas are ready, and one of them has been restarted."""
    return await _is_whole(index) and len(lives - _lives(index)) == 1


async def _is_whole(index: RayIndex[Any]) -> bool:
    return all(each.is_whole for each in index.shards)


async def _holds(index: RayIndex[Any], node: str, at_least: int = 0, at_most: int = 99) -> bool:
    places = [await asyncio.to_thread(placement.places, each) for each in index.shards]
    return at_least <= sum(each == node for held in places for each in held) <= at_most
