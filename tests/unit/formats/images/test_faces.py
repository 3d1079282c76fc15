"""Face images of ISO/IEC 19794-5."""

from __future__ import annotations

from pathlib import Path

import pytest

from biometrics.errors import BiofusionError, ImageTooLarge, RecordMalformed, RecordUnsupported
from biometrics.template import Modality, Position
from formats.contents import ImageContent, RecordFormat
from formats.read import read
from tests.support.records.image_records import JPEG, Shown, fac_2005, fac_2011

WRITERS = (fac_2005, fac_2011)


@pytest.mark.parametrize("write", WRITERS)
def test_picture_and_quality_are_all_that_is_kept(write) -> None:
    """Gender, colours of eyes and hair, height and landmarks are read past."""
    contents = read(write(Shown(picture=JPEG, landmarks=3)))
    assert (ImageContent(Modality.FACE, Position.FACE, JPEG, "representation 1", quality=80.0),) == contents.samples


@pytest.mark.parametrize("write", WRITERS)
def test_several_pictures_of_a_face(write) -> None:
    """Each representation is a sample."""
    contents = read(write(Shown(picture=JPEG), Shown(picture=JPEG + b"2")))
    assert [JPEG, JPEG + b"2"] == [sample.image for sample in contents.samples]


def test_the_length_of_a_single_face_may_be_left_out() -> None:
    """A block length of 0 is taken to the end of the record, if there is one face only."""
    assert JPEG == read(fac_2005(Shown(picture=JPEG), block_length=0)).samples[0].image
    with pytest.raises(RecordMalformed, match="0 bytes"):
        read(fac_2005(Shown(picture=JPEG), Shown(picture=JPEG), block_length=0))


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    ("shown", "error"),
    [
        (Shown(width=65535, height=65535), ImageTooLarge),
        (Shown(compression=4), RecordMalformed),
        (Shown(picture=b""), RecordMalformed),
    ],
)
def test_what_is_refused_by_name(write, shown: Shown, error: type[BiofusionError]) -> None:
    """Too many pixels, an unknown kind of picture and no picture at all are named."""
    with pytest.raises(error):
        read(write(shown))


@pytest.mark.parametrize("write", WRITERS)
def test_more_landmarks_than_there_are_bytes(write) -> None:
    """A number of landmarks that reaches beyond the representation is an error."""
    data = bytearray(write(Shown(picture=JPEG)))
    at = data.index(b"\x00\x00\x01\x02\x03")
    data[at : at + 2] = b"\xff\xff"
    with pytest.raises(RecordMalformed, match="landmarks"):
        read(bytes(data))


@pytest.mark.parametrize("write", WRITERS)
def test_truncated_anywhere(write) -> None:
    """No truncated record is read."""
    data = write(Shown(picture=JPEG), Shown(picture=JPEG))
    for length in range(len(data)):
        with pytest.raises((RecordMalformed, RecordUnsupported)):
            read(data[:length])


@pytest.mark.data
def test_records_of_others(vectors: Path, cases: Path) -> None:
    """Records that other systems wrote give the pictures that are in them."""
    logo = read((vectors / "face" / "ISO19794_Test1_Data.bin").read_bytes())
    assert (vectors / "face" / "ISO19794_Test1_Face.jpg").read_bytes() == logo.samples[0].image
    for path in (vectors / "face" / "face01.iso2005", cases / "hop_19794-5.bin"):
        data = path.read_bytes()
        contents = read(data)
        assert RecordFormat.ISO_19794_5_2005 == contents.format
        assert [(b"\xff\xd8\xff", b"\xff\xd9")] == [(one.image[:3], one.image[-2:]) for one in contents.samples]
        for length in range(len(data)):
            with pytest.raises((RecordMalformed, RecordUnsupported)):
                read(data[:length])
