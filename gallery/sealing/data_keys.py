"""Data keys: one for each partition, wrapped by the key-encryption key, in the header of the key table.

The header is a msgpack array `[VERSION, store id, partition count, generations]`, oldest generation first; a generation is
`[number, [[key id, wrapped data key], …]]`, one pair per partition. Pages are written under the newest one. There are
several while the pages are being rewritten (rotation.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any, Self

import msgpack  # type: ignore[import-untyped]  # no type hints of its own
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

from biometrics.errors import ConfigurationInvalid, KeyWrong, RecordUnreadable
from gallery.sealing.key_encryption import KeyEncryption
from gallery.sealing.key_table import HEAD, KEY_BYTES, KEYS, NONCE_BYTES, KeyTable, PageHead

VERSION = 1
DESTROYED = bytes(KEY_BYTES)
"""What stands in the place of a key that was destroyed."""


@dataclass(frozen=True, slots=True)
class Generation:
    """The wrapped data keys of all partitions.

    Args:
        number: 1 or more.
        wrapped: per partition the id of the wrapping key, and the wrapped data key; ("", b"") if it was destroyed.
    """

    number: int
    wrapped: tuple[tuple[str, bytes], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Header:
    """Content of the key table's header.

    Args:
        store_id: of the store whose keys the table holds.
        generations: at least one, oldest first.
    """

    store_id: str
    generations: tuple[Generation, ...]

    @property
    def packed(self) -> bytes:
        """The header's bytes."""
        generations = [[each.number, [list(pair) for pair in each.wrapped]] for each in self.generations]
        packed: bytes = msgpack.packb([VERSION, self.store_id, len(self.generations[0].wrapped), generations])
        return packed

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """Read a header.

        Raises:
            RecordUnreadable: it is damaged, or of a newer version.
        """
        try:
            version, store_id, _, generations = msgpack.unpackb(packed)
            if version != VERSION:
                raise RecordUnreadable(
                    f"The key table has version {version}, and this program reads {VERSION}. Use the newer program."
                )
            return cls(store_id, tuple(_generation(each) for each in generations))
        except (ValueError, TypeError, msgpack.exceptions.UnpackException) as error:
            raise RecordUnreadable("The header of the key table is damaged. Restore the key table.") from error

    def generation(self, number: int) -> Generation | None:
        """The generation of this number, or None."""
        return next((each for each in self.generations if each.number == number), None)


def _generation(wire: Sequence[Any]) -> Generation:
    number, pairs = wire
    return Generation(int(number), tuple((str(key_id), bytes(wrapped)) for key_id, wrapped in pairs))


def context_of(store_id: str, partition: int, generation: int) -> str:
    """What a wrapped data key is bound to."""
    return f"biofusion/{store_id}/{partition}/{generation}"


async def new_generation(number: int, store_id: str, count: int, encryption: KeyEncryption) -> Generation:
    """New random data keys for all partitions, wrapped under the current key-encryption key."""
    contexts = [context_of(store_id, partition, number) for partition in range(count)]
    wrapped = await asyncio.gather(*(encryption.wrap(token_bytes(KEY_BYTES), each) for each in contexts))
    return Generation(number, tuple(wrapped))


class DataKeys:
    """The data keys of one store, unwrapped when they are first needed.

    Args:
        table: the key table.
        encryption: wraps and unwraps data keys.
        store_id: of the store.
        partition_count: of the store.
    """

    def __init__(self, table: KeyTable, encryption: KeyEncryption, store_id: str, partition_count: int) -> None:
        self._table, self._encryption = table, encryption
        self._store_id, self._partition_count = store_id, partition_count
        self._header: Header | None = None
        self._keys: dict[tuple[int, int], bytes] = {}

    async def header(self, *, fresh: bool = False) -> Header:
        """The header; made for a new store, if there is none.

        Raises:
            ConfigurationInvalid: the table is of another store.
            KeyWrong: the key-encryption key is missing.
        """
        if self._header is None or fresh:
            self._header = await self._read()
        return self._header

    async def newest(self, partition: int) -> tuple[int, bytes]:
        """Generation number and data key for new pages of a partition. Raises as `key`."""
        number = (await self.header()).generations[-1].number
        key = await self.key(partition, number)
        if key is None:
            raise KeyWrong(f"The data key of partition {partition} was destroyed: nothing can be enrolled in it.")
        return number, key

    async def key(self, partition: int, generation: int) -> bytes | None:
        """A partition's data key; None if it was destroyed.

        Raises:
            KeyWrong: the key-encryption key is missing, or another one.
        """
        known = self._keys.get((partition, generation))
        if known is None:
            found = (await self.header()).generation(generation) or (await self.header(fresh=True)).generation(
                generation
            )
            if found is None or not found.wrapped[partition][1]:
                return None
            context = context_of(self._store_id, partition, generation)
            known = await self._encryption.unwrap(*found.wrapped[partition], context)
            self._keys[partition, generation] = known
        return known

    def forget(self) -> None:
        """Read header and keys again when they are needed next."""
        self._header = None
        self._keys.clear()

    async def _read(self) -> Header:
        packed = await self._table.header()
        while not packed:
            first = await new_generation(1, self._store_id, self._partition_count, self._encryption)
            await self._table.put_header(Header(self._store_id, (first,)).packed, b"")
            packed = await self._table.header()
        header = Header.unpack(packed)
        if (header.store_id, len(header.generations[0].wrapped)) != (self._store_id, self._partition_count):
            raise ConfigurationInvalid(
                "The key table belongs to another store. Name the table that was made with this store."
            )
        return header


def new_page(partition: int, generation: int, data_key: bytes) -> tuple[bytes, bytes]:
    """256 random keys of 32 bytes, in clear, joined, and as a page of the key table."""
    keys = token_bytes(KEYS * KEY_BYTES)
    return keys, _page(PageHead(partition, generation, token_bytes(NONCE_BYTES)), keys, data_key)


def keys_of(page: bytes, head: PageHead, data_key: bytes) -> bytes:
    """The 256 keys of a page in clear; `DESTROYED` in the place of those that were destroyed."""
    body = page[HEAD.size :]
    keys = _encrypted(body, head.nonce, data_key)
    return _kept(keys, body) if DESTROYED in body else keys


def rewrapped(page: bytes, head: PageHead, old: bytes, generation: int, new: bytes) -> bytes:
    """The same page under another data key, of another generation; destroyed keys stay destroyed."""
    keys = keys_of(page, head, old)
    return _page(PageHead(head.partition, generation, token_bytes(NONCE_BYTES)), keys, new)


def _page(head: PageHead, keys: bytes, data_key: bytes) -> bytes:
    body = _encrypted(keys, head.nonce, data_key)
    return head.packed + (_kept(body, keys) if DESTROYED in keys else body)


def _encrypted(keys: bytes, nonce: bytes, data_key: bytes) -> bytes:
    """AES-256-CTR; its own inverse. Each key is random, and the nonce is new for each page that is written."""
    return Cipher(AES256(data_key), CTR(nonce + bytes(16 - NONCE_BYTES))).encryptor().update(keys)


def _kept(keys: bytes, marks: bytes) -> bytes:
    """The keys, with `DESTROYED` wherever the marks have it."""
    slots = range(0, len(keys), KEY_BYTES)
    return b"".join(DESTROYED if marks[s : s + KEY_BYTES] == DESTROYED else keys[s : s + KEY_BYTES] for s in slots)
