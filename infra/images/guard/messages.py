"""Protocol between service and decoders: lines of JSON over a Unix socket, and memory passed as file descriptors."""

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
"""Most bytes of a line. A line is sent and read in one call: nobody sends a second before the first is answered."""

TRAY_BYTES = 4 * 2**20
"""Size of the memory that a worker and the service share for good: copying is faster than mapping new memory."""

Message = dict[str, Any]


def send(channel: socket.socket, message: Message, descriptors: Sequence[int] = ()) -> None:
    """Send a line together with descriptors."""
    socket.send_fds(channel, [json.dumps(message).encode() + b"\n"], list(descriptors))


def receive(channel: socket.socket) -> tuple[Message, list[int]]:
    """Read a line and its descriptors; the reader must close them.

    Raises:
        ConnectionError: the other side has ended.
        TimeoutError: nothing came within the channel's timeout.
    """
    line, descriptors, _, _ = socket.recv_fds(channel, LONGEST, 3)
    if not line:
        raise ConnectionError
    return json.loads(line.partition(b"\n")[0]), descriptors


def memory_of(data: bytes) -> int:
    """A descriptor of new memory that holds the bytes."""
    descriptor = _new_memory()
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
    return descriptor


def content(descriptor: int) -> bytes:
    """The bytes of the memory behind a descriptor."""
    size = os.fstat(descriptor).st_size
    parts: list[bytes] = []
    while size and (part := os.pread(descriptor, size, sum(map(len, parts)))):
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def new_memory(size: int) -> int:
    """A descriptor of `size` bytes of new memory, zeroed."""
    descriptor = _new_memory()
    os.ftruncate(descriptor, size)
    return descriptor


def array_over(descriptor: int) -> NDArray[np.uint8]:
    """A writable array over all of a descriptor's memory."""
    return np.frombuffer(mmap.mmap(descriptor, 0), np.uint8)


def pixels_in(descriptor: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The pixels that another process has written, as a read-only array; the memory is freed with the array.

    Raises:
        ValueError: the memory is smaller than the shape.
    """
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)  # the other process cannot shrink it
    whole = np.frombuffer(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ), np.uint8)
    return whole[: prod(shape)].reshape(shape)


def _new_memory() -> int:
    return os.memfd_create("image", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
