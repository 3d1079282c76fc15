"""Records that are cut short, lie, or contradict themselves end in a named error and nothing else."""

from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.errors import RecordMalformed, RecordUnsupported
from biometrics.template import Position
from formats.contents import RecordFormat
from formats.minutiae.reading.contents import contents
from formats.minutiae.reading.read import read_record
from formats.minutiae.writing.write import write_record
from tests.unit.formats.minutiae.views import random_view

FORMATS = tuple(each for each in RecordFormat if each.startswith(("ISO_19794_2", "ANSI_378")))
SAMPLES = ("iso19794p2v2005-sample.dat", "iso19794p2v2011-sample.dat", "ansi378v2004-sample.dat", "fmr.ansi2007")
EXAMPLES = ("ansi378v2009-sample.dat", "ansi378v2009am1-sample.dat", "Appendix-C2_Example.raw", "fmr.ansi2004")
REFUSALS = (RecordMalformed, RecordUnsupported)


def changed(data: bytes, at: int, value: bytes) -> bytes:
    """The data with other bytes at one place."""
    return data[:at] + value + data[at + len(value) :]


@pytest.mark.data
@pytest.mark.parametrize("name", SAMPLES + EXAMPLES)
def test_a_sample_that_is_cut_short_is_refused(vector, name):
    """At every byte; only the last byte of the extended data may be missing."""
    data = vector(name)
    for length in range(len(data) - 1):
        with pytest.raises(REFUSALS):
            contents(read_record(data[:length]))


@pytest.mark.parametrize("record_format", FORMATS)
def test_a_record_that_is_cut_short_is_refused(view, record_format):
    """At every byte."""
    data = write_record([view(5), view(5, Position.RIGHT_THUMB)], record_format)
    for length in range(len(data)):
        with pytest.raises(REFUSALS):
            read_record(data[:length])


@pytest.mark.parametrize("record_format", FORMATS)
@given(st.data())
def test_damaged_records_are_read_or_refused(record_format, data):
    """Any bytes of a record may be others: it is read, or refused with one of the two errors."""
    record = bytearray(write_record([random_view(6), random_view(4, Position.RIGHT_THUMB)], record_format))
    for at, value in data.draw(st.lists(st.tuples(st.integers(8, len(record) - 1), st.integers(0, 255)), max_size=6)):
        record[at] = value
    with suppress(*REFUSALS):
        contents(read_record(bytes(record)))


def test_what_is_announced_and_left_is_named(view):
    """The message names the view, the announced number and the bytes that are left."""
    data = write_record([view(10), view(10, Position.RIGHT_THUMB)], RecordFormat.ISO_19794_2_2005)
    second = 24 + 4 + 60 + 2
    with pytest.raises(RecordMalformed, match="view 2: 38 minutiae are announced, and 62 bytes are left"):
        read_record(changed(data, second + 3, b"\x26"))


@pytest.mark.parametrize(
    ("at", "value", "error", "message"),
    [
        (0, b"FIR\0", RecordMalformed, "no finger minutiae record"),
        (4, b" 30\0", RecordUnsupported, "version that is not read"),
        (8, b"\0\0\0\x10", RecordMalformed, "bytes, and 90 are there"),
        (8, b"\0\0\0\0\0\0", RecordMalformed, "shorter than the header"),
        (8, b"\0\0\xff\xff", RecordMalformed, "states 65535 bytes, and 90 are there"),
        (22, b"\0", RecordMalformed, "no view of a finger"),
        (22, b"\xff", RecordMalformed, "view 2: the head of the view needs 4 bytes, and 0 are left"),
        (28, b"\xc0", RecordMalformed, "view 1, minutia 1: the kind is 3, which is reserved"),
        (24, b"\x0d", RecordUnsupported, "view 1: position 13 is no single finger"),
        (24, b"\xff", RecordUnsupported, "position 255 is no single finger"),
        (14, b"\0\x01\0\x01", RecordMalformed, "outside of the image of 1 × 1 px"),
        (18, b"\0\0\0\0", RecordUnsupported, "0 × 0 pixels per cm"),
        (18, b"\xff\xff\xff\xff", RecordUnsupported, "65535 × 65535 pixels per cm"),
        (88, b"\xff\xff", RecordMalformed, "view 1: 65535 bytes of extended data are announced, and 0 are left"),
    ],
)
def test_a_fault_is_named(view, at, value, error, message):
    """The message says what is wrong, and where."""
    data = write_record([view(10)], RecordFormat.ISO_19794_2_2005)
    with pytest.raises(error, match=message):
        contents(read_record(changed(data, at, value)))


def test_huge_sizes_are_only_numbers(view):
    """A header of 65,535 × 65,535 px is read like any other, and takes no memory."""
    data = changed(write_record([view(10)], RecordFormat.ISO_19794_2_2005), 14, b"\xff\xff\xff\xff")
    assert (65535, 65535) == read_record(data).views[0].size


def test_an_angle_that_the_unit_does_not_have_is_refused(view):
    """ANSI angles are in steps of 2°, 0 to 179; 180 may be an ISO angle, whose unit is another one."""
    data = write_record([view(10)], RecordFormat.ANSI_378_2004)
    with pytest.raises(RecordMalformed, match="view 1: an angle is over 179"):
        contents(read_record(changed(data, 26 + 4 + 4, b"\xb4")))


