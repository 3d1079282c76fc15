"""Minutiae are written as the standards say, and read again as they were."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.errors import FieldInvalid, PositionInvalid
from biometrics.template import FINGERS, Position
from formats.contents import Impression, MinutiaeContent, RecordFormat
from formats.minutiae.reading.contents import contents
from formats.minutiae.reading.read import read_record
from formats.minutiae.units import angle_steps
from formats.minutiae.writing.write import WriteOptions, write_record
from tests.unit.formats.minutiae.views import random_view

FORMATS = tuple(each for each in RecordFormat if each.startswith(("ISO_19794_2", "ANSI_378")))


def read_again(data: bytes) -> tuple[MinutiaeContent, ...]:
    """The views of a record."""
    samples = contents(read_record(data)).samples
    return tuple(each for each in samples if isinstance(each, MinutiaeContent))


@pytest.mark.parametrize("record_format", FORMATS)
@given(
    st.lists(st.tuples(st.integers(1, 255), st.sampled_from([*FINGERS, Position.UNKNOWN])), min_size=1, max_size=6),
    st.integers(0, 2**32),
    st.booleans(),
)
def test_what_is_written_is_read_again(record_format, views, seed, known):
    """Positions and kinds are equal, angles within half a unit, confidences within 0.005."""
    originals = [
        random_view(count, position, seed + number, 1200, known=known) for number, (count, position) in enumerate(views)
    ]
    data = write_record(originals, record_format)
    assert record_format is read_record(data).format
    for original, copy in zip(originals, read_again(data), strict=True):
        assert (original.position, original.size_px) == (copy.position, copy.size_px)
        assert (original.quality, original.impression) == (copy.quality, copy.impression)
        assert (original.x.tolist(), original.y.tolist()) == (copy.x.tolist(), copy.y.tolist())
        assert original.kind.tolist() == copy.kind.tolist()
        difference = np.angle(np.exp(1j * (original.angle - copy.angle)))
        assert np.abs(difference).max() <= np.pi / angle_steps(record_format) + 1e-9
        np.testing.assert_allclose(original.confidence, copy.confidence, atol=0.0051)


@pytest.mark.parametrize("record_format", FORMATS)
def test_lengths_are_exact(view, record_format):
    """The stated length is the number of bytes, and there is no extended data."""
    data = write_record([view(3), view(2, Position.RIGHT_THUMB)], record_format)
    stated = struct.unpack_from(">H" if record_format is RecordFormat.ANSI_378_2004 else ">I", data, 8)[0]
    sizes = {FORMATS[0]: 24 + 2 * 6, FORMATS[1]: 15 + 2 * 39, FORMATS[2]: 26 + 2 * 6, FORMATS[3]: 21 + 2 * 19}
    assert len(data) == stated
    assert sizes[record_format] + 5 * 6 == len(data)
    assert b"\0\0" == data[-2:]


def test_an_ansi_record_over_65535_bytes_has_the_long_length(view):
    """Its length is 0 in two bytes, and then four with all of it."""
    data = write_record([view(255, finger) for finger in FINGERS for _ in range(8)], RecordFormat.ANSI_378_2004)
    assert (0, len(data)) == struct.unpack_from(">HI", data, 8)
    assert 80 == len(read_again(data))


def test_an_iso_record_over_65535_bytes_is_told_from_an_ansi_one(view):
    """Its length in four bytes begins with what could be an ANSI length, if it were longer than a header."""
    data = write_record([view(255, finger) for finger in FINGERS for _ in range(8)], RecordFormat.ISO_19794_2_2005)
    assert len(data) > 1 << 16
    assert RecordFormat.ISO_19794_2_2005 is read_record(data).format


def test_angles_round_to_the_next_turn(view):
    """An angle just under a whole turn is written as 0."""
    almost = replace(view(1), angle=np.asarray([2 * np.pi - 1e-6]))
    for record_format in FORMATS:
        assert [0.0] == read_again(write_record([almost], record_format))[0].angle.tolist()


def test_views_are_numbered_by_finger(view):
    """Each finger's views from 0."""
    fingers = (Position.LEFT_INDEX, Position.RIGHT_THUMB, Position.LEFT_INDEX, Position.LEFT_INDEX)
    for record_format in FORMATS:
        record = read_record(write_record([view(3, finger) for finger in fingers], record_format))
        assert [0, 0, 1, 2] == [each.number for each in record.views]


