"""The port to the key table: the subjects' keys, kept apart from the templates that they open.

The table has a *header* (data_keys.py) and *pages*. A page holds 256 keys of one partition, encrypted under the
partition's data key; it is written before any of its keys is used. A key is destroyed by overwriting its 32 bytes with
zeros: no other byte of the table changes, so no copy of a key is made when another one goes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from struct import Struct
from typing import Protocol, Self

from gallery.progress import Progress

KEY_BYTES = 32
KEYS = 256
"""Keys of a page."""
HEAD = Struct("<2sHI8s16x")
NONCE_BYTES = 8
MAGIC = b"K1"
PAGE_BYTES = HEAD.size + KEYS * KEY_BYTES
KEY_REF = Struct("<IHI")
_CHECK_BYTES = 4


@dataclass(frozen=True, slots=True, order=True)
class KeyRef:
    """Where a key is in its partition's part of the table.

    Args:
        page: number of the page, 0 to 2³² − 1.
        slot: 0 to 255.
        check: 4 bytes of a hash of the key, as a number: after an older key table was restored, another key may have
            this place.
    """

    page: int
    slot: int
    check: int = 0

    @classmethod
    def of(cls, page: int, slot: int, key: bytes) -> Self:
        """Where this key is."""
        return cls(page, slot, _check(key))

    def is_of(self, key: bytes) -> bool:
        """Whether this key was in this place when the reference was made."""
        return self.check == _check(key)

    @property
    def packed(self) -> bytes:
        """10 bytes."""
        return KEY_REF.pack(self.page, self.slot, self.check)

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """Read what `packed` wrote."""
        return cls(*KEY_REF.unpack(packed))


def _check(key: bytes) -> int:
    return int.from_bytes(blake2b(key, digest_size=_CHECK_BYTES, person=b"key check").digest(), "big")


NO_KEY = KeyRef(0, 0)
"""Stands for the place of a key that was not taken yet."""


@dataclass(frozen=True, slots=True)
class PageHead:
    """The clear first bytes of a page.

    Args:
        partition: whose keys it holds.
        generation: of the data key under which the keys are encrypted.
        nonce: 8 bytes, random: where in the data key's keystream the page begins.
    """

    partition: int
    generation: int
    nonce: bytes = field(repr=False)

    @property
    def packed(self) -> bytes:
        """32 bytes."""
        return HEAD.pack(MAGIC, self.partition, self.generation, self.nonce)

    @classmethod
    def of(cls, page: bytes) -> Self | None:
        """The head of a page; None if it is no page."""
        if len(page) != PAGE_BYTES or page[:2] != MAGIC:
            return None
        _, partition, generation, nonce = HEAD.unpack_from(page)
        return cls(partition, generation, nonce)


Rewrap = Callable[[bytes], bytes | None]
"""A page → its new bytes, or None to leave it."""


class KeyTable(Protocol):
    """Every method raises StoreUnavailable if the table cannot be read or written."""

    async def header(self) -> bytes:
        """The header; b"" in a new table."""

    async def put_header(self, new: bytes, expected: bytes) -> bool:
        """Replace the header if it is the expected one, and return whether it was; on the disk when this returns."""

    async def add_pages(self, pages: Sequence[bytes]) -> list[int]:
        """Add pages, each of the partition in its head, and return their numbers; on the disk when this returns."""

    async def pages(self, partition: int, numbers: Sequence[int]) -> Mapping[int, bytes]:
        """Those of the pages that exist, by number."""

    async def destroy(self, partition: int, refs: Sequence[KeyRef]) -> None:
        """Overwrite keys with zeros; on the disk when this returns. One that is gone already is no error."""

    async def rewrap(self, change: Rewrap, progress: Progress) -> None:
        """Replace every page by its `change`; if this is interrupted, each page is either old or new.

        All pages are replaced that were added before this was called. A page in which a key is destroyed meanwhile is
        read and changed again, so that no destroyed key comes back.

        Args:
            change: called off the event loop.
            progress: called with the number of pages done, and of all.
        """

    async def close(self) -> None:
        """Release connections and files."""