def test_an_iso_2011_record_with_minutiae_of_5_bytes(view):
    """They have no quality; certificates follow the qualities if the header says that there are any."""
    points = struct.pack(">HHBHHB", 1 << 14 | 10, 20, 64, 2 << 14 | 30, 40, 128)
    body = b"\xff" * 9 + bytes(5) + b"\0" + b"\x01\x12\x34\x05" + struct.pack(">BBHH", 3, 0, 197, 197)
    body += struct.pack(">BHHBB", 29, 300, 400, 0x51, 2) + points + b"\0\0"
    data = b"FMR\x00030\0" + struct.pack(">IHBI", 19 + len(body), 1, 1, 4 + len(body)) + body
    (found,), (sample,) = read_record(data).views, contents(read_record(data)).samples
    assert (((0x1234, 5),), 1, None, None) == (found.certificates, found.ending, found.captured, found.points.quality)
    assert [(1, 10.0, 20.0, np.pi / 2), (2, 30.0, 40.0, np.pi)] == list(
        zip(sample.kind, sample.x, sample.y, sample.angle, strict=True)
    )
    assert (True, None, None) == (np.isnan(sample.confidence).all(), sample.quality, sample.impression)
    with pytest.raises(RecordMalformed, match="minutiae of 7 bytes"):
        read_record(data.replace(b"\x51\x02", b"\x71\x02"))
    with pytest.raises(RecordMalformed, match="65535 views are announced"):
        read_record(b"FMR\x00030\0" + struct.pack(">IHB", 15 + 65535 * 4, 65535, 0) + b"\0\0\0\4" * 65535)


def test_two_views_of_one_finger_and_number_are_refused(view):
    """One is a copy, or of another finger; views with other numbers, or of unknown fingers, are several samples."""
    data = write_record([view(10), view(10, seed=2)], RecordFormat.ISO_19794_2_2005)
    second = 24 + 4 + 60 + 2
    assert 2 == len(contents(read_record(data)).samples)
    with pytest.raises(RecordMalformed, match="views 1 and 2 are both stated to be number 0 of finger 7"):
        contents(read_record(changed(data, second + 1, b"\0")))
    unknown = write_record([view(10, Position.UNKNOWN)] * 2, RecordFormat.ISO_19794_2_2005)
    assert 2 == len(contents(read_record(changed(unknown, second + 1, b"\0"))).samples)


def test_a_length_off_by_one_is_taken(view):
    """The record's length may be one too low or too high."""
    data = write_record([view(10)], RecordFormat.ISO_19794_2_2005)
    for length in (len(data) - 1, len(data) + 1):
        assert 10 == len(read_record(changed(data, 8, struct.pack(">I", length))).views[0].points)


def test_the_reserved_bits_of_y_are_left_out(view):
    """Whatever they are, y is in the other 14."""
    data = write_record([view(10)], RecordFormat.ISO_19794_2_2005)
    at = 24 + 4 + 2
    marked = changed(data, at, bytes((data[at] | 0xC0,)))
    assert read_record(data).views[0].points.y.tolist() == read_record(marked).views[0].points.y.tolist()


@pytest.mark.parametrize("record_format", FORMATS)
def test_extended_data_at_the_end_may_be_a_byte_short(view, record_format):
    """As the stated lengths of a record known elsewhere are; two bytes are too many."""
    block = struct.pack(">HHH", 10, 300, 10) + b"abcdef"
    data = write_record([view(10)], record_format)[:-2] + block
    at, size = (8, ">H") if record_format is RecordFormat.ANSI_378_2004 else (8, ">I")
    data = changed(data, at, struct.pack(size, len(data)))
    if record_format is RecordFormat.ISO_19794_2_2011:
        data = changed(data, 15, struct.pack(">I", len(data) - 15))
    whole, short = (read_record(each).views[0] for each in (data, data[:-1]))
    assert [b"abcdef", b"abcde"] == [view.extended.blocks[0].data for view in (whole, short)]
    with pytest.raises(RecordMalformed):
        read_record(data[:-2])


def test_a_resolution_near_197_is_500_dpi(view):
    """196 to 198 pixels per cm are 500 dpi, rounded; others are what they say."""
    data = write_record([view(10)], RecordFormat.ISO_19794_2_2005)
    found = []
    for value in (195, 196, 197, 198, 394):
        (sample,) = contents(read_record(changed(data, 18, struct.pack(">HH", value, value)))).samples
        found.append(sample.resolution_dpi[0])
    assert [495.3, 500.0, 500.0, 500.0, 1000.76] == pytest.approx(found)


def test_qualities_that_are_no_score_are_unknown(view):
    """0, 101 and above say nothing of a minutia; 0 of a view is a score only beside minutiae that have one."""
    known = write_record([replace(view(3), quality=0.0)], RecordFormat.ISO_19794_2_2005)
    (sample,) = contents(read_record(changed(known, 24 + 4 + 5, b"\xfe"))).samples
    assert [True, False, False] == np.isnan(sample.confidence).tolist()
    assert 0.0 == sample.quality
    none = write_record([replace(view(3, known=False), quality=0.0)], RecordFormat.ISO_19794_2_2005)
    assert contents(read_record(none)).samples[0].quality is None