def test_owner_and_product_are_written_to_ansi_records(view):
    """As stated; 0 if nothing is."""
    for record_format in (RecordFormat.ANSI_378_2004, RecordFormat.ANSI_378_2009):
        record = read_record(write_record([view(3)], record_format, WriteOptions(owner=0x42, product=7)))
        assert (0x42, 7) == (record.owner, record.product)
    with pytest.raises(FieldInvalid, match="owner: it is 65536"):
        WriteOptions(owner=65536)


@pytest.mark.parametrize(("record_format", "none"), list(zip(FORMATS, (0, 254, 0, 254), strict=True)))
def test_qualities_can_be_left_out(view, record_format, none):
    """Every minutia has the code of the standard for no quality."""
    record = read_record(write_record([view(5)], record_format, WriteOptions(with_qualities=False)))
    assert record.views[0].points.quality is not None
    assert {none} == set(record.views[0].points.quality.tolist())


def test_unknown_qualities_of_a_view(view):
    """Since 2009 there is a code or a count for it; before, 0."""
    unknown = replace(view(5), quality=None)
    found = [read_record(write_record([unknown], each)).views[0].qualities for each in FORMATS]
    assert [[0], [], [0], [254]] == [[each.score for each in one] for one in found]


def test_other_resolutions_are_scaled_to_500_dpi(view):
    """A view of 1,000 dpi is written at half the size."""
    fine = replace(view(5), resolution_dpi=(1000.0, 1000.0), x=np.arange(0.0, 10.0, 2.0), y=np.full(5, 499.0))
    (copy,) = read_again(write_record([fine], RecordFormat.ISO_19794_2_2011))
    assert ((500.0, 500.0), (250, 250)) == (copy.resolution_dpi, copy.size_px)
    assert [0.0, 1.0, 2.0, 3.0, 4.0] == copy.x.tolist()
    assert [249.0] * 5 == copy.y.tolist()
    (turned,) = read_again(write_record([replace(fine, x=fine.y, y=fine.x)], RecordFormat.ISO_19794_2_2011))
    assert [249.0] * 5 == turned.x.tolist()


def test_the_most_confident_255_are_written(view):
    """Of more, the others are left out, and the order stays."""
    many = replace(view(300), confidence=np.linspace(1.0, 0.1, 300))
    (copy,) = read_again(write_record([many], RecordFormat.ISO_19794_2_2005))
    assert many.x[:255].tolist() == copy.x.tolist()


def test_impressions_without_a_code_are_live_plain(view):
    """The standards before 2009 have codes for live, non-live and swiped prints only."""
    latent = replace(view(3), impression=Impression.LATENT)
    found = [read_again(write_record([latent], each))[0].impression for each in FORMATS]
    assert [Impression.LIVE_PLAIN, Impression.LATENT, Impression.LIVE_PLAIN, Impression.LATENT] == found


@pytest.mark.parametrize(
    ("views", "record_format", "error", "message"),
    [
        ([], FORMATS[0], FieldInvalid, "1 to 255 views"),
        ([random_view(0)], FORMATS[0], FieldInvalid, "has no minutiae"),
        ([random_view(3)] * 17, FORMATS[1], FieldInvalid, "at most 16 views of one finger"),
        ([random_view(3, Position.LEFT_EYE)], FORMATS[2], PositionInvalid, "no position of FINGERPRINT"),
        ([replace(random_view(3), size_px=(20_000, 9))], FORMATS[3], FieldInvalid, "positions of 0 to 16382 px"),
        ([replace(random_view(3), x=np.asarray([-1.0, 0.0, 1.0]))], FORMATS[0], FieldInvalid, "positions of 0"),
        ([random_view(3)], RecordFormat.COMPACT_CARD, FieldInvalid, "no minutiae record"),
    ],
)
def test_what_cannot_be_written_is_refused(views, record_format, error, message):
    """With what is wrong."""
    with pytest.raises(error, match=message):
        write_record(views, record_format)
