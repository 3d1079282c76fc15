"""The clear beginning of a snapshot file.

Little-endian: `BIOSNAP` and a zero (8 bytes), version (2), length of the rest (4), and a msgpack array `[store id, name
of the file, partition, modality, name of the key, feed position]`. Its SHA-256 is bound to every chunk (chunks.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from struct import Struct

import msgpack  # type: ignore[import-untyped]  # no type hints of its own

from biometrics.errors import SnapshotUnusable
from gallery.snapshots.fault import Fault, unusable
from gallery.snapshots.folder import OpenFile
from gallery.store.backend import SnapshotRow

VERSION = 1
MAGIC = b"BIOSNAP\0"
FIRST = Struct("<8sHI")
MOST_BYTES = 65_536
"""Longest header that is read."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a snapshot is of.

    Args:
        store_id: of the store.
        row: as it is registered in the store.
    """

    store_id: str
    row: SnapshotRow

    @property
    def packed(self) -> bytes:
        """The header's bytes."""
        rest: bytes = msgpack.packb(_fields(self.store_id, self.row))
        return FIRST.pack(MAGIC, VERSION, len(rest)) + rest


def digest_of(header: bytes) -> bytes:
    """32 bytes, bound to the chunks."""
    return sha256(header).digest()


def read_header(file: OpenFile, expected: Header) -> bytes:
    """Read the header of a file, and return its digest.

    Raises:
        SnapshotUnusable: it is not the expected one.
    """
    name = expected.row.name
    first = _read(file, FIRST.size, name)
    magic, version, length = FIRST.unpack(first)
    if magic != MAGIC or not version or length > MOST_BYTES:
        raise unusable(Fault.DAMAGED, name)
    if version > VERSION:
        raise unusable(Fault.NEWER_VERSION, name, version=str(version), known=str(VERSION))
    header = first + _read(file, length, name)
    if header != expected.packed:
        raise _difference(header[FIRST.size :], expected)
    return digest_of(header)


def _difference(rest: bytes, expected: Header) -> SnapshotUnusable:
    name = expected.row.name
    wanted = _fields(expected.store_id, expected.row)
    try:
        found = list(msgpack.unpackb(rest))
        epoch, expected_epoch = found[-1].split("-")[1], expected.row.position.epoch
    except (ValueError, TypeError, AttributeError, IndexError, msgpack.exceptions.UnpackException):
        return unusable(Fault.DAMAGED, name)
    if len(found) != len(wanted):
        return unusable(Fault.DAMAGED, name)
    if found[0] != wanted[0]:
        return unusable(Fault.OTHER_STORE, name)
    if found[2] != wanted[2]:
        return unusable(Fault.OTHER_PARTITION, name)
    if found[3] != wanted[3]:
        return unusable(Fault.OTHER_MODALITY, name)
    return unusable(Fault.DAMAGED if epoch == expected_epoch else Fault.OTHER_EPOCH, name)


def _fields(store_id: str, row: SnapshotRow) -> list[object]:
    return [store_id, row.name, row.partition, row.modality.value, row.key_slot, str(row.position)]


def _read(file: OpenFile, size: int, name: str) -> bytes:
    buffer = bytearray(size)
    if file.readinto(memoryview(buffer)) < size:
        raise unusable(Fault.TRUNCATED, name)
    return bytes(buffer)
