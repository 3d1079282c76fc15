"""The sealed chunks of a snapshot file.

A chunk is, little-endian: bytes of its ciphertext (4), 1 for the last chunk and otherwise 0 (1), and the AES-256-GCM
ciphertext with its tag of 16 bytes. The key is the snapshot's own and is used for nothing else, so the nonce is the
number of the chunk (11 bytes) and whether it is the last (1). Associated data are the header's digest and the nonce. So
no chunk can be changed, moved, left out, or put into another file, and no file be cut short, without being noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from gallery.snapshots.buffers import Buffers
from gallery.snapshots.fault import Fault, unusable
from gallery.snapshots.folder import OpenFile

FRAME = Struct("<IB")
NUMBER_BYTES, TAG_BYTES = 11, 16


class Sealer:
    """Seals the chunks of one file, in order.

    Args:
        key: 32 bytes, used for this file only.
        digest: of the header.
    """

    def __init__(self, key: bytes, digest: bytes) -> None:
        self._cipher, self._digest, self._count = AESGCM(key), digest, 0

    def sealed(self, clear: bytes, *, last: bool = False) -> bytes:
        """The next chunk, as it stands in the file."""
        nonce = _nonce(self._count, last)
        self._count += 1
        return FRAME.pack(len(clear) + TAG_BYTES, last) + self._cipher.encrypt(nonce, clear, self._digest + nonce)


def opened(
    file: OpenFile, left: int, key: bytes, digest: bytes, name: str, buffers: Buffers
) -> Iterator[tuple[NDArray[np.uint8], bool]]:
    """The chunks of a file in clear, in order, each with whether it is the last.

    Args:
        file: read up to its first chunk.
        left: bytes that the file still has.
        key: of the snapshot, 32 bytes.
        digest: of the header.
        name: of the file.
        buffers: memory for the chunks.

    Raises:
        SnapshotUnusable: the file is truncated or damaged.
        SnapshotsUnavailable: it cannot be read.
    """
    cipher, sealed, number, last = AESGCM(key), bytearray(), 0, 0
    while not last:
        frame = bytearray(FRAME.size)
        left -= FRAME.size
        if file.readinto(memoryview(frame)) < FRAME.size:
            raise unusable(Fault.TRUNCATED, name, chunk=str(number))
        size, last = FRAME.unpack(frame)
        if last > 1 or size < TAG_BYTES:
            raise unusable(Fault.DAMAGED, name, chunk=str(number))
        if size > left:
            raise unusable(Fault.TRUNCATED, name, chunk=str(number))
        left -= size
        if size > len(sealed):
            sealed = bytearray(size)
        whole = memoryview(sealed)[:size]
        if file.readinto(whole) < size:
            raise unusable(Fault.TRUNCATED, name, chunk=str(number))
        clear, nonce = buffers.free(size - TAG_BYTES), _nonce(number, bool(last))
        try:
            cipher.decrypt_into(nonce, whole, digest + nonce, clear.data)
        except InvalidTag as error:
            raise unusable(Fault.DAMAGED, name, chunk=str(number)) from error
        yield clear, bool(last)
        del clear
        number += 1
    if left:
        raise unusable(Fault.DAMAGED, name, chunk=str(number))


def _nonce(number: int, last: bool) -> bytes:  # noqa: FBT001  # a field of the nonce
    return number.to_bytes(NUMBER_BYTES, "little") + bytes([last])
