"""A key-encryption key in a file: JSON, readable by its owner only; made at the first start of an embedded store.

{"format": 1, "current": "k1", "keys": {"k1": "<32 bytes in base64>"}}

A key after the current one is prepared: the next renewal takes it. So copies of the file can have it before it is used.
"""

from __future__ import annotations

import asyncio
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import BinaryIO, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biometrics.errors import KeyUnavailable, KeyWrong
from gallery.sealing import replaced_file

FORMAT = 1
KEY_BYTES, NONCE_BYTES = 32, 12
Version = tuple[int, int, int]
"""Number, time of change in ns, and size of a file."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Content:
    """Content of a key file.

    Args:
        current: id of the key that wraps now.
        keys: all keys by id, 32 bytes each.
    """

    current: str
    keys: dict[str, bytes] = field(repr=False)

    @property
    def newest(self) -> str:
        """Id of the key that was added last."""
        return next(reversed(self.keys))

    @property
    def packed(self) -> bytes:
        """The file's bytes."""
        keys = {key_id: b64encode(key).decode() for key_id, key in self.keys.items()}
        return json.dumps({"format": FORMAT, "current": self.current, "keys": keys}).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> Content:
        """Read a file's bytes; raises ValueError, KeyError or TypeError if they are none."""
        content = json.loads(packed)
        keys = {str(key_id): b64decode(key, validate=True) for key_id, key in content["keys"].items()}
        if content["format"] != FORMAT or any(len(key) != KEY_BYTES for key in keys.values()):
            raise ValueError
        if content["current"] not in keys:
            raise ValueError
        return cls(content["current"], keys)


class KeyFile:
    """KeyEncryption with the keys of one file, which is read again after every change of it.

    Args:
        path: the file; `<path>.lock` is made beside it when the file is changed.
        may_make: whether it is made if it does not exist when it is first needed.
    """

    def __init__(self, path: Path, *, may_make: bool) -> None:
        self._path, self._may_make = path, may_make
        self._seen: tuple[Version, Content] | None = None

    async def current(self) -> str:
        """See KeyEncryption."""
        return (await self._content()).current

    async def wrap(self, data_key: bytes, context: str) -> tuple[str, bytes]:
        """See KeyEncryption."""
        content = await self._content()
        nonce = token_bytes(NONCE_BYTES)
        sealed = AESGCM(content.keys[content.current]).encrypt(nonce, data_key, context.encode())
        return content.current, nonce + sealed

    async def unwrap(self, key_id: str, wrapped: bytes, context: str) -> bytes:
        """See KeyEncryption."""
        key = (await self._content()).keys.get(key_id)
        if key is None:
            raise KeyWrong(f"{self._path.name} has no key {key_id}, with which the store was sealed.")
        try:
            return AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise KeyWrong(
                f"The key {key_id} in {self._path.name} is not the one that the store was sealed with."
            ) from error

    async def is_prepared(self) -> bool:
        """See KeyEncryption."""
        content = await self._content()
        return content.newest != content.current

    async def renew(self) -> str:
        """See KeyEncryption. A prepared key is taken, if there is one."""

        def renewed(content: Content) -> Content:
            content = _prepared(content)
            return replace(content, current=content.newest)

        return (await self._call(lambda: self._change(renewed))).current

    async def prepare(self) -> str:
        """The id of the key that the next renewal takes; it is made, unless there is one already.

        Raises:
            KeyWrong, KeyUnavailable: as all methods.
        """
        return (await self._call(lambda: self._change(_prepared))).newest

    async def destroy(self, key_id: str) -> None:
        """See KeyEncryption. The old file is overwritten after it was replaced."""

        def without(content: Content) -> Content:
            if key_id == content.current:
                raise KeyWrong(f"The key {key_id} is in use. Make a new one first.")
            return replace(content, keys={each: key for each, key in content.keys.items() if each != key_id})

        await self._call(lambda: self._change(without))

    async def close(self) -> None:
        """See KeyEncryption."""
        self._seen = None

    async def _content(self) -> Content:
        return await self._call(self._read)

    async def _call(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except FileNotFoundError as error:
            raise KeyWrong(
                f"The key file {self._path.name} is missing. Name the one that the store was sealed with "
                "(BIOFUSION_KEY_FILE), or make one for a new store: biofusion gallery new-key."
            ) from error
        except OSError as error:
            raise KeyUnavailable(
                f"The key file {self._path.name} cannot be read or written ({error.strerror}). Check its permissions."
            ) from error

    def _read(self) -> Content:
        if self._may_make and not self._path.exists():
            make(self._path)
        self._seen = replaced_file.read(self._path, self._newest)
        self._may_make = False  # else a file that goes missing later would be replaced by one with another key
        return self._seen[1]

    def _newest(self, file: BinaryIO) -> tuple[Version, Content]:
        found = os.fstat(file.fileno())
        version = (found.st_ino, found.st_mtime_ns, found.st_size)
        seen = self._seen
        return seen if seen is not None and seen[0] == version else (version, self._parsed(file.read()))

    def _parsed(self, packed: bytes) -> Content:
        try:
            return Content.unpack(packed)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KeyWrong(f"{self._path.name} is no key file, or is damaged. Restore it from a copy.") from error

    def _change(self, change: Callable[[Content], Content]) -> Content:
        self._read()  # makes the file, if it may be made
        with replaced_file.locked(self._path):
            changed = change(self._parsed(self._path.read_bytes()))
            replaced_file.replace(self._path, lambda file: file.write(changed.packed))
            return changed


def _prepared(content: Content) -> Content:
    """With a key after the current one; a new one, if there is none."""
    if content.newest != content.current:
        return content
    return replace(content, keys={**content.keys, f"k{token_hex(4)}": token_bytes(KEY_BYTES)})


def make(path: Path) -> None:
    """Make a key file with one random key, unless the file exists; on the disk when this returns.

    Raises:
        OSError: the folder cannot be written.
    """
    with replaced_file.locked(path):
        if not path.exists():
            packed = Content("k1", {"k1": token_bytes(KEY_BYTES)}).packed
            replaced_file.replace(path, lambda file: file.write(packed))
