"""A service in a process of its own that can be frozen, with its log in a file and a port known before it starts."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc


class Process:
    """`python -m MODULE`, listening.

    Args:
        module: e.g. `services.face`, or `cli serve`.
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
        self._command = [sys.executable, "-m", *module.split()]
        self._environment = {**os.environ, **settings, **environment}
        self._popen = self._started()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._popen.pid

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._popen.poll() is None

    def wait(self, service: str = "", most_s: float = 120.0) -> None:
        """Return when the health of the service is SERVING; after `most_s` seconds, it is an error."""
        with grpc.insecure_channel(self.address, [("grpc.enable_http_proxy", 0)]) as channel:
            request = health_pb2.HealthCheckRequest(service=service)
            stub: Any = health_pb2_grpc.HealthStub(channel)  # the types know none of its methods
            watch = stub.Watch(request, timeout=most_s, wait_for_ready=True)
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

    def restart(self, most_s: float = 60.0) -> None:
        """End the process as an orchestrator does (SIGTERM), and start it again at the same address."""
        self.end(most_s)
        self.start()

    def end(self, most_s: float = 60.0) -> None:
        """End the process (SIGTERM); returns when it has ended."""
        self._popen.terminate()
        self._popen.wait(most_s)

    def start(self) -> None:
        """Start the process again at the same address, after it has ended."""
        self._popen = self._started()

    def answered(self, method: str) -> int:
        """Number of answered calls of a method in its log."""
        return self.log.read_text(encoding="utf-8", errors="replace").count(f"/{method} OK ")

    def _started(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as file:
            return subprocess.Popen(self._command, env=self._environment, stderr=file, stdout=file)


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
