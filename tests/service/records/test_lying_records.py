"""Records that state what is not there: refused by name, and no memory is taken for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from biofusion.fusion.v1 import subjects_pb2

from formats.contents import RecordFormat
from infra.models.model_cache import asset
from tests.service import pictures
from tests.service.fusion.requests import INVALID, Stub, fields_named, refused
from tests.service.records.requests import record
from tests.support.records import of_pictures as made
from tests.support.records.image_records import (
    PIXELS,
    Shown,
    fac_2005,
    fac_2011,
    fir_2005,
    fir_2011,
    iir_2005,
    iir_2011,
)
from tests.support.records.nist_files import binary_4, face_10, iris_17, nist_file, print_14
from tests.support.records.tags import face_39794, passport

HUGE = 65_535


def request(data: bytes) -> subjects_pb2.CheckQualityRequest:
    """A call with a record."""
    return subjects_pb2.CheckQualityRequest(samples=[record(data)])


def huge() -> dict[str, bytes]:
    """Small records that state pictures of 65,535 × 65,535 px."""
    size = {"width": HUGE, "height": HUGE}
    png = pictures.huge_header(HUGE, HUGE)
    jpeg = b"\xff\xd8\xff\xc0\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00\xff\xd9"
    wsq = b"\xff\xa0\xff\xa2\x00\x11\x00\xff\xff\xff\xff\xff" + bytes(8) + b"\xff\xa1"
    wide = {"f06": str(HUGE), "f07": str(HUGE)}
    return {
        "raw finger 2005": fir_2005(Shown(**size)),
        "raw finger 2011": fir_2011(Shown(**size)),
        "WSQ finger": fir_2011(Shown(picture=wsq, compression=2, **size)),
        "JPEG finger": fir_2011(Shown(picture=jpeg, compression=3, **size)),
        "PNG finger": fir_2011(Shown(picture=png, compression=6, **size)),
        "face 2005": fac_2005(Shown(picture=jpeg, **size)),
        "face 2011": fac_2011(Shown(picture=jpeg, **size)),
        "face 39794": passport(face_39794(jpeg, size=(HUGE, HUGE))),
        "raw eye 2005": iir_2005((1, [Shown(code=1, compression=2, **size)])),
        "raw eye 2011": iir_2011(Shown(code=1, compression=2, **size)),
        "Type-14": nist_file(print_14(1, 2, b"", **wide)),
        "Type-14 with bytes": nist_file(print_14(1, 2, bytes(12), **wide)),
        "Type-10": nist_file(face_10(1, jpeg, **wide)),
        "Type-17": nist_file(iris_17(1, 1, bytes(12), **wide)),
        "Type-4": nist_file(lying_4()),
        "PNG alone": fir_2011(Shown(picture=png, compression=6, width=4, height=3)),
    }


def lying_4() -> tuple[int, bytes]:
    """A Type-4 of 12 pixels that states 65,535 × 65,535."""
    kind, body = binary_4(1, [2], bytes(12))
    return kind, body[:13] + b"\xff\xff\xff\xff" + body[17:]


def peak_kib() -> int:
    """Most memory of this process since the last reset."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0])


@pytest.mark.parametrize("name", huge())
def test_huge_pictures(fusion: Stub, name: str) -> None:
    """A picture whose header states four thousand million pixels is refused, and no memory is taken for it."""
    data = huge()[name]
    fusion.subjects.CheckQuality(request(made.face_records(asset("portrait-hopper"))[RecordFormat.ISO_19794_5_2005]))
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = peak_kib()
    code, reason = refused(fusion.subjects.CheckQuality, request(data))
    assert (INVALID, True) == (code, reason in {"IMAGE_TOO_LARGE", "RECORD_MALFORMED", "RECORD_UNSUPPORTED"}), reason
    assert peak_kib() - before < 64 * 1024


def lying() -> dict[str, bytes]:
    """Records whose counts and lengths are of what is not there."""
    pixels = PIXELS
    return {
        "count of representations": fir_2011(Shown(), count=HUGE),
        "count of fingers": fir_2005(Shown(), count=255),
        "count of faces": fac_2011(Shown(picture=pixels), count=HUGE),
        "count of eyes": iir_2011(Shown(code=1, compression=2), count=HUGE),
        "length of a picture": fir_2011(Shown(picture_length=0xFFFFFFFF)),
        "length of a face's block": fac_2005(Shown(picture=pixels), block_length=0xFFFFFFFF),
        "short block of a face": fac_2005(Shown(picture=pixels), block_length=7),
        "length of a header": iir_2005((1, [Shown(code=1, compression=2)]), header_length=HUGE),
        "landmarks": fac_2011(Shown(picture=pixels, landmarks=0)).replace(b"\x01\x02\x03", b"\xff\xff\xff", 1),
        "length of the record": b"FIR\x00020\x00\xff\xff\xff\xff\x00\x01\x00\x01",
        "length in tags": b"\x75\x84\xff\xff\xff\xff\x7f\x61",
        "length of a Type-1": b"1.001:99999999999999999999\x1d1.002:0500\x1c",
        "length of a Type-4": nist_file((4, b"\xff\xff\xff\xff" + bytes(14))),
        "minutiae": b"FMR\x00030\x00\xff\xff\xff\xff\x00\x01\x00" + b"\xff" * 30,
    }


@pytest.mark.parametrize("name", lying())
def test_counts_and_lengths_that_lie(fusion: Stub, name: str) -> None:
    """The record is refused as malformed, or its picture as undecodable; the field is the record."""
    code, reason = refused(fusion.subjects.CheckQuality, request(lying()[name]))
    assert INVALID == code
    assert reason in {"RECORD_MALFORMED", "RECORD_UNSUPPORTED", "IMAGE_UNDECODABLE", "IMAGE_TOO_SMALL"}, reason
    assert ["samples[0].record"] == fields_named(fusion.subjects.CheckQuality, request(lying()[name]))
