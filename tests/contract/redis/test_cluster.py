"""A Redis cluster: one node's failure is its partitions' only, slots move, and lost nodes are named."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

import pytest

from biometrics.errors import ConfigurationInvalid, StoreUnavailable, SubjectFull
from gallery.partitions import partition_of
from gallery.store.subject_store import PartitionedStore
from tests.support.builders import enrolment
from tests.support.redis.groups import SLOTS, RedisCluster, asked
from tests.support.redis.stores import backend_of, redis_store, table_of
from tests.support.redis_process import RedisProcess

PARTITIONS = 16


@pytest.fixture
async def store(own_cluster: RedisCluster) -> AsyncIterator[PartitionedStore]:
    """A store in the cluster of this test."""
    async with redis_store(own_cluster.url, partition_count=PARTITIONS) as opened:
        await opened.ping()
        yield opened


def ids_by_node(cluster: RedisCluster, count: int) -> dict[int, list[str]]:
    """`count` subject ids for each node."""
    nodes = [cluster.node_of(f"{{biofusion.p{each:04}}}:store") for each in range(PARTITIONS)]
    found: dict[int, list[str]] = defaultdict(list)
    for number in range(count * PARTITIONS * 4):
        subject_id = f"s{number}"
        own = found[nodes[partition_of(subject_id, PARTITIONS)]]
        if len(own) < count:
            own.append(subject_id)
    return found


async def outcomes(store: PartitionedStore, ids: Sequence[str], prefix: str) -> list[bool]:
    """Whether each enrolment was acknowledged; any error but StoreUnavailable is raised."""

    async def one(subject_id: str) -> bool:
        try:
            await store.enroll(enrolment(subject_id, request_id=f"{prefix}{subject_id}"))
        except StoreUnavailable:
            return False
        return True

    return await asyncio.gather(*(one(each) for each in ids))


async def test_a_node_that_is_down_fails_its_partitions_only(
    own_cluster: RedisCluster, store: PartitionedStore
) -> None:
    """Calls of its partitions are UNAVAILABLE, all others go on, and afterwards nothing acknowledged is missing."""
    ids = ids_by_node(own_cluster, 30)
    assert [True] * 30 == await outcomes(store, [*ids[0][:10], *ids[1][:10], *ids[2][:10]], "a")
    own_cluster.nodes[1].stop()
    assert [False] * 10 == await outcomes(store, ids[1][10:20], "b")
    assert [True] * 20 == await outcomes(store, [*ids[0][10:20], *ids[2][10:20]], "b")
    assert ids[0][0] == (await store.get(ids[0][0])).subject_id
    await store.delete(ids[2][0], "gone", "d")
    for call in (store.get(ids[1][0]), store.count(), store.list_summaries(5), store.ping()):
        with pytest.raises(StoreUnavailable):
            await call
    own_cluster.nodes[1].start()
    own_cluster.wait()
    assert [True] * 30 == await outcomes(store, [*ids[0][20:], *ids[1][20:], *ids[2][20:]], "c")
    assert [True] * 10 == await outcomes(store, ids[1][10:20], "b")
    await store.ping()
    assert 89 == await store.count()
    wanted = sorted({each for own in ids.values() for each in own} - {ids[2][0]})
    assert wanted == [each.subject_id for each in (await store.list_summaries(1000)).subjects]


async def test_a_process_that_starts_while_a_node_is_down_uses_the_others(own_cluster: RedisCluster) -> None:
    """It needs the nodes of partition 0, and those of its calls."""
    ids = ids_by_node(own_cluster, 2)
    async with redis_store(own_cluster.url, partition_count=PARTITIONS) as first:
        assert [True] * 3 == await outcomes(first, [own[0] for own in ids.values()], "a")
    first_node = own_cluster.node_of("{biofusion.p0000}:store")
    down = (first_node + 1) % 3
    own_cluster.nodes[down].stop()
    async with redis_store(own_cluster.url, partition_count=PARTITIONS) as other:
        found = {number: await outcomes(other, own[1:], "b") for number, own in ids.items()}
        assert {number: [number != down] for number in range(3)} == found


async def test_a_frozen_node_fails_its_partitions_only(own_cluster: RedisCluster, store: PartitionedStore) -> None:
    """A node that answers nothing holds up no call of another node's partitions."""
    ids = ids_by_node(own_cluster, 20)
    assert [True] * 3 == await outcomes(store, [own[0] for own in ids.values()], "a")
    os.kill(own_cluster.nodes[2].pid, signal.SIGSTOP)
    try:
        frozen, others = await asyncio.gather(
            outcomes(store, ids[2][1:], "b"), outcomes(store, [*ids[0][1:], *ids[1][1:]], "b")
        )
    finally:
        os.kill(own_cluster.nodes[2].pid, signal.SIGCONT)
    assert [False] * 19 == frozen
    assert [True] * 38 == others
    own_cluster.wait()


