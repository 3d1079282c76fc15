"""Finger images of ISO/IEC 19794-4."""

from __future__ import annotations

import pytest

from biometrics.errors import BiofusionError, ImageTooLarge, RecordMalformed, RecordUnsupported
from biometrics.template import Modality, Position
from formats.contents import ImageContent, Impression, RecordFormat, Slap
from formats.read import read
from tests.support.records.image_records import JPEG, PIXELS, PNM, Shown, fir_2005, fir_2011

WRITERS = (fir_2005, fir_2011)
THUMB = 1


@pytest.mark.parametrize("write", WRITERS)
def test_raw_pixels_become_a_pnm_file_with_what_the_record_states(write) -> None:
    """Position, resolution, quality and impression come from the record; raw pixels become a PNM file."""
    contents = read(write(Shown(code=THUMB, impression=1)))
    expected = ImageContent(
        Modality.FINGERPRINT,
        Position.RIGHT_THUMB,
        PNM,
        "representation 1",
        (500.0, 500.0),
        80.0,
        Impression.LIVE_ROLLED,
    )
    assert (expected,) == contents.samples


@pytest.mark.parametrize("write", WRITERS)
def test_a_file_inside_is_given_as_it_is(write) -> None:
    """A compressed picture is handed on byte for byte."""
    assert JPEG == read(write(Shown(picture=JPEG, compression=3))).samples[0].image


@pytest.mark.parametrize("write", WRITERS)
def test_two_captures_of_one_finger_are_two_samples(write) -> None:
    """Several representations of one position are all samples, in their order."""
    contents = read(write(Shown(), Shown(qualities=(30,))))
    assert [Position.RIGHT_INDEX] * 2 == [sample.position for sample in contents.samples]
    assert [80.0, 30.0] == [sample.quality for sample in contents.samples]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(("code", "slap"), [(13, Slap.RIGHT_FOUR), (14, Slap.LEFT_FOUR), (15, Slap.TWO_THUMBS)])
def test_slaps_are_of_unknown_position(write, code: int, slap: Slap) -> None:
    """A slap says which fingers it shows, and has no position of its own."""
    sample = read(write(Shown(code=code))).samples[0]
    assert (Position.UNKNOWN, slap) == (sample.position, sample.slap)


def test_each_representation_of_2011_has_its_own_resolution() -> None:
    """Mixed resolutions in one record stay with their representations."""
    contents = read(fir_2011(Shown(), Shown(unit=1, dots=(1000, 1000)), Shown(unit=1, dots=(498, 498)), Shown(unit=0)))
    expected = [(500.0, 500.0), (1000.0, 1000.0), (498.0, 498.0), None]
    assert expected == [sample.resolution_dpi for sample in contents.samples]


def test_several_views_of_one_finger_of_2005() -> None:
    """In 2005 a finger's first view says how many views of it follow."""
    shown = (Shown(code=1, views=2), Shown(code=1, views=2, number=2), Shown(code=6))
    positions = [sample.position for sample in read(fir_2005(*shown, count=2)).samples]
    assert [Position.RIGHT_THUMB, Position.RIGHT_THUMB, Position.LEFT_THUMB] == positions


def test_unused_bytes_are_read_past() -> None:
    """Bytes behind the picture of a representation, and behind the record, are unused."""
    data = fir_2011(Shown(unused=bytes(61)), Shown(code=3)) + b"more"
    assert [PNM, PNM] == [sample.image for sample in read(data).samples]


@pytest.mark.parametrize(("scores", "expected"), [((), None), ((255,), None), ((254, 40), 40.0), ((0,), 0.0)])
def test_qualities_of_2011(scores: tuple[int, ...], expected: float | None) -> None:
    """The first quality of 0–100 is taken; 254 and 255 claim none."""
    assert expected == read(fir_2011(Shown(qualities=scores))).samples[0].quality


def test_quality_0_of_2005_claims_none() -> None:
    """In 2005, 0 stands for a quality that is not reported."""
    assert read(fir_2005(Shown(qualities=(0,)))).samples[0].quality is None


def test_certificates_are_read_past() -> None:
    """Certificates of the device are there only if the general header says so."""
    assert PNM == read(fir_2011(Shown(certificates=2), certified=1)).samples[0].image


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    ("shown", "error", "words"),
    [
        (Shown(compression=1), RecordUnsupported, "packed"),
        (Shown(depth=12), RecordUnsupported, "12 bits"),
        (Shown(code=21), RecordUnsupported, "palm"),
        (Shown(code=41), RecordUnsupported, "combination"),
        (Shown(code=99), RecordMalformed, "position 99"),
        (Shown(compression=7), RecordMalformed, "compression 7"),
        (Shown(width=5), RecordMalformed, "5×3"),
        (Shown(width=0), RecordMalformed, "0×3"),
        (Shown(width=65535, height=65535), ImageTooLarge, "65535×65535"),
        (Shown(width=65535, height=65535, compression=6), ImageTooLarge, "65535×65535"),
        (Shown(picture=b"", compression=3), RecordMalformed, "no picture"),
    ],
)
def test_what_is_refused_by_name(write, shown: Shown, error: type[BiofusionError], words: str) -> None:
    """Packed pixels, other depths, palms, combined fingers and sizes that do not fit are named."""
    with pytest.raises(error, match=words):
        read(write(shown))


@pytest.mark.parametrize(
    "data",
    [
        fir_2011(Shown(picture_length=13)),
        fir_2011(Shown(picture=PIXELS + b"x")),
        fir_2011(Shown(picture_length=2**32 - 1)),
        fir_2011(Shown(), count=2),
        fir_2011(Shown(), count=0),
        fir_2011(Shown(), count=1001),
        fir_2011(Shown(), certified=1),
        fir_2005(Shown(), count=2),
        fir_2005(Shown(views=3)),
        fir_2011(Shown())[:16] + b"\x00\x00\x00\x03" + fir_2011(Shown())[20:],
    ],
)
def test_lengths_and_numbers_that_lie(data: bytes) -> None:
    """A length or number that does not fit is an error, whichever it is."""
    with pytest.raises(RecordMalformed):
        read(data)


@pytest.mark.parametrize("write", WRITERS)
def test_truncated_anywhere(write) -> None:
    """No truncated record is read."""
    data = write(Shown(), Shown())
    for length in range(len(data)):
        with pytest.raises((RecordMalformed, RecordUnsupported)):
            read(data[:length])


def test_formats_are_told_by_their_version() -> None:
    """The contents say which edition was read."""
    found = {read(write(Shown())).format for write in WRITERS}
    assert {RecordFormat.ISO_19794_4_2005, RecordFormat.ISO_19794_4_2011} == found
