"""A blocking client of STOMP 1.2, small enough to be read: tests see each frame as it is on the wire."""

from __future__ import annotations

import socket
from collections import deque
from dataclasses import dataclass, field

_ESCAPES = {"\\r": "\r", "\\n": "\n", "\\c": ":", "\\\\": "\\"}


@dataclass(frozen=True)
class Frame:
    """One frame.

    Args:
        command: e.g. MESSAGE.
        headers: unescaped; of a header that is repeated the first one.
        body: its bytes. A MESSAGE with the header content-length was bytes for its sender, another was text.
    """

    command: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_text(self) -> bool:
        """Whether it is a TextMessage for who speaks JMS."""
        return "content-length" not in self.headers

    def encoded(self) -> bytes:
        """As it is sent."""
        lines = [self.command, *(f"{_escaped(name)}:{_escaped(value)}" for name, value in self.headers.items())]
        return ("\n".join(lines) + "\n\n").encode() + self.body + b"\0"


class Connection:
    """Logged in at once.

    Args:
        address: `host:port` of the broker.
        user: of the broker.
        password: of the user.
        timeout_s: longest wait for a frame, after which the test fails.
    """

    def __init__(self, address: str, user: str, password: str, timeout_s: float = 60.0) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout_s)
        self._read = bytearray()
        self._kept: deque[Frame] = deque()
        self._receipts = 0
        headers = {"accept-version": "1.2", "host": "tests", "login": user, "passcode": password}
        self._socket.sendall(Frame("CONNECT", headers).encoded())
        assert self._next().command == "CONNECTED"

    def subscribe(self, queue: str) -> None:
        """Take the messages of a queue from now on, each acknowledged as it is sent."""
        self._confirmed("SUBSCRIBE", {"id": queue, "destination": f"/queue/{queue}", "ack": "auto"})

    def send(self, queue: str, body: bytes, *, as_text: bool = True, **headers: str) -> None:
        """Send a message, persistent; returns when the broker has it."""
        found = {"destination": f"/queue/{queue}", "persistent": "true", **headers}
        if not as_text:
            found["content-length"] = str(len(body))
        self._confirmed("SEND", found, body)

    def receive(self) -> Frame:
        """The next message."""
        return self._kept.popleft() if self._kept else self._message()

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _confirmed(self, command: str, headers: dict[str, str], body: bytes = b"") -> None:
        self._receipts += 1
        self._socket.sendall(Frame(command, {**headers, "receipt": str(self._receipts)}, body).encoded())
        while (frame := self._next()).command == "MESSAGE":
            self._kept.append(frame)
        assert "RECEIPT" == frame.command, frame

    def _message(self) -> Frame:
        frame = self._next()
        assert "MESSAGE" == frame.command, frame
        return frame

    def _next(self) -> Frame:
        while True:
            del self._read[: len(self._read) - len(self._read.lstrip(b"\r\n"))]
            if (frame := self._parsed()) is not None:
                return frame
            more = self._socket.recv(1 << 16)
            if not more:
                raise ConnectionError("the broker ended the connection")
            self._read += more

    def _parsed(self) -> Frame | None:
        head, found, _ = bytes(self._read).partition(b"\n\n")
        if not found:
            return None
        command, *lines = head.decode().replace("\r", "").split("\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(_unescaped(name), _unescaped(value))
        start = len(head) + 2
        end = start + int(headers["content-length"]) if "content-length" in headers else self._read.find(b"\0", start)
        if not start <= end < len(self._read):
            return None
        frame = Frame(command, headers, bytes(self._read[start:end]))
        del self._read[: end + 1]
        return frame


def _escaped(text: str) -> str:
    for written, meant in reversed(_ESCAPES.items()):
        text = text.replace(meant, written)
    return text


def _unescaped(text: str) -> str:
    parts = text.split("\\\\")
    for written, meant in list(_ESCAPES.items())[:-1]:
        parts = [part.replace(written, meant) for part in parts]
    return "\\".join(parts)
