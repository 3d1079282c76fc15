"""Published samples are read field by field as their publishers read them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from formats.contents import KINDS, RecordFormat
from formats.minutiae.codes import POSITIONS
from formats.minutiae.reading.contents import contents
from formats.minutiae.reading.read import read_record
from formats.minutiae.record import MinutiaeRecord, View

pytestmark = pytest.mark.data

METHODS = ("CUSTOM", "QUADRANTS", "OCTANTS")


def minutiae(view: View) -> list[dict[str, Any]]:
    """The minutiae of a view, named as the samples' JSON names them."""
    points = view.points
    assert points.quality is not None
    rows = zip(points.kind, points.x, points.y, points.angle, points.quality, strict=True)
    return [
        {"type": KINDS[kind].name, "positionX": x, "positionY": y, "angle": angle, "quality": quality}
        for kind, x, y, angle, quality in (map(int, row) for row in rows)
    ]


def finger(view: View) -> dict[str, Any]:
    """The fields of a view that all versions have."""
    counts = view.extended.ridge_counts
    rows = [] if counts is None else counts.counts.tolist()
    edges = [dict(zip(("from", "to", "count"), each, strict=True)) for each in rows]
    return {
        "position": POSITIONS[view.position].name,
        "view": view.number,
        "scanType": ["LIVE_PLAIN"][view.impression],
        "minutiae": minutiae(view),
        "counts": None if counts is None else {"type": METHODS[counts.method], "edges": edges},
        "coredelta": (view.extended.cores or view.extended.deltas) or None,
        "extensions": [
            {"type": each.kind, "data": base64.b64encode(each.data).decode()} for each in view.extended.blocks
        ],
    }


def image(view: View) -> dict[str, Any]:
    """Size and resolution."""
    (width, height), (across, down) = view.size, view.resolution
    return {"width": width, "height": height, "resolutionX": across, "resolutionY": down}


def head(record: MinutiaeRecord) -> dict[str, Any]:
    """The fields of an ANSI record's header."""
    sensor = record.views[0].sensor
    certified = {"sensorCertified": bool(sensor.certification), "sensorId": sensor.number}
    return {"vendorId": record.owner, "subformat": record.product, **certified}


def as_2004(record: MinutiaeRecord) -> dict[str, Any]:
    """An ANSI 378-2004 record; without the product's id an ISO/IEC 19794-2:2005 one."""
    fingers = [finger(view) | {"quality": view.qualities[0].score} for view in record.views]
    fields = head(record) | image(record.views[0]) | {"fingerprints": fingers}
    if record.format is RecordFormat.ISO_19794_2_2005:
        del fields["vendorId"], fields["subformat"]
        for each in fingers:
            each["zones"] = None
    return fields


def as_2009(record: MinutiaeRecord) -> dict[str, Any]:
    """An ANSI 378-2009 record."""
    fingers = []
    for view in record.views:
        (quality,) = view.qualities
        origin = {"qualityVendorId": quality.vendor, "qualityAlgorithmId": quality.algorithm}
        fingers.append(finger(view) | image(view) | {"quality": quality.score} | origin)
        for each in fingers[-1]["minutiae"]:
            each["type"] = each["type"].replace("OTHER", "EITHER")
    return head(record) | {"fingerprints": fingers}


def as_2011(record: MinutiaeRecord) -> dict[str, Any]:
    """An ISO/IEC 19794-2:2011 record."""
    names = ("year", "month", "day", "hour", "minute", "second", "millisecond")
    fingers = []
    for view in record.views:
        assert view.captured is not None
        fields: dict[str, Any] = {
            "datetime": dict(zip(names, view.captured, strict=True)),
            "sensorType": ["UNKNOWN"][view.sensor.technology],
            "sensorVendor": view.sensor.vendor,
            "sensorId": view.sensor.number,
            "qrecords": [
                {"quality": each.score, "vendor": each.vendor, "algorithm": each.algorithm} for each in view.qualities
            ],
            "certificates": list(view.certificates),
            "endingType": ["VALLEY_SKELETON_BIFURCATION"][view.ending],
            "zones": view.extended.zones,
        }
        fingers.append(finger(view) | image(view) | fields)
    return {"fingerprints": fingers}


@pytest.mark.parametrize(
    ("name", "record_format", "fields"),
    [
        ("iso19794p2v2005", RecordFormat.ISO_19794_2_2005, as_2004),
        ("ansi378v2004", RecordFormat.ANSI_378_2004, as_2004),
        ("ansi378v2009", RecordFormat.ANSI_378_2009, as_2009),
        ("ansi378v2009am1", RecordFormat.ANSI_378_2009, as_2009),
        ("iso19794p2v2011", RecordFormat.ISO_19794_2_2011, as_2011),
    ],
)
def test_a_sample_is_read_as_its_json_says(vector, name, record_format, fields):
    """Every field of every view and minutia is equal to that of the JSON beside the record."""
    record = read_record(vector(f"{name}-sample.dat"))
    assert record_format is record.format
    assert json.loads(vector(f"{name}-sample.json")) == fields(record)


@pytest.mark.parametrize(
    ("name", "record_format", "angles", "counts"),
    [
        ("Appendix-B2_Example.raw", RecordFormat.ANSI_378_2004, [56, 43, 11], [[1, 20, 12], [5, 7, 5]]),
        ("Appendix-C2_Example.raw", RecordFormat.ISO_19794_2_2005, [80, 60, 16], [[1, 20, 12], [5, 7, 5]]),
        ("fmr.ansi2004", RecordFormat.ANSI_378_2004, [56, 43, 11], [[1, 20, 12], [5, 7, 5]]),
        ("fmr.ansi2007", RecordFormat.ANSI_378_2009, [56, 43, 11], [[18, 20, 3], [21, 19, 1]]),
    ],
)
def test_the_examples_of_the_standards_are_read(vector, name, record_format, angles, counts):
    """Two index fingers of 27 and 22 minutiae, although lengths of the extended data are wrong by one or two bytes."""
    record = read_record(vector(name))
    first, second = record.views[:2]
    assert record_format is record.format
    assert [(7, 27), (2, 22)] == [(view.position, len(view.points)) for view in (first, second)]
    assert [(100, 14), (164, 17), (55, 18)] == list(zip(first.points.x, first.points.y, strict=True))[:3]
    assert angles == first.points.angle[:3].tolist()
    assert [90, 70] == [view.qualities[0].score for view in (first, second)]
    assert second.extended.ridge_counts is not None
    assert counts == second.extended.ridge_counts.counts.tolist()
    assert [27, 22] == list(map(len, contents(record).samples))[:2]


def test_a_block_that_is_cut_short_does_not_cost_the_minutiae(vector):
    """The third view's cores and deltas lack two bytes, so they are kept as bytes, and its 28 minutiae are read."""
    view = read_record(vector("fmr.ansi2004")).views[2]
    assert (28, [2]) == (len(view.points), [block.kind for block in view.extended.blocks])


@pytest.mark.parametrize(
    "name",
    [
        "iso19794p2v2005-sample.dat",
        "iso19794p2v2011-sample.dat",
        "ansi378v2009-sample.dat",
        "ansi378v2009am1-sample.dat",
        "Appendix-B2_Example.raw",
        "Appendix-C2_Example.raw",
        "fmr.ansi2004",
        "fmr.ansi2007",
    ],
)
def test_bytes_after_a_record_are_left_out(vector, name):
    """A record is read the same with other bytes after it."""
    data = vector(name)
    one, other = read_record(data), read_record(data + bytes(range(1, 200)))
    assert [minutiae(view) for view in one.views] == [minutiae(view) for view in other.views]
