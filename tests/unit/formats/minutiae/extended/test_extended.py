"""Extended data: what is in it, and lengths that count their own bytes or not."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.errors import RecordMalformed
from formats.contents import RecordFormat
from formats.cursor import Cursor
from formats.minutiae.extended.kinds import Core, Delta, Extended
from formats.minutiae.extended.read import read_extended

ISO_2005, ISO_2011 = RecordFormat.ISO_19794_2_2005, RecordFormat.ISO_19794_2_2011
ANSI = RecordFormat.ANSI_378_2004


def read(data: bytes, record_format: RecordFormat = ISO_2005, *, stated: int | None = None) -> Extended:
    """The extended data of a view of 40 × 20 px."""
    whole = struct.pack(">H", len(data) if stated is None else stated) + data
    return read_extended(Cursor(whole, "view 1"), record_format, (40, 20))


def block(kind: int, data: bytes, counted: int = 4) -> bytes:
    """A block whose length counts so many of its own bytes."""
    return struct.pack(">HH", kind, len(data) + counted) + data


@pytest.mark.parametrize("counted", [4, 0])
def test_lengths_may_count_their_own_four_bytes(counted):
    """The reading that ends where the data ends is taken."""
    found = read(block(1, bytes((1, 3, 5, 2)), counted) + block(300, b"abc", counted) + block(301, b"", counted))
    assert found.ridge_counts is not None
    assert [[3, 5, 2]] == found.ridge_counts.counts.tolist()
    assert [(300, b"abc"), (301, b"")] == [(each.kind, each.data) for each in found.blocks]


@pytest.mark.parametrize("stated", [-1, 1])
def test_the_whole_may_be_off_by_one(stated):
    """One byte too many or too few is stated: the blocks are read all the same."""
    data = block(300, b"abcdef")
    found = read(data, stated=len(data) + stated)
    assert [300] == [each.kind for each in found.blocks]


def test_over_100_blocks_are_refused():
    """Even if they add up."""
    assert 100 == len(read(block(300, b"") * 100).blocks)
    with pytest.raises(RecordMalformed, match="or there are over 100"):
        read(block(300, b"") * 101)


@pytest.mark.parametrize("data", [b"\0", block(300, b"abc") + b"\0\0", struct.pack(">HH", 300, 900) + b"abc"])
def test_blocks_that_do_not_add_up_are_refused(data):
    """A block that is cut short, bytes between blocks and the end, and a length beyond the data."""
    with pytest.raises(RecordMalformed, match="view 1: the lengths of the blocks of extended data do not add up"):
        read(data + b"\0\0" if len(data) == 1 else data)


def test_cores_and_deltas_of_ansi_records():
    """One bit says for all cores whether they have angles, and one for all deltas."""
    cores = bytes((0x42,)) + struct.pack(">HHBHHB", 10, 11, 45, 12, 13, 46)
    deltas = bytes((0x01,)) + struct.pack(">HH", 14, 15)
    found = read(block(2, cores + deltas), ANSI)
    assert (Core(10, 11, 45), Core(12, 13, 46)) == found.cores
    assert (Delta(14, 15),) == found.deltas


def test_cores_and_deltas_of_iso_records():
    """A bit of each x says whether angles follow."""
    cores = b"\x02" + struct.pack(">HHBHH", 0x4000 | 10, 11, 45, 12, 13)
    deltas = b"\x01" + struct.pack(">HHBBB", 0x4000 | 14, 15, 1, 2, 3)
    found = read(block(2, cores + deltas))
    assert (Core(10, 11, 45), Core(12, 13)) == found.cores
    assert (Delta(14, 15, (1, 2, 3)),) == found.deltas


def test_zonal_quality():
    """A number of so many bits for each cell, row by row; since 2011 after the algorithm's vendor and number."""
    cells = bytes((16, 16, 4, 0x12, 0x3A, 0xBC))
    old, new = read(block(3, cells)).zones, read(block(3, b"\0\x42\0\x07" + cells), ISO_2011).zones
    assert old is not None
    assert new is not None
    assert [[1, 2, 3], [10, 11, 12]] == old.values.tolist() == new.values.tolist()
    assert (0x42, 7) == (new.vendor, new.algorithm)


@pytest.mark.parametrize(
    "data",
    [
        block(3, bytes((0, 16, 4, 1, 2))),
        block(3, bytes((16, 16, 9, 1, 2, 3))),
        block(3, bytes((1, 1, 8, 1))),
        block(2, b"\x0f\0"),
        block(2, b""),
        block(1, b""),
    ],
)
def test_a_block_that_contradicts_itself_is_kept_as_bytes(data):
    """Cells of no width, of 9 bits, or more than there are, and counts beyond the block do not cost the minutiae."""
    found = read(data)
    assert [data[4:]] == [each.data for each in found.blocks]
    assert (None, (), (), None) == (found.ridge_counts, found.cores, found.deltas, found.zones)


def test_zones_of_a_huge_image_take_no_memory():
    """65,535 × 65,535 cells of 8 bits are announced in 3 bytes."""
    whole = struct.pack(">H", 7) + block(3, b"\x01\x01\x08")
    found = read_extended(Cursor(whole, "view 1"), ISO_2005, (65535, 65535))
    assert found.zones is None
    assert 1 == len(found.blocks)


@given(st.binary(max_size=80), st.sampled_from([ISO_2005, ISO_2011, ANSI]))
def test_any_bytes_are_read_or_refused(data, record_format):
    """No other exception."""
    with suppress(RecordMalformed):
        read(data, record_format)
