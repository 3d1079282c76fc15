"""A key-encryption key in a file: JSON, readable by its owner only; made at the first start of an embedded store.

{"format": 1, "current": "k1", "keys": {"k1": "<32 bytes in base64>"}}
"""

from __future__ import annotations

import asyncio
import json
import os
from base64 import b64decode, b64encode
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biometrics.errors import KeyWrong

FORMAT = 1
KEY_BYTES, NONCE_BYTES = 32, 12


class KeyFile:
    """KeyEncryption with the keys of one file, read once and again after every change of the file.

    Args:
        path: the file.
        may_make: whether it is made if it does not exist.
    """

    def __init__(self, path: Path, *, may_make: bool) -> None:
        self._path, self._may_make = path, may_make

    async def current(self) -> str:
        """See KeyEncryption."""
        return str((await self._content())["current"])

    async def wrap(self, data_key: bytes, context: str) -> tuple[str, bytes]:
        """See KeyEncryption."""
        content = await self._content()
        nonce = token_bytes(NONCE_BYTES)
        sealed = AESGCM(_key(content, content["current"])).encrypt(nonce, data_key, context.encode())
        return content["current"], nonce + sealed

    async def unwrap(self, key_id: str, wrapped: bytes, context: str) -> bytes:
        """See KeyEncryption."""
        key = _key(await self._content(), key_id)
        try:
            return AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context.encode())
        except InvalidTag as error:
            raise KeyWrong(
                f"The key {key_id} in {self._path.name} is not the one that the store was sealed with."
            ) from error

    async def renew(self) -> str:
        """See KeyEncryption."""
        content = await self._content()
        key_id = f"k{token_hex(4)}"
        content["keys"][key_id] = b64encode(token_bytes(KEY_BYTES)).decode()
        await asyncio.to_thread(write, self._path, {**content, "current": key_id})
        return key_id

    async def destroy(self, key_id: str) -> None:
        """See KeyEncryption. The file is overwritten before it is replaced."""
        content = await self._content()
        if key_id == content["current"]:
            raise KeyWrong(f"The key {key_id} is in use. Make a new one first.")
        content["keys"].pop(key_id, None)
        await asyncio.to_thread(write, self._path, content)

    async def close(self) -> None:
        """See KeyEncryption."""

    async def _content(self) -> dict[str, Any]:
        return await asyncio.to_thread(self._read)

    def _read(self) -> dict[str, Any]:
        if self._may_make and not self._path.exists():
            make(self._path)
        try:
            content: dict[str, Any] = json.loads(self._path.read_text())
            if content["format"] != FORMAT or content["current"] not in content["keys"]:
                raise ValueError
        except FileNotFoundError as error:
            raise KeyWrong(
                f"The key file {self._path.name} is missing. Name the one that the store was sealed with "
                "(BIOFUSION_KEY_FILE), or make one for a new store: biofusion gallery new-key."
            ) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KeyWrong(f"The key file {self._path.name} cannot be read, or is none.") from error
        return content


def make(path: Path) -> None:
    """Make a key file with one random key, unless the file exists; on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"format": FORMAT, "current": "k1", "keys": {"k1": b64encode(token_bytes(KEY_BYTES)).decode()}}
    part = path.with_name(f"{path.name}.{token_hex(4)}.part")
    _put(part, content)
    try:
        os.link(part, path)  # fails if another process was faster, whose key is then used
    except FileExistsError:
        pass
    finally:
        part.unlink()
    _sync_folder(path)


def write(path: Path, content: dict[str, Any]) -> None:
    """Replace the file; the old one's bytes are overwritten in place afterwards."""
    part = path.with_name(f"{path.name}.{token_hex(4)}.part")
    _put(part, content)
    with path.open("r+b") as old:
        os.replace(part, path)
        _sync_folder(path)
        old.write(bytes(os.fstat(old.fileno()).st_size))
        old.flush()
        os.fsync(old.fileno())


def _put(path: Path, content: dict[str, Any]) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _key(content: dict[str, Any], key_id: str) -> bytes:
    if key_id not in content["keys"]:
        raise KeyWrong(f"The key file has no key {key_id}, with which the store was sealed.")
    return b64decode(content["keys"][key_id])
