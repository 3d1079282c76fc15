"""Fixtures that run the services in processes of their own, as an operator does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from click.testing import CliRunner, Result
from grpc_health.v1 import health_pb2, health_pb2_grpc

from cli.local.all_in_one import running
from cli.main import cli
from gallery.sealing.key_file import make
from infra.models.supply import ensure_all, ensure_assets
from infra.settings import Settings
from tests.support.redis_process import RedisProcess

MODULES = {"face": "services.face", "fingerprint": "services.fingerprint", "iris": "services.iris", "fusion": "fusion"}


@dataclass
class Process:
    """A service in a process of its own, listening on a port that it chose.

    Args:
        module: what `python -m` runs.
        environment: its BIOFUSION_ settings.
        log: file of its log.
    """

    module: str
    environment: dict[str, str]
    log: Path
    popen: subprocess.Popen[bytes] = field(init=False)
    address: str = field(init=False)

    def start(self, port: int = 0) -> None:
        """Start the process; returns when it listens."""
        kept = ("BIOFUSION_CACHE_DIR",)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("BIOFUSION_") or k in kept}
        environment = inherited | self.environment | {"BIOFUSION_PORT": str(port)}
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", *self.module.split()]
            self.popen = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=log)
        assert self.popen.stderr is not None
        lines = []
        for line in self.popen.stderr:
            lines.append(line.decode())
            if "listening on " in lines[-1] and "WITHOUT" not in lines[-1]:
                self.address = lines[-1].split("listening on ")[1].split(": ")[0]
                return
        raise RuntimeError(f"{self.module} did not start:\n" + "".join(lines[-20:]))

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, and return the exit code."""
        self.popen.send_signal(number)
        assert self.popen.stderr is not None
        self.popen.stderr.read()
        self.popen.stderr.close()
        return self.popen.wait()


def wait_until_serving(address: str, service: str = "") -> None:
    """Return when the health service reports SERVING."""
    with grpc.insecure_channel(address) as channel:
        for response in health_pb2_grpc.HealthStub(channel).Watch(
            health_pb2.HealthCheckRequest(service=service), timeout=60, wait_for_ready=True
        ):
            if response.status == health_pb2.HealthCheckResponse.SERVING:
                return


@dataclass
class Apart:
    """The services in four processes, and their store."""

    redis: RedisProcess
    processes: dict[str, Process]

    @property
    def address(self) -> str:
        """Address of the fusion service."""
        return self.processes["fusion"].address


@pytest.fixture(scope="module", params=["redis", "sqlite"])
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    """The four services in four processes, on a Redis server or on one file."""
    folder = tmp_path_factory.mktemp("apart")
    ensure_all()
    ensure_assets()
    redis = RedisProcess(folder)
    if request.param == "redis":
        redis.start()
    make(folder / "key")
    url = redis.url if request.param == "redis" else f"sqlite:///{folder / 'store.db'}"
    environment = {
        "BIOFUSION_STORE_URL": url,
        "BIOFUSION_KEY_FILE": str(folder / "key"),
        "BIOFUSION_WORKER_COUNT": "1",
    }
    processes = {name: Process(module, dict(environment), folder / f"{name}.log") for name, module in MODULES.items()}
    targets = {}
    for name in ("face", "fingerprint", "iris"):
        processes[name].start()
        targets[f"BIOFUSION_{name.upper()}_TARGET"] = processes[name].address
    processes["fusion"].environment |= targets
    processes["fusion"].start()
    for process in processes.values():
        wait_until_serving(process.address)
    yield Apart(redis, processes)
    for process in processes.values():
        if process.popen.poll() is None:
            process.end(signal.SIGKILL)
    redis.stop()


@pytest.fixture
def apart(started: Apart) -> Apart:
    """The four services, after restarting those that the previous test ended."""
    for process in started.processes.values():
        if process.popen.poll() is not None:
            process.start(int(process.address.rsplit(":", 1)[1]))
            wait_until_serving(process.address)
    return started


@pytest.fixture(scope="session")
def all_in_one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`biofusion serve` in a process of its own."""
    ensure_all()
    ensure_assets()
    folder = tmp_path_factory.mktemp("serve")
    process = Process("cli serve", {"BIOFUSION_STORE_URL": f"sqlite:///{folder / 'store.db'}"}, folder / "log")
    process.start()
    wait_until_serving(process.address)
    yield process.address
    assert 0 == process.end()


@pytest.fixture(scope="module")
def shadowed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """All services in this process on an empty store, with a file of disagreements; gives the address."""
    ensure_all()
    ensure_assets()
    folder = tmp_path_factory.mktemp("shadowed")
    settings = Settings(store_url=f"sqlite:///{folder / 'store.db'}", shadow_file=str(folder / "shadow.jsonl"))
    with running(settings) as address:
        yield address


@pytest.fixture
def command(shadowed: str) -> Callable[..., Result]:
    """Runs a client command against these services."""
    return lambda *words: CliRunner().invoke(cli, [*map(str, words), "--server", shadowed])


DEAD = "http://127.0.0.1:1"
"""Address of a proxy that does not exist."""


@pytest.fixture(scope="session")
def behind_a_dead_proxy() -> dict[str, str]:
    """An environment with proxies that do not answer and no exceptions for local addresses."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return kept | dict.fromkeys(("http_proxy", "https_proxy", "grpc_proxy", "all_proxy", "ALL_PROXY"), DEAD)
