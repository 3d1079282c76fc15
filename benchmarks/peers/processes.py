"""Services and echo servers in processes of their own, with the CPU time that they have used."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from benchmarks.peers.callers import Channels, channels

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
MODALITIES = ("face", "fingerprint", "iris")


@dataclass(frozen=True)
class Started:
    """Running processes that answer at one address.

    Args:
        address: address to call.
        pids: ids of all processes.
    """

    address: str
    pids: tuple[int, ...]

    @property
    def cpu_s(self) -> float:
        """CPU time that all of them have used, seconds."""
        stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self.pids]
        return sum((int(each[11]) + int(each[12])) * TICK_S for each in stats)


class Protection:
    """How processes know each other and their callers; this one: not at all, in plain text."""

    def settings(self, _name: str) -> dict[str, str]:
        """The settings of the process of this name: `face`, `fingerprint`, `iris`, or `fusion`, also of all in one."""
        return {}

    def channel(self, address: str) -> grpc.Channel:
        """A channel of a caller."""
        return grpc.insecure_channel(address)


PLAIN = Protection()


@contextmanager
def all_in_one(store_url: str, protection: Protection = PLAIN, **settings: str) -> Iterator[Started]:
    """Run the four services in one process, with further settings."""
    own = {"STORE_URL": store_url, **settings} | protection.settings("fusion")
    with _process("cli", "serve", settings=own) as one:
        every = ["face.v1.FaceService", "fingerprint.v1.FingerprintService", "iris.v1.IrisService"]
        _wait_until_serving(one, every, protection)
        yield one


@contextmanager
def apart(store_url: str, protection: Protection = PLAIN) -> Iterator[Started]:
    """Run the four services in four processes."""
    with ExitStack() as stack:
        own = {"STORE_URL": store_url, "WORKER_COUNT": "1"}
        services = [
            stack.enter_context(_process(f"services.{name}", settings=own | protection.settings(name)))
            for name in MODALITIES
        ]
        for service, name in zip(services, MODALITIES, strict=True):
            _wait_until_serving(service, [f"{name}.v1.{name.capitalize()}Service"], protection)
        targets = {
            f"{name.upper()}_TARGET": service.address for name, service in zip(MODALITIES, services, strict=True)
        }
        fusion = stack.enter_context(_process("fusion", settings=own | targets | protection.settings("fusion")))
        yield Started(fusion.address, (*fusion.pids, *(pid for service in services for pid in service.pids)))


@contextmanager
def echo(fan_out: int = 0) -> Iterator[Started]:
    """Run an echo server; with a fan-out, it first calls that many further echo servers with their parts."""
    with ExitStack() as stack:
        leaves = [stack.enter_context(_process("benchmarks.peers.echoes")) for _ in range(fan_out)]
        root = stack.enter_context(_process("benchmarks.peers.echoes", *(leaf.address for leaf in leaves)))
        yield Started(root.address, (*root.pids, *(pid for leaf in leaves for pid in leaf.pids)))


@contextmanager
def all_in_one_and_echo() -> Iterator[tuple[asyncio.Runner, Started, Started, Channels]]:
    """Run the services in one process with a store on disk, and an echo server.

    Yields:
        The event loop's runner, the services, the echo server, and a channel to each of the two.
    """
    with (
        TemporaryDirectory() as folder,
        asyncio.Runner() as runner,
        all_in_one(f"sqlite:///{Path(folder) / 'store.db'}") as ours,
        echo() as reference,
        channels(runner, ours.address, reference.address) as both,
    ):
        yield runner, ours, reference, both


@contextmanager
def _process(module: str, *arguments: str, settings: Mapping[str, str] | None = None) -> Iterator[Started]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("BIOFUSION_") or k == "BIOFUSION_CACHE_DIR"}
    environment = kept | {
        f"BIOFUSION_{key}": value for key, value in ({"PORT": "0", "LOG_LEVEL": "INFO"} | dict(settings or {})).items()
    }
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        line = next(each for each in process.stderr if "listening on " in each)
        drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
        yield Started(line.split("listening on ")[1].split(": ")[0].strip(), (process.pid,))
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()
        drain.wait()


def _wait_until_serving(started: Started, services: list[str], protection: Protection) -> None:
    with protection.channel(started.address) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)  # the types know none of its methods
        for service in services:
            request = health_pb2.HealthCheckRequest(service=f"biofusion.{service}")
            for answer in stub.Watch(request, timeout=120, wait_for_ready=True):
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    break
