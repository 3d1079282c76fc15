"""Calls of small messages at any rate, by HTTP/2 frames that are made beforehand: some µs of CPU a call.

A client library takes about as long for a call as the server for a refusal. Beside a server on the same cores it would
measure itself.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import grpc

from soak.processes import frames
from soak.processes.frames import frame, headers, message

CONNECTIONS = 4
TURN_S = 0.001
NAMES = {code.value[0]: code.name for code in grpc.StatusCode}
STATUS = b"grpc-status"
DETAILS = b"grpc-status-details-bin"
WIDE = 2**31 - 1 - 65535
FIRST = frames.PREFACE + frame(frames.SETTINGS, 0, 0, struct.pack(">HI", frames.TABLE, 0))
FIRST += frame(frames.WINDOW_UPDATE, 0, 0, struct.pack(">I", WIDE))
"""No table of headers, so that the server writes them out; all answers may come at once."""

Answer = tuple[float, float, str, bool]
"""When the call was begun, its duration in seconds, its status code, and whether it stated when to try again (here: had
details, which are not read)."""


@dataclass(eq=False)
class Connection:
    """One connection and its open calls.

    Args:
        address: `host:port`.
        started: calls that have not ended, by their streams, with when they were begun.
        window: bytes that the server takes now.
        most: calls that it takes at once.
        is_ending: whether it takes no further calls on this connection.
    """

    address: str
    started: dict[int, float] = field(default_factory=dict)
    window: int = 65535
    most: int = 2**31
    is_ending: bool = False
    _next: int = 1
    _sent: set[int] = field(default_factory=set)
    _waiting: deque[tuple[int, bytes, bytes]] = field(default_factory=deque)
    _out: bytearray = field(default_factory=lambda: bytearray(FIRST))
    _in: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        host, _, port = self.address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)

    def begin(self, path: str, body: bytes, timeout: str, now: float) -> int:
        """Begin a call; returns its stream."""
        stream, self._next = self._next, self._next + 2
        self.started[stream] = now
        self._waiting.append((stream, headers(stream, path, {"grpc-timeout": timeout}), message(stream, body)))
        return stream

    def give_up(self, stream: int) -> None:
        """Tell the server that nobody waits for the answer any more, if it knows of the call."""
        del self.started[stream]
        if stream in self._sent:
            self._sent.remove(stream)
            self._out += frame(frames.RST_STREAM, 0, stream, struct.pack(">I", frames.CANCEL))

    def send(self) -> None:
        """Send what the server's limits and the socket take."""
        while self._waiting and self.window >= len(self._waiting[0][2]) and len(self._sent) < self.most:
            stream, head, data = self._waiting.popleft()
            if stream in self.started:
                self._sent.add(stream)
                self.window -= len(data) - frames.HEAD
                self._out += head + data
        with suppress(BlockingIOError):
            while self._out:
                del self._out[: self.socket.send(self._out)]

    def answers(self, now: float) -> Iterator[Answer]:
        """The calls that have ended since."""
        with suppress(BlockingIOError):
            while read := self.socket.recv(1 << 20):
                self._in += read
        at = 0
        while len(self._in) >= at + frames.HEAD:
            size, kind, flags = int.from_bytes(self._in[at : at + 3]), self._in[at + 3], self._in[at + 4]
            end = at + frames.HEAD + size
            if len(self._in) < end:
                break
            stream = int.from_bytes(self._in[at + 5 : at + frames.HEAD])
            payload, at = bytes(self._in[at + frames.HEAD : end]), end
            ended = self._heard(kind, flags, stream, payload)
            if ended and stream in self.started:
                begun = self.started.pop(stream)
                self._sent.discard(stream)
                yield begun, now - begun, *ended
        del self._in[:at]

    def _heard(self, kind: int, flags: int, stream: int, payload: bytes) -> tuple[str, bool] | None:
        """Answer what the protocol asks; the code of a call that this frame ends, and whether it has details."""
        if kind == frames.HEADERS and flags & frames.END_STREAM:
            return _code(payload), DETAILS in payload
        if kind == frames.RST_STREAM:
            return "CANCELLED", False
        if kind == frames.WINDOW_UPDATE and not stream:
            self.window += int.from_bytes(payload)
        elif kind in (frames.SETTINGS, frames.PING) and not flags & frames.ACK:
            if kind == frames.SETTINGS:
                pairs = dict(struct.iter_unpack(">HI", payload))
                self.most = pairs.get(frames.STREAMS, self.most)
            self._out += frame(kind, frames.ACK, 0, payload if kind == frames.PING else b"")
        elif kind == frames.GOAWAY:
            self.is_ending = True
        return None


def flood(
    address: str, path: str, body: bytes, seconds: float, deadline_s: float, rate: float, callers: int
) -> list[Answer]:
    """Make calls; returns how all of them ended.

    Args:
        address: `host:port` of the server, which has no TLS.
        path: full name of the method.
        body: the message, at most 16 KiB.
        seconds: how long calls are begun.
        deadline_s: of each call, seconds.
        rate: calls begun per second, whatever becomes of earlier ones; 0: as many are open as there are callers.
        callers: their number.
    """
    begin, begun, timeout = time.perf_counter(), 0, f"{1000 * deadline_s:.0f}m"
    connections = [Connection(address) for _ in range(CONNECTIONS)]
    due: deque[tuple[float, Connection, int]] = deque()
    found: list[Answer] = []
    while (now := time.perf_counter()) < begin + seconds or len(found) < begun:
        wanted = int(rate * (now - begin)) if rate else len(found) + callers
        while now < begin + seconds and begun < wanted:
            slot = begun % CONNECTIONS
            if connections[slot].is_ending:
                connections.append(connections[slot])  # until its calls have ended
                connections[slot] = Connection(address)
            due.append((now + deadline_s, connections[slot], connections[slot].begin(path, body, timeout, now)))
            begun += 1
        for each in connections:
            each.send()
            found += each.answers(now)
        while due and due[0][0] <= now:
            at, connection, stream = due.popleft()
            if stream in connection.started:
                connection.give_up(stream)
                found.append((at - deadline_s, deadline_s, "DEADLINE_EXCEEDED", False))
        select.select([each.socket for each in connections], [], [], TURN_S)
        for each in connections[CONNECTIONS:]:
            if not each.started:
                each.socket.close()
                connections.remove(each)
    for each in connections:
        each.socket.close()
    return found


def _code(block: bytes) -> str:
    """The status in headers that are written out."""
    at = block.find(STATUS + b"\x01") + len(STATUS)
    if at < len(STATUS):
        at = block.find(STATUS + b"\x02") + len(STATUS)
    return NAMES[int(block[at + 1 : at + 1 + block[at]])]
