"""At which resolution a print in a record is read, and what the answer says of it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from biofusion.fingerprint.v1 import fingerprint_pb2_grpc
from biofusion.fusion.v1 import subjects_pb2
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import record_pb2, sample_pb2

from biometrics.template import Position
from infra.images.decode import decode
from tests.service import pictures
from tests.service.fusion.requests import Stub, fields_named
from tests.service.records.requests import MATCH, SOURCES, enrolled, outcome, print_of, record, reports
from tests.support.records import of_pictures as made
from tests.support.records.image_records import fir_2005, fir_2011
from tests.support.records.nist_files import binary_4, nist_file

INDEX = Position.RIGHT_INDEX
CENTIMETRES, INCHES = 2, 1
RECORD, FILE, ASSUMED, STATED = (
    SOURCES.Value(f"RESOLUTION_SOURCE_{name}") for name in ("RECORD", "FILE", "ASSUMED", "STATED")
)


def used(stub: Stub, *samples: sample_pb2.Sample) -> list[tuple[float, float, int]]:
    """Resolution and its source of each sample."""
    resolutions = [each.report.resolution for each in reports(stub, *samples)]
    return [(each.horizontal_dpi, each.vertical_dpi, each.source) for each in resolutions]


def scaled(pixels: made.Gray, factor: float) -> made.Gray:
    """The print at another resolution."""
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize("write", [fir_2005, fir_2011], ids=["2005", "2011"])
@pytest.mark.parametrize("kind", ["JPEG2000", "PNG"])
def test_the_record_is_right_where_its_file_lies(either: Stub, kind: str, write: made.Writer) -> None:
    """A file that says 1000 dpi in a record that says 500 is read at 500, said to be the record's, and matches."""
    pixels = made.finger(1)
    code = made.PNG_FINGER if kind == "PNG" else made.JPEG_2000_FINGER
    picture = jp2_at_1000_dpi(pixels) if kind == "JPEG2000" else made.encoded(pixels, kind, dpi=(1000, 1000))
    lying = record(write(made.filed(pixels, 2, picture, code)))
    assert [(500.0, 500.0, RECORD)] == used(either, lying)
    assert pytest.approx(1000.0, abs=0.1) == decode(picture).resolution_dpi
    request = enrolled(either, print_of(pictures.png(made.finger(2)), INDEX))
    assert MATCH == outcome(either, request.subject_id, lying)


def jp2_at_1000_dpi(pixels: made.Gray) -> bytes:
    """A JPEG 2000 whose box of resolution says 1000 dpi: 39,370 dots a metre."""
    plain = made.encoded(pixels, "JPEG2000")
    inner = (18).to_bytes(4, "big") + b"resc" + b"".join(n.to_bytes(2, "big") for n in (39370, 1, 39370, 1)) + b"\0\0"
    box = (26).to_bytes(4, "big") + b"res " + inner
    start = plain.index(b"jp2h") - 4
    length = int.from_bytes(plain[start : start + 4], "big")
    longer = (length + len(box)).to_bytes(4, "big") + plain[start + 4 : start + length] + box
    return plain[:start] + longer + plain[start + length :]


@pytest.mark.parametrize(
    ("unit", "dots", "dpi"), [(CENTIMETRES, 197, 500.0), (CENTIMETRES, 394, 1000.0), (INCHES, 500, 500.0)]
)
def test_units_of_a_record(fusion: Stub, unit: int, dots: int, dpi: float) -> None:
    """Dots per centimetre and per inch are the resolutions that the standards mean by them."""
    pixels = scaled(made.finger(1), dpi / 500.0)
    data = fir_2011(made.raw(pixels, 2, unit=unit, dots=(dots, dots)))
    assert [(dpi, dpi, RECORD)] == used(fusion, record(data))


def test_what_counts_where_the_record_says_nothing(either: Stub) -> None:
    """Then the file's own resolution counts, and if it states none, 500 dpi are assumed."""
    pixels = made.finger(1)
    double = scaled(pixels, 2.0)
    stating = made.filed(double, 2, made.encoded(double, dpi=(1000, 1000)), made.PNG_FINGER, dots=(0, 0))
    silent = made.filed(pixels, 2, made.encoded(pixels), made.PNG_FINGER, dots=(0, 0))
    of_file, assumed = used(either, record(fir_2011(stating)), record(fir_2011(silent)))
    assert (pytest.approx(1000.0, abs=0.1), FILE) == (of_file[0], of_file[2])
    assert (500.0, 500.0, ASSUMED) == assumed
    assert [(500.0, 500.0, STATED)] == used(either, print_of(made.encoded(pixels), resolution_dpi=500.0))


def test_mixed_resolutions_of_one_record(either: Stub) -> None:
    """Each representation is read at its own resolution, whatever that of its neighbour; so are both directions."""
    pixels = made.finger(1)
    double, wide = scaled(pixels, 2.0), np.repeat(pixels, 2, axis=1)
    data = fir_2011(
        made.raw(pixels, 2), made.raw(double, 2, dots=(394, 394)), made.raw(wide, 2, unit=INCHES, dots=(1000, 500))
    )
    assert [(500.0, 500.0, RECORD), (1000.0, 1000.0, RECORD), (1000.0, 500.0, RECORD)] == used(either, record(data))


def test_a_resolution_out_of_range_is_refused(fusion: Stub) -> None:
    """The error names the record, not only the sample."""
    data = fir_2011(made.raw(made.finger(1), 2, unit=INCHES, dots=(2000, 2000)))
    request = subjects_pb2.CheckQualityRequest(samples=[print_of(pictures.png(made.finger(1))), record(data)])
    assert ["samples[1].record.resolution_dpi"] == fields_named(fusion.subjects.CheckQuality, request)


def test_a_type_4_at_the_native_resolution(fusion: Stub) -> None:
    """The resolution of a Type-4 is that of Type-1."""
    pixels = made.finger(1)
    kind, body = binary_4(1, [2], pixels.tobytes())
    sized = body[:13] + pixels.shape[1].to_bytes(2, "big") + pixels.shape[0].to_bytes(2, "big") + body[17:]
    assert [(500.0, 500.0, RECORD)] == used(fusion, record(nist_file((kind, sized))))


def test_the_matching_service_says_the_same(channel: object) -> None:
    """ExtractTemplate of a record has the record's resolution in its details."""
    stub = fingerprint_pb2_grpc.FingerprintServiceStub(channel)
    data = fir_2011(made.filed(made.finger(1), 2, made.encoded(made.finger(1), dpi=(1000, 1000)), made.PNG_FINGER))
    details = stub.ExtractTemplate(
        matching_pb2.ExtractTemplateRequest(record=record_pb2.Record(data=data)), timeout=60
    ).details
    assert (500.0, 500.0, RECORD) == (
        details.resolution_dpi,
        details.vertical_resolution_dpi,
        details.resolution_source,
    )
