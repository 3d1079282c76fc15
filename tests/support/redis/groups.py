"""Groups of real redis-servers for tests, on 127.0.0.1: a cluster, and a primary with a replica and a Sentinel."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from tests.support.redis_process import RedisProcess, free_port, redis_server

SLOTS = 16384
GUARD_S = 60.0
"""Longest wait, in seconds, for servers to agree; a test that waits so long fails."""


class RedisCluster:
    """Primaries without replicas, each with an equal part of the slots, that answer also when another one is down.

    Args:
        folder: each server has a folder in it.
        size: number of servers.
        options: further options of each server.
        is_behind: whether clients must use other ports, `announced`, that lead to the servers.
    """

    def __init__(self, folder: Path, size: int = 3, *options: str, is_behind: bool = False) -> None:
        self.nodes = [RedisProcess(_made(folder / f"node{number}"), *_clustered(), *options) for number in range(size)]
        self.announced = [free_port() if is_behind else node.port for node in self.nodes]
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in self.announced)

    def start(self) -> None:
        """Start the servers, join them, and return when all of them know the same slots."""
        for number, node in enumerate(self.nodes):
            node.start("--cluster-announce-port", str(self.announced[number]))
            first, end = (SLOTS * each // len(self.nodes) for each in (number, number + 1))
            asked(node.port, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            asked(node.port, "CLUSTER", "ADDSLOTSRANGE", first, end - 1)
        for node in self.nodes[1:]:
            bus = dict(self._facts(node))["cluster-port"]
            asked(self.nodes[0].port, "CLUSTER", "MEET", "127.0.0.1", node.port, bus)
        self.wait()

    def wait(self) -> None:
        """Return when all servers know that all are up."""
        waited_for(lambda: all(self._is_whole(node) for node in self.nodes))

    def stop(self) -> None:
        """Kill all servers."""
        for node in self.nodes:
            node.stop()

    def node_of(self, key: str) -> int:
        """Number of the server that has a key."""
        slot = asked(self.nodes[0].port, "CLUSTER", "KEYSLOT", key)
        return next(n for n in range(len(self.nodes)) if slot < SLOTS * (n + 1) // len(self.nodes))

    def _facts(self, node: RedisProcess) -> list[tuple[str, str]]:
        flat = [each.decode() for each in asked(node.port, "CONFIG", "GET", "cluster-port")]
        return list(zip(flat[::2], flat[1::2], strict=True))

    def _is_whole(self, node: RedisProcess) -> bool:
        lines = asked(node.port, "CLUSTER", "NODES").decode().splitlines()
        up = [line for line in lines if "fail" not in line and "handshake" not in line and "connected" in line.split()]
        facts = asked(node.port, "CLUSTER", "INFO")
        return len(up) == len(self.nodes) and b"cluster_state:ok" in facts and b"cluster_slots_ok:16384" in facts


class RedisSentinel:
    """A primary, its replica, and one Sentinel that replaces a primary which is down for 0.5 s.

    Args:
        folder: each server has a folder in it.
    """

    def __init__(self, folder: Path) -> None:
        self.primary = RedisProcess(_made(folder / "primary"))
        self.replica = RedisProcess(_made(folder / "replica"), "--replicaof", "127.0.0.1", str(self.primary.port))
        self._folder, self._port = _made(folder / "sentinel"), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis+sentinel://127.0.0.1:{self._port}/store/0"

    def start(self) -> None:
        """Start all, and return when the Sentinel knows the replica, and the replica has the primary's data."""
        self.primary.start()
        self.replica.start()
        waited_for(lambda: b"master_link_status:up" in asked(self.replica.port, "INFO", "replication"))
        configuration = self._folder / "sentinel.conf"
        configuration.write_text(
            f"port {self._port}\nbind 127.0.0.1\nsentinel monitor store 127.0.0.1 {self.primary.port} 1\n"
            "sentinel down-after-milliseconds store 500\nsentinel failover-timeout store 2000\n"
        )
        self._process = subprocess.Popen(
            [redis_server(), str(configuration), "--sentinel"], cwd=self._folder, stdout=subprocess.DEVNULL
        )
        waited_for(lambda: len(asked(self._port, "SENTINEL", "REPLICAS", "store")) == 1)

    def named(self) -> int:
        """Port of the primary that the Sentinel names."""
        return int(asked(self._port, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "store")[1])

    def stop(self) -> None:
        """Kill all servers."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self.replica.stop()
        self.primary.stop()


def asked(port: int, *command: Any) -> Any:
    """A server's answer to one command, as it sends it."""
    client = Redis(host="127.0.0.1", port=port, protocol=2)
    client.response_callbacks.clear()
    with client:
        return client.execute_command(*command)


def waited_for(is_so: Callable[[], bool]) -> None:
    """Return when something is so; a server that does not answer yet is asked again."""
    deadline = time.monotonic() + GUARD_S
    while True:
        try:
            if is_so():
                return
        except (RedisError, OSError):
            pass
        assert time.monotonic() < deadline, "The servers did not agree in time."
        time.sleep(0.02)


def _clustered() -> tuple[str, ...]:
    options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port", str(free_port()))
    return (*options, "--cluster-require-full-coverage", "no", "--cluster-allow-reads-when-down", "no")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
