"""An adapter in a process of its own, and a client of HTTP that costs little beside what is measured."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from benchmarks.peers.processes import Started


@contextmanager
def adapter(name: str, **settings: str) -> Iterator[Started]:
    """Run `biofusion NAME` with settings, on a free port; its address is a URL."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("BIOFUSION_") or k == "BIOFUSION_CACHE_DIR"}
    own = {"ADAPTER_PORT": "0", "LOG_LEVEL": "WARNING"} | settings
    environment = kept | {f"BIOFUSION_{key}": value for key, value in own.items()} | {"PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "cli", name]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Started(process.stdout.readline().split()[2].removesuffix("."), (process.pid,))
        finally:
            process.terminate()


class Connection:
    """A connection that is kept open, for one caller.

    Args:
        address: of the server.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        assert parts.hostname
        self._host, self._port = parts.hostname, parts.port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: bytes) -> bytes:
        """The body of an answer of 200, whose length the server states."""
        if self._streams is None or self._streams[0].at_eof():
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        head = f"POST {path} HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        writer.write(head.encode() + b"\r\n\r\n" + body)
        told = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(told.partition(b"content-length:")[2].split(b"\r\n")[0])
        answer = await reader.readexactly(length)
        if b" 200 " not in told.split(b"\r\n")[0]:
            raise RuntimeError(answer[:200])
        return answer

    async def close(self) -> None:
        """Close it."""
        if self._streams:
            self._streams[1].close()
            await self._streams[1].wait_closed()
