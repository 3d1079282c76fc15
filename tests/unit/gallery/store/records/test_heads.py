from __future__ import annotations

from dataclasses import replace

import msgpack  # type: ignore[import-untyped]  # no type hints of its own
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.errors import RecordUnreadable
from gallery.sealing.key_table import KeyRef
from gallery.store.changes import Request
from gallery.store.records.heads import Head, searched_fields
from gallery.store.records.leaving import Leaving

KEY = KeyRef(2**32 - 1, 255, 2**32 - 1)
HEAD = Head("anna", ("a", "b"), 3, 2, 7, KEY)
LEAVING = Leaving(bytes(16), "ben", ("e1", "e2"), ("a",), True, Request(bytes(16), bytes(range(16))))
MOVING = replace(HEAD, leaving=LEAVING)


def test_a_head_comes_back() -> None:
    """A head is equal to itself after packing, and a search reads the galleries and the place of the key of it."""
    for head in (HEAD, MOVING):
        assert head == Head.unpack(head.packed)
        assert (("a", "b"), (KEY.page, KEY.slot)) == searched_fields(head.packed)


def test_an_encounter_adds_to_a_head() -> None:
    """Galleries stay sorted, numbers rise, and the key stays."""
    assert Head("anna", ("a", "b", "c"), 4, 3, 9, KEY) == HEAD.with_encounter(("c", "a"), 2)


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"\xc1",
        msgpack.packb(1),
        msgpack.packb([2, "anna"]),
        msgpack.packb([3, "anna", ["a"], 1, 1, 1, KEY.packed]),
        msgpack.packb([2, "anna", ["a"], 1, 1, 1, b"short"]),
        msgpack.packb([2, "anna", 7, 1, 1, 1, KEY.packed]),
        HEAD.packed + b"x",
        MOVING.packed + b"x",
        msgpack.packb([2, "anna", ["a"], 1, 1, 1, KEY.packed, LEAVING.fields]),
    ],
)
def test_a_head_that_cannot_be_read_is_a_named_error(packed: bytes) -> None:
    """Damaged heads and those of a newer version raise RecordUnreadable, wherever they are read."""
    for read in (Head.unpack, searched_fields):
        with pytest.raises(RecordUnreadable):
            read(packed)


@pytest.mark.parametrize("place", range(7))
@pytest.mark.parametrize("wrong", [7, "a b", b"short", None, [["e1"]], [b"e1"]])
def test_a_move_with_another_field_is_damaged(place: int, wrong: object) -> None:
    """A field of another kind or length, or one that is missing, raises RecordUnreadable and nothing else."""
    fields = LEAVING.fields
    changed = [*fields[:place], wrong, *fields[place + 1 :]]
    for leaving in (changed, fields[:place], [*fields, wrong], wrong):
        packed = msgpack.packb([3, "anna", ["a"], 1, 1, 1, KEY.packed, leaving])
        if leaving is changed and place == 4:
            assert Head.unpack(packed).leaving
        else:
            with pytest.raises(RecordUnreadable):
                Head.unpack(packed)


@settings(deadline=None, database=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(packed: bytes) -> None:
    """No bytes raise another error."""
    for read in (Head.unpack, searched_fields):
        with pytest.raises(RecordUnreadable):
            read(packed)
