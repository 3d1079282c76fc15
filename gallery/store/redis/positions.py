"""Feed positions of a Redis store as its keys and answers state them."""

from __future__ import annotations

from functools import lru_cache

from gallery.partitions import LARGEST_COUNT
from gallery.store.keyed_names import SIZE
from gallery.store.tokens import FeedPosition, Number

_MARK = 8


def number_of(entry_id: bytes) -> Number:
    """`b"1767225600000-0"` → (1767225600000, 0)."""
    major, minor = entry_id.split(b"-")
    return int(major), int(minor)


def entry_id(number: Number) -> str:
    """The inverse of `number_of`."""
    return f"{number[0]}-{number[1]}"


@lru_cache(maxsize=2 * LARGEST_COUNT)
def of_tail(partition: int, tail: bytes) -> FeedPosition:
    """The position in a `tail` key."""
    epoch, mark, entry = tail.split(b" ")
    return FeedPosition(partition, epoch.decode(), mark.decode(), number_of(entry))


def of_receipt(partition: int, epoch: bytes, receipt: bytes) -> tuple[bytes, FeedPosition]:
    """Hash of the content, and position, in a `request` key; the position is in the partition's present epoch."""
    mark, entry = receipt[SIZE : SIZE + _MARK], receipt[SIZE + _MARK :]
    return receipt[:SIZE], FeedPosition(partition, epoch.decode(), mark.decode(), number_of(entry))
