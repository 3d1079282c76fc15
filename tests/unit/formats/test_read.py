"""Reading a record of any format."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.errors import ImageTooLarge, RecordMalformed, RecordUnsupported
from biometrics.template import Position
from formats.cbeff.write import DataBlock, write
from formats.contents import RecordFormat
from formats.detect import detect
from formats.limits import MOST_BYTES
from formats.read import read
from tests.support.records.image_records import (
    JPEG,
    PIXELS,
    Shown,
    fac_2005,
    fac_2011,
    fir_2005,
    fir_2011,
    iir_2005,
    iir_2011,
)
from tests.support.records.nist_files import binary_4, minutiae_9, nist_file, print_14
from tests.support.records.tags import face_39794

EYE = Shown(code=1, compression=2)
SOUND = {
    RecordFormat.ISO_19794_4_2005: fir_2005(Shown(), Shown()),
    RecordFormat.ISO_19794_4_2011: fir_2011(Shown(), Shown()),
    RecordFormat.ISO_19794_5_2005: fac_2005(Shown(picture=JPEG)),
    RecordFormat.ISO_19794_5_2011: fac_2011(Shown(picture=JPEG)),
    RecordFormat.ISO_19794_6_2005: iir_2005((1, [EYE])),
    RecordFormat.ISO_19794_6_2011: iir_2011(EYE),
    RecordFormat.ISO_39794_5: face_39794(JPEG, scores=(3,), size=(40, 50)),
    RecordFormat.CBEFF_XML: write([DataBlock(fir_2011(Shown()), Position.RIGHT_INDEX, 50)]),
    RecordFormat.ANSI_NIST: nist_file(
        binary_4(1, [3], PIXELS),
        minutiae_9(2, ["1 10 20 30 1 50"]),
        print_14(3, 13, PIXELS, f21="2\x1f0\x1f1\x1f0\x1f1"),
    ),
}
"""One sound record of each format."""


@pytest.mark.parametrize(("stated", "data"), SOUND.items())
def test_detected_and_stated_formats(stated: RecordFormat, data: bytes) -> None:
    """A record is read with its format stated or not; another statement contradicts its bytes."""
    assert stated == detect(data) == read(data).format
    assert repr(read(data)) == repr(read(data, stated))
    for other in set(RecordFormat) - {stated}:
        with pytest.raises(RecordMalformed, match=f"sent as {other}"):
            read(data, other)


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xa0\xff\xa8", b"BM", bytes(100), b"1.002:5", b"P5\n"]
)
def test_bytes_of_no_record(data: bytes) -> None:
    """Bytes that begin as no record are refused, and the message says what is read."""
    with pytest.raises(RecordUnsupported, match="begin as no record"):
        read(data)


@pytest.mark.parametrize(
    "data", [b"FIR\x00030\x00", b"FAC\x00\xff\xfe\x00\x00", b"FMR\x00040\x00", b"IIR\x00", b"FIR\x00" + b"<a>\x00"]
)
def test_versions_that_are_not_read(data: bytes) -> None:
    """A record of the standards in another version is named as that."""
    with pytest.raises(RecordUnsupported, match="version"):
        read(data)


@pytest.mark.data
def test_minutiae_are_told_apart(vectors: Path, cases: Path) -> None:
    """The versions of minutiae records are told apart by where their lengths stand."""
    expected = {
        "ansi378v2004-sample.dat": RecordFormat.ANSI_378_2004,
        "ansi378v2009-sample.dat": RecordFormat.ANSI_378_2009,
        "ansi378v2009am1-sample.dat": RecordFormat.ANSI_378_2009,
        "fmr.ansi2004": RecordFormat.ANSI_378_2004,
        "fmr.ansi2007": RecordFormat.ANSI_378_2009,
        "iso19794p2v2005-sample.dat": RecordFormat.ISO_19794_2_2005,
        "iso19794p2v2011-sample.dat": RecordFormat.ISO_19794_2_2011,
        "Appendix-B2_Example.raw": RecordFormat.ANSI_378_2004,
        "Appendix-C2_Example.raw": RecordFormat.ISO_19794_2_2005,
    }
    assert expected == {name: detect((vectors / "fmr" / name).read_bytes()) for name in expected}
    assert RecordFormat.ISO_19794_2_2005 == detect((cases / "f1_19794-2.fmr").read_bytes())


@pytest.mark.parametrize(
    "data",
    [write_one(Shown(width=65535, height=65535)) for write_one in (fir_2005, fir_2011)]
    + [
        iir_2011(Shown(code=1, compression=2, width=65535, height=65535)),
        fac_2005(Shown(width=65535, height=65535, compression=1)),
    ],
)
def test_huge_images_in_small_records(data: bytes) -> None:
    """An image of 65,535×65,535 pixels stated in 200 bytes is refused before anything is allocated for it."""
    tracemalloc.start()
    with pytest.raises(ImageTooLarge, match="65535×65535"):
        read(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 100_000 > peak


def test_the_largest_record() -> None:
    """A record of more than 64 MiB is refused by its size alone."""
    data = fir_2011(Shown()) + bytes(MOST_BYTES)
    with pytest.raises(RecordMalformed, match="at most 67108864"):
        read(data)
    assert 1 == len(read(data[:MOST_BYTES]).samples)


NAMED = (RecordMalformed, RecordUnsupported, ImageTooLarge)


@settings(max_examples=300)
@given(st.sampled_from(list(SOUND.values())), st.data())
def test_damaged_records_give_named_errors(sound: bytes, data: st.DataObject) -> None:
    """Whatever bytes are changed, put in or left out, a record is read or refused by name."""
    damaged = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged)))
        damaged[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    with suppress(*NAMED):
        assert len(read(bytes(damaged)).samples) <= 1000


@given(st.binary(max_size=200), st.sampled_from([data[:12] for data in SOUND.values()]))
def test_any_bytes_behind_a_signature(rest: bytes, signature: bytes) -> None:
    """Any bytes behind the signature of a record are read or refused by name."""
    with suppress(*NAMED):
        assert len(read(signature + rest).samples) <= 1000
