"""How the service and its decoders talk: lines of JSON over a Unix socket, bytes in memory passed by descriptor."""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import socket
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONGEST = 1 << 16
"""Bytes of a line. Each is sent at once and read at once: nobody sends a second before the first is answered."""

POPULATED_BYTES = 16 * 2**20
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
    line, descriptors, _, _ = socket.recv_fds(channel, LONGEST, 2)
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


def new_pixels(shape: tuple[int, ...]) -> tuple[int, NDArray[np.uint8]]:
    """Memory for pixels, and an array over it to write them into."""
    descriptor, size = _new_memory(), int(np.prod(shape))
    os.ftruncate(descriptor, size)
    return descriptor, _array(descriptor, shape, mmap.PROT_READ | mmap.PROT_WRITE)


def pixels_in(descriptor: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The pixels that another process has written, read-only; their memory ends with the array.

    Raises:
        ValueError: the memory is not of that size.
    """
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)  # nobody pulls it away
    if os.fstat(descriptor).st_size != int(np.prod(shape)):
        raise ValueError("The pixels are not of the size that was told.")
    return _array(descriptor, shape, mmap.PROT_READ)


def _array(descriptor: int, shape: tuple[int, ...], protection: int) -> NDArray[np.uint8]:
    """Small memory is had at once, which takes a tenth of the faults; of large only as much as is used."""
    at_once = mmap.MAP_POPULATE if np.prod(shape) <= POPULATED_BYTES else 0
    return np.frombuffer(mmap.mmap(descriptor, 0, mmap.MAP_SHARED | at_once, protection), np.uint8).reshape(shape)


def _new_memory() -> int:
    return os.memfd_create("image", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
