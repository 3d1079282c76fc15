"""gallery.store.redis.snapshots: rows of the register as bytes."""

from __future__ import annotations

import pytest

from biometrics.template import Modality
from gallery.store.backend import SnapshotRow
from gallery.store.redis.snapshots import packed, unpacked
from gallery.store.tokens import FeedPosition


@pytest.mark.parametrize("slot", [b"", b"\x00\xff" * 5, bytes(255)])
def test_a_row_is_read_as_it_was_written(slot: bytes) -> None:
    """Equal rows have equal bytes, which begin with the length and the name of the key, as scripts read them."""
    position = FeedPosition(7, "0000e0c4", "0badcafe", (2**64 - 1, 3))
    row = SnapshotRow(7, Modality.IRIS, "name ü", slot, position, b"\x00details")
    assert row == unpacked(7, packed(row))
    assert packed(row) == packed(unpacked(7, packed(row)))
    assert bytes([len(slot)]) + slot == packed(row)[: 1 + len(slot)]
