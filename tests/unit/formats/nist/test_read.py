"""ANSI/NIST-ITL files: which records are read, and what of them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from biometrics.errors import BiofusionError, ImageTooLarge, RecordMalformed, RecordUnsupported
from biometrics.template import Modality, Position
from formats.contents import ImageContent, Impression, RecordFormat
from formats.read import read
from tests.support.records.image_records import JPEG, PIXELS, PNM
from tests.support.records.nist_files import (
    SECRET,
    binary_4,
    face_10,
    iris_17,
    minutiae_9,
    nist_file,
    other,
    print_14,
)


def test_a_person() -> None:
    """Prints, faces and irises are samples; a signature and records of unknown types are read past."""
    contents = read(
        nist_file(
            binary_4(1, [3], PIXELS), other(98, 2), print_14(3, 7, PIXELS), face_10(4, JPEG), iris_17(5, 2, PIXELS)
        )
    )
    finger = (Modality.FINGERPRINT, (500.0, 500.0), Impression.LIVE_PLAIN)
    expected = (
        ImageContent(finger[0], Position.RIGHT_MIDDLE, PNM, "record 4.1", finger[1], impression=finger[2]),
        ImageContent(finger[0], Position.LEFT_INDEX, PNM, "record 14.1", finger[1], impression=finger[2]),
        ImageContent(Modality.FACE, Position.FACE, JPEG, "record 10.1"),
        ImageContent(Modality.IRIS, Position.LEFT_EYE, PNM, "record 17.1", finger[1]),
    )
    assert (RecordFormat.ANSI_NIST, expected) == (contents.format, contents.samples)


def test_names_are_in_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Names and demographics are neither in the contents nor in any error or log line."""
    with caplog.at_level(logging.DEBUG):
        sound = nist_file(print_14(1, 7, PIXELS), face_10(2, JPEG))
        assert SECRET.encode() in sound
        contents = read(sound)
        told = [repr(contents), *(str(sample) for sample in contents.samples)]
        for length in range(len(sound)):
            with pytest.raises(BiofusionError) as caught:
                read(sound[:length])
            told += [str(caught.value), repr(caught.value), *caught.value.metadata.values()]
    assert not [line for line in [*told, caplog.text] if "DOE" in line or "1980" in line]


def test_plain_thumbs_latents_and_other_pictures() -> None:
    """11 and 12 are plain thumbs; a latent is of unknown position; a tattoo is no face."""
    latent = (13, print_14(2, 7, PIXELS)[1].replace(b"14.", b"13."))
    contents = read(nist_file(print_14(1, 12, PIXELS), latent, face_10(3, JPEG, f3="TATTOO")))
    expected = [(Position.LEFT_THUMB, Impression.LIVE_PLAIN), (Position.UNKNOWN, Impression.LATENT)]
    assert expected == [(one.position, one.impression) for one in contents.samples]


def test_two_prints_of_one_finger() -> None:
    """A rolled and a plain print of one finger, each with its own resolution, are two samples."""
    contents = read(nist_file(print_14(1, 7, PIXELS), print_14(2, 7, PIXELS, f3="1", f9="1000", f10="1000")))
    expected = [(Position.LEFT_INDEX, (500.0, 500.0)), (Position.LEFT_INDEX, (1000.0, 1000.0))]
    assert expected == [(one.position, one.resolution_dpi) for one in contents.samples]


def test_palms_and_tips_are_named_beside_what_is_read() -> None:
    """What is not compared is refused if it is all there is, else it is named."""
    palm, tips = other(15, 2), print_14(3, 19, PIXELS)
    contents = read(nist_file(print_14(1, 7, PIXELS), palm, tips))
    assert (1, 2) == (len(contents.samples), len(contents.unread))
    with pytest.raises(RecordUnsupported, match=r"record 15\.1 is of a palm"):
        read(nist_file(other(15, 1)))


