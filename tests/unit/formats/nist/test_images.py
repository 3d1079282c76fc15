"""Images in ANSI/NIST-ITL files: resolution, pictures, slaps, missing fingers, quality."""

from __future__ import annotations

import pytest

from biometrics.errors import RecordMalformed
from biometrics.template import MissingReason, Modality, Position
from formats.contents import MissingContent, Segment, Slap
from formats.read import read
from tests.support.records.image_records import PIXELS
from tests.support.records.nist_files import binary_4, nist_file, other, print_14

AMPUTATED, BANDAGED = MissingReason.AMPUTATED, MissingReason.BANDAGED


@pytest.mark.parametrize(("native", "expected"), [(1, (500.0, 500.0)), (0, (1000.0, 1000.0))])
def test_the_resolution_of_binary_images(native: int, expected: tuple[float, float]) -> None:
    """A Type-4 says which of the two resolutions of Type-1 is its own; 19.69 and 39.37 per mm are 500 and 1000 dpi."""
    assert expected == read(nist_file(binary_4(1, [1], PIXELS, native=native))).samples[0].resolution_dpi


def test_a_binary_image_without_a_resolution() -> None:
    """0 per mm states none."""
    assert read(nist_file(binary_4(1, [1], PIXELS), native="00.00")).samples[0].resolution_dpi is None


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"f8": "2", "f9": "197", "f10": "197"}, (500.0, 500.0)),
        ({"f9": "1000", "f10": "1000"}, (1000.0, 1000.0)),
        ({"f8": "0", "f9": "1", "f10": "1"}, None),
        ({"f9": "500", "f10": "498"}, (500.0, 498.0)),
    ],
)
def test_the_resolution_of_tagged_images(changed: dict[str, str], expected: tuple[float, float] | None) -> None:
    """Per inch, per centimetre, or none."""
    assert expected == read(nist_file(print_14(1, 7, PIXELS, **changed))).samples[0].resolution_dpi


@pytest.mark.parametrize("compression", ["WSQ", "WSQ20", "JPEGB", "JPEGL", "JP2", "JP2L", "PNG"])
def test_files_inside(compression: str) -> None:
    """Compressed pictures are handed on, with separators in them and whatever looks like a field."""
    picture = b"\x1c\x1d\x1e\x1f14.013:9\x1d\x1c"
    assert picture == read(nist_file(print_14(1, 7, picture, f11=compression), other(99, 2))).samples[0].image


def test_a_slap_with_its_segments_and_missing_fingers() -> None:
    """Segments have inclusive bounds; XX is amputated, UP bandaged."""
    slap = print_14(1, 14, PIXELS, f18="9\x1fXX\x1e10\x1fUP", f21="7\x1f0\x1f1\x1f0\x1f2\x1e8\x1f2\x1f3\x1f0\x1f2")
    contents = read(nist_file(slap))
    segments = (Segment(Position.LEFT_INDEX, 0, 0, 1, 2), Segment(Position.LEFT_MIDDLE, 2, 0, 3, 2))
    assert (Slap.LEFT_FOUR, segments) == (contents.samples[0].slap, contents.samples[0].segments)
    expected = (
        MissingContent(Modality.FINGERPRINT, Position.LEFT_RING, AMPUTATED, "record 14.1"),
        MissingContent(Modality.FINGERPRINT, Position.LEFT_LITTLE, BANDAGED, "record 14.1"),
    )
    assert expected == contents.missing


def test_a_missing_finger_is_said_once() -> None:
    """A slap and the finger's own record may both say it; the latter needs no picture (.999)."""
    slap = print_14(1, 14, PIXELS, f18="9\x1fXX")
    for picture in (None, b""):
        contents = read(nist_file(slap, print_14(2, 9, picture, f18="9\x1fXX", f11="")))
        assert (1, 1, ()) == (len(contents.missing), len(contents.samples), contents.unread)


def test_another_reason_is_named() -> None:
    """A reason that is neither amputation nor bandage does not make the finger missing, nor the file unreadable."""
    contents = read(nist_file(print_14(1, 14, PIXELS, f18="9\x1fSR\x1e10\x1fUP")))
    assert [Position.LEFT_LITTLE] == [gone.position for gone in contents.missing]
    assert (1, 1) == (len(contents.samples), len(contents.unread))
    assert "LEFT_RING" in contents.unread[0]


def test_a_bandaged_finger_with_a_sample_is_not_missing() -> None:
    """A finger that could not be printed in the slap may have been rolled; an amputated one may not."""
    rolled = print_14(2, 10, PIXELS, f3="1")
    assert () == read(nist_file(print_14(1, 14, PIXELS, f18="10\x1fUP"), rolled)).missing
    with pytest.raises(RecordMalformed, match="amputated"):
        read(nist_file(print_14(1, 14, PIXELS, f18="10\x1fXX"), rolled))


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("7\x1f88\x1f00FF\x1f1", 88.0),
        ("8\x1f88\x1f00FF\x1f1", None),
        ("7\x1f254\x1f00FF\x1f1\x1e7\x1f9\x1f1\x1f1", 9.0),
    ],
)
def test_quality_of_the_finger_itself(field: str, expected: float | None) -> None:
    """A quality counts if it is of this finger, and one of 0–100."""
    assert expected == read(nist_file(print_14(1, 7, PIXELS, f24=field))).samples[0].quality
