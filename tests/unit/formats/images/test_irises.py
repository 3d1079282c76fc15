"""Iris images of ISO/IEC 19794-6."""

from __future__ import annotations

import pytest

from biometrics.errors import BiofusionError, ImageTooLarge, RecordMalformed, RecordUnsupported
from biometrics.template import Modality, Position
from formats.contents import ImageContent
from formats.read import read
from tests.support.records.image_records import JPEG, PNM, Shown, iir_2005, iir_2011

RAW, JPEG_FILE = 2, 6
RIGHT, LEFT = 1, 2


def eye(**changed) -> Shown:
    """A raw image of the right eye."""
    return Shown(**{"code": RIGHT, "compression": RAW} | changed)


@pytest.mark.parametrize("data", [iir_2011(eye()), iir_2005((RIGHT, [eye()]))])
def test_an_eye(data: bytes) -> None:
    """Eye and quality come from the record; raw pixels become a PNM file."""
    expected = ImageContent(Modality.IRIS, Position.RIGHT_EYE, PNM, "representation 1", quality=80.0)
    assert (expected,) == read(data).samples


def test_both_eyes_and_an_unknown_one() -> None:
    """The codes 0, 1 and 2 are unknown, right and left, as the subject has them."""
    contents = read(iir_2011(eye(code=LEFT), eye(code=0), eye()))
    positions = [sample.position for sample in contents.samples]
    assert [Position.LEFT_EYE, Position.UNKNOWN, Position.RIGHT_EYE] == positions


def test_several_images_of_each_eye_of_2005() -> None:
    """In 2005 images stand under their eye."""
    contents = read(iir_2005((RIGHT, [eye(), eye()]), (LEFT, [eye()])))
    assert [Position.RIGHT_EYE, Position.RIGHT_EYE, Position.LEFT_EYE] == [one.position for one in contents.samples]


@pytest.mark.parametrize("kind", [1, 2, 3, 7])
def test_all_kinds_are_read(kind: int) -> None:
    """Uncropped, VGA, cropped, and cropped and masked images are read; files inside stay as they are."""
    assert JPEG == read(iir_2011(eye(kind=kind, compression=JPEG_FILE, picture=JPEG))).samples[0].image


@pytest.mark.parametrize(
    ("shown", "error", "words"),
    [
        (eye(kind=16), RecordMalformed, "kind 16"),
        (eye(code=3), RecordMalformed, "eye 3"),
        (eye(compression=4), RecordUnsupported, "colour"),
        (eye(compression=3), RecordMalformed, "format 3"),
        (eye(depth=16), RecordUnsupported, "16 bits"),
        (eye(width=65535, height=65535), ImageTooLarge, "65535"),
        (eye(picture_length=13), RecordMalformed, "truncated"),
    ],
)
def test_what_is_refused_by_name(shown: Shown, error: type[BiofusionError], words: str) -> None:
    """Codes without a meaning, colours, other depths and sizes that do not fit are named."""
    with pytest.raises(error, match=words):
        read(iir_2011(shown))


@pytest.mark.parametrize(
    "data",
    [
        iir_2005((RIGHT, [eye()]), header_length=17),
        iir_2005((RIGHT, [eye()]), header_length=44),
        iir_2005((RIGHT, [eye()]), header_length=65535),
        iir_2005(*[(RIGHT, [eye()])] * 3),
    ],
)
def test_a_header_of_2005_that_lies(data: bytes) -> None:
    """A header that is too short for its fields, longer than the record, or of more than two eyes is an error."""
    with pytest.raises(RecordMalformed):
        read(data)


@pytest.mark.parametrize("data", [iir_2011(eye(), eye()), iir_2005((RIGHT, [eye()]), (LEFT, [eye()]))])
def test_truncated_anywhere(data: bytes) -> None:
    """No truncated record is read."""
    for length in range(len(data)):
        with pytest.raises((RecordMalformed, RecordUnsupported)):
            read(data[:length])
