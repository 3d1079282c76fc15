"""Real servers of Redis with the files of k8s/, on 127.0.0.1."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.support.kubernetes import Manifests
from tests.support.redis.command_line import install
from tests.support.redis_process import RedisProcess

UNSAFE = ("--appendonly", "no", "--appendfsync", "everysec", "--maxmemory-policy", "allkeys-lru", "--maxmemory", "0")
"""What a server has that its files must set right."""


class DeployedRedis:
    """One server of a StatefulSet.

    Args:
        manifests: where it is deployed.
        folder: an empty one, for all its files; the paths in its pod are below it.
    """

    def __init__(self, manifests: Manifests, folder: Path) -> None:
        self._folder = folder
        for path, content in manifests.files("redis").items():
            self._place(path, content)
        self.data.mkdir(parents=True)
        self.process = RedisProcess(self.data)
        self._run_users(manifests)
        command = manifests.container("redis")["command"]
        assert "redis-server" == command[0]
        self._configuration = self._here(command[1])

    @property
    def data(self) -> Path:
        """Its folder /data."""
        return self._here("/data")

    def start(self, *options: str) -> None:
        """Start it with its files, and further options."""
        self.process.start(*UNSAFE, "--include", str(self._configuration), *options)

    def _run_users(self, manifests: Manifests) -> None:
        users = manifests.pod("redis")["initContainers"][0]
        shell, *words = (self._path(each) for each in users["command"])
        self._here("/run/redis").mkdir(parents=True)
        subprocess.run(["/bin/sh", *words], check=True)
        assert "sh" == shell

    def _place(self, path: str, content: str) -> None:
        here = self._here(path)
        here.parent.mkdir(parents=True, exist_ok=True)
        for each in ("/data", "/run/redis", "/config") if path.endswith(".conf") else ():
            content = content.replace(f" {each}", f" {self._here(each)}")
        here.write_text(content)

    def _here(self, path: str) -> Path:
        return self._folder / path.lstrip("/")

    def _path(self, word: str) -> str:
        return str(self._here(word)) if word.startswith("/") else word


def ran(script: Path, folder: Path, *words: str, password: str = "") -> str:
    """What a script of k8s/ prints, run with the stand-in for redis-cli, which is made in a folder."""
    install(folder)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "REDISCLI_AUTH": password}
    environment["REDIS_CLI"] = "redis-cli -e --no-auth-warning --user admin"
    command = ["/bin/sh", str(script), *words]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert 0 == finished.returncode, finished.stderr
    return finished.stdout
