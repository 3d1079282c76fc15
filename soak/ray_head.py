"""Searches on a Ray cluster while its head's control service is gone for a minute; its state is kept in Redis.

Without Redis, Ray ends the searching process after a minute, and the shards with it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from biometrics.errors import IndexBehind
from biometrics.template import Position
from gallery.cluster.messages import Importable
from gallery.cluster.placement import Needs
from gallery.cluster.ray_index import RayIndex
from gallery.cluster.sharding import Sharding
from gallery.store.open_store import open_store
from gallery.subject import DEFAULT_GALLERY
from soak.figures import Figure
from tests.support.builders import enrolment, reference, vector
from tests.support.cluster.machines import machines
from tests.support.fakes.comparators import VectorComparator
from tests.support.redis_process import RedisProcess

SUBJECTS, SHARDS = 200, 4
GONE_S, AFTER_S = 60.0, 20.0
FULL_S = 60.0
"""Longest wait, in seconds, until a process that is killed afterwards has been replaced."""
RECONNECT_S = "300"
"""Seconds for which Ray's processes wait for the head; the default is 60."""


def campaign() -> list[Figure]:
    """The head is gone for 60 s; 20 s after it is back, the process of a shard is killed."""
    with tempfile.TemporaryDirectory() as folder, _kept_in_redis(Path(folder)), machines(3) as cluster:
        return asyncio.run(_run(f"sqlite:///{folder}/store.db", cluster))


@contextmanager
def _kept_in_redis(folder: Path) -> Iterator[None]:
    """Ray keeps the state of clusters that are started here in a Redis of their own."""
    redis = RedisProcess(folder)
    redis.start()
    os.environ["RAY_REDIS_ADDRESS"] = f"127.0.0.1:{redis.port}"
    os.environ["RAY_gcs_rpc_server_reconnect_timeout_s"] = RECONNECT_S  # noqa: SIM112  # as Ray reads it
    try:
        yield
    finally:
        del os.environ["RAY_REDIS_ADDRESS"]
        redis.stop()


async def _run(url: str, cluster: Any) -> list[Figure]:
    store = open_store(url)
    for number in range(SUBJECTS):
        await store.enroll(enrolment(f"s{number}", reference([number, 0, 0, 0])))
    index = RayIndex(
        store,
        VectorComparator(),
        Sharding(
            "auto",
            SHARDS,
            Needs(cpus=0.5),
            Importable("gallery.store.open_store:open_store", {"url": url}),
            Importable("tests.support.fakes.comparators:VectorComparator"),
        ),
    )
    await index.start()
    cluster.head_node.kill_gcs_server()
    complete, other = await _searched(index, GONE_S)
    cluster.head_node.start_gcs_server()
    after = await _searched(index, AFTER_S)
    whole_s = await _replaced(index)
    await index.close()
    await store.close()
    return [
        Figure(
            f"searches while the head is gone for {GONE_S:.0f} s that are not complete, of {complete + other}",
            "0",
            str(other),
            other == 0 < complete,
        ),
        Figure(f"the same, in {AFTER_S:.0f} s after it is back, of {sum(after)}", "0", str(after[1]), after[1] == 0),
        Figure(
            "then a killed process is replaced and loaded", f"<= {FULL_S:.0f} s", f"{whole_s:.1f} s", whole_s <= FULL_S
        ),
    ]


async def _searched(index: RayIndex[Any], seconds: float) -> tuple[int, int]:
    """Number of complete searches in this time, and of others."""
    end, complete, other = time.monotonic() + seconds, 0, 0
    while time.monotonic() < end:
        try:
            found = await asyncio.to_thread(
                index.search_reachable, vector([1, 0, 0, 0]), Position.UNKNOWN, DEFAULT_GALLERY, SUBJECTS
            )
            is_complete = not found.unsearched and len(found.hits) == SUBJECTS
        except IndexBehind:
            is_complete = False
        complete, other = complete + is_complete, other + (not is_complete)
        await asyncio.sleep(0.1)
    return complete, other


async def _replaced(index: RayIndex[Any]) -> float:
    """Seconds from killing the process of a replica until it has been replaced and has loaded; at most a minute."""
    replica, begin = index.shards[0].replicas[0], time.monotonic()
    assert replica.status is not None
    life = replica.status.life
    os.kill(replica.status.process_id, signal.SIGKILL)
    while time.monotonic() - begin < FULL_S + 1 and not (  # noqa: ASYNC110  # no event
        replica.status and replica.status.is_ready and replica.status.life != life
    ):
        await asyncio.sleep(0.1)
    return time.monotonic() - begin
