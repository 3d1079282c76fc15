"""gallery.store.redis.positions: positions in keys and answers."""

from __future__ import annotations

from gallery.store.redis.positions import entry_id, number_of, of_receipt, of_tail
from gallery.store.tokens import FeedPosition


def test_numbers_are_entry_ids() -> None:
    """Both parts are whole numbers of any size up to 2⁶⁴ − 1."""
    for number in ((0, 0), (1767225600000, 3), (2**64 - 1, 2**64 - 1)):
        assert number == number_of(entry_id(number).encode())


def test_a_tail_is_a_position() -> None:
    """Epoch, mark and number are read from it."""
    assert FeedPosition(5, "0000e0c4", "0badcafe", (17, 2)) == of_tail(5, b"0000e0c4 0badcafe 17-2")


def test_a_receipt_has_content_and_position() -> None:
    """The content comes first, and the epoch is that of the partition now."""
    content = bytes(range(16))
    position = FeedPosition(5, "0000e0c4", "0badcafe", (17, 2))
    assert (content, position) == of_receipt(5, b"0000e0c4", content + b"0badcafe17-2")