@pytest.mark.parametrize(
    ("record", "error", "words"),
    [
        (print_14(1, 7, PIXELS, f6="5"), RecordMalformed, "5×3"),
        (print_14(1, 7, PIXELS, f6="65535", f7="65535"), ImageTooLarge, "65535×65535"),
        (print_14(1, 7, PIXELS, f6="999999999", f7="999999999", f11="PNG"), ImageTooLarge, "999999999"),
        (binary_4(1, [7], b""), RecordMalformed, "4×3"),
        (print_14(1, 7, PIXELS, f12="16"), RecordUnsupported, "16 bits"),
        (print_14(1, 7, PIXELS, f11="ZIP"), RecordUnsupported, "compression"),
        (print_14(1, 77, PIXELS), RecordMalformed, "position 77"),
        (print_14(1, "thumb", PIXELS), RecordMalformed, r"14\.013"),
        (print_14(1, 13, PIXELS, f21="2\x1f0\x1f4\x1f0\x1f2"), RecordMalformed, "outside"),
        (print_14(1, 13, PIXELS, f21="2\x1f1\x1f0\x1f0\x1f2"), RecordMalformed, "outside"),
        (print_14(1, 13, PIXELS, f21="2\x1f0\x1f1"), RecordMalformed, "3 items"),
        (
            print_14(1, 13, PIXELS, f21="2\x1f0\x1f1\x1f0\x1f2\x1e2\x1f2\x1f3\x1f0\x1f2"),
            RecordMalformed,
            "two segments",
        ),
        (print_14(1, 7, PIXELS, f18="8"), RecordMalformed, "no reason"),
        (print_14(1, 7, PIXELS, f24="7" * 9000), RecordMalformed, "9000 bytes"),
        (print_14(1, 7, PIXELS, f24="7\x1f" + "7" * 5000), RecordMalformed, "whole number"),
        (print_14(1, "7" * 5000, PIXELS), RecordMalformed, "whole number"),
        (print_14(1, 7, PIXELS, f1000="x"), RecordMalformed, "above 999"),
        (print_14(1, 7, PIXELS, f18="0\x1fXX"), RecordMalformed, "missing finger"),
        (iris_17(1, 3, PIXELS), RecordMalformed, "eye 3"),
        (face_10(1, PIXELS * 3, f11="NONE"), RecordUnsupported, "colour"),
    ],
)
def test_what_is_refused_by_name(record: tuple[int, bytes], error: type[BiofusionError], words: str) -> None:
    """Fields that contradict each other or have no meaning are named with their record."""
    with pytest.raises(error, match=words):
        read(nist_file(record))


def test_a_field_stated_twice() -> None:
    """Two equal tags in one record contradict each other."""
    kind, data = print_14(1, 7, PIXELS)
    twice = data.replace(b"14.013:7\x1d", b"14.013:7\x1d14.013:8\x1d").replace(b"14.001:", b"14.001:")
    length = data[7 : data.index(b"\x1d")]
    longer = twice.replace(length, str(int(length) + 9).encode(), 1)
    with pytest.raises(RecordMalformed, match=r"14\.013 twice"):
        read(nist_file((kind, longer)))


@pytest.mark.parametrize(
    "listed",
    [
        [(2, 0), (14, 1), (14, 2)],
        [(2, 0), (13, 1)],
        [(2, 0), (4, 1)],
        [(2, 0), (1, 1)],
        [(2, 0), (100, 1)],
        [(14, 1), (2, 0)],
        [(2, 0)] * 1001,
    ],
)
def test_a_list_of_records_that_lies(listed: list[tuple[int, int]]) -> None:
    """Records that 1.003 lists and that are not there, or of other types, are errors."""
    with pytest.raises(RecordMalformed):
        read(nist_file(print_14(1, 7, PIXELS), listed=listed))


@pytest.mark.parametrize("wrong", [b"1.003:2\x1f2", b"1.003:1\x1f3", b"1.003:1\x1eA", b"1.004:1\x1f2"])
def test_a_list_of_records_that_is_none(wrong: bytes) -> None:
    """The list begins with Type-1 itself and the number of the others, and is there."""
    data = nist_file(print_14(1, 7, PIXELS))
    assert b"1.003:1\x1f2" in data
    with pytest.raises(RecordMalformed, match="record 1"):
        read(data.replace(b"1.003:1\x1f2", wrong))


@pytest.mark.parametrize("changed", [-2, -1, 1, 2, 1000, 10**8])
@pytest.mark.parametrize("record", [print_14(1, 7, PIXELS), binary_4(1, [7], PIXELS)])
def test_lengths_that_lie(record: tuple[int, bytes], changed: int) -> None:
    """A record that is longer or shorter than it states is an error."""
    kind, data = record
    if kind == 4:
        lying = (int.from_bytes(data[:4], "big") + changed).to_bytes(4, "big") + data[4:]
    else:
        stated = data[7 : data.index(b"\x1d")]
        lying = data.replace(stated, str(int(stated) + changed).encode(), 1)
    with pytest.raises(RecordMalformed):
        read(nist_file((kind, lying), face_10(2, JPEG)))


def test_truncated_anywhere() -> None:
    """No truncated file is read."""
    data = nist_file(binary_4(1, [3], PIXELS), minutiae_9(2, ["1 10 20 30 1 50"]), print_14(3, 7, PIXELS))
    for length in range(len(data)):
        with pytest.raises((RecordMalformed, RecordUnsupported)):
            read(data[:length])


@pytest.mark.data
def test_files_of_others(vectors: Path) -> None:
    """Reference files are read to their last record, and truncated anywhere they are errors."""
    for path in sorted((vectors / "an2").iterdir()):
        data = path.read_bytes()
        contents = read(data)
        assert "JOHN" not in repr(contents)
        for length in range(len(data)):
            with pytest.raises((RecordMalformed, RecordUnsupported)):
                read(data[:length])
    wsq = read((vectors / "an2" / "valid1.1.an2").read_bytes()).samples[0]
    assert (Position.LEFT_LITTLE, (500.0, 500.0), b"\xff\xa0") == (wsq.position, wsq.resolution_dpi, wsq.image[:2])
