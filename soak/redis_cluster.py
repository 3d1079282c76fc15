"""A Redis Cluster of three under load for five minutes, while one node after the other is killed and started again."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from biometrics.errors import BiofusionError, StoreUnavailable
from gallery.operations.verify import verify
from gallery.partitions import partition_of
from gallery.sealing.key_file import make
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from gallery.store.subject_store import PartitionedStore
from soak.figures import Figure
from soak.processes.enrolling import wanted
from tests.support.redis.groups import RedisCluster

MINUTES, CALLERS, PARTITIONS = 5.0, 16, 64
UP_S, DOWN_S = 20.0, 5.0
NOTICED_S = 5.0
"""Seconds from the end of an outage in which calls may still fail: connections are made anew."""


@dataclass(slots=True)
class Found:
    """What was seen.

    Args:
        written: numbers of the people whose enrolment was acknowledged.
        outages: node, begin and end of each, in seconds.
        refused: node and time of each call that was UNAVAILABLE.
        others: errors of any other kind.
        lost: acknowledged enrolments that are not there at the end.
        findings: what verification found at the end.
    """

    written: list[int] = field(default_factory=list)
    outages: list[tuple[int, float, float]] = field(default_factory=list)
    refused: list[tuple[int, float]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    lost: int = 0
    findings: int = 0

    @property
    def astray(self) -> int:
        """UNAVAILABLE calls that no outage of their own node explains."""
        return sum(
            not any(node == own and begin <= at <= end + NOTICED_S for own, begin, end in self.outages)
            for node, at in self.refused
        )


def campaign() -> list[Figure]:
    """Five minutes."""
    found = asyncio.run(loaded(MINUTES * 60))
    what = f"cluster of 3, {len(found.outages)} nodes killed and back, {len(found.written)} enrolments"
    return [
        Figure(
            f"{what}; acknowledged and lost", "0", str(found.lost + found.findings), not found.lost + found.findings
        ),
        Figure(
            f"{what}; {len(found.refused)} UNAVAILABLE, of other nodes' partitions",
            "0",
            str(found.astray),
            not found.astray,
        ),
        Figure(f"{what}; other errors", "0", str(len(found.others)), not found.others),
    ]


async def loaded(seconds: float, up_s: float = UP_S, down_s: float = DOWN_S) -> Found:
    """Enrol and read for so long, with a node down for `down_s` after every `up_s`."""
    found = Found()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder / "key")
        cluster = RedisCluster(folder)
        try:
            await asyncio.to_thread(cluster.start)
            store = open_store(cluster.url, StoreOptions(key_file=str(folder / "key"), partition_count=PARTITIONS))
            await store.ping()
            nodes = [cluster.node_of(f"{{biofusion.p{each:04}}}:store") for each in range(PARTITIONS)]
            end = time.monotonic() + seconds
            numbers = iter(range(10**9))
            callers = [asyncio.create_task(_call(store, numbers.__next__, nodes, end, found)) for _ in range(CALLERS)]
            await _kill(cluster, end, up_s, down_s, found)
            await asyncio.gather(*callers)
            await _look(store, found)
            await store.close()
        finally:
            await asyncio.to_thread(cluster.stop)
    return found


async def _call(
    store: PartitionedStore, number_of: Callable[[], int], nodes: list[int], end: float, found: Found
) -> None:
    """Enrol people and read those enrolled, each call until it is answered."""
    rng = random.Random(1)
    while time.monotonic() < end:
        number = number_of()
        if await _answered(lambda number=number: store.enroll(wanted(number)), number, nodes, end, found):  # type: ignore[misc]
            found.written.append(number)
            other = rng.choice(found.written)
            await _answered(lambda other=other: store.get(wanted(other).subject_id), other, nodes, end, found)  # type: ignore[misc]


async def _answered(
    call: Callable[[], Awaitable[object]], number: int, nodes: list[int], end: float, found: Found
) -> bool:
    """Whether a call was answered before the end; it is repeated while its node is down."""
    while time.monotonic() < end:
        try:
            await call()
        except StoreUnavailable:
            found.refused.append((nodes[partition_of(wanted(number).subject_id, PARTITIONS)], time.monotonic()))
            await asyncio.sleep(0.1)
        except BiofusionError as error:
            found.others.append(f"{error.reason}: {error.message}")
            return False
        else:
            return True
    return False


async def _kill(cluster: RedisCluster, end: float, up_s: float, down_s: float, found: Found) -> None:
    """Kill and start one node after the other until shortly before the end."""
    number = 0
    while time.monotonic() + up_s + down_s + NOTICED_S < end:
        await asyncio.sleep(up_s)
        node, number = number % len(cluster.nodes), number + 1
        begin = time.monotonic()
        await asyncio.to_thread(cluster.nodes[node].stop)
        await asyncio.sleep(down_s)
        await asyncio.to_thread(cluster.nodes[node].start)
        await asyncio.to_thread(cluster.wait)
        found.outages.append((node, begin, time.monotonic()))


async def _look(store: PartitionedStore, found: Found) -> None:
    for _ in range(100):
        with suppress(StoreUnavailable):
            await store.ping()
            break
        await asyncio.sleep(0.1)
    ids = [wanted(number).subject_id for number in found.written]
    found.lost = len(ids) - len(await store.get_many(ids))
    found.findings = len((await verify(store)).findings)
