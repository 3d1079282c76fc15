"""Reading ANSI 378-2009 and its amendment 1: size, resolution and the origin of the quality are each view's own."""

from __future__ import annotations

from formats.cursor import Cursor
from formats.minutiae.extended.read import read_extended
from formats.minutiae.points import read_points
from formats.minutiae.reading.versions import Version
from formats.minutiae.record import MinutiaeRecord, Sensor, View, ViewQuality

RESERVED_IN_2007 = 19
"""Drafts of 2007 have no byte for certifications; this byte is their reserved one, else the number of views."""


def read(version: Version, data: bytes) -> MinutiaeRecord:
    """Read the rest of the record.

    Raises:
        RecordMalformed: truncated, or it contradicts itself.
    """
    cursor = version.cursor
    owner, product = cursor.number(2, "the product's id"), cursor.number(2, "the product's id")
    is_draft = data[RESERVED_IN_2007 : RESERVED_IN_2007 + 1] == b"\0"
    certification = 0 if is_draft else cursor.number(1, "the certification")
    sensor = Sensor(cursor.number(2, "the sensor"), certification)
    count = cursor.number(1, "the number of views")
    cursor.take(1, "the reserved byte")
    views = tuple(_view(version, cursor, number, sensor) for number in range(1, count + 1))
    return MinutiaeRecord(version.format, version.text, views, owner, product)


def _view(version: Version, cursor: Cursor, number: int, sensor: Sensor) -> View:
    cursor.where = f"view {number}"
    position, view, impression, score = cursor.take(4, "the head of the view")
    quality = ViewQuality(score, cursor.number(2, "the quality's vendor"), cursor.number(2, "the quality's algorithm"))
    width, height, across, down = (cursor.number(2, "the image's size and resolution") for _ in range(4))
    points = read_points(cursor, cursor.number(1, "the number of minutiae"), 6)
    extended = read_extended(cursor, version.format, (width, height))
    size, resolution = (width, height), (across, down)
    return View(position, view, impression, (quality,), size, resolution, points, extended, sensor)
