"""Writing ANSI/NIST-ITL files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from biometrics.errors import FieldInvalid
from biometrics.template import Modality, Position
from formats.contents import ImageContent, Impression, MinutiaeContent, Segment, Slap
from formats.nist.write import Transaction, write
from formats.nist.write_images import Picture
from formats.read import read
from tests.support.records.image_records import JPEG, PNM

HEADER = Transaction("CPNU", date(2026, 2, 3), "AGENCY2", "AGENCY1", "T0001")


def view(count: int = 20, **changed) -> MinutiaeContent:
    """Minutiae at random places of a print of 300×400 px."""
    random = np.random.default_rng(count)
    content = MinutiaeContent(
        Position.LEFT_INDEX,
        "record 9.1",
        (300, 400),
        (500.0, 500.0),
        random.uniform(0, 299, count),
        random.uniform(0, 399, count),
        random.uniform(0, 2 * np.pi, count),
        random.integers(0, 3, count).astype(np.uint8),
        random.uniform(0.01, 1, count),
        61.0,
        Impression.LIVE_PLAIN,
    )
    return replace(content, **changed)


def test_minutiae_come_back_within_half_a_pixel_and_one_degree() -> None:
    """Places are rounded to pixels, angles to 2°, qualities to 1 %; all else comes back as it was."""
    given = view()
    (back,) = read(write(HEADER, [given])).samples
    assert isinstance(back, MinutiaeContent)
    assert 0.5 >= max(abs(back.x - given.x).max(), abs(back.y - given.y).max())
    turned = np.degrees(np.angle(np.exp(1j * (back.angle - given.angle))))
    assert 1.0 + 1e-9 >= abs(turned).max()
    assert 0.005 + 1e-9 >= abs(back.confidence - given.confidence).max()
    assert given.kind.tolist() == back.kind.tolist()
    for name in ("position", "size_px", "resolution_dpi", "quality", "impression", "where"):
        assert getattr(given, name) == getattr(back, name)


def test_corners_of_what_can_be_written() -> None:
    """A minutia may lie at 0 and at 16383 px."""
    (back,) = read(write(HEADER, [view(2, x=np.array([0.0, 16383.0]), y=np.array([16383.0, 0.0]))])).samples
    assert isinstance(back, MinutiaeContent)
    assert ([0.0, 16383.0], [16383.0, 0.0]) == (back.x.tolist(), back.y.tolist())


def test_resolutions_that_are_no_whole_number_are_scaled() -> None:
    """Type-9 states whole dots per inch, so coordinates are scaled to them."""
    (back,) = read(write(HEADER, [view(resolution_dpi=(508.2, 508.2))])).samples
    assert isinstance(back, MinutiaeContent)
    assert (508.0, 508.0) == back.resolution_dpi
    assert 0.5 >= abs(back.x - view().x * 508 / 508.2).max()


def test_the_length_and_list_of_records() -> None:
    """Type-1 counts itself out of the list, Type-2 has two fields, and each record is as long as it says."""
    records = write(HEADER, [view(), view(0)]).split(b"\x1c")
    expected = b"1.003:1\x1f3\x1e2\x1f00\x1e9\x1f01\x1e9\x1f02"
    assert expected in records[0].split(b"\x1d")
    assert [b"2.001:18", b"2.002:00"] == records[1].split(b"\x1d")
    for record in records[:-1]:
        assert len(record) + 1 == int(record[record.index(b":") + 1 : record.index(b"\x1d")])


def test_equal_arguments_give_equal_bytes() -> None:
    """Day and agencies come from the arguments, and nothing else goes in."""
    assert write(HEADER, [view()]) == write(HEADER, [view()])


def test_pictures_come_back() -> None:
    """Prints, slaps with segments, faces and irises are read back as they were written."""
    dpi = (500.0, 500.0)
    segments = (Segment(Position.RIGHT_INDEX, 0, 0, 1, 2),)
    given = [
        ImageContent(Modality.FINGERPRINT, Position.RIGHT_RING, PNM, "record 14.1", dpi, 70.0, Impression.LIVE_ROLLED),
        ImageContent(
            Modality.FINGERPRINT,
            Position.UNKNOWN,
            PNM,
            "record 14.2",
            dpi,
            None,
            Impression.LIVE_PLAIN,
            Slap.RIGHT_FOUR,
            segments,
        ),
        ImageContent(Modality.FACE, Position.FACE, JPEG, "record 10.1", quality=55.0),
        ImageContent(Modality.IRIS, Position.LEFT_EYE, JPEG, "record 17.1", None, 33.0),
    ]
    stored = ["NONE", "NONE", "JPEGB", "JPEGB"]
    pictures = [Picture(content, 4, 3, how) for content, how in zip(given, stored, strict=True)]
    assert given == list(read(write(HEADER, pictures=pictures)).samples)


@pytest.mark.parametrize(
    "wrong",
    [
        view(256),
        view(size_px=None),
        view(x=np.full(20, -1.0)),
        view(y=np.full(20, 16384.0)),
    ],
)
def test_minutiae_that_cannot_be_written(wrong: MinutiaeContent) -> None:
    """Type-9 states at most 255 minutiae, in 0–16383 px of an image whose size is known."""
    with pytest.raises(FieldInvalid):
        write(HEADER, [wrong])


@pytest.mark.parametrize(
    "wrong",
    [("PGM", 4, 3, PNM), ("NONE", 3, 4, PNM), ("NONE", 4, 3, JPEG), ("PNG", 0, 3, JPEG), ("PNG", 4, 10**5, JPEG)],
)
def test_pictures_that_cannot_be_written(wrong: tuple[str, int, int, bytes]) -> None:
    """A compression, a size or a file that the record cannot state is refused."""
    compression, width, height, data = wrong
    content = ImageContent(Modality.FINGERPRINT, Position.UNKNOWN, data, "")
    with pytest.raises(FieldInvalid):
        write(HEADER, pictures=[Picture(content, width, height, compression)])


@pytest.mark.parametrize("wrong", ["", "x" * 33, "a\x1db", "naïve"])
def test_texts_that_would_break_the_file(wrong: str) -> None:
    """Agencies and numbers are printable ASCII, so no separator gets in."""
    with pytest.raises(FieldInvalid, match="originator"):
        Transaction("CPNU", date(2026, 2, 3), "AGENCY2", wrong, "T0001")


def test_more_samples_than_a_file_holds() -> None:
    """IDCs have two digits."""
    assert 98 == len(read(write(HEADER, [view(1)] * 98)).samples)
    with pytest.raises(FieldInvalid):
        write(HEADER, [view(1)] * 99)
