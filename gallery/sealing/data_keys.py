"""Data keys: one for each partition, under which the pages of the key table are encrypted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from secrets import token_bytes

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

from biometrics.errors import ConfigurationInvalid, KeyWrong
from gallery.sealing.header import Header, context_of, new_generation
from gallery.sealing.key_encryption import KeyEncryption
from gallery.sealing.key_table import HEAD, KEY_BYTES, KEYS, NONCE_BYTES, KeyTable, PageHead

DESTROYED = bytes(KEY_BYTES)
"""What stands in the place of a key that was destroyed."""


async def always() -> bool:
    """Return True: a key table may be made whatever the store holds."""
    return True


class DataKeys:
    """The data keys of one store, unwrapped when they are first needed.

    Args:
        table: the key table.
        encryption: wraps and unwraps data keys.
        store_id: of the store.
        partition_count: of the store.
        may_make: returns whether the header may be made if there is none: only for a store without subjects, as the
            keys of the others would be missing.
    """

    def __init__(
        self,
        table: KeyTable,
        encryption: KeyEncryption,
        store_id: str,
        partition_count: int,
        may_make: Callable[[], Awaitable[bool]] = always,
    ) -> None:
        self._table, self._encryption, self._may_make = table, encryption, may_make
        self._store_id, self._partition_count = store_id, partition_count
        self._header: Header | None = None
        self._keys: dict[tuple[int, int], bytes] = {}

    async def header(self, *, fresh: bool = False) -> Header:
        """The header; made for a new store, if there is none.

        Raises:
            ConfigurationInvalid: the table is of another store.
            KeyWrong: the key table is missing, or the key-encryption key is.
        """
        if self._header is None or fresh:
            self._header = header = await self._read()
            self._keys = {place: key for place, key in self._keys.items() if _has_key(header, *place)}
        return self._header

    async def newest(self, partition: int) -> tuple[int, bytes]:
        """Generation number and data key for new pages of a partition. Raises as `key`."""
        key: bytes | None = b""
        while key == b"":  # a rotation has ended since the header was read
            number = (await self.header()).generations[-1].number
            key = await self.key(partition, number)
        if key is None:
            raise KeyWrong(
                f"The data key of partition {partition} was destroyed: nothing can be enrolled in it. Make a new store."
            )
        return number, key

    async def key(self, partition: int, generation: int) -> bytes | None:
        """A partition's data key; None if it was destroyed, b"" if there is no such generation.

        Raises:
            KeyWrong: the key-encryption key is missing, or another one.
        """
        known = self._keys.get((partition, generation))
        if known is not None:
            return known
        found = (await self.header()).generation(generation)
        if found is None:
            found = (await self.header(fresh=True)).generation(generation)
        if found is None:
            return b""
        if not found.has_key(partition):
            return None
        try:
            key = await self._encryption.unwrap(*found.wrapped[partition], self.context(partition, generation))
        except KeyWrong:  # perhaps a rotation has ended since the header was read, and destroyed the key that wraps it
            if (await self.header(fresh=True)).generation(generation) == found:
                raise
            return await self.key(partition, generation)
        self._keys[partition, generation] = key
        return key

    def context(self, partition: int, generation: int) -> str:
        """What a wrapped data key of this store is bound to."""
        return context_of(self._store_id, partition, generation)

    def forget(self) -> None:
        """Read header and keys again when they are needed next."""
        self._header = None
        self._keys.clear()

    async def _read(self) -> Header:
        packed = await self._table.header()
        while not packed:
            if not await self._may_make():
                raise KeyWrong(
                    "The key table is missing, and the store has subjects. Restore the key table that belongs to it."
                )
            first = await new_generation(1, self._store_id, self._partition_count, self._encryption)
            await self._table.put_header(Header(self._store_id, (first,)).packed, b"")
            packed = await self._table.header()
        header = Header.unpack(packed)
        if (header.store_id, len(header.generations[0].wrapped)) != (self._store_id, self._partition_count):
            raise ConfigurationInvalid(
                "The key table belongs to another store. Name the table that was made with this store."
            )
        return header


def _has_key(header: Header, partition: int, generation: int) -> bool:
    found = header.generation(generation)
    return found is not None and bool(found.wrapped[partition][1])


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


def destroyed_page(partition: int, generation: int) -> bytes:
    """A page of which all keys are destroyed."""
    return PageHead(partition, generation, bytes(NONCE_BYTES)).packed + DESTROYED * KEYS


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
