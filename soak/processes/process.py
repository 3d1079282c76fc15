"""A service in a process of its own that can be frozen, with its log in a file and a port known before it starts."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc


class Process:
    """`python -m MODULE`, listening.

    Args:
        module: e.g. `services.face`.
        environment: its settings, as environment variables.
        log: file of its log.
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
    """

    def __init__(
        self, module: str, environment: Mapping[str, str], log: Path, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.log = log
        self.port = port or _free_port(host)
        self.address = f"{host}:{self.port}"
        settings = {"BIOFUSION_HOST": host, "BIOFUSION_PORT": str(self.port), "BIOFUSION_WORKER_COUNT": "1"}
        with log.open("ab") as file:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", module], env={**os.environ, **settings, **environment}, stderr=file, stdout=file
            )

    def wait(self, service: str = "") -> None:
        """Return when the health of the service is SERVING."""
        with grpc.insecure_channel(self.address, [("grpc.enable_http_proxy", 0)]) as channel:
            request = health_pb2.HealthCheckRequest(service=service)
            watch = health_pb2_grpc.HealthStub(channel).Watch(request, timeout=120, wait_for_ready=True)
            next(each for each in watch if each.status == health_pb2.HealthCheckResponse.SERVING)

    def freeze(self) -> None:
        """Stop the process (SIGSTOP) until `thaw`."""
        self._popen.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the process continue (SIGCONT)."""
        self._popen.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill the process, also while it is frozen."""
        self._popen.kill()
        self._popen.wait()

    def answered(self, method: str) -> int:
        """Number of answered calls of a method in its log."""
        return self.log.read_text(encoding="utf-8", errors="replace").count(f"/{method} OK ")


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
