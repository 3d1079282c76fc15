"""Single keys of a page in clear."""

from __future__ import annotations

from gallery.sealing.data_keys import DESTROYED
from gallery.sealing.key_table import KEY_BYTES, KEYS, KeyRef


def key_in(page: bytes, slot: int) -> bytes | None:
    """The key in a slot of a page; None if it was destroyed, b"" if the page is empty."""
    key = page[KEY_BYTES * slot : KEY_BYTES * (slot + 1)]
    return None if key == DESTROYED else key


def keys_from_last(number: int, page: bytes) -> list[tuple[KeyRef, bytes]]:
    """All keys of a new page with their places, the last one first."""
    keys = [(slot, page[KEY_BYTES * slot :][:KEY_BYTES]) for slot in reversed(range(KEYS))]
    return [(KeyRef.of(number, slot, key), key) for slot, key in keys]
