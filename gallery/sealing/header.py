"""The header of the key table ↔ bytes: the data keys of all partitions, wrapped by the key-encryption key.

It is a msgpack array `[VERSION, store id, partition count, generations, retired]`, oldest generation first; a
generation is `[number, [[key id, wrapped data key], …]]`, one pair per partition. Pages are written under the newest
one. There are several while the pages are being rewritten (rotation.py). `retired` has ids of key-encryption keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any, Self

import msgpack  # type: ignore[import-untyped]  # no type hints of its own

from biometrics.errors import RecordUnreadable
from gallery.sealing.key_encryption import KeyEncryption
from gallery.sealing.key_table import KEY_BYTES

VERSION = 1


@dataclass(frozen=True, slots=True)
class Generation:
    """The wrapped data keys of all partitions.

    Args:
        number: 1 or more.
        wrapped: per partition the id of the wrapping key, and the wrapped data key; ("", b"") if it was destroyed.
    """

    number: int
    wrapped: tuple[tuple[str, bytes], ...] = field(repr=False)

    def has_key(self, partition: int) -> bool:
        """Whether the data key of this partition was not destroyed."""
        return bool(self.wrapped[partition][1])


@dataclass(frozen=True, slots=True)
class Header:
    """Content of the key table's header.

    Args:
        store_id: of the store whose keys the table holds.
        generations: at least one, oldest first.
        retired: ids of key-encryption keys that must be destroyed.
    """

    store_id: str
    generations: tuple[Generation, ...]
    retired: tuple[str, ...] = ()

    @property
    def packed(self) -> bytes:
        """The header's bytes."""
        generations = [[each.number, [list(pair) for pair in each.wrapped]] for each in self.generations]
        count = len(self.generations[0].wrapped)
        packed: bytes = msgpack.packb([VERSION, self.store_id, count, generations, list(self.retired)])
        return packed

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """Read a header.

        Raises:
            RecordUnreadable: it is damaged, or of a newer version.
        """
        try:
            version, *fields = msgpack.unpackb(packed)
            if version == VERSION:
                store_id, _, generations, retired = fields
                return cls(str(store_id), tuple(_generation(each) for each in generations), tuple(retired))
        except (ValueError, TypeError, msgpack.exceptions.UnpackException) as error:
            raise RecordUnreadable("The header of the key table is damaged. Restore the key table.") from error
        raise RecordUnreadable(
            f"The key table has version {version}, and this program reads {VERSION}. Use the newer program."
        )

    def generation(self, number: int) -> Generation | None:
        """The generation of this number, or None."""
        return next((each for each in self.generations if each.number == number), None)

    @property
    def key_ids(self) -> set[str]:
        """Ids of the key-encryption keys that wrap its data keys."""
        return {key_id for each in self.generations for key_id, _ in each.wrapped if key_id}


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
