"""How the service and its decoders talk: lines of JSON over a Unix socket, bytes in memory passed by descriptor."""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import socket
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONGEST = 1 << 16
"""Bytes of a line. Each is sent at once and read at once: nobody sends a second before the first is answered."""

TRAY_BYTES = 4 * 2**20
"""Of memory that a worker and the service share for good: to make and to map new memory takes longer than to copy."""

Message = dict[str, Any]


def send(channel: socket.socket, message: Message, descriptors: Sequence[int] = ()) -> None:
    """Send a line, and descriptors with it."""
    socket.send_fds(channel, [json.dumps(message).encode() + b"\n"], list(descriptors))


def receive(channel: socket.socket) -> tuple[Message, list[int]]:
    """Read a line and its descriptors, which are the reader's to close.

    Raises:
        ConnectionError: the other side has ended.
        TimeoutError: nothing came in the channel's time.
    """
    line, descriptors, _, _ = socket.recv_fds(channel, LONGEST, 3)
    if not line:
        raise ConnectionError
    return json.loads(line.partition(b"\n")[0]), descriptors


def memory_of(data: bytes) -> int:
    """A descriptor of memory that holds the bytes."""
    descriptor = _new_memory()
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
    return descriptor


def content(descriptor: int) -> bytes:
    """The bytes of such memory."""
    size = os.fstat(descriptor).st_size
    parts: list[bytes] = []
    while size and (part := os.pread(descriptor, size, sum(map(len, parts)))):
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def new_memory(size: int) -> int:
    """A descriptor of empty memory."""
    descriptor = _new_memory()
    os.ftruncate(descriptor, size)
    return descriptor


def array_over(descriptor: int) -> NDArray[np.uint8]:
    """All of such memory, to be written."""
    return np.frombuffer(mmap.mmap(descriptor, 0), np.uint8)


def pixels_in(descriptor: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The pixels that another process has written, read-only; the memory ends with the array.

    Raises:
        ValueError: there is less memory than that.
    """
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)  # nobody pulls it away
    whole = np.frombuffer(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ), np.uint8)
    return whole[: prod(shape)].reshape(shape)


def _new_memory() -> int:
    return os.memfd_create("image", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
