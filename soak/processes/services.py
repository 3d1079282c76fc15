"""Services in one or several processes on one store, with their logs in files."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

APART = {"face": "services.face", "fingerprint": "services.fingerprint", "iris": "services.iris", "fusion": "fusion"}
ALL_IN_ONE = {"serve": "cli serve"}
START_S = 120.0


@dataclass(frozen=True, slots=True)
class Service:
    """One running process.

    Args:
        popen: the process.
        address: address at which it listens.
        log: file of its log.
    """

    popen: subprocess.Popen[bytes]
    address: str
    log: Path


@contextmanager
def running(modules: dict[str, str], store_url: str, folder: Path) -> Iterator[dict[str, Service]]:
    """Run the named modules, fusion last; gives their services, all of which are serving."""
    services: dict[str, Service] = {}
    settings = {"BIOFUSION_STORE_URL": store_url, "BIOFUSION_PORT": "0"}
    try:
        for name, module in modules.items():
            services[name] = _started(module.split(), settings, folder / f"{name}.log")
            settings[f"BIOFUSION_{name.upper()}_TARGET"] = services[name].address
            if name in ("fusion", "serve"):
                del settings[f"BIOFUSION_{name.upper()}_TARGET"]
        for service in services.values():
            _wait_until_serving(service.address)
        yield services
    finally:
        for service in services.values():
            service.popen.terminate()
        for service in services.values():
            service.popen.wait()


def _started(words: Sequence[str], settings: dict[str, str], log: Path) -> Service:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("BIOFUSION_") or k == "BIOFUSION_CACHE_DIR"}
    with log.open("wb") as file:
        popen = subprocess.Popen([sys.executable, "-m", *words], env=inherited | settings, stderr=file, stdout=file)
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and popen.poll() is None:
        for line in log.read_text().splitlines():
            if "listening on " in line and "WITHOUT" not in line:
                return Service(popen, line.split("listening on ")[1].split(": ")[0], log)
        time.sleep(0.1)
    popen.kill()
    raise RuntimeError(f"{' '.join(words)} did not start: {log.read_text()[-500:]}")


def _wait_until_serving(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)  # the types know none of its methods
        watch = stub.Watch(health_pb2.HealthCheckRequest(service=""), timeout=START_S, wait_for_ready=True)
        next(each for each in watch if each.status == health_pb2.HealthCheckResponse.SERVING)
