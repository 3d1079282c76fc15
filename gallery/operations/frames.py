"""A sealed stream in a file: a clear header, then frames, each sealed with AES-256-GCM under a key of the file's own.

The key is wrapped by a key-encryption key (gallery/sealing/key_encryption.py): whoever has that key can open the file.
A frame is the length of the rest (4 bytes), a random nonce (12) and the ciphertext. Its associated data are the
header's digest, its number, and whether it is the last: no frame can be changed, moved, dropped or added unnoticed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from struct import Struct
from typing import Any, BinaryIO

import msgpack  # type: ignore[import-untyped]  # no type hints of its own
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biometrics.errors import ConfigurationInvalid

MAGIC = b"BFARCH1\n"
LENGTH = Struct("<I")
NONCE_BYTES = 12
_BOUND = Struct("<32sQB")
LARGEST = 1 << 28
"""Most bytes of a frame, or of a header."""


@dataclass(frozen=True, slots=True)
class Header:
    """The clear beginning of a file.

    Args:
        packed: its bytes, without magic and length.
        key: the file's key.
    """

    packed: bytes
    key: bytes = field(repr=False)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the header."""
        return sha256(self.packed).digest()


def begin(file: BinaryIO, fields: dict[str, Any]) -> None:
    """Write the magic and the header, whose fields hold no biometric data."""
    packed: bytes = msgpack.packb(fields)
    file.write(MAGIC + LENGTH.pack(len(packed)) + packed)


def read_header(file: BinaryIO) -> tuple[bytes, dict[str, Any]]:
    """Bytes and fields of the header at the beginning of a file.

    Raises:
        ConfigurationInvalid: the file is no archive, or damaged.
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise ConfigurationInvalid("The file is no archive of this program.")
    try:
        (length,) = LENGTH.unpack(file.read(LENGTH.size))
        packed = file.read(length) if length <= LARGEST else b""
        fields = msgpack.unpackb(packed)
    except Exception as error:  # msgpack and struct have many kinds of errors
        raise damaged("its header") from error
    if not isinstance(fields, dict):
        raise damaged("its header")
    return packed, fields


def append(file: BinaryIO, header: Header, number: int, content: bytes, *, is_last: bool) -> None:
    """Write one frame, synced to the disk."""
    nonce = token_bytes(NONCE_BYTES)
    sealed = nonce + AESGCM(header.key).encrypt(nonce, content, _bound(header, number, is_last=is_last))
    file.write(LENGTH.pack(len(sealed)) + sealed)
    file.flush()
    os.fsync(file.fileno())


def frames(file: BinaryIO, header: Header) -> Iterator[tuple[bytes, bool, int]]:
    """Content of each whole frame, whether it is the last, and where it ends. An unfinished frame ends the iteration.

    Raises:
        ConfigurationInvalid: a frame is damaged, or something follows the last.
    """
    number = 0
    while len(start := file.read(LENGTH.size)) == LENGTH.size:
        (length,) = LENGTH.unpack(start)
        sealed = file.read(length) if length <= LARGEST else b""
        if len(sealed) < length or not sealed:
            return
        content, is_last = _opened(header, number, sealed)
        end = file.tell()
        if is_last and file.read(1):
            raise damaged("it goes on after its end")
        yield content, is_last, end
        number += 1


def size(path: Path) -> int:
    """Bytes of a file; 0 if it does not exist."""
    return path.stat().st_size if path.exists() else 0


def _opened(header: Header, number: int, sealed: bytes) -> tuple[bytes, bool]:
    for is_last in (False, True):
        try:
            bound = _bound(header, number, is_last=is_last)
            return AESGCM(header.key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound), is_last
        except (InvalidTag, ValueError):
            continue
    raise damaged(f"frame {number}")


def _bound(header: Header, number: int, *, is_last: bool) -> bytes:
    return _BOUND.pack(header.digest, number, is_last)


def damaged(what: str) -> ConfigurationInvalid:
    """The error for a damaged archive."""
    return ConfigurationInvalid(f"The archive is damaged ({what}). Use another copy, or export again.")
