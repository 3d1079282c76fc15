"""Reading ISO/IEC 19794-2:2011, whose representations state their lengths and begin as in all parts of that edition."""

from __future__ import annotations

from collections.abc import Iterator

from biometrics.errors import RecordMalformed
from formats.cursor import Cursor
from formats.minutiae.extended.read import read_extended
from formats.minutiae.points import read_points
from formats.minutiae.reading.versions import OFF_BY, Version
from formats.minutiae.record import MinutiaeRecord, Sensor, View, ViewQuality

UNKNOWN_DATE = b"\xff" * 9
MINUTIA_SIZES = (5, 6)
MOST_VIEWS = 255
"""As in the other versions; the number has two bytes here, but at most 16 views of each finger are allowed."""


def read(version: Version) -> MinutiaeRecord:
    """Read the rest of the record.

    Raises:
        RecordMalformed: truncated, or it contradicts itself.
    """
    cursor = version.cursor
    count, certified = cursor.number(2, "the number of views"), cursor.number(1, "the certification")
    if count > MOST_VIEWS:
        raise RecordMalformed(f"{count} views are announced, and a record may hold {MOST_VIEWS}.")
    return MinutiaeRecord(version.format, version.text, tuple(_views(version, cursor, count, certified)))


def _views(version: Version, cursor: Cursor, count: int, certified: int) -> Iterator[View]:
    for number in range(1, count + 1):
        cursor.where = f"view {number}"
        length = cursor.number(4, "the length of the view") - 4
        if number == count and length == cursor.left + OFF_BY:
            length = cursor.left
        yield _view(version, cursor.part(max(length, 0), cursor.where), has_certificates=bool(certified))


def _view(version: Version, cursor: Cursor, *, has_certificates: bool) -> View:
    date = bytes(cursor.take(9, "the date"))
    technology = cursor.number(1, "the sensor's technology")
    vendor, sensor = cursor.number(2, "the sensor's vendor"), cursor.number(2, "the sensor")
    qualities = [
        ViewQuality(*(cursor.number(size, "a quality") for size in (1, 2, 2)))
        for _ in range(cursor.number(1, "the number of qualities"))
    ]
    certificates = [
        (cursor.number(2, "a certificate"), cursor.number(1, "a certificate"))
        for _ in range(cursor.number(1, "the number of certificates") if has_certificates else 0)
    ]
    position, view = cursor.take(2, "the position")
    resolution = cursor.number(2, "the resolution"), cursor.number(2, "the resolution")
    impression = cursor.number(1, "the impression")
    size = cursor.number(2, "the image's size"), cursor.number(2, "the image's size")
    form, count = cursor.take(2, "the number of minutiae")
    if form >> 4 not in MINUTIA_SIZES:
        raise RecordMalformed(f"{cursor.where}: minutiae of {form >> 4} bytes; the standard has 5 and 6.")
    points = read_points(cursor, count, form >> 4)
    return View(
        position,
        view,
        impression,
        tuple(qualities),
        size,
        resolution,
        points,
        read_extended(cursor, version.format, size),
        Sensor(sensor, 0, vendor, technology),
        None if date == UNKNOWN_DATE else _date(date),
        tuple(certificates),
        form & 0x0F,
    )


def _date(date: bytes) -> tuple[int, ...]:
    """Year, month, day, hour, minute, second, millisecond."""
    return int.from_bytes(date[:2], "big"), *date[2:7], int.from_bytes(date[7:], "big")
