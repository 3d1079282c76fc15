"""Faces of ISO/IEC 39794-5, bare and in what passports wrap around them."""

from __future__ import annotations

import pytest

from biometrics.errors import BiofusionError, ImageTooLarge, RecordMalformed, RecordUnsupported
from biometrics.template import Modality, Position
from formats.contents import ImageContent, RecordFormat
from formats.read import read
from tests.support.records.image_records import JPEG, Shown, fac_2005, fac_2011
from tests.support.records.tags import face_39794, passport, tag


def test_the_way_to_the_picture() -> None:
    """The picture is found among device, time and person, with the first score that is one."""
    contents = read(face_39794(JPEG, scores=(101, 77, 20), size=(300, 400)))
    expected = ImageContent(Modality.FACE, Position.FACE, JPEG, "representation 1", quality=77.0)
    assert (RecordFormat.ISO_39794_5, (expected,)) == (contents.format, contents.samples)


def test_known_bytes() -> None:
    """A record that a compiler of the standard's modules encoded is read."""
    data = bytes.fromhex("6520a007800103810207e3a1153013800105a10ea00ca00a8001aaa105a003800102")
    assert b"\xaa" == read(data).samples[0].image


@pytest.mark.parametrize("outer", [0x61, 0xA1, 0x7F2E])
def test_wrappers(outer: int) -> None:
    """The block may stand in one of the tags that cards and passports use, or in two of them."""
    block = face_39794(JPEG)
    for data in (tag(outer, block), tag(0x7F2E, tag(0xA1, block)), tag(outer, block) + b"unused"):
        contents = read(data)
        assert (RecordFormat.ISO_39794_5, JPEG) == (contents.format, contents.samples[0].image)


@pytest.mark.parametrize("block", [0x5F2E, 0x7F2E])
@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (fac_2005(Shown(picture=JPEG)), RecordFormat.ISO_19794_5_2005),
        (fac_2011(Shown(picture=JPEG)), RecordFormat.ISO_19794_5_2011),
        (face_39794(JPEG), RecordFormat.ISO_39794_5),
    ],
)
def test_passports(block: int, record: bytes, expected: RecordFormat) -> None:
    """Data group 2 holds records of either standard, one or several; the contents say which."""
    assert expected == read(passport(record, block=block), expected).format
    several = read(passport(record, record, block=block))
    assert [JPEG, JPEG] == [sample.image for sample in several.samples]
    assert ["record 1, representation 1", "record 2, representation 1"] == [one.where for one in several.samples]


def test_several_formats_in_one_passport() -> None:
    """Records of several formats in one wrapper contradict each other."""
    with pytest.raises(RecordMalformed, match="several formats"):
        read(passport(fac_2005(Shown(picture=JPEG)), face_39794(JPEG)))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (face_39794(JPEG, size=(65535, 65535)), ImageTooLarge),
        (face_39794(b""), RecordMalformed),
        (face_39794(JPEG, code=1), RecordUnsupported),
        (face_39794(JPEG, copies=0), RecordMalformed),
        (face_39794(b"\xff", copies=1001), RecordMalformed),
        (tag(0x65, tag(0xA0)), RecordMalformed),
        (tag(0x65, tag(0xA1, tag(0x30, tag(0xA1, tag(0xA1))))), RecordUnsupported),
        (b"\x65\x80" + face_39794(JPEG)[2:] + b"\x00\x00", RecordMalformed),
        (tag(0x61, tag(0x04, b"nothing")), RecordUnsupported),
    ],
)
def test_what_is_refused_by_name(data: bytes, error: type[BiofusionError]) -> None:
    """Sizes, formats and structures that are not read are named."""
    with pytest.raises(error):
        read(data)


def test_10_000_nested_wrappers() -> None:
    """Wrappers are entered six deep, so nesting costs nothing and finds nothing."""
    data = face_39794(JPEG)
    for _ in range(10_000):
        data = b"\x61\x84" + len(data).to_bytes(4, "big") + data
    with pytest.raises(RecordUnsupported):
        read(data)


@pytest.mark.parametrize("data", [face_39794(JPEG, scores=(50,)), passport(fac_2005(Shown(picture=JPEG)))])
def test_truncated_anywhere(data: bytes) -> None:
    """No truncated record is read."""
    for length in range(len(data)):
        with pytest.raises((RecordMalformed, RecordUnsupported)):
            read(data[:length])
