"""HTTP/2 by hand (RFC 9113), for what no client library would send."""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0x0, 0x1, 0x3, 0x4, 0x6, 0x7, 0x8
ACK, END_STREAM, END_HEADERS = 0x1, 0x1, 0x4
CANCEL = 8
HEAD = 9
"""Bytes of a frame before its payload."""
LONGEST = 2**14 - 5
"""Bytes of the longest message that one frame takes."""
TABLE, STREAMS, WINDOW = 1, 3, 4
"""The settings of how many bytes of headers the other side may refer to, how many streams it may have open, and how
many bytes it may send on one."""


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def settings(**values: int) -> bytes:
    """A frame of settings; `window` is the only one here."""
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", WINDOW, value) for value in values.values()))


def headers(stream: int, path: str, more: Mapping[str, str] | None = None) -> bytes:
    """The head of a gRPC call, without compression; with further fields."""
    fields = {
        ":method": "POST",
        ":scheme": "http",
        ":path": path,
        ":authority": "soak",
        "content-type": "application/grpc",
        "te": "trailers",
        **(more or {}),
    }
    block = b"".join(b"\x00" + _text(name) + _text(value) for name, value in fields.items())
    return frame(HEADERS, END_HEADERS, stream, block)


def message(stream: int, body: bytes) -> bytes:
    """A gRPC message that ends its stream; at most `LONGEST` bytes."""
    return frame(DATA, END_STREAM, stream, struct.pack(">BI", 0, len(body)) + body)


def connected(port: int, *first: bytes) -> socket.socket:
    """A connection that has sent the preface and these frames, from another machine than those of honest callers."""
    connection = socket.create_connection(("127.0.0.1", port), 10, source_address=("127.0.0.2", 0))
    connection.sendall(PREFACE + b"".join(first or (settings(),)))
    return connection


def _text(text: str) -> bytes:
    raw = text.encode()
    assert len(raw) < 127, "longer texts need another length"
    return bytes([len(raw)]) + raw
