"""The port to the key table: the subjects' keys, kept apart from the templates that they open.

The table has a *header* (data_keys.py) and *pages*. A page holds 256 keys of one partition, encrypted under the
partition's data key; it is written before any of its keys is used. A key is destroyed by overwriting its 32 bytes with
zeros: no other byte of the table changes, so no copy of a key is made when another one goes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from struct import Struct
from typing import Protocol, Self

KEY_BYTES = 32
KEYS = 256
"""Keys of a page."""
HEAD = Struct("<2sHI8s16x")
NONCE_BYTES = 8
MAGIC = b"K1"
PAGE_BYTES = HEAD.size + KEYS * KEY_BYTES
_REF = Struct("<IH")


@dataclass(frozen=True, slots=True, order=True)
class KeyRef:
    """Where a key is in its partition's part of the table.

    Args:
        page: number of the page, 0 to 2³² − 1.
        slot: 0 to 255.
    """

    page: int
    slot: int

    @property
    def packed(self) -> bytes:
        """6 bytes."""
        return _REF.pack(self.page, self.slot)

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """Read what `packed` wrote."""
        return cls(*_REF.unpack(packed))


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

    async def rewrap(self, change: Rewrap, progress: Callable[[int, int], None]) -> None:
        """Replace every page by its `change`; if this is interrupted, each page is either old or new.

        Args:
            change: called off the event loop.
            progress: called with the number of pages done, and of all.
        """

    async def close(self) -> None:
        """Release connections and files."""
