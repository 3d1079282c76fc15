from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.errors import RecordUnreadable
from gallery.sealing.header import Generation, Header

HEADER = Header(
    "0a1b2c3d", (Generation(3, (("k1", b"one"), ("", b""))), Generation(4, (("k2", b"x"), ("", b"")))), ("k0",)
)


def test_a_header_comes_back() -> None:
    """A header is equal to itself after packing, and finds a generation by its number."""
    assert HEADER == Header.unpack(HEADER.packed)
    assert (HEADER.generations[1], None) == (HEADER.generation(4), HEADER.generation(5))
    assert {"k1", "k2"} == HEADER.key_ids


def test_a_newer_header_is_told() -> None:
    """A header of a newer version says so."""
    with pytest.raises(RecordUnreadable, match="version 2"):
        Header.unpack(HEADER.packed[:1] + b"\x02" + HEADER.packed[2:])


@settings(deadline=None, database=None)
@given(st.integers(0, len(HEADER.packed) - 1))
def test_a_truncated_header_is_refused(length: int) -> None:
    """A damaged header raises RecordUnreadable, never another error."""
    with pytest.raises(RecordUnreadable, match="Restore the key table"):
        Header.unpack(HEADER.packed[:length])