async def test_a_cluster_without_quorum_is_named(own_cluster: RedisCluster, store: PartitionedStore) -> None:
    """When most primaries are down, the one that is left refuses, and the error says why."""
    ids = ids_by_node(own_cluster, 1)
    assert [True] * 3 == await outcomes(store, [own[0] for own in ids.values()], "a")
    own_cluster.nodes[1].stop()
    own_cluster.nodes[2].stop()
    seen = ""
    for number in range(10**6):  # a primary notices after its node timeout, 1 s
        try:
            await store.enroll(enrolment(ids[0][0], encounter_id=f"n{number}", create_subject=False))
        except SubjectFull:
            await store.delete(ids[0][0], f"d{number}", "d")
            await store.enroll(enrolment(ids[0][0], encounter_id="first"))
        except StoreUnavailable as error:
            seen = error.message
            break
    assert "The Redis cluster is down: too few of its primaries" in seen


async def test_a_node_that_lost_its_data_is_named(own_cluster: RedisCluster, store: PartitionedStore) -> None:
    """A node that comes back empty is not taken for new partitions: acknowledged subjects would be missing unseen."""
    lost = (own_cluster.node_of("{biofusion.p0000}:store") + 1) % 3
    ids = ids_by_node(own_cluster, 1)
    await store.enroll(enrolment(ids[lost][0]))
    own_cluster.nodes[lost].wipe()
    own_cluster.nodes[lost].start()
    own_cluster.wait()
    async with redis_store(own_cluster.url, partition_count=PARTITIONS) as other:
        with pytest.raises(ConfigurationInvalid, match="has lost its data"):
            await other.ping()
    with pytest.raises((ConfigurationInvalid, StoreUnavailable)):
        await store.enroll(enrolment(ids[lost][0]))


async def test_slots_that_move_are_followed(own_cluster: RedisCluster, store: PartitionedStore) -> None:
    """While a slot moves, single keys are read where they are, and writes are UNAVAILABLE; afterwards all goes on."""
    subject_id = "anna"
    tag = f"{{biofusion.p{partition_of(subject_id, PARTITIONS):04}}}"
    token = (await store.enroll(enrolment(subject_id))).token
    source = own_cluster.node_of(f"{tag}:store")
    target = (source + 1) % 3
    ports = [node.port for node in own_cluster.nodes]
    slot = asked(ports[0], "CLUSTER", "KEYSLOT", tag)
    assert 0 <= slot < SLOTS
    names = [asked(port, "CLUSTER", "MYID").decode() for port in ports]
    asked(ports[target], "CLUSTER", "SETSLOT", slot, "IMPORTING", names[source])
    asked(ports[source], "CLUSTER", "SETSLOT", slot, "MIGRATING", names[target])
    keys = asked(ports[source], "CLUSTER", "GETKEYSINSLOT", slot, 10_000)
    asked(ports[source], "MIGRATE", "127.0.0.1", ports[target], "", 0, 5000, "KEYS", *keys)
    assert token == await store.position([partition_of(subject_id, PARTITIONS)])
    with pytest.raises(StoreUnavailable, match="being moved"):
        await store.enroll(enrolment(subject_id, encounter_id="e2", create_subject=False))
    for port in (ports[target], ports[source]):
        asked(port, "CLUSTER", "SETSLOT", slot, "NODE", names[target])
    await store.enroll(enrolment(subject_id, encounter_id="e3", create_subject=False))
    assert ["e1", "e3"] == [each.encounter_id for each in (await store.get(subject_id)).encounters]


async def test_the_key_table_is_rewritten_on_every_node_concerned(own_cluster: RedisCluster) -> None:
    """After erasures no append-only file of the cluster holds the keys' pages as they were before."""
    ids = [own[0] for own in ids_by_node(own_cluster, 1).values()]
    async with redis_store(own_cluster.url, partition_count=PARTITIONS, rewrite_delay_s=0.01) as store:
        await asyncio.gather(*(store.enroll(enrolment(each)) for each in ids))
        table, identity = table_of(store), await backend_of(store).identity()
        pages = [await table.pages(identity.key(each).partition, [0]) for each in ids]
        for each in ids:
            await store.delete(each, f"d{each}", "d")
        await table.rewritten()
    for page in pages:
        assert [0, 0, 0] == [_count(node, page[0]) for node in own_cluster.nodes]


def _count(node: RedisProcess, page: bytes) -> int:
    return sum(file.read_bytes().count(page) for file in node.files.iterdir())


async def test_a_single_server_is_no_cluster(own_redis: RedisProcess) -> None:
    """The message says which form of the URL to use."""
    async with redis_store(own_redis.url.replace("redis://", "redis+cluster://").removesuffix("/0")) as store:
        with pytest.raises(ConfigurationInvalid, match="no node of a Redis cluster"):
            await store.ping()
