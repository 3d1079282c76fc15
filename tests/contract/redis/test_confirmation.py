"""Replicas of Redis that must confirm a write."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis.asyncio import Redis

from biometrics.errors import StoreUnavailable
from gallery.store.redis.connections.access import Demands
from tests.support.builders import enrolment
from tests.support.redis.stores import redis_store
from tests.support.redis_process import RedisProcess


@pytest.mark.parametrize("on_disk", [False, True])
async def test_a_write_that_no_replica_confirms_may_be_repeated(own_redis: RedisProcess, *, on_disk: bool) -> None:
    """Without the replicas that must confirm, a write is UNAVAILABLE, kept, and carried out once if it is repeated."""
    demands = Demands(replicas=1, replicas_on_disk=on_disk, confirm_s=0.05)
    table = Demands()
    async with redis_store(own_redis.url) as store:
        await store.enroll(enrolment("anna"))
    async with redis_store(own_redis.url, demands=demands, table_demands=table) as other:
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match=r"may be kept or not.*same request id"):
                await other.enroll(enrolment("ben", request_id="r"))
    async with redis_store(own_redis.url) as store:
        assert (await store.enroll(enrolment("ben", request_id="r"))).replayed
        assert 2 == await store.count()


@pytest.mark.parametrize("on_disk", [False, True])
async def test_a_write_that_a_replica_confirms_is_there(
    own_redis: RedisProcess, tmp_path: Path, *, on_disk: bool
) -> None:
    """With a replica it is acknowledged, also a repetition, and the replica has it."""
    (tmp_path / "replica").mkdir()
    replica = RedisProcess(tmp_path / "replica", "--replicaof", "127.0.0.1", str(own_redis.port))
    replica.start()
    demands = Demands(replicas=1, replicas_on_disk=on_disk, confirm_s=60)
    try:
        async with redis_store(own_redis.url, demands=demands) as store, Redis.from_url(replica.url) as client:
            for _ in range(2):
                receipt = await store.enroll(enrolment("anna", request_id="r"))
            assert receipt.replayed
            tails = [await client.get(f"{{biofusion.p{partition:04}}}:tail") for partition in range(4)]
            assert [1] == [1 for tail in tails if tail is not None and not tail.endswith(b" 0-0")]
    finally:
        replica.stop()
